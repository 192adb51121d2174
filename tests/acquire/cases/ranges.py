# SPDX-License-Identifier: Apache-2.0
"""Answers to ranges that are not what was asked for, and content that is not what was promised. Cases 9 to 15."""
import gzip

from hub import Fault
from hub.fault import answer, flip, header, whole, wire
from hub.message import Response

from .sandbox import MIB

STORED = r"^GET cdn "


def case_09_bit_flipped_once(s):
    s.model(40 * MIB)
    s.hub.fault(Fault(STORED, flip(5 * MIB)))
    s.same(s.run().directory)
    assert s.hub.log.sent(STORED) < 2 * 40 * MIB + MIB


def case_09_bit_flipped_for_ever(s):
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, flip(5 * MIB), times=None))
    run = s.run(code=6)
    assert "model.safetensors" in run.err
    assert s.hub.log.sent(STORED) <= 4 * 8 * MIB, "fetched again and again"
    s.heals()


def case_09_small_file_flipped(s):
    s.model(1 * MIB)
    s.hub.fault(Fault(r"^GET hub .*/config.json", flip(7)))
    s.same(s.run().directory)


def case_09_small_file_flipped_for_ever(s):
    s.model(1 * MIB)
    s.hub.fault(Fault(r"^GET hub .*/config.json", flip(7), times=None))
    s.run(code=6)
    s.heals()


def case_10_one_replica_flipped(s):
    """Only connections of one kind are damaged: found by fetching again, and no third time."""
    s.model(80 * MIB)
    s.hub.fault(Fault(STORED, flip(50 * MIB)))
    s.same(s.run().directory)
    assert s.hub.log.sent(STORED) < 2 * 80 * MIB + MIB


def case_11_range_ignored(s):
    s.model(40 * MIB)
    s.hub.fault(Fault(STORED, whole, header("Accept-Ranges", None), times=None))
    s.same(s.run().directory)
    assert s.hub.log.sent(STORED) < 3 * 40 * MIB


def case_11_range_ignored_when_resuming(s):
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=0.5)))
    s.hub.fault(Fault(STORED, whole, after=1, times=None))
    s.same(s.run().directory)


def content_range(of):
    return lambda request, response: response.set("Content-Range", of(response)) if response.status == 206 else response


def shifted(response):
    return f"bytes {response.start + 4096}-{response.end + 4095}/{response.content.size}"


def other_total(response):
    return f"bytes {response.start}-{response.end - 1}/{response.content.size + 7}"


def multipart(request, response):
    if response.status != 206:
        return response
    body = b"--x\r\nContent-Type: a/b\r\nContent-Range: " + response.get("Content-Range").encode() + b"\r\n\r\n"
    body += bytes(response.content.read(response.start, response.length)) + b"\r\n--x--\r\n"
    return Response(206, {"Content-Type": "multipart/byteranges; boundary=x"}, body)


def moved(request, response):
    """Both the range and the bytes are others than asked for."""
    if response.status == 206 and response.end < response.content.size - 4096:
        response.start, response.end = response.start + 4096, response.end + 4096
        response.set("Content-Range", f"bytes {response.start}-{response.end - 1}/{response.content.size}")


WRONG = {"start": content_range(shifted), "total": content_range(other_total), "missing": lambda q, r: r.drop("Content-Range") if r.status == 206 else r,
         "multipart": multipart, "moved": moved, "garbage": content_range(lambda r: "bytes x-y/z"), "short": content_range(lambda r: "bytes 0-0/1")}


def wrong_ranges(kind, times):
    def case(s):
        s.model(40 * MIB)
        s.hub.fault(Fault(STORED, wire(cut=0.3)))  # so that a range is asked for in any case
        s.hub.fault(Fault(STORED, WRONG[kind], after=1, times=times))
        s.same(s.run().directory)
        assert s.hub.log.sent(STORED) < 4 * 40 * MIB
    return case


for _kind in WRONG:
    globals()[f"case_12_{_kind}_once"] = wrong_ranges(_kind, 1)
    globals()[f"case_12_{_kind}_always"] = wrong_ranges(_kind, None)


def case_12_wrong_start_lets_nothing_through(s):
    """Bytes of another place that pass for the ones asked for would be a wrong digest; they are not even written."""
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=0.5)))
    s.hub.fault(Fault(STORED, moved, after=1, times=2))
    s.same(s.run().directory)
    assert s.hub.log.sent(STORED) < 24 * MIB + 16 * MIB, "refused only by the digest"


def refused_range(size):
    return answer(416, {"Content-Range": f"bytes */{size}", "Content-Type": "text/plain"}, b"no")


def interrupted(s, share=0.5):
    """A run that leaves part of the file behind."""
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=share)))
    s.hub.fault(Fault(STORED, answer(403, {}, b"gone"), after=1, times=None))
    s.run(code=5)
    s.hub.faults.clear()


def case_13_416_with_the_true_size(s):
    interrupted(s)
    s.hub.fault(Fault(STORED, refused_range(24 * MIB)))
    s.same(s.run().directory)


def case_13_416_with_less_than_kept(s):
    interrupted(s)
    s.hub.fault(Fault(STORED, refused_range(MIB)))
    s.same(s.run().directory)


def case_13_416_with_another_size(s):
    """The storage says, to ranges, that the file has another size; the digest decides."""
    interrupted(s)
    s.hub.fault(Fault(STORED, lambda q, r: refused_range(24 * MIB + 9)(q, r) if r.status == 206 else r, times=None))
    run = s.run(code=(0, 6))
    if run.code == 0:
        s.same(run.directory)
    s.heals()


def case_13_416_to_everything(s):
    interrupted(s)
    s.hub.fault(Fault(STORED, refused_range(24 * MIB + 9), times=None))
    s.run(code=(5, 6))
    s.heals()


def zipped(request, response):
    body = gzip.compress(bytes(response.content.read(0, response.content.size)), 1)
    return Response(200, {"Content-Encoding": "gzip", "Content-Type": "application/octet-stream"}, body)


def case_14_gzip_once(s):
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, zipped))
    s.same(s.run().directory)


def case_14_gzip_always(s):
    s.model(4 * MIB)
    s.hub.fault(Fault(STORED, zipped, times=None))
    s.run(code=(5, 6))
    s.heals()


def case_14_small_file_gzipped(s):
    s.model(1 * MIB)
    s.hub.fault(Fault(r"^GET hub .*/config.json", zipped))
    s.same(s.run().directory)


def case_14_identity_is_asked_for(s):
    s.model(1 * MIB)
    s.run()
    wrong = [str(entry) for entry in s.hub.log.find(r"^GET") if entry.request.headers.get("accept-encoding", "identity") != "identity"]
    assert not wrong, wrong


def case_15_storage_changes_its_etags(s):
    """Content that has a digest does not depend on them."""
    s.model(40 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=0.4), times=2))
    s.hub.fault(Fault(STORED, header("ETag", lambda request: f'"{id(request)}"'), times=None))
    s.same(s.run().directory)


def case_15_branch_moves_after_the_listing(s):
    repository = s.model(8 * MIB)
    first = repository.branches["main"]

    def push(request, response):
        if "main" in repository.branches and len(repository.commits) == 1:
            repository.commit({**repository.commits[first], "model.safetensors": b"new" * 99999, "config.json": b'{"model_type":"llama","new":1}'})
        return response

    s.hub.fault(Fault(r"^GET hub /api/models/test/model", push))
    run = s.run()
    names = [commit for commit in repository.commits if commit in run.out]
    assert len(names) == 1, f"which commit is {run.out}?"
    s.same(run.directory, revision=names[0])


def case_15_another_commit_on_resolve(s):
    s.model(8 * MIB)
    s.hub.fault(Fault(r" /test/model/resolve/", header("X-Repo-Commit", "1" * 40), times=None))
    run = s.run(code=(0, 6))
    if run.code == 0:
        s.same(run.directory)
    s.heals()


def case_15_content_changes_for_ever(s):
    """Storage has something else of another size than the listing said."""
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, lambda q, r: Response(200, {"ETag": '"new"'}, b"y" * (9 * MIB)), times=None))
    s.run(code=6)
    s.heals()


def case_15_content_changes_once(s):
    """Half of one file, then for a while half of another."""
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=0.5)))
    s.hub.fault(Fault(STORED, lambda q, r: Response(200, {"ETag": '"new"'}, b"y" * (9 * MIB)), after=1))
    s.same(s.run().directory)
