# SPDX-License-Identifier: Apache-2.0
"""llama.cpp as a peer: built from the source distribution of llama-cpp-python, measured by its own llama-bench."""
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import Unavailable, build_step, run_json, run_logged

# Type, whether every matrix gets it (the head too, which llama.cpp otherwise keeps at 6 or 8 bits), --repack.
# Repacked Q4_0 decodes fastest. K-quants without repacking reach the tiled product, the fastest prefill for rows of whole
# 256-weight blocks; of other models some matrices fall back to 5 and 8 bits, so Q4_0 then leads in both.
VARIANTS = (("Q4_0", True, 1), ("Q4_0", False, 1), ("Q4_K_M", False, 0), ("Q4_K_M", False, 1), ("Q4_K_S", True, 0), ("Q4_K_S", True, 1))
CACHE_TYPES = {"bf16": "f16", "f32": "f32", "int8": "q8_0"}  # the peer of each of ours
CMAKE_OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=ON", "-DBUILD_SHARED_LIBS=OFF", "-DLLAMA_OPENSSL=OFF", "-DLLAMA_CURL=OFF",
    "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF", "-DLLAMA_BUILD_SERVER=OFF", "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_BUILD_UI=OFF", "-DLLAMA_USE_PREBUILT_UI=OFF",
)


def fetch(work):
    """The directory of the sources, and what they call themselves."""
    packages = work / "packages"
    sources = work / "llama-cpp-python"

    def unpack(partial):
        run_logged(work, "llama-download", [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "llama-cpp-python",
                                            "--dest", packages, "llama-cpp-python"])
        archive = max(packages.glob("llama_cpp_python-*.tar.gz"), key=lambda path: path.stat().st_mtime)
        partial.mkdir()
        run_logged(work, "llama-unpack", ["tar", "-xzf", archive, "-C", partial])

    build_step(sources, unpack)
    root = next(sources.iterdir())
    commit = re.search(r"llama\.cpp@([0-9a-f]{7,})", (root / "CHANGELOG.md").read_text())
    version = root.name.removeprefix("llama_cpp_python-")
    return root / "vendor" / "llama.cpp", f"llama-cpp-python {version}, llama.cpp {commit[1] if commit else 'of unknown commit'}"


def instructions():
    """A name for what this CPU can: what is built natively for one need not run on another, or not use what it has."""
    flags = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith(("flags", "Features"))]
    return hashlib.sha256(flags[0].encode() if flags else b"").hexdigest()[:8]


def build(work, sources, compiler, jobs, programs=("llama-bench", "llama-quantize")):
    """The directory of `programs`. `compiler` is a C compiler whose C++ twin is named as those of gcc and clang."""
    twin = compiler.replace("gcc", "g++").replace("clang", "clang++")
    if shutil.which(compiler) is None or shutil.which(twin) is None:
        raise Unavailable(f"no {compiler} and {twin} here")
    build_dir = work / f"llama-{Path(compiler).name}-{instructions()}"
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    if not all((build_dir / "bin" / program).exists() for program in programs):
        run_logged(work, f"{build_dir.name}-configure", ["cmake", *generator, "-S", sources, "-B", build_dir, f"-DCMAKE_C_COMPILER={compiler}",
                                                         f"-DCMAKE_CXX_COMPILER={twin}", *CMAKE_OPTIONS])
        run_logged(work, f"{build_dir.name}-build", ["cmake", "--build", build_dir, "-j", str(jobs), "--target", *programs])
    return build_dir / "bin"


class LlamaCpp:
    """One way to run llama.cpp: a build, a file and options of llama-bench."""

    def __init__(self, name, bench, model, threads, options):
        self.name, self.model = name, model
        self.command = [bench, "-m", model, "-t", str(threads), "-r", "1", "-o", "json", *options]

    def speeds(self, prompt, tokens, depth, under):
        found = {}
        for test in run_json([*under, *self.command, "-p", str(prompt), "-n", str(tokens), "-d", str(depth)]):
            kind = "prefill" if test["n_prompt"] else "decode"
            found[kind] = test["avg_ts"]
            self.parameters = test["model_n_params"]
        return found

    def first_token(self):
        return [*self.command, "--no-warmup", "-p", "0", "-n", "1"]


def ways(work, model, compilers, flash_attention, threads, cache_type, jobs):
    """Every way to run `model`, and what the table says about the peer. Raises Unavailable."""
    sources, version = fetch(work)
    bins = {compiler: build(work, sources, compiler, jobs) for compiler in compilers}
    quantize = next(iter(bins.values())) / "llama-quantize"
    files = {}
    for kind, pure, _ in VARIANTS:
        if (kind, pure) in files:
            continue
        file = files[kind, pure] = work / "models" / f"{model.stem}.{kind}{'-pure' if pure else ''}.gguf"
        build_step(file, lambda partial, kind=kind, pure=pure: run_logged(
            work, f"quantize-{kind}", [quantize, "--allow-requantize", *(["--pure"] if pure else []), model, partial, kind, str(jobs)]))
    found = []
    for compiler, bin_dir in bins.items():
        for kind, pure, repack in VARIANTS:
            for attention in flash_attention:
                if attention == "off" and cache_type == "q8_0":
                    continue  # llama.cpp reads quantized values in flash attention alone
                name = f"llama.cpp {kind}{' pure' if pure else ''}, {'repacked' if repack else 'not repacked'}, fa {attention}, {Path(compiler).name}"
                options = ["--repack", str(repack), "-fa", attention, "-ctk", cache_type, "-ctv", cache_type]
                found.append(LlamaCpp(name, bin_dir / "llama-bench", files[kind, pure], threads, options))
    return found, version
