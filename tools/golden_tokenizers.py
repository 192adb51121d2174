#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/text/*.json: small tokenizers and what Hugging Face's tokenizers library makes of seeded texts with them.

    pip install tokenizers==0.22.2 && tools/golden_tokenizers.py [--random N DIR]

Each file: {"tokenizer": a tokenizer.json, "cases": [{"text", "ids", "plain", "decoded", "skipped", "stream"}]}. "plain" are the ids
without BOS and EOS, "skipped" the text without special tokens, "stream" the least number of code points a stream has given out
after each id; "plain" and "skipped" stand only where they differ. Cases without "text" are ids that no text gives.
With --random, N more tokenizers of random components are written to DIR, one directory each, beside their cases.
"""
import json
import pathlib
import random
import sys

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

CORPUS = """The quick brown fox jumps over the lazy dog, doesn't it? They're here; we've seen 12345 of them in 1999 and 2024.
def merge(left, right):\n    return left + right  # a comment\n\nfor (int i = 0; i < n; ++i) { sum += a[i] * 10; }
Übergrößenträger naïve café résumé, où est l'été? Съешь ещё этих мягких булок. Καλημέρα κόσμε! 今天天气很好。こんにちは世界 안녕하세요
HELLO World camelCase snake_case 3.14159 $9.99 100% e.g. U.S.A. 👍🏽 😀 <tag> [x] {y} "quoted" 'single'\t\ttabs\r\n\r\n   spaces   """
TEXTS = ["", " ", "   ", "\n", "a", "Hello world", "  Hello  world  ", "don't DON'T they'll", "12345 1 22 333 4444", "x1y22z", "\n\n\n x\r\n\ty", "naïve cafe\u0301 e\u0301",
         "日本語テキスト", "emoji 😀👍🏽 end", "a\u00a0b\u3000c", "\ufffd�x", "<s>", "<s> a </s>", "x<tag>y", "word<tag>", " <tag> word", "<l>  a", "a  <l>  b", "<r>   c", "<l><r> <l> <r>",
         "<N>É", "<n>", "É<N>É <N>", "<tag><tag>", "<<tag>>", "<tagged>", "<tag", "▁a ▁ b", "Ġthe Ċ", "<0x41><0xE4>", "\x00\x01\x7f", "_<tag>_ -<tag>-", "ﬁ ½ ²³ Å", "'s 't's", "a" * 70, "ab" * 40, " " * 40, "é" * 20]
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|")
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}


def split(pattern, behavior="Isolated", invert=False, regex=True):
    return {"type": "Split", "pattern": {"Regex" if regex else "String": pattern}, "behavior": behavior, "invert": invert}


def sequence(kind, *members):
    return {"type": "Sequence", kind: list(members)}


def added(content, special=True, **flags):
    return dict({"id": 0, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": special}, **flags)


def train(pre, size, alphabet, fallback=False):
    """Vocabulary and merges of a BPE trained on CORPUS."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>" if fallback else None))
    tokenizer.pre_tokenizer = pre
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False, special_tokens=["<unk>", "<s>", "</s>"] if fallback else [])
    tokenizer.train_from_iterator(CORPUS.split("\n") * 3, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    if fallback:
        for byte in range(256):
            model["vocab"].setdefault(f"<0x{byte:02X}>", len(model["vocab"]))
    return model


def byte_model():
    return train(pre_tokenizers.ByteLevel(add_prefix_space=False), 420, sorted(pre_tokenizers.ByteLevel.alphabet()))


def piece_model():
    return train(pre_tokenizers.Metaspace(), 700, list("abcdefghijklmnopqrstuvwxyz▁"), fallback=True)


TAGS = [added("<tag>", special=False), added("<l>", lstrip=True), added("<r>", rstrip=True), added("<n>", special=False, normalized=True, single_word=True),
        added("<N>É", special=False, normalized=True)]


def tokenizer_json(model, normalizer=None, pre=None, post=None, decoder=None, tokens=()):
    ids = {}
    for token in tokens:
        token = dict(token)
        token["id"] = model["vocab"].get(token["content"], len(model["vocab"]) + sum(t not in model["vocab"] for t in ids))
        ids[token["content"]] = token
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": list(ids.values()), "normalizer": normalizer, "pre_tokenizer": pre,
            "post_processor": post, "decoder": decoder, "model": model}


def frame(bos, eos=None):
    single = [{"SpecialToken": {"id": bos[0], "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}] + ([{"SpecialToken": {"id": eos[0], "type_id": 0}}] if eos else [])
    return {"type": "TemplateProcessing", "single": single, "pair": single, "special_tokens": {t[0]: {"id": t[0], "ids": [t[1]], "tokens": [t[0]]} for t in (bos, eos) if t}}


def variants():
    b, p = byte_model(), piece_model()
    n = len(b["vocab"])
    bl = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    blanks = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    marks = {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}
    yield "gpt2", tokenizer_json(b, pre=dict(bl, add_prefix_space=False), post=bl, decoder=bl, tokens=[added("<s>")])
    yield "qwen2", tokenizer_json(dict(b, merges=[" ".join(m) for m in b["merges"]]), {"type": "NFC"}, sequence("pretokenizers", split(QWEN2), BYTES), bl, bl, [added("<s>")] + TAGS)
    yield "llama3", tokenizer_json(dict(b, ignore_merges=True), None, sequence("pretokenizers", split(LLAMA3), BYTES),
                                   sequence("processors", bl, frame(("<s>", n), ("</s>", n + 1))), bl, [added("<s>"), added("</s>")])
    yield "smollm", tokenizer_json(b, None, sequence("pretokenizers", {"type": "Digits", "individual_digits": True}, bl), bl, bl, [added("<s>")] + TAGS)
    yield "llama2", tokenizer_json(dict(p, fuse_unk=True, byte_fallback=True), sequence("normalizers", {"type": "Prepend", "prepend": "▁"}, blanks), None, frame(("<s>", 1)),
                                   sequence("decoders", marks, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}),
                                   [added("<unk>"), added("<s>"), added("</s>"), added("<r>", rstrip=True), added("<tag>", special=False, normalized=True)])
    yield "metaspace", tokenizer_json(dict(p, fuse_unk=True), None, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True}, None,
                                      {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True}, [added("<unk>"), added("<s>"), added("<l>", lstrip=True)])
    yield "splits", tokenizer_json(b, sequence("normalizers", {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": True}),
                                   sequence("pretokenizers", split(r"\s+", "MergedWithNext"), split("e", "Contiguous", regex=False), split(r"[a-z]+", "Removed", True), split("o", "MergedWithPrevious", regex=False),
                                            {"type": "Digits", "individual_digits": False}, {"type": "Punctuation", "behavior": "Contiguous"}, BYTES), None, bl, [added("<s>")] + TAGS)


def random_variant(rng, b, p):
    """Random components around either model."""
    pick = rng.choice
    behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
    normalizers = [{"type": "NFC"}, {"type": "NFD"}, {"type": "NFKC"}, {"type": "NFKD"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": pick([True, False]), "strip_right": True},
                   {"type": "StripAccents"}, {"type": "Replace", "pattern": {"Regex": r" {2,}"}, "content": "▁"}, {"type": "Replace", "pattern": {"String": "l"}, "content": "ll"}, {"type": "Prepend", "prepend": "▁"}]
    regexes = [GPT2, QWEN2, LLAMA3, r"\s+", r"\p{N}{1,3}", r"[^\s]+", r"\s+$", r"(?:\p{L}|')+", r"a*", r"(?=\d)", r"\p{Han}+", r"[\p{L}&&[^a-e]]+", r"\d{1,2}+", r"\w+", r"[\s\p{P}]", "[^\\S\n]+", r"\W", r"^.", r"\h+"]
    pres = [lambda: split(pick(regexes), pick(behaviors), pick([True, False])), lambda: split(pick([" ", "e", "ab", "o", ""]), pick(behaviors), pick([True, False]), False),
            lambda: {"type": "Digits", "individual_digits": pick([True, False])}, lambda: {"type": "Punctuation", "behavior": pick(behaviors)}, lambda: {"type": "WhitespaceSplit"},
            lambda: {"type": "Metaspace", "replacement": "▁", "prepend_scheme": pick(["always", "never", "first"]), "split": pick([True, False])},
            lambda: dict(BYTES, add_prefix_space=pick([True, False]), use_regex=pick([True, False]))]
    decoders = [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": pick(" ea"), "start": rng.randrange(3), "stop": 0},
                {"type": "Metaspace", "replacement": "▁", "prepend_scheme": pick(["always", "never", "first"]), "split": True}, {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
                {"type": "Replace", "pattern": {"Regex": "[aeiou]+"}, "content": "*"}]
    model = dict(pick([b, b, p]))
    model["ignore_merges"] = pick([True, False])
    if "<unk>" in model["vocab"]:
        model.update(byte_fallback=pick([True, False]), fuse_unk=pick([True, False]), unk_token=pick(["<unk>", None]))
    chain = [pick(pres)() for _ in range(rng.randrange(4))] + ([dict(BYTES)] if "<unk>" not in model["vocab"] else [])
    tokens = [dict(t, single_word=pick([t["single_word"], False]), normalized=pick([t["normalized"], False])) for t in TAGS if rng.random() < .7]
    return tokenizer_json(model, sequence("normalizers", *rng.sample(normalizers, rng.randrange(3))) if rng.random() < .6 else None, sequence("pretokenizers", *chain) if chain else None, None,
                          sequence("decoders", *rng.sample(decoders, rng.randrange(1, 4))) if rng.random() < .9 else None, tokens)


def random_text(rng):
    pieces = ["a", "e", "hello", "World", " ", "  ", "\n", "\r\n", "\t", "'s", "1", "12", "345", "é", "e\u0301", "ß", "中", "文", "の", "😀", "…", ".", ",", "-", "\u00a0", "\u3000", "▁", "<tag>", "<l>", "<r>", "<n>", "<N>É", "<s>", "_", "Ω", "ﬁ", "½", "K"]
    return "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 14)))


def cases(document, rng, count):
    tokenizer = Tokenizer.from_str(json.dumps(document))
    out = []

    def decoded(case, ids):
        full, skipped = tokenizer.decode(ids, skip_special_tokens=False), tokenizer.decode(ids, skip_special_tokens=True)
        case["decoded"] = full
        if skipped != full:
            case["skipped"] = skipped
        given, have = [], 0
        for k in range(1, len(ids) + 1):
            start = tokenizer.decode(ids[:k], skip_special_tokens=False).rstrip("\ufffd")
            same = next((i for i, (x, y) in enumerate(zip(start, full)) if x != y), min(len(start), len(full)))
            have = max(have, same)
            given.append(have)
        case["stream"] = given
        return case

    for text in TEXTS + [random_text(rng) for _ in range(count)]:
        ids, plain = tokenizer.encode(text).ids, tokenizer.encode(text, add_special_tokens=False).ids
        case = {"text": text, "ids": ids}
        if plain != ids:
            case["plain"] = plain
        out.append(decoded(case, ids))
    size = tokenizer.get_vocab_size()
    for _ in range(6):
        ids = [rng.randrange(size) for _ in range(rng.randrange(1, 12))]
        out.append(decoded({"ids": ids}, ids))
    return out


def write(path, document, found):
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"tokenizer":' + json.dumps(document, ensure_ascii=False, separators=(",", ":")) + ',\n"cases":[\n')
        file.write(",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in found) + "\n]}\n")


def main():
    if sys.argv[1:2] == ["--random"]:
        rng, b, p = random.Random(7), byte_model(), piece_model()
        for i in range(int(sys.argv[2])):
            document = random_variant(rng, b, p)
            write(pathlib.Path(sys.argv[3]) / f"{i:04}.json", document, cases(document, rng, 40))
        return
    root = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "text"
    root.mkdir(parents=True, exist_ok=True)
    for name, document in variants():
        write(root / f"{name}.json", document, cases(document, random.Random(name), 30))


if __name__ == "__main__":
    main()
