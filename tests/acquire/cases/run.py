#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs cases against a program that downloads: run.py PROGRAM THEME [NAME…]

A theme is a module beside this one. Its functions case_NN_… take a Sandbox of their own and run at the same time, as most of them
wait; those marked `alone` measure times and run one by one afterwards. Each ends with the assertions that every case shares
(sandbox.py). Ends with 1 if one failed, with 77 if all were skipped.
"""
import concurrent.futures
import importlib
import pathlib
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from cases.sandbox import Sandbox, Skip  # noqa: E402

AT_ONCE = 12


def execute(program, name, function):
    began, sandbox = time.monotonic(), Sandbox(program, name)
    try:
        function(sandbox)
        sandbox.check()
        outcome, text = "passed", ""
    except Skip as reason:
        outcome, text = "skipped", str(reason)
    except Exception:
        outcome, text = "FAILED", traceback.format_exc() + sandbox.story()
    finally:
        sandbox.close()
    return name, outcome, time.monotonic() - began, text


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, theme, *wanted = sys.argv[1:]
    module = importlib.import_module(f"cases.{theme}")
    cases = {name: function for name, function in vars(module).items() if name.startswith("case_")}
    cases = {name: function for name, function in cases.items() if not wanted or any(want in name for want in wanted)}
    together = [item for item in cases.items() if not getattr(item[1], "alone", False)]
    counts = {"passed": 0, "FAILED": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(execute, program, *item) for item in together]
        finished = (future.result() for future in concurrent.futures.as_completed(running))
        then = (execute(program, *item) for item in cases.items() if item not in together)
        for results in (finished, then):
            for name, outcome, seconds, text in results:
                counts[outcome] += 1
                print(f"{outcome:8}{seconds:7.1f} s  {name}" + (f": {text}" if text else ""), flush=True)
    print(f"{counts['passed']} passed, {counts['FAILED']} failed, {counts['skipped']} skipped")
    sys.exit(1 if counts["FAILED"] or not cases else 77 if not counts["passed"] else 0)


if __name__ == "__main__":
    main()
