# SPDX-License-Identifier: Apache-2.0
"""Bodies that end too early, too late or not at all, and sizes that are odd. Cases 1 to 5, 37 (reset) and 40."""
import os
import random
import time

from hub import Content, Fault
from hub.fault import header, whole, wire

from .sandbox import MIB, Skip, alone

STORED = r"^GET cdn "


def case_01_close_after_37_percent(s):
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=0.37)))
    run = s.run()
    s.same(run.directory)
    assert s.hub.log.sent(STORED) < 25 * MIB, f"{s.hub.log.sent(STORED)} bytes sent for 24 MiB"
    assert any(entry.request.headers.get("range", "bytes=0-").split("=")[1][0] != "0" for entry in s.hub.log.find(STORED)), "never resumed"


def case_02_close_at_random(s):
    s.model(24 * MIB)
    draw = random.Random(2)
    s.hub.fault(Fault(STORED, lambda q, r: wire(cut=draw.randrange(min(r.length, 256 << 10), r.length + 1))(q, r), times=None))
    s.same(s.run().directory)


def case_02_close_for_ever(s):
    """Gives up when nothing moves, and keeps what it has."""
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, lambda q, r: wire(cut=0 if s.hub.log.sent(STORED) > 12 * MIB else min(r.length, 13 * MIB))(q, r), times=None))
    run = s.run(code=5, timeout=120)
    assert run.seconds < 95, f"took {run.seconds} s to give up"
    kept = s.hub.log.sent(STORED)
    s.heals(most=24 * MIB - kept + MIB)


def case_03_chunked_without_end(s):
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, wire(chunked=True, unterminated=True, cut=0.5)))
    s.same(s.run().directory)


def case_03_whole_but_unterminated(s):
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, wire(chunked=True, unterminated=True)))
    s.same(s.run().directory)


def case_03_no_length_and_cut(s):
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, whole, wire(lengthless=True, cut=0.5)))
    s.same(s.run().directory)


def case_03_no_length_and_whole(s):
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, whole, wire(lengthless=True), times=None))
    s.same(s.run().directory)


def case_03_small_file_cut(s):
    """The same for a file that comes from the hub itself."""
    s.model(1 * MIB)
    s.hub.fault(Fault(r"^GET hub .*/config.json", wire(lengthless=True, cut=0.5)))
    s.same(s.run().directory)


def wrong_length(s, by):
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, whole, lambda q, r: r.set("Content-Length", r.length + by), times=None))
    s.run(code=(5, 6))
    assert s.hub.log.sent(STORED) < 60 * MIB
    s.heals()


def case_04_length_too_small(s):
    wrong_length(s, -MIB)


def case_04_length_too_large(s):
    wrong_length(s, MIB)


def case_04_once(s):
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, lambda q, r: r.set("Content-Length", r.length + 1)))
    s.hub.fault(Fault(STORED, lambda q, r: r.set("Content-Length", r.length - 1), after=1))
    s.same(s.run().directory)


def case_05_endless(s):
    s.model(4 * MIB)
    s.hub.fault(Fault(STORED, whole, wire(lengthless=True, extra=-1), times=None))
    began = time.monotonic()
    s.run(code=6)
    assert time.monotonic() - began < 60
    written = sum(os.lstat(path).st_blocks * 512 for path in map(str, s.root.rglob("*")))
    assert written < 10 * MIB, f"{written} bytes on the disk for a file of 4 MiB"
    s.heals()


def case_05_endless_small(s):
    s.model(1 * MIB)
    s.hub.fault(Fault(r"^GET hub .*/config.json", wire(lengthless=True, extra=-1), times=None))
    s.run(code=6)
    s.heals()


def case_05_endless_chunked(s):
    s.model(1 * MIB)
    s.hub.fault(Fault(STORED, whole, wire(chunked=True, extra=-1), times=None))
    s.run(code=6)
    s.heals()


def case_37_reset_amid_body(s):
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=0.5, reset=True), times=3))
    s.same(s.run().directory)
    assert s.hub.log.sent(STORED) < 24 * MIB + 3 * MIB


def case_40_sizes(s):
    part = 16 * MIB
    sizes = {"empty.json": 0, "one.json": 1, "part.safetensors": part, "less.safetensors": part - 1, "more.safetensors": part + 1,
             "twice.safetensors": 2 * part + 1, "kib.safetensors": 1024}
    from hub import File, Repository, seeded
    files = {name: File(seeded(size, name), lfs=size > 1) for name, size in sizes.items()}
    s.hub.add(Repository("test/model", files))
    run = s.run(s.REF, *sizes)
    s.same(run.directory, only=list(sizes))


def case_40_empty_large_file(s):
    """A file of Git LFS that is empty."""
    from hub import File
    s.model(1 * MIB, files={"empty.safetensors": File(b"", lfs=True)})
    s.same(s.run().directory)


class Zeros(Content):
    """A content of zeros with a digest that nobody computes."""

    def __init__(self, size):
        super().__init__(b"")
        self.size = size
        self.sha256 = "ab" * 32

    def read(self, start, count):
        return bytes(max(0, min(count, self.size - start)))


def case_40_51_gb_declared(s):
    """No request asks for more than a part; where the disk has no room the answer is immediate."""
    s.model(Zeros(51 * 10**9))
    s.hub.fault(Fault(STORED, wire(rate=20 * MIB), times=None))
    process = s.start(s.REF)
    while process.poll() is None and s.hub.log.sent(STORED) < 4 * MIB and time.monotonic() - process.began < 30:
        time.sleep(0.05)
    s.kill(process, 2)
    run = s.finish(process, 20)
    assert run.code in (7, 8), run
    for entry in s.hub.log.find(STORED):
        first, last = entry.request.headers["range"].removeprefix("bytes=").split("-")
        assert int(last) - int(first) < 1 << 30, entry
    assert run.code == 7 or s.hub.log.count(STORED)


@alone
def case_40_more_than_4_gib(s):
    """A sparse file of 4 GiB and 5 bytes, its last bytes not zeros."""
    shared = "/dev/shm"
    if not os.path.isdir(shared) or os.statvfs(shared).f_bavail * os.statvfs(shared).f_frsize < 9 << 30:
        raise Skip("needs 9 GiB in /dev/shm")
    import pathlib
    import tempfile
    with tempfile.TemporaryDirectory(dir=shared) as directory:
        source = pathlib.Path(directory, "source")
        with source.open("wb") as file:
            file.seek(4 << 30)
            file.write(b"after")
        s.model(Content(path=source))
        target = pathlib.Path(directory, "to")
        s.run(s.REF, "model.safetensors", "--local-dir", target, "--include", "model.safetensors")
        with (target / "model.safetensors").open("rb") as file:
            assert os.fstat(file.fileno()).st_size == (4 << 30) + 5
            assert os.pread(file.fileno(), 6, (4 << 30) - 1) == b"\0after"
