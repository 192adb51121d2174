#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No function compiled with an ISA's flags may be shared with code that runs elsewhere: check_tags.py LIBRARY.a ISA...

The linker keeps one copy of a function that several objects define as weak (inline functions, template instances). If the copy
it keeps was compiled for AVX-512, older machines die in it. So every weak function of isa_<ISA>.cpp must name that ISA's tag.
"""
import re
import subprocess
import sys

library, *isas = sys.argv[1:]
listing = subprocess.run(["nm", "--demangle", "--defined-only", library], check=True, capture_output=True, text=True).stdout
faults, checked, current = [], dict.fromkeys(isas, 0), None
for line in listing.splitlines():
    if found := re.match(r"isa_(\w+)\.cpp\.o(bj)?:", line):
        current = found.group(1) if found.group(1) in isas else None
    elif line.endswith(":"):
        current = None
    elif current and (found := re.match(r"[0-9a-f]+ (\w) (.+)$", line)):
        kind, name = found.groups()
        checked[current] += kind in "WtT"
        if kind == "W" and not re.search(rf"\bisa::{current}\b", name):
            faults.append(f"isa_{current}.cpp: {name}")
print(*faults, sep="\n")
print(f"{sum(checked.values())} functions checked, {len(faults)} shared with other code")
empty = [isa for isa, count in checked.items() if count == 0]
sys.exit(f"no function found for {empty}" if empty else 1 if faults else 0)
