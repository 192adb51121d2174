# SPDX-License-Identifier: Apache-2.0
"""Rounds in which every way to run a model is measured once."""
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tools import Unavailable

HOPELESS = 0.8  # of the best peer's median: a way below it in every measure sits out
DISTURBANCE, TRIES = 0.1, 4  # cores that others may use during a run; runs until it counts anyway


def cpu_seconds():
    """What all processes used since the machine started, time taken by its host included, and what ours did."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK"), sum(os.times()[:4])


def undisturbed(measure):
    """What `measure` returns, taken again when others used the cores meanwhile, and whether they never did."""
    for _ in range(TRIES):
        (all_before, own_before), begin = cpu_seconds(), time.monotonic()
        result = measure()
        (all_after, own_after), elapsed = cpu_seconds(), time.monotonic() - begin
        if (all_after - all_before) - (own_after - own_before) <= DISTURBANCE * elapsed:
            return result, True
    return result, False


def beside_busy(count, measure):
    """What `measure` returns beside `count` processes that never sleep."""
    neighbours = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        return measure()
    finally:
        for neighbour in neighbours:
            neighbour.kill()
            neighbour.wait()


def promising(peers, kinds, samples):
    """The peers that have no sample yet, or come near the best in one of `kinds`."""
    medians = {way: {kind: statistics.median(samples[way.name].get(kind) or [0]) for kind in kinds} for way in peers}
    best = {kind: max((found[kind] for found in medians.values()), default=0) for kind in kinds}
    return [way for way, found in medians.items()
            if any(kind not in samples[way.name] or found[kind] >= HOPELESS * best[kind] for kind in kinds)]


def measure_rounds(ways, rounds, busy, measure, kinds, samples, notes, save):
    """Adds what `measure` says of `kinds` to `samples` ({way: {kind: [speeds]}}). The first way is ours; every round turns the order.

    Calls `save` after each round, so that an interruption costs one. A peer's way that fails is left out from then on.
    Raises Unavailable when ours does."""
    peers = ways[1:]
    for number in range(rounds):
        taking_part = [ways[0], *promising(peers, kinds, samples)]
        for way in taking_part if number % 2 == 0 else reversed(taking_part):
            calm = True
            try:
                if busy:
                    speeds = beside_busy(busy, lambda way=way: measure(way))
                else:
                    speeds, calm = undisturbed(lambda way=way: measure(way))
            except Unavailable as reason:
                if way is ways[0]:
                    raise
                notes.append(f"{way.name}: {reason}")
                peers.remove(way)
                continue
            for kind, speed in speeds.items():
                samples[way.name].setdefault(kind, []).append(speed)
            print(f"  round {number + 1}, {way.name}: " + ", ".join(f"{kind} {speed:.4g}" for kind, speed in speeds.items())
                  + ("" if calm else " (others used the cores)"), file=sys.stderr)
        save()
