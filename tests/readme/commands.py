#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of README.md that call programs, in order: commands.py ROOT BUILD. Exits with 77 where the model is missing."""
import pathlib
import re
import subprocess
import sys
import tempfile

root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
readme = root / "README.md"
blocks = re.findall(r"^```sh\n(.*?)^```$", readme.read_text(), re.M | re.S)
commands = [line for block in blocks for line in block.splitlines() if "build/bin/" in line]
if len(commands) < 4:
    sys.exit("README.md shows fewer commands than expected")
with tempfile.TemporaryDirectory() as name:
    here = pathlib.Path(name)
    (here / "build").symlink_to(build)
    (here / "README.md").symlink_to(readme)
    (here / "models").mkdir()  # what the commands write stays here
    for given in (root / "models").glob("SmolLM2-135M-*"):
        (here / "models" / given.name).symlink_to(given)
    if not all((here / path).exists() for path in re.findall(r"models/SmolLM2-135M-[\w.-]+", " ".join(commands))):
        print("skipped: tools/start has not fetched and exported the model")
        sys.exit(77)
    for command in commands:
        done = subprocess.run(["bash", "-c", command], cwd=here, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200)
        print(f"$ {command}\n{done.stdout}{done.stderr}")
        if done.returncode != 0:
            sys.exit(f"exit code {done.returncode}")
        if not done.stdout.strip() and "ingot-chat" not in command:  # without input there is no answer
            sys.exit("it printed nothing")
