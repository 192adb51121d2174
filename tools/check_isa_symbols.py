#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when code compiled for one ISA could be linked in place of the code of another.

    tools/check_isa_symbols.py build/libingot_runtime.a

Every function that the object of an ISA shares with other objects (weak symbols: templates and inline functions) must carry that
ISA's tag, or xsimd's, in its name; otherwise the linker keeps one copy for all, and it may hold instructions the CPU lacks.
"""
import re
import subprocess
import sys

# The object of avx_vnni is compiled with the flags of avx2, so it may share what that one may.
TAGS = {
    "avx2": ("isa::avx2", "xsimd::fma3<xsimd::avx2>"),
    "avx_vnni": ("isa::avx_vnni", "AvxVnniOps<", "isa::avx2", "xsimd::fma3<xsimd::avx2>"),
    "avx512vnni": ("isa::avx512vnni", "xsimd::avx512f"),
    "amx": ("isa::amx", "isa::avx512vnni", "xsimd::avx512f"),  # compiled with the flags of avx512vnni
}


def main(archive):
    listing = subprocess.run(["nm", "-C", "--defined-only", archive], check=True, capture_output=True, text=True).stdout
    isa, checked, leaks = None, 0, []
    for line in listing.splitlines():
        member = re.fullmatch(r"(?:.*[(/])?isa_(\w+?)\.(?:cpp\.)?o\)?:", line)
        if line.endswith(":"):
            isa = member.group(1) if member else None
        elif isa in TAGS:
            kind, name = line[17:18], line[19:]
            if kind == "W":
                checked += 1
                if not any(tag in name for tag in TAGS[isa]):
                    leaks.append(f"{isa}: {name}")
    for leak in leaks:
        print("shared without its ISA's tag:", leak, file=sys.stderr)
    if checked == 0:
        print(f"{archive}: no objects of an ISA found", file=sys.stderr)
    return 1 if leaks or checked == 0 else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
