#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/text/unigram*.json: Unigram tokenizers with compiled normalization rules, as golden_tokenizers.py writes its own.

    pip install tokenizers==0.22.2 sentencepiece==0.2.3 protobuf && tools/golden_unigram.py [--random N DIR]
"""
import base64
import json
import pathlib
import random
import sys

from golden_sentencepiece import FIXED, random_text as sentencepiece_text, train
from golden_tokenizers import TAGS, TEXTS, added, cases, frame, random_text, sequence, tokenizer_json, write
from sentencepiece import sentencepiece_model_pb2 as proto
import golden_tokenizers

METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}


def pieces(options):
    """Vocabulary (texts and scores by id) and charsmap of a trained model."""
    model = proto.ModelProto.FromString(train(options))
    return [[p.piece, p.score] for p in model.pieces], model.normalizer_spec.precompiled_charsmap


def unigram(vocabulary, fallback=False):
    return {"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": fallback}


def document(model, normalizer, pre, post, decoder, tokens):
    ids = {text: i for i, (text, _) in enumerate(model["vocab"])}
    return dict(tokenizer_json(dict(model, vocab=ids), normalizer, pre, post, decoder, tokens), model=model)


def compiled(charsmap):
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()}


def variants():
    vocabulary, charsmap = pieces(FIXED["unigram"])
    spaces = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}
    yield "unigram", document(unigram(vocabulary), sequence("normalizers", compiled(charsmap), {"type": "Strip", "strip_left": False, "strip_right": True}, spaces), METASPACE, frame(("<s>", 1), ("</s>", 2)), METASPACE,
                              [added("<unk>"), added("<s>"), added("</s>"), added("<l>", lstrip=True), added("<tag>", special=False, normalized=True)])
    vocabulary, _ = pieces(FIXED["unigram_bytes"])
    yield "unigram_bytes", document(unigram(vocabulary, True), None, dict(METASPACE, prepend_scheme="first", split=False), None,
                                    sequence("decoders", {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}), [added("<s>")] + TAGS)


def random_variant(rng):
    pick = rng.choice
    options = dict(model_type="unigram", vocab_size=rng.randrange(450, 700), byte_fallback=pick([True, False]), character_coverage=pick([0.98, 1.0]), split_by_whitespace=pick([True, False]))
    if rng.random() < .4:
        options["rules"] = True
    else:
        options["normalization_rule_name"] = pick(["identity", "nfkc", "nfkc_cf", "nmt_nfkc", "nmt_nfkc_cf"])
    vocabulary, charsmap = pieces(options)
    if rng.random() < .3:  # scores that are equal more often
        vocabulary = [[t, round(s)] for t, s in vocabulary]
    normalizers = ([compiled(charsmap)] if charsmap else []) + rng.sample([{"type": "NFKC"}, {"type": "Strip", "strip_left": True, "strip_right": True}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": pick(["▁", " "])}], rng.randrange(3))
    pre = pick([None, dict(METASPACE, prepend_scheme=pick(["always", "never", "first"]), split=pick([True, False])), sequence("pretokenizers", {"type": "WhitespaceSplit"}, METASPACE)])
    return document(unigram(vocabulary, pick([True, False])), sequence("normalizers", *normalizers) if normalizers else None, pre, None, pick([METASPACE, sequence("decoders", {"type": "ByteFallback"}, METASPACE)]),
                    [t for t in TAGS if rng.random() < .5])


def main():
    if sys.argv[1:2] == ["--random"]:
        rng = random.Random(13)
        golden_tokenizers.random_text = lambda r: sentencepiece_text(r) if r.random() < .7 else random_text(r)
        for i in range(int(sys.argv[2])):
            found = random_variant(rng)
            write(pathlib.Path(sys.argv[3]) / f"u{i:04}.json", found, cases(found, rng, 80))
        return
    root = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "text"
    for name, found in variants():
        write(root / f"{name}.json", found, cases(found, random.Random(name), 30))


if __name__ == "__main__":
    main()
