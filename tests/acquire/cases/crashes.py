# SPDX-License-Identifier: Apache-2.0
"""Processes that die, and processes that meet. Cases 28, 29 and 30."""
import os
import pathlib
import random
import shutil
import signal
import time

from hub import Fault, Repository, seeded
from hub.fault import wire

from .sandbox import CONFIG, MIB, alone, listing
from .shims import shim

STORED = r"^GET cdn "


def small(s):
    files = {f"model-{index}.safetensors": seeded(MIB + index, index) for index in range(4)}
    return s.hub.add(Repository("test/model", {"config.json": CONFIG, "tokenizer.json": b"{}"} | files))


def clear(s):
    for directory in (s.hf, s.xdg / "ingot"):
        shutil.rmtree(directory, ignore_errors=True)


@alone
def case_28_fifty_kills(s):
    """At fifty moments of a run, the state kept from one to the next until a run ends; whatever has a final name is right at every one."""
    small(s)
    draw, whole = random.Random(28), s.run().seconds
    clear(s)
    completed = 0
    for index in range(50):
        process = s.start(s.REF)
        time.sleep(draw.uniform(0.2, 1.05) * whole if index % 2 else draw.uniform(0, whole))
        s.kill(process)
        run = s.finish(process)
        s.check_finals()
        if run.code == 0:
            completed += 1
            s.same(run.directory)
            clear(s)
    assert completed < 45, "kills came too late to mean anything"
    s.heals(most=5 * MIB)


@alone
def case_28_kill_in_a_large_file(s):
    """What was flushed is not fetched again: at most a journal's interval is."""
    size = 256 * MIB
    s.model(size)
    s.hub.fault(Fault(STORED, wire(rate=60 * MIB), times=None))
    process = s.start(s.REF)
    while s.hub.log.sent(STORED) < 200 * MIB and process.poll() is None:
        time.sleep(0.02)
    sent = s.hub.log.sent(STORED)
    s.kill(process)
    s.finish(process)
    s.heals(most=size - sent + 64 * MIB + 8 * MIB)  # 8 MiB may have been on the way


def cut_power(s, notes):
    """Takes away what had been written and not flushed."""
    unflushed = {}
    for line in notes.read_text().splitlines():
        kind, inode, *extent = line.split()
        if kind == "s":
            unflushed.pop(inode, None)
        elif len(extent) == 2:
            unflushed.setdefault(inode, []).append(tuple(map(int, extent)))
    lost = 0
    for path in listing(s.root):
        if os.path.islink(path) or str(os.lstat(path).st_ino) not in unflushed:
            continue
        with open(path, "r+b") as file:
            size = os.fstat(file.fileno()).st_size
            for offset, length in unflushed[str(os.fstat(file.fileno()).st_ino)]:
                length = min(length, size - offset)
                if length > 0:
                    file.seek(offset)
                    file.write(bytes(length))
                    lost += length
    return lost


def case_28_power_cuts(s):
    """A kill, then everything that no flush covered is zeros."""
    files = {f"model-{index}.safetensors": seeded(4 * MIB + index, index) for index in range(3)}
    s.hub.add(Repository("test/model", {"config.json": CONFIG} | files))
    s.hub.fault(Fault(STORED, wire(rate=20 * MIB), times=None))
    draw, lost = random.Random(29), 0
    s.writable.append(s.root / "power")
    notes = s.root / "power" / "log"
    notes.parent.mkdir()
    for _ in range(12):
        notes.write_text("")
        process = s.start(s.REF, environment={"LD_PRELOAD": shim("power_cut"), "POWER_LOG": notes})
        time.sleep(draw.uniform(0.05, 0.7))
        s.kill(process)
        run = s.finish(process)
        lost += cut_power(s, notes)
        s.check_finals()
        if run.code == 0:
            clear(s)
    assert lost, "nothing was ever lost: the shim does not see the writes"
    s.heals()


def killed_at_rename(after):
    def case(s):
        """Everything is there but its final name: the next run sends for nothing."""
        s.model(8 * MIB)
        digest = s.hub.repositories["test/model"].files()["model.safetensors"].content.sha256
        run = s.run(code=-signal.SIGKILL, environment={"LD_PRELOAD": shim("die_at_rename"), "DIE_PATH": digest} | ({"DIE_AFTER": "1"} if after else {}))
        assert run.out == ""
        s.check_finals()
        s.heals(most=0)
    return case


case_29_killed_before_the_rename = killed_at_rename(False)
case_29_killed_after_the_rename = killed_at_rename(True)


def case_29_killed_before_the_rename_in_a_local_dir(s):
    s.model(8 * MIB)
    s.run(s.REF, "--local-dir", s.local, code=-signal.SIGKILL, environment={"LD_PRELOAD": shim("die_at_rename"), "DIE_PATH": "model.safetensors"})
    s.check_finals()
    s.heals(s.REF, "--local-dir", s.local, most=0)


def together(s, count, **options):
    """So many processes at once; returns how many bytes of content were sent."""
    processes = [s.start(s.REF, **options) for _ in range(count)]
    for process in processes:
        run = s.finish(process)
        assert run.code == 0, f"exit code {run.code} of one of {count}"
        s.same(run.directory)
    return s.hub.log.sent(STORED)


def case_30_two_processes(s):
    s.model(16 * MIB)
    s.hub.fault(Fault(STORED, wire(rate=16 * MIB), times=None))
    sent = together(s, 2)
    assert sent <= 17 * MIB, f"{sent} bytes for two processes"


@alone
def case_30_eight_processes(s):
    small(s)
    s.hub.fault(Fault(STORED, wire(rate=4 * MIB), times=None))
    sent = together(s, 8)
    assert sent <= 5 * MIB, f"{sent} bytes for eight processes"


def case_30_locks_that_lie(s):
    s.model(8 * MIB)
    s.preload.append(shim("lying_locks"))
    s.hub.fault(Fault(STORED, wire(rate=8 * MIB), times=None))
    together(s, 4)


def case_30_locks_that_lie_in_a_local_dir(s):
    s.model(8 * MIB)
    s.preload.append(shim("lying_locks"))
    s.hub.fault(Fault(STORED, wire(rate=8 * MIB), times=None))
    processes = [s.start(s.REF, "--local-dir", s.local) for _ in range(3)]
    for process in processes:
        assert s.finish(process).code == 0
    s.same(s.local)


def case_30_owner_is_killed(s):
    """The one that waits goes on with what the other left, and says whom it waits for."""
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(rate=4 * MIB), times=None))
    owner = s.start(s.REF)
    while s.hub.log.sent(STORED) < 6 * MIB:
        assert owner.poll() is None, "ended too soon"
        time.sleep(0.02)
    waiter = s.start(s.REF, "-v")
    time.sleep(2.5)
    s.kill(owner)
    s.finish(owner)
    s.hub.faults.clear()
    killed = time.monotonic()
    run = s.finish(waiter)
    assert run.code == 0 and time.monotonic() - killed < 60, f"took over after {time.monotonic() - killed} s"
    s.same(run.directory)
    assert str(owner.pid) in run.err, f"does not say that {owner.pid} works on it: {run.err!r}"


def case_30_caches_of_two_kinds(s):
    """One process for the cache, one for a directory."""
    s.model(8 * MIB)
    processes = [s.start(s.REF), s.start(s.REF, "--local-dir", s.local)]
    for process in processes:
        run = s.finish(process)
        assert run.code == 0
        s.same(run.directory)
    assert pathlib.Path(s.local).exists()
