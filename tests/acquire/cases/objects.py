# SPDX-License-Identifier: Apache-2.0
"""Git LFS pointers and batches, and MLC manifests. Cases 24, 25 and 26."""
import hashlib
import json

from hub import Fault, File, Repository, seeded
from hub.fault import answer, flip
from hub.message import Response

from .sandbox import CONFIG, MIB

STORED = r"^GET cdn "
BATCH = r"^POST hub .*/info/lfs/objects/batch"


def case_24_pointer_instead_of_content(s):
    repository = s.model(1 * MIB)
    content = repository.files()["model.safetensors"].content
    s.hub.fault(Fault(STORED, answer(200, {"Content-Type": "text/plain"}, content.pointer), times=None))
    run = s.run(code=6)
    assert "unresolved LFS pointer" in run.err and content.sha256 in run.err, run.err
    s.heals()


def case_24_pointer_committed_as_a_file(s):
    """The listing says that it is a small file, and that is what it is: no weights."""
    content = seeded(1 * MIB, "lost")
    pointer = File(content, lfs=True).content.pointer
    repository = s.model(File(pointer, lfs=False))
    run = s.run(code=6)
    assert "unresolved LFS pointer" in run.err, run.err
    repository.commit({**repository.files(), "model.safetensors": content})
    s.heals()


class Clone:
    """A clone without its large files, as git leaves it when git-lfs is not installed."""

    def __init__(self, s, files, remote=None):
        self.directory, self.files = s.root / "clone", files
        s.writable.append(self.directory)
        self.repository = s.hub.add(Repository("test/model", {path: File(data, lfs=True) for path, data in files.items()}))
        for path, file in self.repository.files().items():
            target = self.directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content.pointer)
        (self.directory / "README.md").write_text("plain\n")
        (self.directory / ".git").mkdir()
        (self.directory / ".git" / "config").write_text(f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {remote or s.hub.url}/test/model\n')
        (self.directory / ".git" / "HEAD").write_text("ref: refs/heads/main\n")

    def wrong(self):
        """The files that do not yet have their content."""
        return [path for path, data in self.files.items() if (self.directory / path).read_bytes() != data]

    def half(self):
        return [path for path, file in self.repository.files().items() if (self.directory / path).read_bytes() not in (self.files[path], file.content.pointer)]


def clone(s, count=5, size=300_000):
    return Clone(s, {f"part/{index}.safetensors": seeded(size, index) for index in range(count)})


def case_24_resolve_lfs(s):
    made = clone(s)
    s.run("--resolve-lfs", made.directory)
    assert not made.wrong() and (made.directory / "README.md").read_text() == "plain\n"
    asked = json.loads(s.hub.log.find(BATCH)[0].request.body)
    assert asked["operation"] == "download" and len(asked["objects"]) == 5
    s.run("--resolve-lfs", made.directory)
    assert s.hub.log.count(BATCH) == 1, "asked again for what is there"


def case_24_file_reference_with_pointers(s):
    made = clone(s)
    run = s.run(f"file:{made.directory}", code=6)
    assert "pointer" in run.err, run.err


def case_25_one_object_missing(s):
    made = clone(s)
    lost = made.repository.files()["part/2.safetensors"].content.sha256
    s.hub.lfs.missing.add(lost)
    run = s.run("--resolve-lfs", made.directory, code=(4, 6))
    assert "part/2.safetensors" in run.err or lost in run.err, run.err
    assert not made.half()
    s.hub.lfs.missing.clear()
    s.run("--resolve-lfs", made.directory)
    assert not made.wrong()


def case_25_batch_too_large(s):
    made = clone(s, 20, 20_000)
    s.hub.lfs.limit = 6
    s.run("--resolve-lfs", made.directory)
    assert not made.wrong()


def case_25_rate_limit(s):
    made = clone(s)
    s.hub.fault(Fault(BATCH, answer(429, {"Retry-After": "2"}, b"slow down")))
    run = s.run("--resolve-lfs", made.directory)
    assert not made.wrong() and run.seconds >= 2


def case_25_rate_limit_of_a_day(s):
    made = clone(s)
    s.hub.fault(Fault(BATCH, answer(429, {"Retry-After": "86400"}, b"slow down"), times=None))
    run = s.run("--resolve-lfs", made.directory, code=5)
    assert run.seconds < 10 and not made.half()


def case_25_expired(s):
    """Addresses that expired in the meantime are asked for again."""
    made = clone(s)
    s.hub.lfs.expires_in = 1

    def act(request, response):
        if s.hub.log.count(BATCH) < 2:
            return Response(403, {"Content-Type": "application/xml"}, b"<Error>Request has expired</Error>")
        return response

    s.hub.fault(Fault(STORED, act, times=None))
    s.run("--resolve-lfs", made.directory)
    assert not made.wrong() and s.hub.log.count(BATCH) >= 2


def case_25_third_host_with_header(s):
    """An action's header goes to its address, and nowhere else; the hub's token does not go there."""
    made = clone(s)
    s.with_token()
    s.hub.lfs.store, s.hub.lfs.action_header = "third", {"X-Object-Key": "0bject-k3y-0bject"}
    s.hub.storage.required_header = {"X-Object-Key": "0bject-k3y-0bject"}
    s.secrets["0bject-k3y-0bject"] = {"third"}
    s.hub.origin("fourth", host="127.0.0.3")

    def elsewhere(request, response):
        return Response(302, {"Location": s.hub.origin("fourth").url + request.target}, b"")

    s.run("--resolve-lfs", made.directory)
    assert not made.wrong()
    made.directory.joinpath("part/1.safetensors").write_bytes(made.repository.files()["part/1.safetensors"].content.pointer)
    s.hub.fault(Fault(" third ", elsewhere, times=None))
    s.run("--resolve-lfs", made.directory, code=None)  # storage at the fourth host refuses without the header: what counts is that it is not sent
    assert s.hub.log.count(" fourth ") and not made.half()


def case_25_wrong_content(s):
    made = clone(s)
    s.hub.fault(Fault(STORED, flip(9), times=None))
    s.run("--resolve-lfs", made.directory, code=6)
    assert not made.half()


def case_25_batch_names_another_object(s):
    made = clone(s, 1)

    def act(request, response):
        body = json.loads(response.content.bytes())
        body["objects"][0]["oid"] = "0" * 64
        return Response(200, {"Content-Type": "application/vnd.git-lfs+json"}, json.dumps(body).encode())

    s.hub.fault(Fault(BATCH, act, times=None))
    s.run("--resolve-lfs", made.directory, code=(4, 5, 6))
    assert not made.half()


def case_25_pointer_through_a_link(s):
    """A link in the clone is not followed."""
    made = clone(s)
    victim = s.root / "victim"
    victim.write_bytes(made.repository.files()["part/0.safetensors"].content.pointer)
    (made.directory / "linked.safetensors").symlink_to(victim)
    s.changed_outside()
    s.run("--resolve-lfs", made.directory, code=None)


MLC = "mlc:test/model"


def manifest(shards, name="tensor-cache.json", change=None, digests=True):
    """An MLC repository's files: the shards and the manifest, after `change` of it."""
    records = []
    for path, data in shards.items():
        half = len(data) // 2
        tensors = [{"name": f"{path}.{index}", "shape": [half], "dtype": "uint8", "format": "raw", "nbytes": half, "byteOffset": index * half} for index in range(2)]
        records.append({"dataPath": path, "format": "raw-shard", "nbytes": len(data), "records": tensors} | ({"md5sum": hashlib.md5(data).hexdigest()} if digests else {}))
    made = {"metadata": {"ParamSize": 2 * len(shards), "ParamBytes": float(sum(map(len, shards.values()))), "BitsPerParam": 4.5}, "records": records}
    text = json.dumps((change(made) or made) if change else made).encode()
    chat = json.dumps({"model_type": "llama", "quantization": "q4f16_1", "model_config": json.loads(CONFIG), "tokenizer_files": ["tokenizer.json"]}).encode()
    return {"mlc-chat-config.json": chat, "tokenizer.json": b"{}"} | ({name: text} if name else {}) | shards


def shards(count=3, size=400_000):
    return {f"params_shard_{index}.bin": seeded(size, f"shard {index}") for index in range(count)}


def mlc_works(**options):
    def case(s):
        files = manifest(shards(), **options)
        s.hub.add(Repository("test/model", files))
        run = s.run(MLC)
        s.same(run.directory, only=list(files))
        s.run(MLC)
    return case


case_26_tensor_cache = mlc_works()
case_26_ndarray_cache = mlc_works(name="ndarray-cache.json")
case_26_no_md5 = mlc_works(digests=False)


def mlc_refused(code, change=None, name="tensor-cache.json", **options):
    """Refused before a shard is asked for."""
    def case(s):
        files = manifest(shards())
        repository = s.hub.add(Repository("test/model", manifest(shards(), name, change, **options)))
        run = s.run(MLC, code=code)
        assert not s.hub.log.count(STORED), "a shard was fetched"
        assert run.seconds < 10
        repository.commit(files)
        s.same(s.run(MLC).directory, only=list(files))
    return case


def at(*path, value):
    """Sets one value of the manifest."""
    def change(made):
        place = made["records"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
    return change


case_26_no_manifest = mlc_refused(10, name=None)
case_26_traversal = mlc_refused(6, at(1, "dataPath", value="../../x.bin"))
case_26_absolute = mlc_refused(6, at(1, "dataPath", value="/etc/x.bin"))
case_26_shard_not_listed = mlc_refused((4, 6), at(1, "dataPath", value="params_shard_77.bin"))
case_26_size_differs = mlc_refused(6, at(1, "nbytes", value=400_001))
case_26_tensor_beyond_the_shard = mlc_refused(6, at(1, "records", 1, "nbytes", value=400_000))
case_26_offset_overflows = mlc_refused(6, at(1, "records", 1, "byteOffset", value=2**64 - 100))
case_26_negative_offset = mlc_refused(6, at(1, "records", 1, "byteOffset", value=-8))
case_26_overlap = mlc_refused(6, at(1, "records", 1, "byteOffset", value=1000))
case_26_duplicate = mlc_refused(6, at(1, "dataPath", value="params_shard_0.bin"))
case_26_not_json = mlc_refused(6, lambda made: "no manifest")


def case_26_md5_differs(s):
    """The hub's SHA-256 is right and the manifest's MD5 is not: one of them lies."""
    files = manifest(shards())
    repository = s.hub.add(Repository("test/model", manifest(shards(), change=at(1, "md5sum", value="0" * 32))))
    s.run(MLC, code=6)
    repository.commit(files)
    s.same(s.run(MLC).directory, only=list(files))
