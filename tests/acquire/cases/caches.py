# SPDX-License-Identifier: Apache-2.0
"""Caches: offline, damaged, other programs', and policies. Cases 32, 33 and 42."""
import hashlib
import os
import shutil

from hub import Fault, File, Repository, seeded
from hub.fault import answer

from .objects import MLC, manifest, shards
from .sandbox import MIB, listing

STORED = r"^GET cdn "


def blob(s, large=True):
    """The cached blob of the weights, or of a small file."""
    return next(path for path in sorted((s.hf / "hub").glob("models--test--model/blobs/*")) if len(path.name) == (64 if large else 40) and path.stat().st_size > 10)


def complete(s, size=2):
    s.model(size * MIB)
    run = s.run()
    s.same(run.directory)
    s.hub.log.clear()
    return run.directory


def silent(s):
    assert not s.hub.log.connections, f"{len(s.hub.log.connections)} connections were made"


def case_32_offline_complete(s):
    directory = complete(s)
    for options in ({"environment": {"HF_HUB_OFFLINE": "1"}}, {"environment": {"TRANSFORMERS_OFFLINE": "yes"}}):
        assert s.run(**options).directory == directory
    for arguments in (("--offline",), ("--policy", "readonly"), ("--offline", "--policy", "readonly")):
        assert s.run(s.REF, *arguments).directory == directory
    silent(s)


def case_32_offline_partial(s):
    directory = complete(s)
    (directory / "model.safetensors").unlink()
    for arguments, environment in ((("--offline",), {}), ((), {"HF_HUB_OFFLINE": "1"})):
        run = s.run(s.REF, *arguments, code=4, environment=environment)
        assert "model.safetensors" in run.err, f"does not list what is missing: {run.err!r}"
    silent(s)


def case_32_offline_absent(s):
    s.model(1 * MIB)
    s.run(s.REF, "--offline", code=4)
    s.run(code=4, environment={"HF_HUB_OFFLINE": "on"})
    s.run(s.REF, "--policy", "readonly", code=4)
    silent(s)
    assert not s.hf.exists() or not listing(s.hf), "offline wrote something"


def case_32_interrupted_is_not_complete(s):
    """What a failed run left is never taken for the whole."""
    s.model(2 * MIB)
    s.hub.fault(Fault(STORED, answer(403, {}, b"no"), times=None))
    s.run(code=5)
    s.hub.log.clear()
    s.run(s.REF, "--offline", code=4)
    silent(s)


def corrupt(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def case_33_corrupt_blob(s):
    complete(s)
    corrupt(blob(s))
    s.run(s.REF, "--verify", "--offline", code=6)
    s.heals(s.REF, "--verify")
    s.run(s.REF, "--verify", "--offline")


def case_33_corrupt_small_blob(s):
    complete(s)
    corrupt(blob(s, large=False))
    s.run(s.REF, "--verify", "--offline", code=6)
    s.heals(s.REF, "--verify")


def case_33_truncated_blob(s):
    complete(s)
    with blob(s).open("r+b") as file:
        file.truncate(1000)
    s.run(s.REF, "--offline", code=(4, 6))
    s.heals()


def case_33_dangling_link(s):
    complete(s)
    blob(s).unlink()
    s.run(s.REF, "--offline", code=4)
    s.heals()


def case_33_stale_ref(s):
    complete(s)
    reference = s.hf / "hub/models--test--model/refs/main"
    for text in ("1" * 40, "", "garbage\n", "../../../../etc", "x" * 100_000):
        reference.write_text(text)
        s.run(s.REF, "--offline", code=(0, 4, 6))
        s.heals()


def case_33_garbage_state(s):
    """Whatever stands in the files that describe the cache, nothing crashes and the next run puts it right."""
    complete(s)
    state = [path for path in (*s.hf.rglob("*"), *(s.xdg / "ingot").rglob("*"))
             if path.is_file() and not path.is_symlink() and path.parent.name != "blobs" and ".staging" not in path.parts]
    assert state
    for index, path in enumerate(state):
        for garbage in (b"", b"\xff" * 100, b'{"format_version":1,"files":{"../../x":{"size":-1}}}', b"[" * 200_000):
            path.chmod(0o644)
            path.write_bytes(garbage)
            s.run(s.REF, "--offline", code=(0, 4, 6))
            if index < 4:
                s.heals()
        s.heals()
    s.check_finals()


def case_33_garbage_in_a_local_dir(s):
    s.model(1 * MIB)
    s.run(s.REF, "--local-dir", s.local)
    state = [path for path in (s.local / ".cache").rglob("*") if path.is_file()]
    for garbage in (b"", b"\xff" * 99, b"1\n2\n3\n" * 1000):
        for path in state:
            path.write_bytes(garbage)
        s.heals(s.REF, "--local-dir", s.local)


def case_33_directory_in_the_way(s):
    directory = complete(s)
    (directory / "config.json").unlink()
    (directory / "config.json").mkdir()
    s.run(code=(0, 6, 7))
    if (directory / "config.json").is_dir():
        (directory / "config.json").rmdir()
    s.heals()


def case_33_snapshot_link_that_leaves(s):
    """A link of the cache that leads out of it is not written through."""
    directory = complete(s)
    victim = s.root / "victim"
    victim.write_bytes(b"precious")
    s.changed_outside()
    (directory / "model.safetensors").unlink()
    (directory / "model.safetensors").symlink_to(victim)
    s.heals()


def case_42_redo_with_a_failing_server(s):
    directory = complete(s)
    s.hub.fault(Fault(STORED, answer(403, {}, b"no"), times=None))
    s.run(s.REF, "--policy", "redo", code=5)
    s.same(directory)
    s.run(s.REF, "--offline")
    s.hub.fault(Fault(" hub ", answer(404, {}, b""), times=None))
    s.run(s.REF, "--policy", "redo", code=(4, 5))
    s.same(s.run(s.REF, "--offline").directory)
    s.hub.faults.clear()
    sent = s.hub.log.sent(STORED)
    s.same(s.run(s.REF, "--policy", "redo").directory)
    assert s.hub.log.sent(STORED) - sent >= 2 * MIB, "redo fetched nothing"


def case_42_failed_update(s):
    """A new commit that cannot be fetched leaves the old one usable."""
    directory = complete(s)
    repository = s.hub.repositories["test/model"]
    first = repository.branches["main"]
    repository.commit({"config.json": repository.files()["config.json"], "tokenizer.json": b"{}", "model.safetensors": seeded(3 * MIB, "new")})
    s.hub.fault(Fault(STORED, answer(403, {}, b"no"), times=None))
    s.run(code=5)
    s.same(directory, revision=first)
    assert s.run(s.REF + f"@{first}", "--offline").directory == directory
    s.heals()


def case_42_failed_update_of_a_local_dir(s):
    s.model(2 * MIB)
    s.run(s.REF, "--local-dir", s.local)
    repository = s.hub.repositories["test/model"]
    old = (s.local / "model.safetensors").read_bytes()
    repository.commit({"config.json": repository.files()["config.json"], "tokenizer.json": b"{}", "model.safetensors": seeded(3 * MIB, "new")})
    s.hub.fault(Fault(STORED, answer(403, {}, b"no"), times=None))
    s.run(s.REF, "--local-dir", s.local, code=5)
    assert (s.local / "model.safetensors").read_bytes() == old, "the old file is gone"
    s.heals(s.REF, "--local-dir", s.local)


def case_42_policy_off(s):
    """No cached copy is used and none is fetched, but the documented one under --offline."""
    complete(s)
    run = s.run(s.REF, "--policy", "off", code=(0, 4))
    assert run.code == 0 or not s.hub.log.connections


def case_cache_unchanged(s):
    """A second run asks once at most; a pinned one never."""
    complete(s)
    s.run()
    assert s.hub.log.count() <= 1, str(s.hub.log)
    s.hub.log.clear()
    s.run(f"{s.REF}@{s.hub.repositories['test/model'].branches['main']}")
    assert not s.hub.log.count()


def case_cache_of_mlc(s):
    """MLC's own cache and its read-only list are read where they lie."""
    files = manifest(shards(2, 20_000))
    s.hub.add(Repository("test/model", files))
    place = s.root / "shared" / "hf" / "test" / "model"
    for path, data in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(data)
    s.changed_outside()
    assert s.run(MLC, "--offline", environment={"MLC_LLM_READONLY_WEIGHT_CACHE": s.root / "shared"}).directory == place
    silent(s)
    (place / "params_shard_1.bin").unlink()
    s.changed_outside()
    s.run(MLC, "--offline", code=4, environment={"MLC_LLM_READONLY_WEIGHT_CACHE": s.root / "shared"})


def case_cache_of_modelscope(s):
    s.model(100_000)
    place = s.root / "modelscope" / "models" / "test--model" / "snapshots" / "master"
    for path, file in s.hub.repositories["test/model"].files().items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(file.content.bytes())
    s.changed_outside()
    run = s.run("ms:test/model")
    assert not s.hub.log.count(r"FilePath=model") and run.directory, "fetched what ModelScope's cache has"


def case_cache_layout(s):
    """The cache is huggingface_hub's: its names are those of its layout."""
    directory = complete(s)
    root = s.hf / "hub" / "models--test--model"
    commit = s.hub.repositories["test/model"].branches["main"]
    assert directory == root / "snapshots" / commit and (root / "refs" / "main").read_text() == commit
    for path, file in s.hub.repositories["test/model"].files().items():
        target = os.readlink(directory / path)
        assert target == os.path.join("..", "..", "blobs", file.etag), target
        assert hashlib.sha256((root / "blobs" / file.etag).read_bytes()).hexdigest() == file.content.sha256
