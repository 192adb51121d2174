#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what transformers computes from SmolLM2-135M-Instruct's GGUF to tests/golden/smollm2/logits.json.

    golden_smollm2.py MODEL.gguf [OUT.json]

Needs torch, transformers, numpy, gguf. Every tensor is dequantized to float32 by the gguf package, so the golden measures the graph
and not a quantization. Kept for each position: the largest logits with their ids, and every STRIDE-th column of the vocabulary.
"""
import json
import pathlib
import re
import sys

import gguf
import numpy as np
import torch
import transformers

torch.set_grad_enabled(False)
transformers.logging.set_verbosity_error()
# <|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\nThe capital of France is Paris
TOKENS = [1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520, 9531, 198, 504, 3575, 282, 4649, 314, 7042, 30, 2]
TOP = 8
STRIDE = 389
NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head", "attn_norm": "input_layernorm",
         "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
         "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}


def hub_name(name):
    layer, part = re.fullmatch(r"(?:blk\.(\d+)\.)?(\w+)\.weight", name).groups()
    return (f"model.layers.{layer}." if layer else "") + NAMES[part] + ".weight"


def restore_rows(rows, heads):
    """The converter stores q and k rows as neighbouring pairs; transformers rotates halves of a head."""
    width = rows.shape[0] // heads
    return rows.reshape(heads, width // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def main(path, out):
    reader = gguf.GGUFReader(path)
    field = lambda key: reader.fields["llama." + key].contents()
    heads, kv_heads = field("attention.head_count"), field("attention.head_count_kv")
    weights = {}
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(tensor.shape[::-1])
        if ".attn_q." in tensor.name or ".attn_k." in tensor.name:
            values = restore_rows(values, heads if ".attn_q." in tensor.name else kv_heads)
        weights[hub_name(tensor.name)] = torch.from_numpy(values.copy())
    vocabulary = weights["model.embed_tokens.weight"].shape[0]
    config = transformers.LlamaConfig(
        vocab_size=vocabulary, hidden_size=field("embedding_length"), intermediate_size=field("feed_forward_length"),
        num_hidden_layers=field("block_count"), num_attention_heads=heads, num_key_value_heads=kv_heads,
        rms_norm_eps=field("attention.layer_norm_rms_epsilon"), rope_theta=field("rope.freq_base"),
        max_position_embeddings=field("context_length"), tie_word_embeddings="lm_head.weight" not in weights)
    model = transformers.LlamaForCausalLM._from_config(config, attn_implementation="eager").float().eval()
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    logits = model(input_ids=torch.tensor([TOKENS]), use_cache=False).logits[0].numpy()
    positions = []
    for row in logits:
        best = np.argsort(-row, kind="stable")[:TOP]
        positions.append({"top_ids": best.tolist(), "top_logits": [round(float(row[i]), 5) for i in best],
                          "strided": [round(float(x), 4) for x in row[::STRIDE]]})
    golden = {"reference": f"transformers {transformers.__version__}, fp32, eager", "file": pathlib.Path(path).name,
              "vocabulary": vocabulary, "deviation": round(float(logits.std()), 4), "stride": STRIDE, "tokens": TOKENS}
    lines = ",\n".join("  " + json.dumps(p, separators=(",", ":")) for p in positions)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(golden)[:-1] + ', "positions": [\n' + lines + "\n]}\n")
    print(f"{out}: {out.stat().st_size} bytes, {len(TOKENS)} positions, argmax {[p['top_ids'][0] for p in positions]}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    root = pathlib.Path(__file__).resolve().parent.parent
    main(sys.argv[1], pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else root / "tests/golden/smollm2/logits.json")
