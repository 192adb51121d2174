#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up ctest's JUnit files: count_tests.py FILE...; a job that left no file, or ran no test, counts as one failure."""
import pathlib
import sys
import xml.etree.ElementTree as xml

total = {"passed": 0, "failed": 0, "skipped": 0}
for name in sys.argv[1:]:
    job = {"passed": 0, "failed": 0, "skipped": 0}
    cases = xml.parse(name).getroot().findall("testcase") if pathlib.Path(name).exists() else []
    for case in cases:
        skipped = case.find("skipped")
        kind = "skipped" if skipped is not None else "passed" if case.get("status") == "run" else "failed"
        job[kind] += 1
        if kind != "passed":
            print(f"{kind}: {case.get('name')}" + (f" ({skipped.get('message')})" if skipped is not None else ""))
    if not cases:
        job["failed"] += 1
        print(f"failed: {name} holds no test: its job did not get that far")
    print(f"{name}: {job['passed']} passed, {job['failed']} failed, {job['skipped']} skipped")
    total = {kind: total[kind] + job[kind] for kind in total}
print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
sys.exit(1 if total["failed"] or not total["passed"] else 0)
