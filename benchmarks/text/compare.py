#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ingot's tokenizer beside Hugging Face's `tokenizers` and `tiktoken`, alternating on one core: MB/s as Markdown.

  compare.py BENCH DIRECTORY [--rounds 3]

BENCH is bench.text.tokenizer, DIRECTORY holds a tokenizer.json. The texts come from BENCH; each peer must give BENCH's ids (and
text) before it is timed. tiktoken takes part where the tokenizer is a byte-level BPE with one regex. Medians over the rounds, in
each of which every tokenizer runs once. Exit status 77: neither package is installed.
"""
import argparse
import array
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata

os.environ["RAYON_NUM_THREADS"] = os.environ["TOKENIZERS_PARALLELISM"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # children inherit it


def open_tokenizers(directory):
    import tokenizers
    tokenizer = tokenizers.Tokenizer.from_file(str(directory / "tokenizer.json"))
    return (lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
            lambda ids: tokenizer.decode(ids, skip_special_tokens=False))


def open_tiktoken(directory):
    import tiktoken
    definition = json.loads((directory / "tokenizer.json").read_text(encoding="utf-8"))
    steps = definition["pre_tokenizer"]
    steps = steps.get("pretokenizers", [steps])
    patterns = [step["pattern"]["Regex"] for step in steps if step["type"] == "Split"]
    if definition["model"]["type"] != "BPE" or len(patterns) != 1 or steps[-1]["type"] != "ByteLevel":
        raise ImportError("not a byte-level BPE with one regex")
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(others)}
    ranks = {bytes(byte_of[c] for c in token): rank for token, rank in definition["model"]["vocab"].items() if all(c in byte_of for c in token)}
    encoding = tiktoken.Encoding("peer", pat_str=patterns[0], mergeable_ranks=ranks, special_tokens={})
    if (definition.get("normalizer") or {}).get("type") != "NFC":
        return encoding.encode_ordinary, encoding.decode
    return (lambda text: encoding.encode_ordinary(unicodedata.normalize("NFC", text))), encoding.decode


def seconds(function, argument):
    start = time.perf_counter()
    try:
        result = function(argument)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # what a panic in Rust becomes is no Exception
        result = problem
    return time.perf_counter() - start, result


def ingot_speeds(bench, directory):
    done = subprocess.run([bench, directory, "--benchmark_format=json", "--benchmark_min_time=0.2"], check=True, capture_output=True)
    return {run["name"]: run["MB/s"] for run in json.loads(done.stdout)["benchmarks"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=pathlib.Path)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    peers = {}
    for name, opener in (("tokenizers", open_tokenizers), ("tiktoken", open_tiktoken)):
        try:
            peers[name] = opener(options.directory)
        except ImportError as problem:
            print(f"{name} left out: {problem}", file=sys.stderr)
    if not peers:
        print("skipped: pip install tokenizers tiktoken")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([options.bench, options.directory, folder], check=True)
        texts, expected = {}, {}
        for path in sorted(pathlib.Path(folder).glob("*.txt")):
            texts[path.stem] = path.read_bytes().decode()
            expected[path.stem] = array.array("i", path.with_suffix(".ids").read_bytes()).tolist()
    samples, slow = {}, set()
    for _ in range(options.rounds):
        for name, speed in ingot_speeds(options.bench, options.directory).items():
            samples.setdefault((name, "ingot"), []).append(speed)
        for name, text in texts.items():
            size = len(text.encode()) / 1e6
            for peer, (encode, decode) in peers.items():
                if (peer, name) in slow:
                    continue
                taken, ids = seconds(encode, text)
                if ids != expected[name]:
                    what = f"fails ({ids})" if isinstance(ids, BaseException) else "differs"
                    print(f"{peer} {what} on {name}: not timed", file=sys.stderr)
                    slow.add((peer, name))
                    continue
                samples.setdefault((f"encode/{name}", peer), []).append(size / taken)
                samples.setdefault((f"decode/{name}", peer), []).append(size / seconds(decode, ids)[0])
                if taken > 20:
                    slow.add((peer, name))
    columns = ["ingot", *peers]
    print(f"| {options.directory.name}, MB/s | {' | '.join(columns)} | ingot / best peer |\n|---|{'---:|' * (len(columns) + 1)}")
    for name in sorted({key[0] for key in samples}):
        medians = [statistics.median(samples[name, column]) if (name, column) in samples else None for column in columns]
        best = max((m for m in medians[1:] if m), default=None)
        cells = [f"{m:.3g}" if m else "–" for m in medians] + [f"{medians[0] / best:.1f}" if best else "–"]
        print(f"| {name} | {' | '.join(cells)} |")


main()
