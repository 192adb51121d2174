#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real clients confirm the fake hub: huggingface_hub and pip download from it what was put there. Ends with 77 where one is missing."""
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from hub import Hub, Repository, seeded  # noqa: E402
from hub.python_index import wheel  # noqa: E402

FILES = {"config.json": b'{"model_type": "llama"}', "empty.txt": b"", "deep/er/merges.txt": seeded(300, "merges"), "model.safetensors": seeded(9_000_000, "m")}
missing = [name for name in ("huggingface_hub", "pip") if importlib.util.find_spec(name) is None]

SNAPSHOT = """
import huggingface_hub as h, sys
print(h.snapshot_download("test/model", revision=sys.argv[1], max_workers=4))
"""
LISTING = """
import huggingface_hub as h
api = h.HfApi()
tree = list(api.list_repo_tree("test/model", recursive=True))
assert {e.path: e.lfs.sha256 for e in tree if isinstance(e, h.hf_api.RepoFile) and e.lfs}, tree
assert {b.name for b in api.list_repo_refs("test/model").branches} == {"main"}
assert [e.path for e in api.get_paths_info("test/model", ["config.json"])] == ["config.json"]
print(",".join(sorted(e.path for e in tree)))
"""
ERRORS = """
import huggingface_hub as h
from huggingface_hub.errors import *
for name, revision, file, kind in [("test/none", None, "config.json", RepositoryNotFoundError), ("test/model", "nope", "config.json", RevisionNotFoundError),
                                   ("test/model", None, "none.json", EntryNotFoundError), ("test/gated", None, "config.json", GatedRepoError)]:
    try:
        h.hf_hub_download(name, file, revision=revision)
    except kind:
        continue
    raise SystemExit(f"{name} {file}: no {kind.__name__}")
"""


class Clients(unittest.TestCase):
    def setUp(self):
        self.hub = Hub()
        self.addCleanup(self.hub.close)
        self.repository = self.hub.add(Repository("test/model", FILES))
        self.hub.add(Repository("test/gated", FILES)).gated = "manual"
        directory = tempfile.TemporaryDirectory(prefix="ingot-clients-")
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        self.environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "HOME": str(self.root), "HF_ENDPOINT": self.hub.url, "HF_HUB_DISABLE_PROGRESS_BARS": "1",
                            "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "PIP_CONFIG_FILE": os.devnull}

    def python(self, *arguments, **environment):
        run = subprocess.run([sys.executable, *arguments], env=self.environment | environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, 0, f"{run.stdout}{run.stderr}\n{self.hub.log}")
        return run.stdout.strip()

    def same(self, directory):
        for path, data in FILES.items():
            self.assertEqual(pathlib.Path(directory, path).read_bytes(), data, path)

    @unittest.skipIf("huggingface_hub" in missing, "huggingface_hub is not installed")
    def test_snapshot(self):
        commit = self.repository.branches["main"]
        directory = self.python("-c", SNAPSHOT, "main")
        self.assertEqual(pathlib.Path(directory).name, commit)
        self.same(directory)

    @unittest.skipIf("huggingface_hub" in missing, "huggingface_hub is not installed")
    def test_relative_redirects_and_pages(self):
        self.repository.redirect_small, self.repository.page = True, 2
        self.same(self.python("-c", SNAPSHOT, "main"))
        self.assertEqual(self.python("-c", LISTING).split(","), sorted([*FILES, "deep", "deep/er"]))

    @unittest.skipIf("huggingface_hub" in missing, "huggingface_hub is not installed")
    def test_tokens(self):
        self.repository.private = True
        self.hub.tokens.add("hf_good")
        self.same(self.python("-c", SNAPSHOT, "main", HF_TOKEN="hf_good"))
        self.assertFalse([str(entry) for entry in self.hub.log.find(" cdn ") if entry.request.token()])

    @unittest.skipIf("huggingface_hub" in missing, "huggingface_hub is not installed")
    def test_errors(self):
        self.python("-c", ERRORS)

    @unittest.skipIf("pip" in missing, "pip is not installed")
    def test_pip(self):
        for version, yanked in (("1.0", False), ("1.1", False), ("1.2", True)):
            self.hub.index.add("fake-model", version, wheel("fake-model", version, {"fake_model/model.bin": seeded(50_000, version)}), yanked=yanked)
        for html in (False, True):
            self.hub.index.html_only = html
            to = self.root / f"wheels-{html}"
            self.python("-m", "pip", "download", "--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--trusted-host", "127.0.0.1", "--trusted-host",
                        "127.0.0.2", "--index-url", self.hub.url + "/simple", "--dest", str(to), "fake-model")
            self.assertEqual([path.name for path in to.iterdir()], ["fake_model-1.1-py3-none-any.whl"])


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)
