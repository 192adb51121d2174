#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/text/sentencepiece/*.json: small SentencePiece models and what the sentencepiece library makes of seeded texts.

    pip install sentencepiece==0.2.3 protobuf && tools/golden_sentencepiece.py [--random N DIR]

Each file: {"model": base64 of a tokenizer.model, "config": a tokenizer_config.json or null, "cases": [{"text", "ids", "decoded"} or
{"ids", "decoded"}]}. Texts name no control piece; ids to decode hold neither control nor unknown ones, whose text the library and
transformers see differently. With --random, N more models of random options are written to DIR.
"""
import base64
import io
import json
import pathlib
import random
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto

CORPUS = """The quick brown fox jumps over the lazy dog, doesn't it? They're here; we've seen 12345 of them in 1999 and 2024.
def merge(left, right): return left + right  # a comment for (int i = 0; i < n; ++i) { sum += a[i] * 10; }
Übergrößenträger naïve café résumé, où est l'été? Съешь ещё этих мягких булок. Καλημέρα κόσμε! 今天天气很好。こんにちは世界 안녕하세요
HELLO World camelCase snake_case 3.14159 $9.99 100% e.g. U.S.A. "quoted" 'single' ＡＢＣ １２３ ﬁne ½ foo_bar foo bar foobar <sep> <sep>"""
WORDS = ["the", "The", "fox", "foo_bar", "foo", "bar", "<sep>", "<sep", "été", "e\u0301", "été", "中文", "世界", "ですね", "1999", "12", "3.5", "ＡＢＣ", "ﬁ", "½", "ß", "İ", "😀", "👍🏽", "\U00020000", "x", "zzzzz", "\u2581", "\u2581a", "<0x41>",
         "\ufffd", "\x01", "\x7f", "'s", "++++", "=====", "-----", "....", "a" * 40, "\u1100\u1161", "\u0915\u093f", "\u200b", "\u00ad"]
BLANKS = ["", "", " ", " ", " ", "  ", "   ", "\n", "\n\n", "\t", "\u00a0", "\u3000", "\r\n", "\u2003", "\u0085", "\v"]
RULES = {"a": "á ä à", " ": "\t \n \u00a0 \u3000", "fi": "ﬁ", "A": "Ａ", "1/2": "½", "": "\u200b \u00ad", "é": "e\u0301", "o'": "ó"}

FIXED = {
    "bpe": dict(model_type="bpe", vocab_size=460, byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True, user_defined_symbols=["<sep>", "foo_bar", "\n\n", "  "]),
    "bpe_unknown": dict(model_type="bpe", vocab_size=200, character_coverage=0.98, rules=True, treat_whitespace_as_suffix=True),
    "bpe_unused": dict(model_type="bpe", vocab_size=260, normalization_rule_name="identity", add_dummy_prefix=False, unused=40),
    "unigram": dict(model_type="unigram", vocab_size=200, rules=True, user_defined_symbols=["<sep>", "foo_bar"]),
    "unigram_bytes": dict(model_type="unigram", vocab_size=480, byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, allow_whitespace_only_pieces=True, split_by_whitespace=False, unused=20),
    "char": dict(model_type="char", vocab_size=120, normalization_rule_name="identity", user_defined_symbols=["<sep>"]),
    "word": dict(model_type="word", vocab_size=120, rules=True, user_defined_symbols=["<sep>", "▁foo_bar"]),
    "word_bytes": dict(model_type="word", vocab_size=320, byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=False, unused=20),
}


def rules_file(directory):
    path = pathlib.Path(directory) / "rules.tsv"
    lines = []
    for target, sources in RULES.items():
        for source in sources.split(" ") if target != " " else ["\t", "\n", "\u00a0", "\u3000"]:
            if source:
                lines.append(" ".join(f"{ord(c):04X}" for c in source) + "\t" + " ".join(f"{ord(c):04X}" for c in target) + "\n")
    path.write_text("".join(lines))
    return str(path)


def train(options):
    """The bytes of a model."""
    options = dict(options)
    unused, rules = options.pop("unused", 0), options.pop("rules", False)
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as directory:
        if rules:
            options["normalization_rule_tsv"] = rules_file(directory)
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(CORPUS.split("\n") * 4), model_writer=out, num_threads=1, minloglevel=3, hard_vocab_limit=False, **options)
    model = proto.ModelProto.FromString(out.getvalue())
    rng = random.Random(unused)
    for piece in rng.sample([p for p in model.pieces if p.type == 1], unused):
        piece.type = 5
    if "name" in model.normalizer_spec.DESCRIPTOR.fields_by_name:
        model.normalizer_spec.ClearField("normalization_rule_tsv")
    return model.SerializeToString()


def random_text(rng):
    return "".join(rng.choice(BLANKS) + rng.choice(WORDS if rng.random() < .6 else CORPUS.split()) for _ in range(rng.randrange(9))) + rng.choice(BLANKS)


def cases(model, rng, count, config):
    p = sentencepiece.SentencePieceProcessor(model_proto=model)
    names = [p.id_to_piece(i) for i in range(p.get_piece_size()) if p.is_control(i) or p.is_unknown(i)]
    visible = [i for i in range(p.get_piece_size()) if not p.is_control(i) and not p.is_unknown(i)]
    before, after = ([p.bos_id()] if config and config.get("add_bos_token") else []), ([p.eos_id()] if config and config.get("add_eos_token") else [])
    out = []
    for text in ["", " ", "  ", "\n", "a", " a", "a ", "  a  b  "] + [random_text(rng) for _ in range(count)]:
        if not any(n in text for n in names):
            ids = p.encode(text)
            case = {"text": text, "ids": before + ids + after}
            if p.unk_id() not in ids:
                case["decoded"] = p.decode(ids)
            out.append(case)
    for _ in range(count // 4):
        ids = [rng.choice(visible) for _ in range(rng.randrange(1, 10))]
        out.append({"ids": ids, "decoded": p.decode(ids)})
    return out


def write(path, options, seed, count):
    rng = random.Random(seed)
    model = train(options)
    config = rng.choice([None, {"add_bos_token": True, "add_eos_token": False}, {"add_bos_token": False, "add_eos_token": True}])
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"model":"' + base64.b64encode(model).decode() + '",\n"config":' + json.dumps(config) + ',\n"cases":[\n')
        file.write(",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases(model, rng, count, config)) + "\n]}\n")


def random_options(rng):
    pick = rng.choice
    kind = pick(["bpe", "bpe", "unigram", "unigram", "char", "word"])
    options = dict(model_type=kind, vocab_size=rng.randrange(430, 700), byte_fallback=pick([True, False]), remove_extra_whitespaces=pick([True, False]), add_dummy_prefix=pick([True, True, False]),
                   treat_whitespace_as_suffix=pick([True, False, False]), split_digits=pick([True, False]), split_by_whitespace=pick([True, True, False]), split_by_unicode_script=pick([True, False]),
                   allow_whitespace_only_pieces=pick([True, False]), character_coverage=pick([0.98, 0.99, 1.0]), max_sentencepiece_length=pick([4, 16, 40]), unused=pick([0, 0, 0, 30]))
    if rng.random() < .3:
        options["rules"] = True
    else:
        options["normalization_rule_name"] = pick(["identity", "nfkc", "nfkc_cf", "nmt_nfkc", "nmt_nfkc_cf"])
    if rng.random() < .5:
        options["user_defined_symbols"] = rng.sample(["<sep>", "foo_bar", "foo", "\n\n", "  ", "a", "th", "▁the", "中", "é", "AB"], rng.randrange(1, 6))
    if rng.random() < .3:
        options["control_symbols"] = ["<ctl>"]
    return options


def main():
    if sys.argv[1:2] == ["--random"]:
        rng = random.Random(11)
        for i in range(int(sys.argv[2])):
            options = random_options(rng)
            try:
                write(pathlib.Path(sys.argv[3]) / f"{i:04}.json", options, i, 150)
            except RuntimeError as error:  # options that cannot be trained together
                print(i, str(error)[:120], options, file=sys.stderr)
        return
    root = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "text" / "sentencepiece"
    for name, options in FIXED.items():
        write(root / f"{name}.json", options, name, 60)


if __name__ == "__main__":
    main()
