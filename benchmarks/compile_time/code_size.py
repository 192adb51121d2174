#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists the machine code of each decoder graph in ingot::runtime, and the families that share it.

    code_size.py [BUILD]      BUILD: a build folder with libingot_runtime.a (default: build)

A graph is a value of model::Family; its code is every symbol that has this value among its template arguments.
"""
import collections
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIELDS = ("norm", "residual", "qk_norm", "rope", "attention", "gated_attention", "delta", "convolution", "feed_forward", "router")
TYPES = {"norm": "Norm", "residual": "Residual", "qk_norm": "QkNorm", "rope": "RopePairs", "attention": "Attention",
         "feed_forward": "FeedForward", "router": "Router"}


def enumerators():
    text = (ROOT / "include/ingot/model/family.hpp").read_text()
    bodies = re.findall(r"enum class (\w+) : std::uint8_t \{(.*?)\};", text, re.S)
    return {name: re.findall(r"^\s*(\w+),", re.sub(r"//.*", "", body), re.M) for name, body in bodies}


def families():
    """Traits as a tuple of numbers -> names of the families that have them."""
    values, found, by_type = enumerators(), collections.defaultdict(list), {}
    for header in sorted((ROOT / "include/ingot/model/families").glob("*.hpp")):
        text = header.read_text()
        for match in re.finditer(r"static constexpr Family traits(.*?);", text, re.S):
            name, traits = re.findall(r"^struct (\w+)", text[:match.start()], re.M)[-1], match[1]
            if (other := re.search(r"= (\w+)::traits", traits)) is not None:
                by_type[name] = by_type[other[1]]
            else:
                given = dict(re.findall(r"\.(\w+) = ([\w:]+)", traits))
                by_type[name] = tuple(int(given.get(f, "false") == "true") if f not in TYPES else
                                      values[TYPES[f]].index(given[f].split("::")[1]) if f in given else 0 for f in FIELDS)
            found[by_type[name]].append(name)
    return found


def main():
    archive = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build") / "libingot_runtime.a"
    symbols = subprocess.run(["nm", "-S", "-C", "--defined-only", archive], capture_output=True, text=True, check=True).stdout
    bytes_of, seen = collections.Counter(), set()
    for line in symbols.splitlines():
        match = re.match(r"\w+ (\w+) [TtWwVv] (.*)", line)
        traits = match and re.search(r"Family\{(.*?)\}", match[2])
        if not traits or match[2] in seen: continue
        seen.add(match[2])
        numbers = [int(x.replace("false", "0").replace("true", "1").split(")")[-1]) for x in traits[1].split(",") if x.strip()]
        bytes_of[tuple(numbers + [0] * (len(FIELDS) - len(numbers)))] += int(match[1], 16)
    names = families()
    for traits, size in bytes_of.most_common():
        print(f"{size / 1024:7.0f} KiB  {', '.join(names.get(traits, ['?']))}")
    print(f"{sum(bytes_of.values()) / 1024:7.0f} KiB  {len(bytes_of)} graphs, {sum(map(len, names.values()))} families")
    sys.exit(0 if bytes_of and set(bytes_of) <= set(names) else 1)


if __name__ == "__main__":
    main()
