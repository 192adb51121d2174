#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a hot loop of a kernel keeps vector registers on the stack.

    tools/check_codegen.py build/libingot_runtime.a

Hot loops are the innermost loops that multiply, in the register tiles (integer_tile, float_tile). A compiler that runs out of
registers there stores and loads accumulators in every round: half of the speed, and nothing else shows it.
"""
import collections
import re
import subprocess
import sys

TILE = re.compile(r"^(?:void )?ingot::kernels::(integer_tile|float_tile)<")
PRODUCT = re.compile(r"^v(pdpbusd|pmaddubsw|pmaddwd|fn?madd\w+p[sd]|dpbf16ps)")
SPILL = re.compile(r"%[yz]mm\d+")
STACK = re.compile(r"\(%r[sb]p[,)]")


def functions(path):
    """(name, [(address, instruction)]) of every function."""
    listing = subprocess.run(["objdump", "-d", "-C", "--no-show-raw-insn", path], check=True, capture_output=True, text=True).stdout
    name, body = None, []
    for line in listing.splitlines():
        if head := re.match(r"^[0-9a-f]+ <(.*)>:$", line):
            if name:
                yield name, body
            name, body = head.group(1), []
        elif instruction := re.match(r"^\s*([0-9a-f]+):\s+(.*?)\s*$", line):
            body.append((int(instruction.group(1), 16), instruction.group(2)))
    if name:
        yield name, body


def innermost_loops(body):
    addresses = {address for address, _ in body}
    loops = []
    for address, text in body:
        jump = re.match(r"j\w+\s+([0-9a-f]+)\b", text)
        if jump and int(jump.group(1), 16) <= address and int(jump.group(1), 16) in addresses:
            loops.append((int(jump.group(1), 16), address))
    return [a for a in loops if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in loops)]


def main(paths):
    checked, spilled = 0, collections.Counter()
    for path in paths:
        for name, body in functions(path):
            if not TILE.match(name):
                continue
            for begin, end in innermost_loops(body):
                loop = [text for address, text in body if begin <= address <= end]
                if not any(PRODUCT.match(text) for text in loop):
                    continue
                checked += 1
                moves = sum(1 for text in loop if SPILL.search(text) and STACK.search(text))
                if moves:
                    spilled[name] = max(spilled[name], moves)
    for name, moves in sorted(spilled.items()):
        print(f"{moves} vector moves to or from the stack in a loop of {name[:220]}")
    print(f"{checked} hot loops checked, {len(spilled)} tiles spill")
    return 0 if checked and not spilled else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
