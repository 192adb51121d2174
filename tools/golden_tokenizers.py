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
import unicodedata

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


def word_pieces(rng, prefix):
    """A WordPiece vocabulary of the corpus's characters and random stretches of its words."""
    words = [w for w in CORPUS.lower().split() if w.isalpha()]
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + sorted(set(",.!?'$%<>[]" + "".join(w[0] for w in words))) + [prefix + c for c in sorted(set("".join(words)) - set(rng.sample("qxzjvk", 2)))]
    for word in rng.sample(words, min(len(words), 60)):
        start, end = sorted(rng.sample(range(len(word) + 1), 2))
        vocab.append((prefix if start else "") + word[start:end])
    return {token: i for i, token in enumerate(dict.fromkeys(vocab))}


def random_merges(rng, prefix, suffix, byte_tokens):
    """A BPE of random merges over a few characters, with marks on tokens that go on or end a word."""
    characters = "abcde é中▁ "
    vocab = ["<unk>"] + [f"<0x{b:02X}>" for b in range(256) if byte_tokens]
    symbols = list(dict.fromkeys(start + c + end for c in rng.sample(characters, 8) for start in ("", prefix) for end in ("", suffix)))
    merges = {}
    for _ in range(60):
        left, right = rng.choice(symbols), rng.choice(symbols)
        if (suffix and left.endswith(suffix)) or not right.startswith(prefix) or len(right) <= len(prefix) or len(left + right) > 24:
            continue
        joined = left + right[len(prefix):]
        merges[(left, right)] = joined
        symbols.append(joined)
    vocab = {token: i for i, token in enumerate(dict.fromkeys(vocab + symbols))}
    return {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": prefix or None, "end_of_word_suffix": suffix or None, "fuse_unk": False, "byte_fallback": False,
            "ignore_merges": False, "vocab": vocab, "merges": [list(m) for m in merges]}


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
    rng = random.Random(5)
    w = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 12, "vocab": word_pieces(rng, "##")}
    yield "bert", tokenizer_json(w, {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}, {"type": "BertPreTokenizer"},
                                 {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, {"type": "WordPiece", "prefix": "##", "cleanup": True}, [added("[CLS]"), added("[SEP]"), added("<l>", lstrip=True)])
    words = sorted(set(CORPUS.split()) | set("abc ,.▁"))
    level = {"type": "WordLevel", "vocab": {word: i for i, word in enumerate(["<unk>", "<pad>", "|"] + words)}, "unk_token": "<unk>"}
    yield "words", tokenizer_json(level, sequence("normalizers", {"type": "Nmt"}, {"type": "Replace", "pattern": {"Regex": "[xz]+"}, "content": ""}),
                                  sequence("pretokenizers", {"type": "Whitespace"}, {"type": "UnicodeScripts"}, {"type": "FixedLength", "length": 6}),
                                  sequence("processors", frame(("<unk>", 0), ("|", 2)), {"type": "RobertaProcessing", "sep": ["a", 5], "cls": ["b", 6], "trim_offsets": True, "add_prefix_space": True}),
                                  {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": True}, [added("<pad>"), added("<r>", rstrip=True), added(" ", special=False)])
    yield "suffix", tokenizer_json(dict(random_merges(rng, "##", "</w>", True), byte_fallback=True), {"type": "NFKC"}, sequence("pretokenizers", {"type": "CharDelimiterSplit", "delimiter": "e"}, {"type": "WhitespaceSplit"}), None,
                                   {"type": "BPEDecoder", "suffix": "</w>"}, TAGS)


def random_model(rng, b, p):
    pick = rng.choice
    kind = pick(["bytes", "pieces", "words", "level", "merges"])
    if kind == "words":
        prefix = pick(["##", "##", "", "▁"])
        return {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": prefix, "max_input_chars_per_word": pick([100, 5, 12]), "vocab": word_pieces(rng, prefix)}
    if kind == "level":
        words = sorted(set(CORPUS.split()) | set(CORPUS.lower().split()) | set("abc ,.▁"))
        return {"type": "WordLevel", "vocab": {w: i for i, w in enumerate(["<unk>"] + rng.sample(words, 60))}, "unk_token": "<unk>"}
    model = dict(b if kind == "bytes" else p if kind == "pieces" else random_merges(rng, pick(["", "", "##", "é"]), pick(["", "</w>", "e"]), pick([True, False])))
    model["ignore_merges"] = pick([True, False])
    if "<unk>" in model["vocab"]:
        model.update(byte_fallback=pick([True, False]), fuse_unk=pick([True, False]), unk_token=pick(["<unk>", None]))
    if rng.random() < .3 and all(" " not in part for m in model["merges"] for part in m):
        model["merges"] = [" ".join(m) for m in model["merges"]]
    return model


def random_post(rng, size):
    pick, ids = rng.choice, lambda: [rng.randrange(size) for _ in range(rng.randrange(1, 3))]
    one = [{"type": "BertProcessing", "sep": ["s", ids()[0]], "cls": ["c", ids()[0]]}, {"type": "RobertaProcessing", "sep": ["s", ids()[0]], "cls": ["c", ids()[0]], "trim_offsets": True, "add_prefix_space": pick([True, False])},
           {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}]
    tokens = {name: {"id": name, "ids": (found := ids()), "tokens": [name] * len(found)} for name in "xyz"}
    single = [{"SpecialToken": {"id": pick("xyz"), "type_id": 0}} for _ in range(rng.randrange(4))]
    single.insert(rng.randrange(len(single) + 1), {"Sequence": {"id": "A", "type_id": 0}})
    pair = single + [{"Sequence": {"id": "B", "type_id": 1}}]
    one.append({"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": tokens})
    return pick([None, pick(one), one[-1], sequence("processors", *rng.sample(one, 2))])


def random_variant(rng, b, p):
    """Random components around a random model."""
    pick, flip = rng.choice, lambda: rng.random() < .5
    behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
    normalizers = [{"type": "NFC"}, {"type": "NFD"}, {"type": "NFKC"}, {"type": "NFKD"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": flip(), "strip_right": flip()}, {"type": "Nmt"}, {"type": "ByteLevel"},
                   {"type": "BertNormalizer", "clean_text": flip(), "handle_chinese_chars": flip(), "strip_accents": pick([None, True, False]), "lowercase": flip()}, {"type": "StripAccents"},
                   {"type": "Replace", "pattern": {"Regex": r" {2,}"}, "content": "▁"}, {"type": "Replace", "pattern": {"Regex": r"\W|l+"}, "content": ""}, {"type": "Replace", "pattern": {"String": "l"}, "content": "ll"},
                   {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}, {"type": "Prepend", "prepend": pick("▁ a")}]
    regexes = [GPT2, QWEN2, LLAMA3, r"\s+", r"\p{N}{1,3}", r"[^\s]+", r"\s+$", r"(?:\p{L}|')+", r"a*", r"(?=\d)", r"\p{Han}+", r"[\p{L}&&[^a-e]]+", r"\d{1,2}+", r"\w+", r"[\s\p{P}]", "[^\\S\n]+", r"\W", r"^.", r"\h+"]
    pres = [lambda: split(pick(regexes), pick(behaviors), flip()), lambda: split(pick([" ", "e", "ab", "o", ""]), pick(behaviors), flip(), False), lambda: {"type": "BertPreTokenizer"}, lambda: {"type": "Whitespace"},
            lambda: {"type": "Digits", "individual_digits": flip()}, lambda: {"type": "Punctuation", "behavior": pick(behaviors)}, lambda: {"type": "WhitespaceSplit"}, lambda: {"type": "UnicodeScripts"},
            lambda: {"type": "Metaspace", "replacement": pick("▁▁_"), "prepend_scheme": pick(["always", "never", "first"]), "split": flip()}, lambda: {"type": "CharDelimiterSplit", "delimiter": pick("e é")},
            lambda: {"type": "FixedLength", "length": rng.randrange(1, 6)}, lambda: dict(BYTES, add_prefix_space=flip(), use_regex=flip()), lambda: {"type": "BertPreTokenizer"}, lambda: {"type": "Whitespace"}]
    decoders = [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": pick(" ea"), "start": rng.randrange(3), "stop": rng.randrange(2)},
                {"type": "Metaspace", "replacement": "▁", "prepend_scheme": pick(["always", "never", "first"]), "split": True}, {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
                {"type": "Replace", "pattern": {"Regex": "[aeiou]+"}, "content": "*"}, {"type": "WordPiece", "prefix": pick(["##", "##", "", "▁"]), "cleanup": flip()}, {"type": "BPEDecoder", "suffix": pick(["</w>", "e", ""])},
                {"type": "CTC", "pad_token": pick(["a", "<unk>", ""]), "word_delimiter_token": pick("|e▁"), "cleanup": flip()}]
    model = random_model(rng, b, p)
    spelled = model["type"] == "BPE" and "<unk>" not in model["vocab"]
    chain = [pick(pres)() for _ in range(rng.randrange(4))] + ([dict(BYTES)] if spelled else [])
    tokens = [dict(t, single_word=pick([t["single_word"], flip()]), normalized=pick([t["normalized"], flip()]), lstrip=pick([t["lstrip"], flip()]), rstrip=pick([t["rstrip"], flip()])) for t in TAGS if rng.random() < .7]
    tokens += [added(content, special=flip(), normalized=flip(), lstrip=flip()) for content in ("hello", " ", "a", "'s", "É") if rng.random() < .1]
    return tokenizer_json(model, sequence("normalizers", *rng.sample(normalizers, rng.randrange(3))) if rng.random() < .6 else None, sequence("pretokenizers", *chain) if chain else None,
                          random_post(rng, len(model["vocab"])), sequence("decoders", *rng.sample(decoders, rng.randrange(1, 4))) if rng.random() < .9 else None, tokens)


def random_text(rng):
    """Common pieces, and code points that Unicode has had for long: `tokenizers` has tables of Unicode 8, 9 and 16."""
    pieces = ["a", "e", "hello", "World", " ", "  ", "\n", "\r\n", "\t", "'s", "1", "12", "345", "é", "e\u0301", "ß", "中", "文", "の", "😀", "…", ".", ",", "-", "\u00a0", "\u3000", "▁", "<tag>", "<l>", "<r>", "<n>", "<N>É",
              "<s>", "_", "Ω", "ﬁ", "½", "K", " ?", " n't", " 's", "##a", "the", "quick", "brown", "don't", "|", "</w>", "\u200b", "\u0000", "\ufffd", "İ", "Σ", "한", "ー", "カ", "\u0130\u0307", "\u1e9b\u0323"]
    def odd():
        while True:
            point = rng.choice([rng.randrange(0x80, 0x3000), rng.randrange(0x3000, 0x10000), rng.randrange(0x10000, 0x20000)])
            if unicodedata.ucd_3_2_0.category(chr(point)) not in ("Cn", "Cs"):
                return chr(point)
    return "".join(odd() if rng.random() < .15 else rng.choice(pieces) for _ in range(rng.randrange(1, 14)))


def cases(document, rng, count):
    tokenizer = Tokenizer.from_str(json.dumps(document))
    out = []
    if tokenizer.normalizer and not all(tokenizer.normalizer.normalize_str(t["content"]) for t in document["added_tokens"]):
        return out  # the library cuts the text at each byte where an added token's normalized form is empty

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

    def add(text, ids, plain):
        case = {} if text is None else {"text": text}
        case["ids"] = ids
        if plain != ids:
            case["plain"] = plain
        try:
            out.append(decoded(case, ids))
        except BaseException:  # some decoders make the library panic
            pass

    for text in TEXTS + [random_text(rng) for _ in range(count)]:
        try:
            ids, plain = tokenizer.encode(text).ids, tokenizer.encode(text, add_special_tokens=False).ids
        except BaseException:  # no unknown token, or flags that make the library panic
            continue
        add(text, ids, plain)
    size = tokenizer.get_vocab_size()
    for _ in range(6):
        ids = [rng.randrange(size) for _ in range(rng.randrange(1, 12))]
        add(None, ids, ids)
    return out


def write(path, document, found):
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"tokenizer":' + json.dumps(document, ensure_ascii=False, separators=(",", ":")) + ',\n"cases":[\n')
        file.write(",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in found) + "\n]}\n")


def main():
    if sys.argv[1:2] == ["--random"]:
        rng, b, p = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 7), byte_model(), piece_model()
        for i in range(int(sys.argv[2])):
            document = random_variant(rng, b, p)
            if len(sys.argv) > 5 and i < int(sys.argv[5]):
                continue
            write(pathlib.Path(sys.argv[3]) / f"{i:04}.json", document, cases(document, rng, 40))
        return
    root = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "text"
    root.mkdir(parents=True, exist_ok=True)
    for name, document in variants():
        write(root / f"{name}.json", document, cases(document, random.Random(name), 30))


if __name__ == "__main__":
    main()
