# SPDX-License-Identifier: Apache-2.0
"""The rows of ours: what ingot-export is asked for. A method that this version lacks is shown as not measured."""

BITS = (2, 3, 4, 5, 6, 8)
GROUPS = (32, 64, 128)
SEARCHES = (
    ("HQQ", ("--hqq",)),
    ("AWQ", ("--awq",)),
    ("GPTQ", ("--gptq",)),
    ("AWQ+GPTQ", ("--awq", "--gptq")),
    ("Omni", ("--omni",)),
)
MASKS = {"magnitude": (), "Wanda": ("--sparse_mask", "wanda"), "SparseGPT": ("--gptq",), "Wanda+GPTQ": ("--gptq", "--sparse_mask", "wanda")}
CALIBRATED = {"--awq", "--gptq", "--omni", "--smooth", "--target-bpw", "wanda"}  # look at a calibration text
TARGETS = (3.5, 4.3, 5.3, 6.1)  # bits a weight that mixed schemes are chosen for


def scheme(bits, group, *more):
    return ("--quant_bit", str(bits), "--quant_block", str(group), *more)


def rows():
    """(name, options), plain rounding first."""
    for bits in BITS:
        for group in GROUPS:
            yield f"RTN {bits} bits, {group}", scheme(bits, group)
        yield f"RTN {bits} bits, 64, symmetric", scheme(bits, 64, "--sym")
    for method, options in (("RTN", ()), ("AWQ", ("--awq",)), ("Smooth", ("--smooth",))):
        yield f"{method} 8 bits, 32, symmetric", scheme(8, 32, "--sym", *options)  # Q8_0's size
    yield "RTN 2 bits, 16", scheme(2, 16)
    yield "RTN 3 bits, 16", scheme(3, 16)
    yield "RTN 4 bits, 16", scheme(4, 16)
    for head in (6, 8):
        yield f"RTN 4 bits, 32, head {head} bits", scheme(4, 32, "--lm_quant_bit", str(head))
    for method, options in SEARCHES:
        for bits in BITS[:-1]:
            yield f"{method} {bits} bits, 64", scheme(bits, 64, *options)
        for bits in (3, 4, 5):
            yield f"{method} {bits} bits, 32", scheme(bits, 32, *options)
        yield f"{method} 4 bits, 32, head 8 bits", scheme(4, 32, "--lm_quant_bit", "8", *options)
    for bits in (4, 8):
        for mask, options in MASKS.items():
            yield f"2:4 {mask} {bits} bits, 64", scheme(bits, 64, "--sparse", "2:4", *options)
    for target in TARGETS:
        for method, options in (("mixed", ()), ("mixed GPTQ", ("--gptq",))):
            yield f"{method}, {target} bits a weight", ("--target-bpw", str(target), *options)
