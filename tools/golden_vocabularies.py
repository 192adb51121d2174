#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/text/tiktoken.json and vocab_merges.json: one small byte-level BPE as a tiktoken file and as vocab.json with
merges.txt, and what the tiktoken and transformers packages make of seeded texts with it under the names of several models.

    pip install tiktoken==0.14.0 transformers==4.57.6 && tools/golden_vocabularies.py

tiktoken.json: {"file", "variants": [{"stem", "config", "cases": [[text, ids], …]}]}. vocab_merges.json: {"vocab", "merges", "variants":
[{"config", "cases": [[text, ids, decoded without special tokens], …]}]}.
"""
import base64
import json
import pathlib
import random
import tempfile
import unicodedata

import tiktoken
import transformers
from golden_tokenizers import GPT2, LLAMA3, QWEN2, TEXTS, byte_model, random_text
from tokenizers import pre_tokenizers

O200K = "|".join([r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
                  r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""", r"""\p{N}{1,3}""", r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""", r"""\s*[\r\n]+""", r"""\s+(?!\S)""", r"""\s+"""])
KIMI = "|".join([r"""[\p{Han}]+""", r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
                 r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""", r"""\p{N}{1,3}""", r""" ?[^\s\p{L}\p{N}]+[\r\n]*""", r"""\s*[\r\n]+""", r"""\s+(?!\S)""", r"""\s+"""])
SPECIAL = ["<|endoftext|>", "<|im_start|>user\nhi<|im_end|>\n", "<|extra_0|><|extra_204|>", "a<|begin_of_text|>b<|eot_id|>", "<|start_header_id|>x<|reserved_special_token_3|>", "<|reserved_special_token_247|>", "[BOS]a[EOS]<|reserved_token_%d|>"]


def token_bytes(text):
    return bytes(BYTES[c] for c in text)


def byte_of_character():
    own = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, extra = {chr(b): b for b in own}, 0
    for b in range(256):
        if b not in own:
            table[chr(256 + extra)] = b
            extra += 1
    return table


BYTES = byte_of_character()


def texts(seed, count):
    rng = random.Random(seed)
    return TEXTS + [random_text(rng) for _ in range(count)]


def tiktoken_variants(ranks):
    n = len(ranks)
    qwen = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + [f"<|extra_{i}|>" for i in range(205)]
    llama = ["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>", "<|finetune_right_pad_id|>", "<|reserved_special_token_2|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>",
             "<|eot_id|>", "<|python_tag|>"] + [f"<|reserved_special_token_{i}|>" for i in range(3, 248)]
    named = {n: "[BOS]", n + 1: "[EOS]", n + 5: "<|im_end|>"}
    kimi = [named.get(n + i, f"<|reserved_token_{n + i}|>") for i in range(256)]
    config = {"tokenizer_class": "TikTokenTokenizer", "bos_token": "[BOS]", "eos_token": "[EOS]", "added_tokens_decoder": {str(i): {"content": t, "special": True} for i, t in named.items()}}
    for stem, pattern, special, settings, before in [("qwen", QWEN2, qwen, {"tokenizer_class": "QWenTokenizer"}, []), ("tokenizer", LLAMA3, llama, None, [n]), ("tiktoken", KIMI, kimi, config, []), ("o200k_base", O200K, [], None, []),
                                                     ("r50k_base", GPT2, [], None, []), ("cl100k_base", LLAMA3, [], None, [])]:
        encoding = tiktoken.Encoding(stem, pat_str=pattern, mergeable_ranks=ranks, special_tokens={t: n + i for i, t in enumerate(special)})
        cases = []
        for text in texts(stem, 40) + [t.replace("%d", str(n + 7)) for t in SPECIAL]:
            cases.append([text, before + encoding.encode(unicodedata.normalize("NFC", text) if stem == "qwen" else text, allowed_special="all")])
        yield {"stem": stem, "config": settings, "cases": cases}


def pair_variants(directory, size):
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "cls_token": "<s>", "pad_token": "<pad>", "mask_token": {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False, "special": True}}
    added = {str(size + 3): {"content": "<tag>", "special": False, "normalized": False}, str(size + 4): {"content": "<l>", "special": True, "lstrip": True, "normalized": False}}
    for name, more in [("GPT2Tokenizer", {"add_prefix_space": True}), ("GPT2Tokenizer", {"bos_token": "<s>", "add_bos_token": True}), ("Qwen2Tokenizer", {"eos_token": "<|endoftext|>"}), ("RobertaTokenizer", special)]:
        config = dict({"tokenizer_class": name, "added_tokens_decoder": {}}, **more)
        path = pathlib.Path(directory)
        for file in path.glob("*.json"):
            if file.name != "vocab.json":
                file.unlink()
        (path / "tokenizer_config.json").write_text(json.dumps(config))
        tokenizer = getattr(transformers, name + "Fast").from_pretrained(directory)
        cases = []
        for text in texts(name + str(more), 25):
            ids = tokenizer(text)["input_ids"]
            cases.append([text, ids, tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)])
        yield {"config": config, "cases": cases}


def main():
    model = byte_model()
    root = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "text"
    ranks = {token_bytes(t): i for i, t in enumerate(sorted(model["vocab"], key=lambda t: (len(token_bytes(t)) > 1, model["vocab"][t])))}
    lines = "".join(f"{base64.b64encode(t).decode()} {i}\n" for t, i in ranks.items())
    dump = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (root / "tiktoken.json").write_text(dump({"file": lines, "variants": list(tiktoken_variants(ranks))}).replace("],[\"", "],\n[\"") + "\n")
    for token in ["<unk>", "<s>", "</s>", "<pad>", "<mask>", "<|endoftext|>"]:
        model["vocab"][token] = len(model["vocab"])
    merges = "#version: 0.2\n" + "".join(" ".join(m) + "\n" for m in model["merges"])
    with tempfile.TemporaryDirectory() as directory:
        pathlib.Path(directory, "vocab.json").write_text(json.dumps(model["vocab"]))
        pathlib.Path(directory, "merges.txt").write_text(merges)
        found = list(pair_variants(directory, len(model["vocab"])))
    (root / "vocab_merges.json").write_text(dump({"vocab": model["vocab"], "merges": merges, "variants": found}).replace("],[\"", "],\n[\"") + "\n")


if __name__ == "__main__":
    main()
