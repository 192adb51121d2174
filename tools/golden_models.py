#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tiny random checkpoints under tests/golden/models and the logits transformers computes from them.

    golden_models.py [DIR]            DIR: tests/golden/models beside this script unless given

Needs torch, transformers, numpy, safetensors. Every directory looks like a download: config.json and weights in one file or in
two shards with an index. Beside them stand tokens.txt (ids), logits.npy (float32 [tokens, vocabulary], eager attention in fp32
on the stored weights), greedy.txt (what greedy decoding adds, every token from a full recomputation) and golden.json.
The same seed and numpy give the same weights; the reference reads the directory itself, so a file it misreads cannot pass.
"""
import json
import pathlib
import sys
import zlib

import numpy as np
import torch
import transformers
from safetensors.torch import save_file

torch.set_num_threads(1)
torch.set_grad_enabled(False)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
CONTINUATION = 12
DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}


def config(model_type, architecture, hidden, feed_forward, layers, heads, kv_heads, vocabulary, **more):
    return {"architectures": [architecture], "model_type": model_type, "hidden_size": hidden, "intermediate_size": feed_forward,
            "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": kv_heads, "vocab_size": vocabulary,
            "hidden_act": "silu", "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
            "tie_word_embeddings": False, "torch_dtype": "bfloat16", "bos_token_id": 1, "eos_token_id": 2, **more}


# Widths are chosen to leave remainders: vocabularies off multiples of 16, rows of 48 and 80 columns against groups of 32 and 64.
MODELS = {
    "llama": (config("llama", "LlamaForCausalLM", 64, 72, 2, 4, 2, 115), 33, 1),
    "llama-tied": (config("llama", "LlamaForCausalLM", 40, 56, 2, 5, 1, 101, tie_word_embeddings=True, torch_dtype="float32",
                          rms_norm_eps=1e-3, rope_theta=500.0), 20, 1),
    "llama-rope3": (config("llama", "LlamaForCausalLM", 48, 64, 2, 2, 1, 99, head_dim=32, rope_theta=5000.0,
                           rope_scaling={"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                         "original_max_position_embeddings": 32}), 70, 1),
    "qwen2": (config("qwen2", "Qwen2ForCausalLM", 48, 80, 2, 4, 2, 103, head_dim=16, use_sliding_window=True, sliding_window=8,
                     max_window_layers=1, rms_norm_eps=1e-6, rope_theta=1000000.0), 35, 1),
    "qwen3": (config("qwen3", "Qwen3ForCausalLM", 48, 80, 2, 3, 1, 107, head_dim=32, attention_bias=False, torch_dtype="float16",
                     rms_norm_eps=1e-6, rope_theta=1000000.0), 24, 2),
}


def shapes(c):
    """Name -> shape of every tensor, in hub names."""
    hidden, wide, head = c["hidden_size"], c["intermediate_size"], c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])
    queries, keys = c["num_attention_heads"] * head, c["num_key_value_heads"] * head
    yield "model.embed_tokens.weight", (c["vocab_size"], hidden)
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        for name, rows in ("q", queries), ("k", keys), ("v", keys):
            yield f"{layer}self_attn.{name}_proj.weight", (rows, hidden)
            if c["model_type"] == "qwen2":
                yield f"{layer}self_attn.{name}_proj.bias", (rows,)
        yield f"{layer}self_attn.o_proj.weight", (hidden, queries)
        if c["model_type"] == "qwen3":
            yield f"{layer}self_attn.q_norm.weight", (head,)
            yield f"{layer}self_attn.k_norm.weight", (head,)
        yield f"{layer}mlp.gate_proj.weight", (wide, hidden)
        yield f"{layer}mlp.up_proj.weight", (wide, hidden)
        yield f"{layer}mlp.down_proj.weight", (hidden, wide)
        yield f"{layer}input_layernorm.weight", (hidden,)
        yield f"{layer}post_attention_layernorm.weight", (hidden,)
    yield "model.norm.weight", (hidden,)
    if not c["tie_word_embeddings"]:
        yield "lm_head.weight", (c["vocab_size"], hidden)


def draw(name, shape, random, tied):
    """No tensor may be idle: norms off one, biases off zero, queries and keys large enough for a peaked softmax."""
    normal = random.standard_normal(shape).astype(np.float32)
    if name.endswith("bias"):
        return 0.5 * normal
    if len(shape) == 1:
        return (1.2 if "_norm.weight" in name else 1.0) + 0.25 * np.clip(normal, -2, 2)
    if "embed_tokens" in name:
        return (0.2 if tied else 0.6) * normal  # a tied head on large rows would only ever repeat its input
    gain = 1.8 if "q_proj" in name or "k_proj" in name else 2.0 if "lm_head" in name else 1.2
    return normal * gain / np.sqrt(shape[1], dtype=np.float32)


def write_checkpoint(directory, c, shards, seed):
    directory.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    tensors = {name: torch.from_numpy(draw(name, shape, random, c["tie_word_embeddings"])).to(DTYPES[c["torch_dtype"]]) for name, shape in shapes(c)}
    (directory / "config.json").write_text(json.dumps(c, indent=2) + "\n")
    if shards == 1:
        save_file(tensors, directory / "model.safetensors", metadata={"format": "pt"})
        return
    names, weight_map = list(tensors), {}
    for i in range(shards):
        part = names[i * len(names) // shards:(i + 1) * len(names) // shards]
        file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
        save_file({name: tensors[name] for name in part}, directory / file, metadata={"format": "pt"})
        weight_map.update({name: file for name in part})
    size = sum(t.numel() * t.element_size() for t in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(weight_map.items()))}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def load(directory):
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def forward(model, ids):
    return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0].float().numpy()


def check_no_tensor_is_idle(model, ids, reference):
    for name, parameter in model.named_parameters():
        kept = parameter.clone()
        parameter[..., ::2] *= 0.6  # every other value: a norm that follows cannot undo it
        change = np.abs(forward(model, ids) - reference).max()
        parameter.copy_(kept)
        assert change > 0.02, f"{name}: changing it moves the logits by only {change}"


def make(directory, name, c, tokens, shards):
    seed = zlib.crc32(name.encode())
    write_checkpoint(directory, c, shards, seed)
    model = load(directory)
    ids = [int(i) for i in np.random.default_rng(seed + 1).integers(3, c["vocab_size"], tokens)]
    logits = forward(model, ids)
    check_no_tensor_is_idle(model, ids, logits)
    greedy, margin = [], np.inf
    for _ in range(CONTINUATION):
        last = np.sort(forward(model, ids + greedy)[-1])
        margin = min(margin, float(last[-1] - last[-2]))
        greedy.append(int(forward(model, ids + greedy)[-1].argmax()))
    assert margin > 1e-3, f"{name}: two continuations are as good; change the seed"
    for file in directory.glob("*.safetensors"):
        file.chmod(0o644)
    np.save(directory / "logits.npy", logits.astype(np.float32))
    (directory / "tokens.txt").write_text(" ".join(map(str, ids)) + "\n")
    (directory / "greedy.txt").write_text(" ".join(map(str, greedy)) + "\n")
    golden = {"case": name, "family": c["model_type"], "kind": "causal", "modes": ["all", "7", "1"],
              "reference": f"transformers {transformers.__version__}", "seed": seed}
    (directory / "golden.json").write_text(json.dumps(golden, indent=2) + "\n")
    size = sum(f.stat().st_size for f in directory.iterdir())
    print(f"{name:12} {size / 1024:6.0f} KiB  logits {logits.shape}  deviation {logits.std():.2f}  smallest greedy margin {margin:.3f}")


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "tests/golden/models"
    for model_name, (model_config, token_count, shard_count) in MODELS.items():
        make(root / model_name, model_name, model_config, token_count, shard_count)
