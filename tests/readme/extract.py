#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes each C++ block of a Markdown file that has a main() to OUT/example_N.cpp: extract.py README.md OUT; prints the paths."""
import pathlib
import re
import sys

readme, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
blocks = [b for b in re.findall(r"^```cpp\n(.*?)^```$", readme.read_text(), re.M | re.S) if re.search(r"\bint main\(", b)]
for number, block in enumerate(blocks, 1):
    path = out / f"example_{number}.cpp"
    if not path.exists() or path.read_text() != block:
        path.write_text(block)
    print(path)
