# SPDX-License-Identifier: Apache-2.0
"""What needs MNN's Python packages; mnn_peer.py runs it in an environment that has them.

  mnn_worker.py checkpoint GGUF DIR              a Hugging Face checkpoint of the GGUF's shape, with random weights
  mnn_worker.py speed DIR THREADS PROMPT TOKENS DEPTH   the last line of stdout is JSON: {"prefill"?, "decode"}, tokens a second
"""
import json
import sys
from pathlib import Path


def make_checkpoint(gguf, directory):
    """Weights are random because transformers refuses to write back what it decoded from a GGUF; speed does not depend on them."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    torch.manual_seed(1)
    AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(**source), dtype=torch.float16).save_pretrained(directory)
    AutoTokenizer.from_pretrained(**source).save_pretrained(directory)


def measure(directory, threads, prompt, tokens, depth):
    import MNN.llm

    model = MNN.llm.create(str(directory / "config.json"))
    model.set_config({"thread_num": threads, "sampler_type": "greedy", "reuse_kv": False, "use_template": False})
    model.load()

    def respond(prompt_tokens, new_tokens):
        model.set_config({"max_new_tokens": new_tokens})
        model.reset()
        try:
            model.response(" the" * prompt_tokens, False)  # one token each in the vocabularies of these models
        except UnicodeDecodeError:
            pass  # random weights do not write UTF-8; the answer was complete before it was turned into text
        context = model.context
        if abs(context.prompt_len - max(prompt_tokens, 1)) > 1 or context.gen_seq_len < new_tokens:
            sys.exit(f"read {context.prompt_len} of {prompt_tokens} tokens, wrote {context.gen_seq_len} of {new_tokens}")
        return {"prefill": context.prompt_len / context.prefill_us * 1e6, "decode": context.gen_seq_len / context.decode_us * 1e6}

    respond(max(prompt, 16), 4)  # first touches
    found = {"decode": respond(depth or 1, tokens)["decode"]}
    if prompt:
        found["prefill"] = respond(prompt, 1)["prefill"]
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    if sys.argv[1] == "checkpoint":
        make_checkpoint(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        measure(Path(sys.argv[2]), *map(int, sys.argv[3:7]))
