#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes each C++ block of a Markdown file that has a main() to OUT/example_N.cpp: extract.py README.md OUT; prints the paths.
A block whose first line is `#pragma once  // NAME.hpp` goes to OUT/NAME.hpp, for tests to include."""
import pathlib
import re
import sys

readme, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
blocks = re.findall(r"^```cpp\n(.*?)^```$", readme.read_text(), re.M | re.S)
examples = [(out / f"example_{number}.cpp", block) for number, block in enumerate((b for b in blocks if re.search(r"\bint main\(", b)), 1)]
headers = [(out / name[1], block) for block in blocks if (name := re.match(r"#pragma once  // (\w+\.hpp)\n", block))]
for path, block in examples + headers:
    if not path.exists() or path.read_text() != block:
        path.write_text(block)
for path, _ in examples:
    print(path)
