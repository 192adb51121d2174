# SPDX-License-Identifier: Apache-2.0
"""Programs that are run for their results and for what they took."""
import os
import subprocess
import tempfile
import time
from pathlib import Path

from tools import Unavailable


def run_measured(command):
    """{"seconds", "cpu_seconds", "peak_rss_mb"} of a command, of which nothing else is wanted. Raises Unavailable when it fails,
    with its exit code and the last it said."""
    with tempfile.TemporaryFile("w+") as log:
        begin = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        last = (log.read().strip().splitlines() or ["it said nothing"])[-1]
    if process.returncode != 0:
        raise Unavailable(f"{Path(command[0]).name}: exit {process.returncode}: {last}")
    return {"seconds": round(seconds, 2), "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2), "peak_rss_mb": round(usage.ru_maxrss / 1024, 1)}
