#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ingot beside its peers, alternating on one machine: tokens a second and the ratios to the best peer, as Markdown.

  compare.py --models SmolLM2-135M-Instruct.Q4_1.gguf qwen3-0.6b-shape.gguf --work DIR [--repeat 5] [--json FILE]

Builds llama.cpp from the source distribution of llama-cpp-python, brings each GGUF file to its 4-bit types and to ingot's
package, then measures: every round runs ingot and each way to run a peer once, one short process each. Medians are compared
with the best median of any peer. A way that stays far behind the best peer sits the later rounds out. A run during which
other processes used the cores is taken again. What was downloaded, built and converted stays in DIR; samples add up in
--json FILE, so rounds can be taken in parts. Needs Python's standard library, pip, cmake and a C++ compiler.
"""
import argparse
import hashlib
import json
import os
import statistics
import sys
import time
from pathlib import Path

import llama_cpp
import mnn_peer
from rounds import measure_rounds
from tools import Unavailable, build_step, run_json, run_logged, run_output

REPOSITORY = Path(__file__).resolve().parents[2]
PROMPT, TOKENS, DEPTH = 512, 128, 2048
MEASURES = (f"prefill {PROMPT}", f"decode {TOKENS}", f"decode {TOKENS} at {DEPTH}", "start to first token")
START = MEASURES[3]
# Parameters below which a model counts as 135M, 0.6B or 1.5B, and the ratios wanted of it, in the order of MEASURES.
TARGETS = ((0.3e9, (3, 2, 2.5, None)), (1e9, (2.7, 1.5, 2.5, None)), (3e9, (2, 1.35, None, None)))
STAGES = ("short", "depth", "start")
PEERS = ("llama.cpp", "MNN")
IK_LLAMA = "ik_llama.cpp: not measured: it is on no package index, so nothing here could fetch it unattended"


class Ingot:
    """ingot's programs on a package."""

    name = "ingot"

    def __init__(self, programs, package, threads, kv):
        self.bench = [programs / "ingot-bench", package, "-t", str(threads), "-r", "1", "--kv", kv, "--output", "json", "-q"]
        self.chat = [programs / "ingot-chat", package, "--raw", "-p", "Once", "-n", "1", "--threads", str(threads), "-q"]

    def speeds(self, prompt, tokens, depth, under):
        tests = run_json([*under, *self.bench, "-p", str(prompt), "-n", str(tokens), "-d", str(depth)])
        return {"prefill" if test["test"].startswith("pp") else "decode": test["tokens_per_second"] for test in tests}

    def first_token(self):
        return self.chat


def measure_speeds(way, depth, under):
    found = way.speeds(0 if depth else PROMPT, TOKENS, depth, under)
    return {MEASURES[2]: found["decode"]} if depth else {MEASURES[0]: found["prefill"], MEASURES[1]: found["decode"]}


def measure_start(way):
    """A whole process that loads the model and decodes one token, as starts a second, so that more is better here too."""
    begin = time.monotonic()
    run_output(way.first_token())
    return {START: 1 / (time.monotonic() - begin)}


def export_package(programs, work, model):
    package = work / "packages" / f"ingot-{model.stem}"
    build_step(package, lambda partial: run_logged(
        work, "ingot-export", [programs / "ingot-export", "--path", model, "--dst_path", partial, "--quant_bit", "4", "--quant_block", "64",
                               "--sym", "--lm_quant_bit", "4", "-q"]))
    return package


def compare_model(model, options, notes, results):
    """Sets results[model's name] to {"model", "parameters", "samples"}: what each way measured, after what it did in earlier runs.

    Everything is built before anything is measured."""
    ways = [Ingot(options.programs, export_package(options.programs, options.work, model), options.threads, options.kv)]
    for peer, module, arguments in (
        ("llama.cpp", llama_cpp, (options.compilers, options.flash_attention, options.threads, llama_cpp.CACHE_TYPES[options.peer_kv or options.kv], options.jobs)),
        ("MNN", mnn_peer, (options.threads, options.torch)),
    ):
        if peer not in options.peers:
            continue
        try:
            found, note = module.ways(options.work, model, *arguments)
            ways += [way for way in found if any(text in way.name for text in options.ways)]
        except Unavailable as reason:
            note = f"{peer}: not measured for {model.name}: {reason}"
        if note not in notes:
            notes.append(note)
    if len(ways) == 1:
        raise Unavailable(f"no peer could be built: {'; '.join(notes)}")
    if options.build_only:
        return
    result = results.setdefault(model.name, {"model": model.name, "parameters": 0, "samples": {}})
    samples = result["samples"]
    for way in ways:
        samples.setdefault(way.name, {})

    def save():
        result["parameters"] = next((way.parameters for way in ways if hasattr(way, "parameters")), result["parameters"])
        if options.json:
            options.json.write_text(json.dumps({"conditions": conditions(options), "models": list(results.values())}, indent=1) + "\n")

    print(f"{model.name}: {len(ways)} ways", file=sys.stderr)
    measures = {
        "short": (MEASURES[:2], lambda way: measure_speeds(way, 0, options.under)),
        "depth": (MEASURES[2:3], lambda way: measure_speeds(way, DEPTH, options.under)),
        "start": (MEASURES[3:], measure_start),
    }
    for stage in options.stages:
        kinds, measure = measures[stage]
        able = [way for way in ways if measure is not measure_start or way.first_token()]
        measure_rounds(able, options.repeat, options.busy, measure, kinds, samples, notes, save)


def shown(kind, speed):
    return f"{1000 / speed:.0f} ms" if kind == START else f"{speed:.1f}"


def tables(results):
    """The ratios, then every median; the best peer of a measure stands bold."""
    lines = ["| model | measure | ingot | best peer | which | ratio | target |", "|---|---|---|---|---|---|---|"]
    details = []
    for result in results:
        targets = next((wanted for limit, wanted in TARGETS if 0 < result["parameters"] < limit), (None,) * len(MEASURES))
        medians = {name: {kind: statistics.median(speeds) for kind, speeds in found.items()}
                   for name, found in result["samples"].items() if found}
        if Ingot.name not in medians:
            continue  # interrupted in its first round
        ours = medians[Ingot.name]
        best, kinds = {}, [kind for kind in MEASURES if kind in ours]
        for kind in kinds:
            peers = {name: found[kind] for name, found in medians.items() if name != Ingot.name and kind in found}
            if not peers:
                continue
            name = best[kind] = max(peers, key=peers.get)
            target = targets[MEASURES.index(kind)] or ""
            others = len(result["samples"]) - 1
            unmeasured = f" ({len(peers)} of {others} ways measured)" if len(peers) < others else ""
            lines.append(f"| {result['model']} | {kind} | {shown(kind, ours[kind])} | {shown(kind, peers[name])} | {name}{unmeasured} "
                         f"| {ours[kind] / peers[name]:.2f} | {target} |")
        details += ["", f"{result['model']}, {result['parameters'] / 1e6:.0f}M parameters (medians; tokens a second):", "",
                    "| way | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
        for name, found in medians.items():
            cells = [("**{}**" if best.get(kind) == name else "{}").format(shown(kind, found[kind])) if kind in found else "" for kind in kinds]
            details.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines + details)


def cpu_name():
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else "unknown CPU"


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, nargs="+", required=True, metavar="GGUF")
    parser.add_argument("--work", type=Path, required=True, help="where what is built stays")
    parser.add_argument("--programs", type=Path, default=REPOSITORY / "build" / "bin", help="where ingot's programs are (default: build/bin)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeat", type=int, default=5, help="rounds")
    parser.add_argument("--kv", choices=sorted(llama_cpp.CACHE_TYPES), default="bf16", help="keys and values; peers take what is nearest")
    parser.add_argument("--peer-kv", choices=sorted(llama_cpp.CACHE_TYPES), help="the peers' own, where another than --kv is faster for them")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--compilers", nargs="+", default=["gcc"], help="C compilers to build llama.cpp with, each measured, such as gcc clang-19")
    parser.add_argument("--flash-attention", nargs="+", choices=("on", "off", "auto"), default=["on", "off"], help="llama.cpp's -fa, each measured")
    parser.add_argument("--torch", default="torch", metavar="REQUIREMENT", help="PyTorch for MNN's exporter, such as torch==2.13.0+cpu")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=STAGES)
    parser.add_argument("--ways", nargs="+", default=[""], metavar="TEXT", help="only the ways to run peers whose names contain one of these")
    parser.add_argument("--busy", type=int, default=0, help="processes that keep the cores busy meanwhile")
    parser.add_argument("--under", type=str.split, default=[], metavar="COMMAND", help='what each timed process runs under, such as "taskset -c 0,1"')
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="of builds")
    parser.add_argument("--build-only", action="store_true", help="measure nothing")
    parser.add_argument("--json", type=Path, help="where the samples go; added to when it is there")
    options = parser.parse_args()
    options.work = options.work.resolve()
    options.models = [model.resolve() for model in options.models]
    for file in (*options.models, options.programs / "ingot-bench"):
        if not file.exists():
            parser.error(f"{file} is not there")
    return options


def read_earlier(options):
    """The results in --json, by model. What was measured under other conditions is no sample of the same thing."""
    if not options.json or not options.json.exists():
        return {}
    try:
        earlier = json.loads(options.json.read_text())
        results = {result["model"]: result for result in earlier["models"]}
        measured = earlier["conditions"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise Unavailable(f"{options.json} holds no samples of this script: name another file") from error
    if measured != conditions(options):
        raise Unavailable(f"{options.json} was measured under other conditions, {measured}: name another file")
    return results


def conditions(options):
    build = hashlib.sha256((options.programs / "ingot-bench").read_bytes()).hexdigest()[:12]
    return {"cpu": cpu_name(), "threads": options.threads, "kv": options.kv, "peer_kv": options.peer_kv or options.kv, "busy": options.busy, "ingot": build}


def main():
    options = parse_options()
    notes, results, version = [], {}, ""
    try:
        version = "; ".join(run_output([options.programs / "ingot-bench", "--version"]).split("\n")[:3])
        results = read_earlier(options)
        for model in options.models:
            compare_model(model, options, notes, results)
    except (Unavailable, OSError) as reason:
        sys.exit(f"error: {reason}")
    except KeyboardInterrupt:
        print("interrupted: the table is of the rounds before", file=sys.stderr)
    print("; ".join(f"{name}: {value}" for name, value in conditions(options).items()))
    ours = f"{version}; 4 bits, symmetric, blocks of 64, the head too"
    print("\n".join(f"- {note}" for note in [ours, *notes, IK_LLAMA]), end="\n\n")
    if results:
        print(tables(results.values()))


if __name__ == "__main__":
    main()
