#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Decode speed while other processes keep every core busy, as a share of the speed alone: share.py INGOT_BENCH MODEL [LEAST].

The scheduler leaves about half of each core. A team whose barriers only spin falls to a twentieth, because a lane that waits burns
the time of the lane it waits for; lanes that sleep at barriers fall to a quarter, because they are rarely on their cores at the
same time, or both on one. With short turns, and lanes that leave each other's core (core/turns.hpp), a loop of barriers keeps 0.48
on 2 cores: nearly all of its half.

A decoder keeps less where a quiet machine holds its weights in a shared cache: at half of the speed they are read half as often, and
the neighbours' data drive them out. That is no barrier's fault: processes of one thread each, one on each core, with nobody to wait
for, keep no more (SmolLM2 on a virtual machine with 300 MB of shared cache: 0.25 to 0.31, the team 0.27 to 0.28). So the limit is
LEAST (default 0.4), or where that is less 0.8 of what such processes keep. Fails below it in each of three tries; 77: the model is
missing.
"""
import json
import os
import pathlib
import subprocess
import sys

bench, model = sys.argv[1:3]
least = float(sys.argv[3]) if len(sys.argv) > 3 else 0.4
if not pathlib.Path(model).exists():
    print("skipped: tools/start has not fetched and exported the model")
    sys.exit(77)


cores = sorted(os.sched_getaffinity(0))


def speed(teams):
    """Tokens a second of decoders that run at the same time, one on each set of cores and a thread for each of its cores."""
    running = []
    for team in teams:
        command = [bench, model, "-p", "0", "-n", "128", "-r", "5", "-t", str(len(team)), "--output", "json", "-q"]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=lambda team=team: os.sched_setaffinity(0, team)))
    outputs = [decoder.communicate()[0] for decoder in running]
    if any(decoder.returncode != 0 for decoder in running):
        sys.exit("the benchmark failed")
    return sum(json.loads(output)[0]["tokens_per_second"] for output in outputs)


def share(name, teams):
    """What the speed falls to beside a busy process for each core."""
    alone = speed(teams)
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in cores]
    try:
        busy = speed(teams)
    finally:
        for other in others:
            other.kill()
            other.wait()
    print(f"{name}: {alone:.0f} tokens/s alone, {busy:.0f} beside {len(others)} busy processes: {busy / alone:.2f}")
    return busy / alone


for _ in range(3):
    kept = share("one team", [cores])
    if kept >= least or kept >= 0.8 * share("a process for each core", [[core] for core in cores]):
        sys.exit(0)
sys.exit("below the limit three times")
