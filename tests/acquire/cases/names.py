# SPDX-License-Identifier: Apache-2.0
"""Names that want to be written elsewhere, and links that lead elsewhere. Cases 22 and 23."""
import json
import os
import re
import shutil

from hub import Fault, File
from hub.fault import call, wire
from hub.modelscope import envelope
from hub.message import as_json

from .sandbox import MIB

STORED = r"^GET cdn "
HOSTILE = {
    "parent": "../x.json", "absolute": "/etc/x.json", "through": "a/../../x.json", "drive": "C:\\x.json", "drive_slash": "C:/x.json",
    "share": "\\\\h\\s\\x.json", "backslash": "a\\..\\b.json", "device": "CON", "device_extension": "sub/com1.json", "dot_at_the_end": "x.",
    "space_at_the_end": "x.json ", "nul": "a\0b.json", "control": "a\x1b[31mb.json", "long_segment": "n" * 300 + ".json", "empty_segment": "a//b.json",
    "dot_segment": "./a.json", "state": ".cache/huggingface/x.json", "git": ".git/config", "staging": ".staging/x.json", "long_path": "d/" * 2100 + "x.json",
    "stream": "model.json:stream", "empty": "", "not_utf8": "bad\udcff.json", "msc": ".msc",
}
PAIRS = {"case": ("A.json", "a.json"), "file_and_directory": ("a", "a/b.json"), "composed": ("caf\u00e9.json", "cafe\u0301.json"),
         "case_of_directory": ("D/x.json", "d/y.json")}


def escaped(name):
    """A part of the name that must be readable in the message, and what must not be there as it is."""
    return [character for character in name if ord(character) < 32 or 0xDC80 <= ord(character) <= 0xDCFF]


def word(name):
    """What of the name must be readable: its longest part of plain letters. Bytes that are no text are no JSON either: that is
    refused before there is a name to say."""
    if any(0xDC80 <= ord(character) <= 0xDCFF for character in name):
        return ""
    return max(re.split(r"[^\w.: -]|_", name, flags=re.ASCII), key=len)[-40:].strip()


def rejected(names, ref="hf:test/model"):
    def case(s):
        s.with_token()
        s.model(1 * MIB, files={name: File(b"hostile", lfs=False) for name in names})
        before = {str(path) for path in s.root.rglob("*")}
        run = s.run(ref, code=6)
        for name in names:
            assert not any(character in run.err for character in escaped(name) if character != "\n"), f"not escaped: {run.err!r}"
        words = [word(name) for name in names]
        assert not all(words) or any(word in run.err for word in words), f"none of {words} is named in {run.err!r}"
        assert not s.hub.log.count(r"/resolve/|FilePath|^GET cdn"), "content was asked for"
        created = {str(path) for path in s.root.rglob("*") if path.is_file()} - before
        assert not created, f"written: {created}"
        del s.hub.repositories["test/model"]
        s.model(1 * MIB)
        s.heals(ref)
    return case


for _kind, _name in HOSTILE.items():
    globals()[f"case_22_{_kind}"] = rejected([_name])
for _kind, _names in PAIRS.items():
    globals()[f"case_22_both_{_kind}"] = rejected(_names)
for _kind in ("parent", "absolute", "drive", "nul", "case"):
    globals()[f"case_22_modelscope_{_kind}"] = rejected(PAIRS.get(_kind) or [HOSTILE[_kind]], "ms:test/model")


def case_22_same_name_twice(s):
    s.model(1 * MIB)
    s.hub.fault(Fault("hub /api/models/test/model/tree", lambda q, r: as_json(json.loads(r.content.bytes()) * 2)))
    s.run(code=6)
    assert not s.hub.log.count(STORED)


def case_22_commit_that_is_a_path(s):
    """The commit names a directory: it must be one."""
    s.model(1 * MIB)
    s.hub.fault(Fault("hub /api/models/test/model", lambda q, r: as_json({"id": "test/model", "sha": "../../../x", "siblings": []}), times=None))
    s.run(code=(5, 6))
    assert not s.hub.log.count(STORED)


def case_22_references(s):
    """Bad references and revisions are refused before any request."""
    for reference in ("hf:../x", "hf:a/../b", "hf:a/b/c/d", "hf:", "hf:a--b/c", "hf:.a/b", "hf:a/b.git", "hf:a/b@../x", "hf:a/b@x\\y", "ms:a", "pypi:../x", "mlc:a/b\n"):
        s.run(reference, code=2)
    s.run(s.REF, "--local-dir", s.local, "--cache-dir", s.hf / "hub", code=2)
    assert not s.hub.log.count() and not s.hub.log.connections


def case_22_modelscope_link_entry(s):
    """An entry that is neither file nor directory is no file of ours."""
    s.model(1 * MIB)
    entry = {"Name": "l", "Path": "l", "Mode": "40960", "Revision": "1" * 40, "Sha256": "0" * 64, "Size": 9, "Type": "link"}

    def act(request, response):
        files = json.loads(response.content.bytes())["Data"]["Files"]
        return as_json(envelope({"Files": [*files, entry]}))

    s.hub.fault(Fault("hub /api/v1/models/test/model/repo/files", act, times=None))
    run = s.run("ms:test/model", code=(0, 6))
    assert run.code or not (run.directory / "l").exists()


def outside(s):
    """A directory and a file that no download may touch."""
    place = s.root / "outside"
    place.mkdir()
    (place / "precious.safetensors").write_bytes(b"precious")
    s.local.mkdir()
    return place


def into(s, **options):
    return s.run(s.REF, "--local-dir", s.local, "--include", "*", **options)


def case_23_link_to_a_file(s):
    place = outside(s)
    s.model(1 * MIB)
    (s.local / "model.safetensors").symlink_to(place / "precious.safetensors")
    s.changed_outside()
    run = into(s, code=(0, 6, 7))
    if run.code == 0:
        assert not (s.local / "model.safetensors").is_symlink()
        s.same(s.local)
    (s.local / "model.safetensors").unlink()
    s.same(into(s).directory)


def case_23_link_to_a_directory(s):
    place = outside(s)
    s.model(1 * MIB, files={"sub/extra.safetensors": b"e" * 5000})
    (s.local / "sub").symlink_to(place)
    s.changed_outside()
    into(s, code=(6, 7))
    (s.local / "sub").unlink()
    s.same(into(s).directory)


def case_23_dangling_link(s):
    place = outside(s)
    s.model(1 * MIB)
    (s.local / "config.json").symlink_to(place / "new.json")
    s.changed_outside()
    into(s, code=(0, 6, 7))
    assert not (place / "new.json").exists()


def case_23_state_directory_is_a_link(s):
    place = outside(s)
    s.model(1 * MIB)
    (s.local / ".cache").symlink_to(place)
    s.changed_outside()
    into(s, code=(0, 6, 7))


def case_23_swapped_amid_the_run(s):
    place = outside(s)
    s.model(1 * MIB, files={"sub/extra.safetensors": File(b"e" * (2 * MIB)), "sub/second.safetensors": File(b"f" * (3 * MIB))})
    (s.local / "sub").mkdir()
    s.changed_outside()

    def swap(_):
        if (s.local / "sub").exists() and not (s.local / "sub").is_symlink():
            shutil.rmtree(s.local / "sub")
            os.symlink(place, s.local / "sub")

    s.hub.fault(Fault(STORED, wire(rate=8 * MIB), call(swap), times=None))
    into(s, code=(6, 7))
    (s.local / "sub").unlink()
    s.hub.faults.clear()
    s.same(into(s).directory)


def case_23_cached_link_of_an_old_local_dir(s):
    """Old local directories held links into the cache: replaced, the blob left alone."""
    s.model(1 * MIB)
    s.same(s.run().directory)
    blob = next(path for path in (s.hf / "hub").glob("models--*/blobs/*") if len(path.name) == 64)
    before = blob.read_bytes()
    s.local.mkdir()
    (s.local / "config.json").symlink_to(blob)
    into(s)
    s.same(s.local)
    assert blob.read_bytes() == before
