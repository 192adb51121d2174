#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C++ file as clang-format lays it out: check_format.py CLANG_FORMAT [--fix]"""
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
files = [str(file) for folder in ("include", "examples", "tests", "benchmarks") for pattern in ("*.hpp", "*.cpp")
         for file in sorted((root / folder).rglob(pattern))]
mode = ["-i"] if "--fix" in sys.argv else ["--dry-run", "--Werror"]
sys.exit(subprocess.run([sys.argv[1], *mode, *files], cwd=root).returncode)
