#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a download may cost, on loopback: gates.py PROGRAM [MIB]

Prints each figure beside its limit, ends with 1 where one is missed; MIB (2048) is the size of what is fetched for the speeds.
Speeds are of the best of several rounds in which curl (into files, nothing verified) and the program (all digests verified, all
published) take turns. Everything lies in memory where there is room: a disk would be measured otherwise. No single file is verified
faster than one core computes SHA-256, and where cores are few, the server, the transfer and the hashing share them: the program is also
held against the slowest of these limits. On fewer than four cores the ratio to curl is printed and not judged, the other one judged by
LEAST_SHARED (on two cores of 1 GB/s of SHA-256 each: curl 1.2 to 1.6 GB/s, the program 0.6 to 0.9 in one file, 0.7 to 1.1 in 64).
"""
import contextlib
import hashlib
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "acquire"))
from cases.sandbox import CONFIG, MIB, Sandbox  # noqa: E402
from hub import Content, Fault, Repository, seeded  # noqa: E402
from hub.fault import wire  # noqa: E402

SPEED, MEMORY_MIB, UNCHANGED_MS, CANCEL_S, REFETCH_MIB = 0.8, 64, 50, 1, 64
LEAST_SHARED = 0.6
ROUNDS = 5
missed = []


def report(name, value, limit, unit, at_least=False, judged=True):
    good = value >= limit if at_least else value <= limit
    verdict = "" if good else "   MISSED" if judged else f"   missed, not judged on {os.cpu_count()} cores"
    print(f"{name:<44}{value:>10.2f} {unit:<6}{'>=' if at_least else '<='} {limit:g}{verdict}", flush=True)
    if judged and not good:
        missed.append(name)


def hashing():
    """GB/s of SHA-256 on one core: no single file is verified faster."""
    block = bytes(64 * MIB)
    began = time.monotonic()
    hashlib.sha256(block).digest()
    return len(block) / 1e9 / (time.monotonic() - began)


@contextlib.contextmanager
def sandbox(program):
    """A sandbox in memory, where 12 GiB are free there."""
    memory = "/dev/shm"
    if os.path.isdir(memory) and os.statvfs(memory).f_bavail * os.statvfs(memory).f_frsize > 12 << 30:
        tempfile.tempdir = memory
    made = Sandbox(program, "gates")
    try:
        yield made
    finally:
        made.close()


def written(path, size, seed):
    """A file of the size, a block of random bytes in it over and over with a number in each."""
    block = seeded(MIB, seed)
    with open(path, "wb") as file:
        for index in range(size // MIB):
            file.write(block[:-8] + index.to_bytes(8, "big"))
    return Content(path=path)


def measured(s, *arguments):
    """Seconds and the peak of the resident memory in MiB of one run."""
    began = time.monotonic()
    process = s.start(*arguments)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    out, err = process.communicate()
    assert process.returncode == 0, f"exit code {process.returncode}: {out}{err}"
    return seconds, usage.ru_maxrss / 1024


def curl(s, files):
    """Seconds that curl takes for the same bytes, one file after the other over one connection."""
    target = s.root / "curl"
    target.mkdir()
    command = ["curl", "-sfL"]
    for index, path in enumerate(files):
        command += ["-o", str(target / str(index)), f"{s.hub.url}/test/model/resolve/main/{path}"]
    began = time.monotonic()
    subprocess.run(command, check=True, env=s.environment())
    seconds = time.monotonic() - began
    shutil.rmtree(target)
    return seconds


def speed(program, mib, count):
    with sandbox(program) as s:
        source = s.root / "source"
        source.mkdir()
        files = {f"model-{index:03}.safetensors": written(source / str(index), mib * MIB // count, index) for index in range(count)}
        for content in files.values():
            content.sha256  # now, not while somebody waits for the listing
        s.hub.add(Repository("test/model", {"config.json": CONFIG} | files))
        ours, theirs, memory = [], [], 0
        for _ in range(ROUNDS):
            theirs.append(curl(s, files))
            seconds, peak = measured(s, s.REF)
            ours.append(seconds)
            memory = max(memory, peak)
            shutil.rmtree(s.hf)
        size, hashed, cores = mib * MIB / 1e9, hashing(), os.cpu_count()
        print(f"    curl {size / min(theirs):.2f} GB/s, ours {size / min(ours):.2f} GB/s, SHA-256 {hashed:.2f} GB/s a core")
        report(f"{mib} MiB in {count} file(s), times curl", min(theirs) / min(ours), SPEED, "", at_least=True, judged=cores >= 4)
        moving, verifying = min(theirs), size / hashed
        slowest = max(moving, verifying / min(count, cores), (2 * moving + verifying) / cores)  # curl and the server keep two cores busy
        report(f"{mib} MiB in {count} file(s), times the limit", slowest / min(ours), SPEED if cores >= 4 else LEAST_SHARED, "", at_least=True)
        report(f"{mib} MiB in {count} file(s), memory", memory, MEMORY_MIB, "MiB")


def unchanged(program):
    with sandbox(program) as s:
        files = {f"notes/{index}.json": b"%d" % index for index in range(998)}
        s.hub.add(Repository("test/model", {"config.json": CONFIG, "model.safetensors": seeded(MIB, 1)} | files))
        s.run(s.REF, "--include", "*")
        before = s.hub.log.count()
        times = [measured(s, s.REF, "--include", "*")[0] for _ in range(9)]
        report("unchanged, 1000 files: requests", (s.hub.log.count() - before) / len(times), 1, "")
        report("unchanged, 1000 files: time", min(times) * 1000, UNCHANGED_MS, "ms")


def cancelled(program):
    with sandbox(program) as s:
        s.model(96 * MIB)
        s.hub.fault(Fault("^GET cdn", wire(rate=20 * MIB), times=None))
        process = s.start(s.REF)
        while s.hub.log.sent("^GET cdn") < 32 * MIB:
            time.sleep(0.01)
        began = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        run = s.finish(process)
        report("cancelled: time", time.monotonic() - began, CANCEL_S, "s")
        assert run.code == 8, run


def killed(program):
    with sandbox(program) as s:
        size = 384
        s.model(size * MIB)
        fault = s.hub.fault(Fault("^GET cdn", wire(rate=60 * MIB), times=None))
        process = s.start(s.REF)
        while s.hub.log.sent("^GET cdn") < 300 * MIB:
            time.sleep(0.01)
        s.kill(process)
        s.finish(process)
        sent = s.hub.log.sent("^GET cdn")
        s.hub.faults.remove(fault)
        s.run()
        report("killed at 300 of 384 MiB: sent again", s.hub.log.sent("^GET cdn") / MIB - size, REFETCH_MIB, "MiB")
        print(f"    {sent / MIB:.0f} MiB had been sent at the kill")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if shutil.which("curl") is None:
        print("skipped: no curl to compare with")
        sys.exit(77)
    program, mib = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2048
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    speed(program, mib, 1)
    speed(program, mib, 64)
    unchanged(program)
    cancelled(program)
    killed(program)
    sys.exit(f"missed: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
