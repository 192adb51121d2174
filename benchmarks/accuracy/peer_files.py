# SPDX-License-Identifier: Apache-2.0
"""llama.cpp's quantized files of a reference checkpoint, and llama.cpp's own measure of them."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
import llama_cpp  # noqa: E402
from processes import run_measured  # noqa: E402
from tools import Unavailable, build_step, environment, run_logged, run_output  # noqa: E402

TYPES = ("Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0")
REQUIREMENTS = ("numpy", "safetensors", "sentencepiece", "transformers<5")
FIGURES = {"kl": r"Mean\s+KLD:\s+(\S+)", "kl_99": r"99\.0%\s+KLD:\s+(\S+)", "kl_max": r"Maximum\s+KLD:\s+(\S+)", "top1": r"Same top p:\s+(\S+)"}


class LlamaCpp:
    """llama.cpp built in `work`, and the reference as its f16 file. Raises Unavailable."""

    def __init__(self, work, reference, compiler, torch, jobs):
        self.work, self.reference, self.jobs = work, reference, jobs
        sources, self.version = llama_cpp.fetch(work)
        self.programs = llama_cpp.build(work, sources, compiler, jobs, ("llama-quantize", "llama-perplexity"))
        self.original = work / f"{reference.name}-f16.gguf"
        python = environment(work, "converter", [*REQUIREMENTS, torch])
        build_step(self.original, lambda partial: run_logged(
            work, "convert", [python, sources / "convert_hf_to_gguf.py", reference, "--outtype", "f16", "--outfile", partial]))

    def quantize(self, kind):
        """The file of `kind`, and what making it took."""
        file = self.work / f"{self.reference.name}-{kind}.gguf"
        partial = file.with_suffix(".part")
        cost = run_measured([self.programs / "llama-quantize", self.original, partial, kind, str(self.jobs)])
        partial.replace(file)
        return file, cost

    def own_divergence(self, file, text, context, threads):
        """What llama-perplexity says of `file`: of the tokens in the second half of each window."""
        common = [self.programs / "llama-perplexity", "-f", text, "-c", str(context), "-t", str(threads), "--kl-divergence-base"]
        base = self.work / f"{self.reference.name}-{text.stem}-{context}.kld"
        build_step(base, lambda partial: run_logged(self.work, "kl-base", [*common, partial, "-m", self.original]))
        said = run_output([*common, base, "-m", file, "--kl-divergence"])
        found = {name: re.search(pattern, said) for name, pattern in FIGURES.items()}
        if not all(found.values()):
            raise Unavailable(f"llama-perplexity said no divergence: {said[-200:]}")
        figures = {name: float(match[1]) for name, match in found.items()}
        figures["top1"] /= 100
        return figures
