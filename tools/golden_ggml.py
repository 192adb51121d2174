#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/checkpoint: what the Python packages gguf and safetensors make of blocks, metadata and row orders.

    pip install gguf==0.19.0 safetensors numpy ml_dtypes && tools/golden_ggml.py

blocks.safetensors   for each type: TYPE.stored (random bytes, finite scales) and TYPE.values, as gguf decodes them
llama/               a checkpoint directory in two shards, with tied embeddings and Llama 3's rope scaling
llama.gguf           the same weights as a GGUF v3, q and k rows permuted as at conversion, and every kind of metadata
v2.gguf              a GGUF v2 with an alignment of its own
"""
import json
import math
import pathlib
import struct

import ml_dtypes
import numpy as np
from gguf import GGMLQuantizationType as Type, GGUFWriter, quants
from gguf.constants import GGML_QUANT_SIZES
from safetensors.numpy import save_file

root = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "checkpoint"
random = np.random.default_rng(20240607)

SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
          "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}  # byte offsets of the binary16 factors in a block


def blocks() -> dict[str, np.ndarray]:
    out = {}
    for name, offsets in SCALES.items():
        size, length = GGML_QUANT_SIZES[Type[name]]
        stored = random.integers(0, 256, (12 if size == 32 else 4, length), dtype=np.uint8)
        for offset in offsets:  # ordinary, negative, subnormal and largest factors
            factors = (random.standard_normal(len(stored)) * 0.1).astype(np.float16)
            factors[1], factors[2] = np.float16(6e-8), np.float16(-65504)
            stored[:, offset:offset + 2] = factors.view(np.uint8).reshape(-1, 2)
        out[f"{name}.stored"], out[f"{name}.values"] = stored, quants.dequantize(stored, Type[name])
    floats = np.concatenate([random.standard_normal(60), [0.0, -0.0, 1e-7, -6e4]])
    for name, dtype in {"F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16, "F64": np.float64}.items():
        values = floats.astype(dtype)
        out[f"{name}.stored"], out[f"{name}.values"] = values.view(np.uint8), values.astype(np.float32)
    codes = np.arange(256, dtype=np.uint8)
    for name, dtype in {"F8_E4M3": ml_dtypes.float8_e4m3fn, "F8_E5M2": ml_dtypes.float8_e5m2}.items():
        out[f"{name}.stored"], out[f"{name}.values"] = codes, codes.view(dtype).astype(np.float32)
    return out


WIDTH, HEADS, KV_HEADS, HEAD, FF, VOCABULARY, LAYERS = 16, 4, 2, 8, 24, 20, 2
CONTEXT, THETA, FACTOR = 131072, 500000.0, 32.0
CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": WIDTH, "num_hidden_layers": LAYERS,
    "intermediate_size": FF, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "head_dim": HEAD,
    "vocab_size": VOCABULARY, "max_position_embeddings": CONTEXT, "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": THETA,
    "rope_scaling": {"rope_type": "llama3", "factor": FACTOR, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                     "original_max_position_embeddings": 8192},
    "tie_word_embeddings": True, "attention_bias": True, "mlp_bias": False, "bos_token_id": 1, "eos_token_id": 2,
}


def weights() -> dict[str, np.ndarray]:
    def matrix(rows, columns):
        return random.standard_normal((rows, columns)).astype(np.float16)

    def vector(size):
        return random.standard_normal(size).astype(np.float32)

    out = {"model.embed_tokens.weight": matrix(VOCABULARY, WIDTH), "model.norm.weight": vector(WIDTH)}
    for n in range(LAYERS):
        layer = f"model.layers.{n}."
        for name, heads in {"q": HEADS, "k": KV_HEADS, "v": KV_HEADS}.items():
            out[f"{layer}self_attn.{name}_proj.weight"] = matrix(heads * HEAD, WIDTH)
            out[f"{layer}self_attn.{name}_proj.bias"] = vector(heads * HEAD)
        out[f"{layer}self_attn.o_proj.weight"] = matrix(WIDTH, HEADS * HEAD)
        out[f"{layer}mlp.gate_proj.weight"], out[f"{layer}mlp.up_proj.weight"] = matrix(FF, WIDTH), matrix(FF, WIDTH)
        out[f"{layer}mlp.down_proj.weight"] = matrix(WIDTH, FF)
        out[f"{layer}input_layernorm.weight"], out[f"{layer}post_attention_layernorm.weight"] = vector(WIDTH), vector(WIDTH)
    return out


def to_gguf(name: str, tensor: np.ndarray) -> tuple[str, np.ndarray]:
    """The name, and the halves of each head interleaved, as convert_hf_to_gguf.py does it for llama."""
    for kind, heads in (("q_proj", HEADS), ("k_proj", KV_HEADS)):
        if kind in name:
            tensor = tensor.reshape(heads, 2, HEAD // 2, -1).swapaxes(1, 2).reshape(tensor.shape)
    for old, new in (("model.layers.", "blk."), ("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"),
                     ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
                     ("self_attn.o_proj", "attn_output"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"),
                     ("mlp.down_proj", "ffn_down"), ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm")):
        name = name.replace(old, new)
    return name, np.ascontiguousarray(tensor)


def rope_divisors() -> np.ndarray:
    """transformers' rule "llama3", as the table that GGUF keeps."""
    out = []
    for i in range(HEAD // 2):
        wavelength = 2 * math.pi * THETA ** (2 * i / HEAD)
        smooth = (8192 / wavelength - 1.0) / (4.0 - 1.0)
        out.append(1.0 if wavelength < 8192 / 4.0 else FACTOR if wavelength > 8192 / 1.0 else 1 / ((1 - smooth) / FACTOR + smooth))
    return np.array(out, dtype=np.float32)


def write_llama(tensors: dict[str, np.ndarray]) -> None:
    directory = root / "llama"
    directory.mkdir(exist_ok=True)
    names = list(tensors)
    shards = {f"model-0000{i + 1}-of-00002.safetensors": names[i::2] for i in range(2)}
    for shard, own in shards.items():
        save_file({name: tensors[name] for name in own}, directory / shard, metadata={"format": "pt"})
    index = {"metadata": {"total_size": sum(t.nbytes for t in tensors.values())},
             "weight_map": {name: shard for shard, own in shards.items() for name in own}}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")
    (directory / "config.json").write_text(json.dumps(CONFIG, indent=1) + "\n")
    (directory / "generation_config.json").write_text(json.dumps({"bos_token_id": 1, "eos_token_id": [2, 3]}) + "\n")

    writer = GGUFWriter(root / "llama.gguf", "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FF)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(THETA)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"token {i}" if i != 7 else "zwölf €" for i in range(VOCABULARY)])
    writer.add_token_types([3 if i < 4 else 1 for i in range(VOCABULARY)])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_eot_token_id(3)
    writer.add_uint8("test.u8", 200)
    writer.add_int8("test.i8", -100)
    writer.add_uint16("test.u16", 60000)
    writer.add_int16("test.i16", -30000)
    writer.add_uint32("test.u32", 4000000000)
    writer.add_int32("test.i32", -2000000000)
    writer.add_uint64("test.u64", 2**64 - 1)
    writer.add_int64("test.i64", -(2**63))
    writer.add_float32("test.f32", 0.5)
    writer.add_float64("test.f64", 1e300)
    writer.add_bool("test.true", True)
    writer.add_string("test.string", "a\0b")
    writer.add_array("test.floats", [0.25, -1.5])
    writer.add_array("test.nested", [[1, 2, 3], [4], [5, 6]])
    writer.add_array("test.nested_strings", [["a", "bc"], ["def"]])
    for name, tensor in tensors.items():
        writer.add_tensor(*to_gguf(name, tensor))
    writer.add_tensor("rope_freqs.weight", rope_divisors())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_v2() -> None:
    """Version 2 differs from 3 in the number alone where bytes are little endian. One Q8_0 and one F32 tensor, alignment 64."""
    path = root / "v2.gguf"
    writer = GGUFWriter(path, "qwen2")
    writer.add_custom_alignment(64)
    writer.add_tensor("a", np.arange(6, dtype=np.float32).reshape(2, 3))
    values = random.standard_normal((3, 64)).astype(np.float32)
    writer.add_tensor("b", quants.quantize(values, Type.Q8_0), raw_dtype=Type.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    contents = bytearray(path.read_bytes())
    contents[4:8] = struct.pack("<I", 2)
    path.write_bytes(contents)


if __name__ == "__main__":
    root.mkdir(parents=True, exist_ok=True)
    save_file(blocks(), root / "blocks.safetensors")
    write_llama(weights())
    write_v2()
