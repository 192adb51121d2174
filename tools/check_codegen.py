#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a hot loop of a kernel keeps vector registers on the stack.

    tools/check_codegen.py build/libingot_runtime.a [MORE OBJECTS OR ARCHIVES...]

Hot loops are the innermost loops that multiply, in the register tiles (integer_tile, float_tile). A compiler that runs out of
registers there stores and loads accumulators in every round: half of the speed, and nothing else shows it. Stores are counted: a
load alone reads a constant, which costs what a memory operand does.
"""
import collections
import re
import subprocess
import sys

# Vectors that one round of a loop may store, by compiler and ISA; 0 for all others. They are float sums that wait on the stack while
# a group's products are added, stored and loaded once a group, outside the chain of products:
ALLOWED = {
    ("GCC", "avx_vnni"): 10,  # both kinds of sums of 5 x 2 do not fit 16 registers; fewer products in flight are slower
    ("clang", "avx_vnni"): 16,  # the same, and six unpacked weights beside the 160 products of a group
    ("clang", "avx2"): 5,  # of 4 x 1, where a group has a min or nested scales: 10 moves beside 72 products
    ("clang", "avx512vnni"): 4,  # of 6 x 2, where a group has a min: 8 moves beside 120 products
}
TILE = re.compile(r"^(?:void )?ingot::kernels::(?:detail::)?(integer_tiles|float_tile|multiply_panels)<ingot::kernels::isa::(\w+)")
PRODUCT = re.compile(r"^(\{vex\} )?v(pdpbusd|pmaddubsw|pmaddwd|fn?madd\w+p[sd]|dpbf16ps)")
STORE = r"%[yz]mm\d+,[-\w]*\(%({})[,)]"


def compiler(path):
    comment = subprocess.run(["objdump", "-s", "-j", ".comment", path], check=True, capture_output=True, text=True).stdout
    text = "".join(line[-16:] for line in comment.splitlines())
    return "clang" if "clang" in text else "GCC"


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
        built_by = compiler(path)
        for name, body in functions(path):
            if not (tile := TILE.match(name)):
                continue
            has_frame = any(text == "mov    %rsp,%rbp" for _, text in body)  # otherwise %rbp points anywhere
            store = re.compile(STORE.format("r[sb]p" if has_frame else "rsp"))
            for begin, end in innermost_loops(body):
                loop = [text for address, text in body if begin <= address <= end]
                if not any(PRODUCT.match(text) for text in loop):
                    continue
                checked += 1
                stores = sum(1 for text in loop if store.search(text))
                if stores > ALLOWED.get((built_by, tile.group(2)), 0):
                    spilled[name] = max(spilled[name], stores)
    for name, stores in sorted(spilled.items()):
        print(f"{stores} vectors stored to the stack in a loop of {name[:220]}")
    print(f"{checked} hot loops checked, {len(spilled)} tiles spill")
    return 0 if checked and not spilled else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
