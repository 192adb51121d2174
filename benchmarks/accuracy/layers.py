#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ingot's searches beside the Python packages they are known from: the error of each decoder layer's output.

  layers.py --reference DIR --work DIR --calibration FILE [--text FILE] [--layers 4] [--bits 4] [--group 64]

The float checkpoint's first layers are quantized by ingot-export and by hqq, GPTQModel and AutoAWQ, each in a Python environment of
its own, all with a minimum in every group and the same calibration text. Each layer then gets the inputs it has in the float model
on another text: the error is that of its output, relative to what the layer adds to its input, squared and averaged. Where no
weights were folded into others it is also given for the matrices alone. Needs Python's standard library and pip.
"""
import argparse
import json
import math
import os
import shutil
import sys
from pathlib import Path

from evaluation_text import evaluation_text
from peer_files import REQUIREMENTS
from processes import run_measured
from tools import Unavailable, build_step, environment, run_logged, run_output

REPOSITORY = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("layers_worker.py")
OURS = {"RTN": (), "HQQ": ("--hqq",), "GPTQ": ("--gptq",), "AWQ": ("--awq",)}
CALIBRATED = ("GPTQ", "AWQ")
# What each package is installed with; AutoAWQ's last version was tested with this transformers.
PEERS = {"HQQ": ("hqq", ["hqq"]), "GPTQ": ("gptqmodel", ["gptqmodel"]), "AWQ": ("autoawq", ["autoawq", "transformers==4.51.3"])}


def scheme_name(options):
    return f"{options.reference.name}-{options.bits}-{options.group}"


def our_weights(options, method):
    """The file of weights as ingot's kernels multiply with them. Raises Unavailable."""
    weights = options.work / "layers" / f"{scheme_name(options)}-ingot-{method}.safetensors"

    def make(partial):
        package = weights.with_suffix(".package")
        shutil.rmtree(package, ignore_errors=True)
        calibration = ["--calib_data", options.calibration] if method in CALIBRATED else []
        run_measured([options.programs / "ingot-export", "--path", options.reference, "--dst_path", package, "--quant_bit", str(options.bits),
                      "--quant_block", str(options.group), "--threads", str(options.threads), "-q", *OURS[method], *calibration])
        run_measured([options.programs / "ingot-eval", "weights", package, "--out", partial, "-q"])
        shutil.rmtree(package)

    build_step(weights, make)
    return weights


def peer_weights(options, method):
    """The file of weights as the package that `method` is known from decodes them. Raises Unavailable."""
    name, packages = PEERS[method]
    python = environment(options.work, name, [options.torch, *packages], ["--upgrade-strategy", "only-if-needed", "safetensors", "numpy"])
    weights = options.work / "layers" / f"{scheme_name(options)}-{name}-{options.layers}.safetensors"
    build_step(weights, lambda partial: run_logged(options.work, f"layers-{name}", [
        python, WORKER, name, options.reference, partial, "--bits", str(options.bits), "--group", str(options.group), "--layers",
        str(options.layers), "--calibration", options.calibration]))
    return weights


def table(errors):
    """Ours and theirs, and the geometric mean over the layers of their ratio."""
    lines = ["| method | measured on | " + " | ".join(f"layer {i}" for i in range(len(next(iter(errors.values()))["layers"]))) + " | ratio |"]
    lines.append("|---" * (lines[0].count("|") - 1) + "|")
    for name, found in errors.items():
        method = name.split()[-1]
        theirs = f"{PEERS[method][0]} {method}" if method in PEERS else None
        for kind in ("layers", "matrices"):
            if not found.get(kind):
                continue
            ratio = ""
            if name.startswith("ingot") and theirs in errors and errors[theirs].get(kind):
                ratios = [ours / other for ours, other in zip(found[kind], errors[theirs][kind])]
                ratio = f"{math.exp(sum(map(math.log, ratios)) / len(ratios)):.3f}"
            lines.append(f"| {name} | {kind} | " + " | ".join(f"{error:.5f}" for error in found[kind]) + f" | {ratio} |")
    return "\n".join(lines)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, required=True, metavar="DIR", help="float checkpoint (Hugging Face directory)")
    parser.add_argument("--work", type=Path, required=True, help="where what is built and made stays")
    parser.add_argument("--calibration", type=Path, required=True, help="UTF-8 text that AWQ and GPTQ look at")
    parser.add_argument("--text", type=Path, help="UTF-8 text that errors are measured on (default: prose and code that come with Python)")
    parser.add_argument("--programs", type=Path, default=REPOSITORY / "build" / "bin", help="where ingot's programs are (default: build/bin)")
    parser.add_argument("--layers", type=int, default=4, help="how many of the first decoder layers are compared")
    parser.add_argument("--bits", type=int, default=4)
    parser.add_argument("--group", type=int, default=64)
    parser.add_argument("--methods", nargs="+", choices=OURS, default=list(OURS))
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--torch", default="torch", metavar="REQUIREMENT")
    options = parser.parse_args()
    options.work, options.reference, options.calibration = options.work.resolve(), options.reference.resolve(), options.calibration.resolve()
    return options


def main():
    options = parse_options()
    (options.work / "layers").mkdir(parents=True, exist_ok=True)
    if options.text is None:
        options.text = options.work / "text.txt"
        options.text.write_text(evaluation_text(), encoding="utf-8")
    weights = {}
    for method in options.methods:
        for name, make in ((f"ingot {method}", our_weights), (f"{PEERS[method][0]} {method}" if method in PEERS else None, peer_weights)):
            if name is None:
                continue
            try:
                weights[name] = make(options, method)
            except Unavailable as reason:
                print(f"- {name}: not measured: {reason}")
    if not weights:
        sys.exit("error: nothing could be measured")
    try:
        python = environment(options.work, "converter", [*REQUIREMENTS, options.torch])
        errors = json.loads(run_output([python, WORKER, "errors", options.reference, options.text,
                                        *(f"{name}={file}" for name, file in weights.items()), "--layers", str(options.layers)]).splitlines()[-1])
    except Unavailable as reason:
        sys.exit(f"error: {reason}")
    print(f"\n{options.reference.name}, {options.bits} bits in groups of {options.group}:\n\n{table(errors)}")


if __name__ == "__main__":
    main()
