#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What including each header costs: the best of three parses, slowest first. measure.py BUILD_DIR [PATTERN]

Takes compiler and options from BUILD_DIR/compile_commands.json, where the header checks compile every header alone.
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys
import time

build, pattern = pathlib.Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
rows = []
for entry in json.loads((build / "compile_commands.json").read_text()):
    if "/headers/" not in entry["file"] or not re.search(pattern, entry["file"]):
        continue
    command = [word for word in shlex.split(entry["command"]) if word != "ccache"]
    command = command[:command.index("-o")] + ["-fsyntax-only", entry["file"]]
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        subprocess.run(command, cwd=entry["directory"], check=True)
        seconds.append(time.perf_counter() - begin)
    rows.append((min(seconds), pathlib.Path(entry["file"]).stem.replace("ingot_", "", 1)))
for cost, header in sorted(rows, reverse=True):
    print(f"{cost:6.2f} s  {header}")
