#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles one file twice: check.py FILE COMPILER OPTION...

Plain, it must compile; with -DINGOT_MUST_FAIL it must not, and what the compiler says must match the file's `// expect: REGEX`.
The first half is what makes the second half mean something: a typing error would fail both.
"""
import pathlib
import re
import subprocess
import sys

file, compiler, *options = sys.argv[1:]
expected = re.search(r"^// expect: (.+)$", pathlib.Path(file).read_text(), re.M)
if not expected:
    sys.exit(f"{file}: has no line '// expect: REGEX'")


def compile_with(*more):
    return subprocess.run([compiler, "-fsyntax-only", *options, *more, file], capture_output=True, text=True)


good, bad = compile_with(), compile_with("-DINGOT_MUST_FAIL")
if good.returncode:
    sys.exit(f"{file}: the half that must compile does not:\n{good.stderr}")
if not bad.returncode:
    sys.exit(f"{file}: compiles with -DINGOT_MUST_FAIL")
if not re.search(expected.group(1), bad.stderr):
    sys.exit(f"{file}: fails as it must, but nothing matches {expected.group(1)!r}:\n{bad.stderr}")
