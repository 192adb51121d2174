# SPDX-License-Identifier: Apache-2.0
"""Libraries put before libc's functions by LD_PRELOAD, compiled when first asked for; their sources are in shims/."""
import pathlib
import shutil
import subprocess
import tempfile

from .sandbox import Skip

SOURCES = pathlib.Path(__file__).resolve().parent / "shims"
_directory = None


def shim(name):
    global _directory
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Skip("no C compiler for a shim")
    if _directory is None:
        _directory = tempfile.TemporaryDirectory(prefix="ingot-shims-")
    out = pathlib.Path(_directory.name) / f"{name}.so"
    if not out.exists():
        fresh = tempfile.mktemp(dir=_directory.name)
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", fresh, SOURCES / f"{name}.c", "-ldl", "-pthread"], check=True)
        pathlib.Path(fresh).rename(out)
    return out
