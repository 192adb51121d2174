# SPDX-License-Identifier: Apache-2.0
"""What is fetched and what is not: selections, lock files, dry runs; how caches are listed and pruned."""
import json
import os
import shutil

from hub import File, Repository, seeded

from .caches import complete
from .sandbox import CONFIG, MIB, listing

STORED = r"^GET cdn "


def fetched(s, *arguments, **options):
    """The paths in the directory of a run."""
    directory = s.run(*arguments, **options).directory
    return {os.path.relpath(path, directory) for path in listing(directory)}


def case_choice_no_pickles(s):
    """Pickles run code when they are loaded: not fetched where the same weights are there as safetensors."""
    s.model(20_000, files={"pytorch_model.bin": seeded(20_000, "p"), "training_args.bin": seeded(5000, "t"), "x.pt": b"p" * 5000, "x.pkl": b"p" * 5000})
    paths = fetched(s)
    assert {"config.json", "tokenizer.json", "model.safetensors"} <= paths and not [path for path in paths if path.endswith((".bin", ".pt", ".pkl"))], paths


def case_choice_globs(s):
    s.model(20_000, files={"onnx/a.json": b"1", "onnx/b.json": b"2", "c.md": b"3"})
    assert fetched(s, s.REF, "--include", "*.json", "--exclude", "onnx/b*") == {"config.json", "tokenizer.json", "onnx/a.json"}
    assert "c.md" in fetched(s, s.REF, "c.md")
    s.run(s.REF, "--include", "*.json", "--include", "*.none", code=4)


def case_choice_one_gguf(s):
    quantizations = {f"model-{name}.gguf": seeded(20_000, name) for name in ("Q4_K_M", "Q8_0", "F16")}
    s.hub.add(Repository("test/model", quantizations | {"config.json": CONFIG}))
    names = lambda paths: [path for path in paths if path.endswith(".gguf")]
    assert len(names(fetched(s))) == 1
    shutil.rmtree(s.hf)
    assert names(fetched(s, s.REF + ":Q8_0")) == ["model-Q8_0.gguf"]
    s.run(s.REF + ":Q2_K", code=4)


def case_choice_unsupported_model(s):
    """Said before the weights are fetched."""
    s.model(MIB, files={"config.json": CONFIG.replace(b"llama", b"quantum_foam").replace(b"LlamaFor", b"QuantumFoamFor")})
    run = s.run(code=10)
    assert "quantum_foam" in run.err and not s.hub.log.count(STORED), run.err


def case_lock_file(s):
    """Written once, obeyed ever after: no other content passes, whatever the hub says."""
    s.model(2 * MIB)
    lock = s.root / "ingot.lock"
    s.writable.append(lock)
    s.same(s.run(s.REF, "--lockfile", lock).directory)
    text = lock.read_bytes()
    first = s.hub.repositories["test/model"].branches["main"]
    assert first in text.decode()
    shutil.rmtree(s.hf)
    repository = s.hub.repositories["test/model"]
    repository.commit({"config.json": repository.files()["config.json"], "model.safetensors": seeded(2 * MIB, "evil"), "tokenizer.json": b"{}"})
    run = s.run(s.REF, "--lockfile", lock)
    s.same(run.directory, revision=first)
    assert lock.read_bytes() == text
    shutil.rmtree(s.hf)
    repository.commits[first] = {**repository.commits[first], "model.safetensors": File(seeded(2 * MIB, "evil"))}
    s.run(s.REF, "--lockfile", lock, code=6)
    lock.write_text("garbage")
    s.run(s.REF, "--lockfile", lock, code=(2, 6))


def case_dry_run(s):
    s.model(2 * MIB)
    run = s.finish(s.start(s.REF, "--dry-run"))
    assert run.code == 0 and not s.hub.log.count(STORED), run
    assert not s.hf.exists() or not listing(s.hf), "a dry run wrote something"


def case_json(s):
    s.model(1 * MIB)
    value = json.loads(s.run(s.REF, "--json").out)
    assert value["commit"] == s.hub.repositories["test/model"].branches["main"] and os.path.isdir(value["directory"]) and value["files"]


def case_list_and_prune(s):
    complete(s)
    run = s.finish(s.start("--list"))
    assert run.code == 0 and "test/model" in run.out, run
    run = s.finish(s.start("--prune", "0"))
    assert run.code == 0, run
    assert not [path for path in (s.hf / "hub").rglob("blobs/*") if path.is_file()], "pruned to nothing, and something is left"
    s.heals()


def case_limited_rate(s):
    s.model(3 * MIB)
    run = s.run(s.REF, "--max-rate", str(MIB))
    s.same(run.directory)
    assert 1.8 < run.seconds < 10, f"{run.seconds} s for 3 MiB at 1 MiB a second"
