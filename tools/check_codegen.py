#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a hot loop of a kernel keeps vector registers on the stack.

    tools/check_codegen.py build/libingot_runtime.a [MORE OBJECTS OR ARCHIVES...]

Hot loops are the innermost loops that multiply, in the functions that a runtime spends its time in. A compiler that runs out of
registers there stores and loads accumulators in every round: half of the speed, and nothing else shows it. Stores are counted: a
load alone reads a constant, which costs what a memory operand does. What counts is their number beside the products of a round: where
the rounds of a group are unrolled, the round holds what happens once a group, too.
"""
import collections
import re
import subprocess
import sys

# Products of a round for each vector stored: fewer are a fault. An int4-g64 tile of 6 x 2 whose compiler kept 12 sums on the stack, beside
# 192 products, was as fast as the same tile without (best of 8: 223 and 224 GMAC/s).
PRODUCTS = 16
# By compiler and ISA, with reasons:
ALLOWED = {
    # Both kinds of sums of 5 x 2 do not fit 16 registers: 85 % of the peak with them on the stack, against 69 % of 3 x 2, which fits.
    ("GCC", "avx_vnni"): 3,  # of 2 x 2 with 8 bits and a min: 9 beside 32 products
    ("clang", "avx_vnni"): 2,  # the same, and unpacked weights of nested scales
    ("clang", "avx512vnni"): 12,  # of 5 x 2 and 6 x 2 where scales are nested: 4 beside 48 products
}
# Not solved: 2:4 tiles move activations to where the codes are, beside the products, and registers do not hold both. From memory such a
# decode still reads weights 1.28 times as fast as a dense one; in the cache it is slower. Tiles of their own shape are to be found.
ALLOWED_SPARSE = {"avx2": 0.8, "avx_vnni": 0.6, "avx512vnni": 4}
SPARSE = "(ingot::quant::Sparsity)1"
TILE = re.compile(r"^(?:void )?ingot::kernels::(?:detail::)?(integer_tiles|float_tile|multiply_panels)<ingot::kernels::isa::(\w+)")
BYTES = re.compile(r"^(\{vex\} )?v(pdpbusd|pmaddubsw|pmaddwd)")
FLOATS = re.compile(r"^vfn?madd\w+p[sd]")
PRODUCT = {"integer_tiles": BYTES, "float_tile": FLOATS, "multiply_panels": FLOATS}  # of blocks the scaling is what needs registers
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
    checked, spilled = collections.Counter(), {}
    for path in paths:
        built_by = compiler(path)
        for name, body in functions(path):
            if not (tile := TILE.match(name)):
                continue
            has_frame = any(text == "mov    %rsp,%rbp" for _, text in body)  # otherwise %rbp points anywhere
            store = re.compile(STORE.format("r[sb]p" if has_frame else "rsp"))
            for begin, end in innermost_loops(body):
                loop = [text for address, text in body if begin <= address <= end]
                products = sum(1 for text in loop if PRODUCT[tile.group(1)].match(text))
                if products == 0:
                    continue
                checked[tile.group(1)] += 1
                stores = sum(1 for text in loop if store.search(text))
                isa = tile.group(2)
                least = ALLOWED_SPARSE.get(isa, PRODUCTS) if SPARSE in name else ALLOWED.get((built_by, isa), PRODUCTS)
                if stores * least > products:
                    spilled[name] = max(spilled.get(name, (0, 0)), (stores, products))
    for name, (stores, products) in sorted(spilled.items()):
        print(f"{stores} vectors stored to the stack beside {products} products in a loop of {name[:220]}")
    print(", ".join(f"{count} loops of {name}" for name, count in checked.items()), f"checked, {len(spilled)} tiles spill")
    return 0 if checked["integer_tiles"] and checked["float_tile"] and not spilled else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
