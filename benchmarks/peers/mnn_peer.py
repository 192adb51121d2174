# SPDX-License-Identifier: Apache-2.0
"""MNN as a peer: exported by llmexport and run by the `mnn` wheel, both from the Python index, in an environment of their own."""
import json
from pathlib import Path

from tools import Unavailable, build_step, environment, run_logged, run_output

WORKER = Path(__file__).with_name("mnn_worker.py")
# llmexport also asks for onnxruntime, which it does not use for this; so it comes without its requirements.
PLAIN = ("MNN", "llmexport")
REQUIREMENTS = ("numpy", "gguf", "accelerate", "transformers", "onnx", "onnxslim", "sentencepiece", "yaspin", "safetensors")
QUANTIZATION = ("--quant_bit", "4", "--quant_block", "64", "--sym")


class Mnn:
    name = "MNN 4 bits, blocks of 64"

    def __init__(self, python, directory, threads):
        self.command = [python, WORKER, "speed", directory, str(threads)]

    def speeds(self, prompt, tokens, depth, under):
        output = run_output([*under, *self.command, str(prompt), str(tokens), str(depth)])
        try:
            return json.loads(output.splitlines()[-1])
        except (IndexError, json.JSONDecodeError) as error:
            raise Unavailable(f"MNN printed no speeds: {output[-200:]}") from error

    def first_token(self):
        return None  # the wheel has no program: the start of Python would be measured


def ways(work, model, threads, torch):
    """The one way to run `model`, and what the table says about the peer. Raises Unavailable."""
    python = environment(work, "mnn", ["--no-deps", *PLAIN], [*REQUIREMENTS, torch])
    exporter = run_output([python, "-c", "import importlib.util as u; print(u.find_spec('llmexport').submodule_search_locations[0])"]).strip()
    checkpoint, exported = work / "models" / f"{model.stem}.random", work / "models" / f"{model.stem}.mnn"
    build_step(checkpoint, lambda partial: run_logged(work, "mnn-checkpoint", [python, WORKER, "checkpoint", model, partial]))
    # Its modules import each other as if they were top level, so it runs as a script from where it lies; it leaves a log in
    # the current directory.
    build_step(exported, lambda partial: run_logged(
        work, "mnn-export", ["env", "-C", work, f"PYTHONPATH={exporter}", python, Path(exporter) / "llmexport.py", "--path", checkpoint,
                             "--dst_path", partial, "--export", "mnn", *QUANTIZATION]))
    version = run_output([python, "-c", "import importlib.metadata as m; print(m.version('MNN'))"]).strip()
    return [Mnn(python, exported, threads)], f"MNN {version}: its wheel as published, random weights of the model's shape"
