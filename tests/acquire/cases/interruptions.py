# SPDX-License-Identifier: Apache-2.0
"""Signals in every phase, and clocks that jump. Cases 38 and 43."""
import os
import signal
import time

from hub import Content, Fault
from hub.fault import answer, wire

from .sandbox import MIB, alone
from .shims import shim

STORED = r"^GET cdn "
YEAR = 365 * 86400


def await_request(s, where, sent=0):
    limit = time.monotonic() + 30
    while not s.hub.log.count(where) or s.hub.log.sent(where) < sent:
        assert time.monotonic() < limit, f"no request for {where}"
        time.sleep(0.01)


def interrupt(s, process, *signals):
    """Sends the signals; the end must come within a second and be resumable."""
    began = time.monotonic()
    for sign in signals:
        os.kill(process.pid, sign)
        time.sleep(0.02)
    run = s.finish(process, 20)
    seconds = time.monotonic() - began
    assert seconds < 1, f"{seconds:.2f} s to end"
    assert run.out == "", run.out
    return run


def interrupted(where, *actions, sign=signal.SIGINT, sent=0, size=8, arguments=()):
    def case(s):
        s.model(size * MIB)
        s.hub.fault(Fault(where, *actions, times=None))
        process = s.start(s.REF, *arguments)
        await_request(s, where, sent)
        time.sleep(0.1)
        run = interrupt(s, process, sign)
        assert run.code == 8, f"exit code {run.code}"
        s.check_finals()
        s.heals(most=size * MIB - sent + 4 * MIB)
    return alone(case)


case_38_while_listing = interrupted(r"hub /api/models", wire(delay=60))
case_38_while_resolving = interrupted(r"hub /test/model/resolve", wire(delay=60))
case_38_while_storage_is_silent = interrupted(STORED, wire(delay=60))
case_38_while_fetching = interrupted(STORED, wire(rate=10 * MIB), sent=12 * MIB, size=24)
case_38_terminated_while_fetching = interrupted(STORED, wire(rate=10 * MIB), sent=12 * MIB, size=24, sign=signal.SIGTERM)
case_38_terminated_while_listing = interrupted(r"hub /api/models", wire(delay=60), sign=signal.SIGTERM)
case_38_while_waiting_for_a_retry = interrupted(STORED, answer(503, {"Retry-After": "60"}, b"later"))
case_38_while_limited = interrupted(STORED, wire(rate=30 * MIB), sent=2 * MIB, size=24, arguments=("--max-rate", "1000000"))


@alone
def case_38_while_verifying(s):
    """Whether it comes amid the work or just after it, the end is quick."""
    path = s.root / "zeros"
    with path.open("wb") as file:
        file.truncate(400 * MIB)
    s.model(Content(path=path))
    s.changed_outside()
    s.run()
    process = s.start(s.REF, "--verify")
    time.sleep(0.08)
    os.kill(process.pid, signal.SIGINT)  # until it is waited for, the id stays its own
    began = time.monotonic()
    run = s.finish(process, 20)
    assert run.code in (0, 8) and time.monotonic() - began < 1, f"exit code {run.code} after {time.monotonic() - began:.2f} s"


@alone
def case_38_while_waiting_for_another_process(s):
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(rate=2 * MIB), times=None))
    owner = s.start(s.REF)
    await_request(s, STORED, MIB)
    waiter = s.start(s.REF)
    time.sleep(0.6)
    assert interrupt(s, waiter, signal.SIGINT).code == 8
    assert interrupt(s, owner, signal.SIGINT).code == 8
    s.heals()


@alone
def case_38_twice(s):
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(rate=4 * MIB), times=None))
    process = s.start(s.REF)
    await_request(s, STORED, 2 * MIB)
    run = interrupt(s, process, signal.SIGINT, signal.SIGINT)
    assert run.code in (8, -signal.SIGINT, 130), run.code
    s.check_finals()
    s.heals()


def case_43_jumps_while_fetching(s):
    s.model(16 * MIB)
    s.extra |= {"CLOCK_JUMP": YEAR}
    s.preload.append(shim("jumping_clock"))
    s.hub.fault(Fault(STORED, wire(rate=20 * MIB), times=None))
    run = s.run()
    s.same(run.directory)
    assert run.seconds < 20


def case_43_jumps_while_waiting(s):
    """Retry-After is waited for by the steady clock."""
    s.model(1 * MIB)
    s.extra |= {"CLOCK_JUMP": YEAR}
    s.preload.append(shim("jumping_clock"))
    s.hub.fault(Fault(STORED, answer(429, {"Retry-After": "2"}, b"later")))
    run = s.run()
    s.same(run.directory)
    assert 2 <= run.seconds < 20, f"{run.seconds} s"


def case_43_changed_in_the_future(s):
    """A file of a local directory that was changed, its time set to next year, does not pass for the one downloaded."""
    s.model(2 * MIB)
    s.run(s.REF, "--local-dir", s.local)
    path = s.local / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[77] ^= 1
    path.write_bytes(data)
    os.utime(path, (time.time() + YEAR, time.time() + YEAR))
    s.run(s.REF, "--local-dir", s.local, "--verify")
    s.same(s.local)
    path.write_bytes(data)
    os.utime(path, (time.time() + YEAR, time.time() + YEAR))
    s.run(s.REF, "--local-dir", s.local)
    s.same(s.local)


def case_43_changed_under_an_old_time(s):
    """The time of change is set back to what it was: the inode's own time tells."""
    s.model(2 * MIB)
    s.run(s.REF, "--local-dir", s.local)
    path = s.local / "model.safetensors"
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[77] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    s.run(s.REF, "--local-dir", s.local, "--verify")
    s.same(s.local)
