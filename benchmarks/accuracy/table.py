#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What quantization costs: ingot's schemes and searches beside llama.cpp's types, all made from one float checkpoint.

  table.py --reference DIR --work DIR [--text FILE] [--rows REGEX] [--peers] [--weights-only] [--json FILE]

Each row is a package (or a GGUF file) made from the reference and compared with it by `ingot-eval kl` on one text, window by window:
the mean, 99 % and largest Kullback-Leibler divergence in nats, how often both agree in the likeliest token, the perplexity. Models are
compared as they run; with --weights-only once more with their weights decoded to float, which leaves out the rounding of
activations. A peer's file is also measured by llama.cpp's own llama-perplexity, on the second half of every window. Rows that
are in --json FILE already are not measured again, so a table can be made in parts. Needs Python's standard library; --peers
needs pip, cmake and a C++ compiler, and with pip PyTorch to convert the reference.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import sys
from pathlib import Path

import methods
from evaluation_text import evaluation_text
from peer_files import TYPES, LlamaCpp
from processes import run_measured
from tools import Unavailable, run_output

REPOSITORY = Path(__file__).resolve().parents[2]
PRECISIONS = {"native": "native", "weights_only": "f32"}  # parts of a row by what ingot-eval is asked for
EVALUATED = ("bits_per_weight", "weight_bytes", "bytes_per_token", "kl", "kl_99", "kl_max", "top1", "perplexity", "reference_perplexity", "tokens")
COLUMNS = ("method", "bits a weight", "MB", "MB a token", "KL mean", "KL 99 %", "KL max", "same top token", "perplexity", "KL, weights only", "KL, its own",
           "made in CPU s", "peak MB")


class Table:
    """Rows by name, kept in a file."""

    def __init__(self, path, conditions):
        self.path, self.rows = path, {}
        if path and path.exists():
            stored = json.loads(path.read_text())
            if stored["conditions"] != conditions:
                raise Unavailable(f"{path} was measured under other conditions, {stored['conditions']}: name another file")
            self.rows = stored["rows"]
        self.conditions = conditions

    def add(self, name, **parts):
        """Adds to a row; one that failed before, or was measured by another build, is made anew."""
        known = self.rows.get(name, {})
        if "failed" in known or parts.get("build", known.get("build")) != known.get("build"):
            known = {}
        self.rows[name] = {**known, **parts}
        if self.path:
            self.path.write_text(json.dumps({"conditions": self.conditions, "rows": self.rows}, indent=1) + "\n")

    def wants(self, name, *parts):
        return any(part not in self.rows.get(name, {}) for part in parts)


def digest_of(*files):
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def compare(options, models, precision):
    """What ingot-eval says of each of `models`, the reference computed once for all of them."""
    said = run_output([options.programs / "ingot-eval", "kl", *models, "--reference", options.reference, "--text", options.text, "--context",
                       str(options.context), "--precision", precision, "--threads", str(options.threads), "-q"])
    return [{key: line[key] for key in EVALUATED} for line in map(json.loads, said.splitlines())]


def measure(options, table, made):
    """Adds to the rows of `made` ({name: (file, what making it took)}) how far their models are from the reference."""
    for part, precision in PRECISIONS.items():
        if part not in options.parts:
            continue
        wanted = [name for name in made if table.wants(name, part)]
        for begin in range(0, len(wanted), options.together):
            names = wanted[begin:begin + options.together]
            for name, figures in zip(names, compare(options, [made[name][0] for name in names], precision)):
                table.add(name, cost=made[name][1], build=options.build, **{part: figures})
                print(f"  {name}, {part}: KL {figures['kl']:.5f} at {figures['bits_per_weight']:.2f} bits", file=sys.stderr)


def export(options, name, arguments):
    """The package of one of our rows, and what making it took. Raises Unavailable."""
    package = options.work / "packages" / f"{options.reference.name}-{re.sub(r'[^A-Za-z0-9.]+', '-', name)}"
    if options.calibration and methods.CALIBRATED & set(arguments):
        arguments = (*arguments, "--calib_data", options.calibration)
    shutil.rmtree(package, ignore_errors=True)
    package.parent.mkdir(parents=True, exist_ok=True)
    if options.embed_bit:
        arguments = (*arguments, "--embed_bit", str(options.embed_bit))
    run_measured([options.programs / "ingot-export", "--path", options.reference, "--dst_path", package, "--threads", str(options.threads), "-q",
                  *arguments])
    record = json.loads((package / "export.json").read_text())
    return package, {key: round(record[key], 2) for key in ("seconds", "cpu_seconds", "peak_rss_mb")}


def measure_ours(options, table):
    wanted = [(name, arguments) for name, arguments in methods.rows()
              if re.search(options.rows, name) and table.wants(name, *options.parts)]
    for begin in range(0, len(wanted), options.together):
        made = {}
        for name, arguments in wanted[begin:begin + options.together]:
            try:
                made[name] = export(options, name, arguments)
            except Unavailable as reason:  # most often exit 10: this version has no such scheme or search
                table.add(name, failed=str(reason))
        measure(options, table, made)
        if not options.keep:
            for package, _ in made.values():
                shutil.rmtree(package)


def measure_peers(options, table):
    peer = LlamaCpp(options.work, options.reference, options.compiler, options.torch, options.threads)
    wanted = [kind for kind in TYPES if table.wants(f"llama.cpp {kind}", *options.parts, "own")]
    made = {f"llama.cpp {kind}": peer.quantize(kind) for kind in wanted}
    measure(options, table, made)
    for name, (file, _) in made.items():
        if table.wants(name, "own"):
            own = peer.own_divergence(file, options.text, options.context, options.threads)
            table.add(name, own=own)
            print(f"  {name}, by llama-perplexity: KL {own['kl']:.5f}", file=sys.stderr)
    return peer.version


def markdown(table):
    """The rows by bits a weight, those that failed last."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    measured = {name: row for name, row in table.rows.items() if "native" in row}
    for name, row in sorted(measured.items(), key=lambda item: item[1]["native"]["bits_per_weight"]):
        found, cost = row["native"], row["cost"]
        others = [f"{row[part]['kl']:.5f}" if part in row else "" for part in ("weights_only", "own")]
        lines.append("| " + " | ".join([
            name, f"{found['bits_per_weight']:.2f}", f"{found['weight_bytes'] / 1e6:.1f}", f"{found['bytes_per_token'] / 1e6:.1f}", f"{found['kl']:.5f}", f"{found['kl_99']:.4f}",
            f"{found['kl_max']:.3f}", f"{100 * found['top1']:.2f} %", f"{found['perplexity']:.3f}", *others, f"{cost['cpu_seconds']:.1f}",
            f"{cost['peak_rss_mb']:.0f}"]) + " |")
    failed = [f"- {name}: {row['failed']}" for name, row in table.rows.items() if "failed" in row]
    return "\n".join(lines + (["", "Not measured:", "", *failed] if failed else []))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, required=True, metavar="DIR", help="float checkpoint (Hugging Face directory) that all rows are made from")
    parser.add_argument("--work", type=Path, required=True, help="where what is built and made stays")
    parser.add_argument("--programs", type=Path, default=REPOSITORY / "build" / "bin", help="where ingot's programs are (default: build/bin)")
    parser.add_argument("--text", type=Path, help="UTF-8 text that nothing was calibrated on (default: prose and code that come with Python)")
    parser.add_argument("--calibration", type=Path, help="UTF-8 text for the searches that look at one (default: the program's own)")
    parser.add_argument("--embed_bit", type=int, choices=(4, 8), help="of our embeddings, where the reference has a head of its own (default: bf16)")
    parser.add_argument("--context", type=int, default=512, help="tokens a window")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rows", default="", metavar="REGEX", help="only the rows of ours whose names match")
    parser.add_argument("--peers", action="store_true", help="measure llama.cpp's types too")
    parser.add_argument("--weights-only", action="store_true", help="also compare with weights decoded to float")
    parser.add_argument("--together", type=int, default=4, help="models compared at a time: the reference is computed once for them")
    parser.add_argument("--keep", action="store_true", help="do not delete the packages")
    parser.add_argument("--compiler", default="gcc", help="C compiler to build llama.cpp with")
    parser.add_argument("--torch", default="torch", metavar="REQUIREMENT", help="PyTorch for llama.cpp's converter")
    parser.add_argument("--json", type=Path, help="where the rows go; added to when it is there")
    options = parser.parse_args()
    options.work, options.reference = options.work.resolve(), options.reference.resolve()
    options.parts = ("native", "weights_only") if options.weights_only else ("native",)
    for file in (options.reference / "config.json", options.programs / "ingot-eval", *(file for file in (options.text, options.calibration) if file)):
        if not file.exists():
            parser.error(f"{file} is not there")
    return options


def main():
    options = parse_options()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.text is None:
        options.text = options.work / "text.txt"
        options.text.write_text(evaluation_text(), encoding="utf-8")
    options.build = digest_of(options.programs / "ingot-export", options.programs / "ingot-eval")
    notes = []
    try:
        table = Table(options.json, {"reference": options.reference.name, "text": digest_of(options.text), "context": options.context,
                                     "calibration": digest_of(options.calibration) if options.calibration else "built in"}
                      | ({"embed_bit": options.embed_bit} if options.embed_bit else {}))
        measure_ours(options, table)
        if options.peers:
            notes.append(measure_peers(options, table))
    except (Unavailable, OSError) as reason:
        sys.exit(f"error: {reason}")
    except KeyboardInterrupt:
        print("interrupted: the table is of the rows before", file=sys.stderr)
    others = sum(row.get("build", options.build) != options.build for row in table.rows.values())
    if others:
        notes.append(f"{others} rows were measured by other builds of ingot than this one, {options.build}")
    reference = next((row["native"] for row in table.rows.values() if "native" in row), None)
    if reference:
        print(f"{options.reference.name}: {reference['tokens']} tokens in windows of {options.context}, "
              f"the reference's perplexity {reference['reference_perplexity']:.3f}")
    print("\n".join(f"- {note}" for note in notes), end="\n\n")
    print(markdown(table))


if __name__ == "__main__":
    main()
