#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One cache for ingot-download and huggingface_hub: each finds, without a request, what the other fetched. shared_cache.py PROGRAM
Exits with 77 where huggingface_hub is not installed."""
import os
import pathlib
import subprocess
import sys
import tempfile

from hub import Hub, Repository, seeded

try:
    import huggingface_hub
except ImportError:
    print("skipped: huggingface_hub is not installed")
    sys.exit(77)

FILES = {"config.json": b'{"model_type":"llama"}', "tokenizer.json": b"{}", "sub/model.safetensors": seeded(1 << 20, "weights")}
CHILD = """
import sys, huggingface_hub
arguments = dict(repo_id="test/model", revision=sys.argv[1], local_files_only=sys.argv[2] == "offline")
if len(sys.argv) > 3:
    arguments["local_dir"] = sys.argv[3]
print(huggingface_hub.snapshot_download(**arguments))
"""


def contents(directory):
    return {path: (directory / path).read_bytes() for path in FILES}


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    hub = Hub()
    repository = hub.add(Repository("test/model", FILES))
    commit = next(iter(repository.branches.values()))

    def python(home, *arguments):
        environment = os.environ | {"HF_HOME": str(home), "HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        done = subprocess.run([sys.executable, "-c", CHILD, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return pathlib.Path(done.stdout.strip().splitlines()[-1])

    def ours(home, *arguments):
        environment = os.environ | {"HF_HOME": str(home), "HF_ENDPOINT": hub.url, "XDG_CACHE_HOME": str(home / "xdg")}
        done = subprocess.run([program, "-q", *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return pathlib.Path(done.stdout.strip())

    def silent(call):
        before = hub.log.count()
        result = call()
        assert hub.log.count() == before, str(hub.log)
        return result

    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        directory = ours(root / "a", "hf:test/model")
        assert contents(directory) == FILES
        for revision in ("main", commit):
            found = silent(lambda: python(root / "a", revision, "offline"))
            assert found.resolve() == directory.resolve(), f"huggingface_hub finds {found}, not {directory}"
        cached = [repo for repo in huggingface_hub.scan_cache_dir(root / "a/hub").repos if repo.repo_id == "test/model"]
        assert len(cached) == 1 and not huggingface_hub.scan_cache_dir(root / "a/hub").warnings, "huggingface_hub takes the cache for broken"

        directory = python(root / "b", "main", "online")
        for reference in ("hf:test/model", f"hf:test/model@{commit}"):
            found = silent(lambda: ours(root / "b", reference, "--offline"))
            assert found.resolve() == directory.resolve(), f"ingot-download finds {found}, not {directory}"
        before = hub.log.count()
        ours(root / "b", "hf:test/model")
        assert hub.log.count() - before <= 1, "asked for more than the commit"

        # The same in a directory of the user's: content is not asked for again.
        ours(root / "c", "hf:test/model", "--local-dir", root / "local")
        before = hub.log.count("GET cdn ")
        python(root / "c", "main", "online", root / "local")
        assert hub.log.count("GET cdn ") == before, "huggingface_hub fetched again what ingot-download had put there"
        python(root / "d", "main", "online", root / "theirs")
        before = hub.log.count("GET cdn ")
        assert contents(ours(root / "d", "hf:test/model", "--local-dir", root / "theirs")) == FILES
        assert hub.log.count("GET cdn ") == before, "ingot-download fetched again what huggingface_hub had put there"
    hub.close()
    print("one cache")


if __name__ == "__main__":
    main()
