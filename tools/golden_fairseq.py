#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/text/fairseq/*.json: what transformers' classes written in Python make of a sentencepiece.bpe.model.

    pip install transformers==4.57.6 sentencepiece==0.2.3 protobuf && tools/golden_fairseq.py [--random N DIR]

The files are those of golden_sentencepiece.py; texts may name special tokens here. With --random, N more models of other sizes.
"""
import base64
import json
import pathlib
import random
import sys
import tempfile

import golden_sentencepiece
import transformers

CONFIGS = {
    "xlm_roberta": {"tokenizer_class": "XLMRobertaTokenizer"},
    "xlm_roberta_bpe": {"tokenizer_class": "XLMRobertaTokenizer", "additional_special_tokens": ["<new>"], "add_bos_token": False},
    "camembert": {"tokenizer_class": "CamembertTokenizer"},
    "mbart": {"tokenizer_class": "MBartTokenizer", "src_lang": "fr_XX"},
    "xglm": {"tokenizer_class": "XGLMTokenizer", "additional_special_tokens": ["<new>"]},
}
SPECIALS = ["<s>", "</s>", "<pad>", "<unk>", "<mask>", " <mask> ", "<new>", "fr_XX", "<madeupword3>", "<s>NOTUSED", "<unk>NOTUSED"]


def text(rng):
    return "".join(rng.choice(SPECIALS) if rng.random() < .15 else golden_sentencepiece.random_text(rng) for _ in range(rng.randrange(4)))


def write(path, config, options, seed, count):
    rng = random.Random(seed)
    model = golden_sentencepiece.train(options)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "sentencepiece.bpe.model"
        file.write_bytes(model)
        (file.parent / "tokenizer_config.json").write_text(json.dumps(config))
        tokenizer = getattr(transformers, config["tokenizer_class"]).from_pretrained(directory)
        cases = []
        for one in ["", " ", "a", " a  b "] + [text(rng) for _ in range(count)]:
            ids = tokenizer(one)["input_ids"]
            cases.append({"text": one, "ids": ids})
        visible = [i for i in range(8, len(tokenizer.sp_model))]
        for _ in range(count // 4):
            ids = [rng.choice(visible) for _ in range(rng.randrange(1, 10))]
            cases.append({"ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)})
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"model":"' + base64.b64encode(model).decode() + '",\n"config":' + json.dumps(config) + ',\n"cases":[\n')
        out.write(",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases) + "\n]}\n")


def main():
    if sys.argv[1:2] == ["--random"]:
        rng = random.Random(12)
        for i in range(int(sys.argv[2])):
            name = rng.choice(list(CONFIGS))
            options = dict(model_type=rng.choice(["bpe", "unigram"]), vocab_size=rng.randrange(150, 300), rules=rng.random() < .5, character_coverage=rng.choice([.98, 1.0]))
            write(pathlib.Path(sys.argv[3]) / f"{i:04}.json", CONFIGS[name], options, i, 150)
        return
    root = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "text" / "fairseq"
    for name, config in CONFIGS.items():
        write(root / f"{name}.json", config, dict(model_type="bpe" if "bpe" in name else "unigram", vocab_size=150, character_coverage=.98, rules=True), name, 40)


if __name__ == "__main__":
    main()
