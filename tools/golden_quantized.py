#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/checkpoint/quantized: small matrices in the forms in which quantized checkpoints are published.

    pip install safetensors numpy ml_dtypes torch compressed-tensors==0.20.0 && tools/golden_quantized.py

CASE/config.json, CASE/model.safetensors   as after a download
CASE/expected.safetensors                  the values in float32, (code - zero) * scale

GPTQ and AWQ are packed here, bit by bit, from what AutoGPTQ (QuantLinear.pack), GPTQModel (format gptq_v2) and AutoAWQ
(WQLinear_GEMM.from_linear) publish. compressed-tensors writes its own. FP8 and MXFP4 are ml_dtypes' float8_e4m3fn, float4_e2m1fn.
"""
import json
import pathlib
import shutil

import ml_dtypes
import numpy as np
import torch
from compressed_tensors.compressors import BaseCompressor
from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

ROOT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "checkpoint" / "quantized"
random = np.random.default_rng(20261121)
OUT, IN = 24, 64


def write(case: str, quantization: dict, tensors: dict, expected: dict, save=save_file) -> None:
    folder = ROOT / case
    folder.mkdir(parents=True)
    config = {"model_type": "llama", "quantization_config": quantization}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    save(tensors, folder / "model.safetensors", {"format": "pt"})
    save_file({k: np.ascontiguousarray(v, dtype=np.float32) for k, v in expected.items()}, folder / "expected.safetensors")


def pack_down(codes: np.ndarray, bits: int) -> np.ndarray:
    """[n, m] codes -> [n * bits / 32, m] int32, each column one stream of bits, the lowest first."""
    stream = np.stack([codes >> b & 1 for b in range(bits)], axis=1).reshape(-1, 32, codes.shape[1]).astype(np.uint64)
    return (stream << np.arange(32, dtype=np.uint64)[None, :, None]).sum(1).astype(np.uint32).view(np.int32)


def gptq(case: str, bits: int, group: int, symmetric: bool = False, shuffled: bool = False, v2: bool = False, dtype=np.float16) -> None:
    groups = IN // group if group > 0 else 1
    codes = random.integers(0, 1 << bits, (IN, OUT))
    zeros = np.full((groups, OUT), 1 << (bits - 1)) if symmetric else random.integers(0, 1 << bits, (groups, OUT))
    scales = (random.random((groups, OUT)) * 0.05 + 0.001).astype(dtype)
    order = np.arange(IN) // (group if group > 0 else IN)
    if shuffled: order = random.permutation(order)
    values = (codes - zeros[order]).astype(np.float32) * scales[order].astype(np.float32)
    stored = zeros if v2 else (zeros - 1) % (1 << bits)
    pad = -OUT % (32 // np.gcd(32, bits))
    tensors = {"m.x_proj.qweight": pack_down(codes, bits), "m.x_proj.scales": scales, "m.x_proj.g_idx": order.astype(np.int32),
               "m.x_proj.qzeros": np.ascontiguousarray(pack_down(np.pad(stored, ((0, 0), (0, pad))).T, bits).T),
               "m.x_proj.bias": np.zeros(OUT, dtype), "m.norm.weight": np.ones(IN, dtype)}
    write(case, {"quant_method": "gptq", "bits": bits, "group_size": group, "desc_act": shuffled, "sym": symmetric,
                 "checkpoint_format": "gptq_v2" if v2 else "gptq"}, tensors, {"m.x_proj.weight": values.T})


def awq() -> None:
    group = 32
    codes, zeros = random.integers(0, 16, (IN, OUT)), random.integers(0, 16, (IN // group, OUT))
    scales = (random.random((IN // group, OUT)) * 0.05 + 0.001).astype(np.float16)

    def pack(x):  # nibble i of a word holds column order[i] of eight
        words = np.zeros((x.shape[0], x.shape[1] // 8), np.uint32)
        for i, column in enumerate([0, 2, 4, 6, 1, 3, 5, 7]): words |= x[:, column::8].astype(np.uint32) << np.uint32(4 * i)
        return words.view(np.int32)

    order = np.arange(IN) // group
    values = (codes - zeros[order]).astype(np.float32) * scales[order].astype(np.float32)
    write("awq", {"quant_method": "awq", "bits": 4, "group_size": group, "version": "gemm", "zero_point": True},
          {"m.x_proj.qweight": pack(codes), "m.x_proj.qzeros": pack(zeros), "m.x_proj.scales": scales}, {"m.x_proj.weight": values.T})


def compressed(case: str, form: str, dtype=torch.bfloat16, **arguments) -> None:
    """By the library; the values from the codes that the compressor was given to pack, in float32."""
    args = QuantizationArgs(**arguments)
    weight = torch.from_numpy(random.standard_normal((OUT, IN))).to(dtype)
    groups = IN // args.group_size if args.strategy == "group" else 1
    shape = {"tensor": (1,), "channel": (OUT, 1), "group": (OUT, groups), "block": (-(-OUT // 16), -(-IN // 40))}[args.strategy]
    scale = torch.from_numpy(random.random(shape) * 0.2 + 0.3).to(dtype) * (1 if args.type == "int" and args.num_bits == 4 else 0.05)
    state = {"weight": weight, "weight_scale": scale}
    if not args.symmetric: state["weight_zero_point"] = torch.from_numpy(random.integers(-4, 4, shape)).to(torch.int8)
    scheme = QuantizationScheme(targets=["Linear"], weights=args)
    compressor = BaseCompressor.get_value_from_registry(form)
    packed = compressor.compress(dict(state), scheme)
    exact = {k: t.float() if t.dtype == dtype else t for k, t in packed.items()}
    values = compressor.decompress(exact, scheme)["weight"].float().numpy()
    config = {"quant_method": "compressed-tensors", "format": form, "ignore": ["lm_head"],
              "config_groups": {"group_0": {"targets": ["Linear"], "weights": json.loads(args.model_dump_json())}}}
    tensors = {f"m.x_proj.{k}": t.contiguous() for k, t in packed.items()}
    write(case, config, tensors, {"m.x_proj.weight": values}, save_torch)


def fp8() -> None:
    """DeepSeek-V3: blocks, smaller ones at the edges; and one scale for each of two experts' blocks."""
    rows, columns = 24, 40
    expected, tensors = {}, {}
    for name, experts in {"m.x_proj.weight": (), "m.experts.gate_up_proj": (2,)}.items():
        weight = random.standard_normal((*experts, rows, columns)).astype(ml_dtypes.float8_e4m3fn)
        scale = (random.random((*experts, 2, 3)) * 0.01).astype(np.float32)
        spread = np.repeat(np.repeat(scale, 16, -2), 16, -1)[..., :rows, :columns]
        tensors[name], tensors[name + "_scale_inv"] = torch.from_numpy(weight.view(np.uint8)).view(torch.float8_e4m3fn), torch.from_numpy(scale)
        expected[name] = weight.astype(np.float32) * spread
    write("fp8", {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [16, 16], "activation_scheme": "dynamic"}, tensors, expected,
          save_torch)


def mxfp4() -> None:
    blocks = random.integers(0, 256, (2, 8, 2, 16), dtype=np.uint8)
    scales = random.integers(110, 130, (2, 8, 2), dtype=np.uint8)
    codes = np.stack([blocks & 15, blocks >> 4], -1).reshape(2, 8, 2, 32)
    values = codes.view(ml_dtypes.float4_e2m1fn).astype(np.float32) * np.exp2(scales.astype(np.float32) - 127)[..., None]
    write("mxfp4", {"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]},
          {"m.experts.down_proj_blocks": blocks, "m.experts.down_proj_scales": scales}, {"m.experts.down_proj": values.reshape(2, 8, 64)})


shutil.rmtree(ROOT, ignore_errors=True)
gptq("gptq", 4, 32)
gptq("gptq-sym", 4, 32, symmetric=True)
gptq("gptq-order", 4, 16, shuffled=True)
gptq("gptq-8bit-v2", 8, -1, v2=True, dtype=np.float32)
gptq("gptq-3bit", 3, 32)
awq()
compressed("pack", "pack-quantized", num_bits=4, type="int", strategy="group", group_size=32, symmetric=True)
compressed("pack-zeros", "pack-quantized", num_bits=4, type="int", strategy="group", group_size=16, symmetric=False)
compressed("pack-8bit", "pack-quantized", num_bits=8, type="int", strategy="channel", symmetric=True)
compressed("int8", "int-quantized", num_bits=8, type="int", strategy="channel", symmetric=True)
compressed("int8-zeros", "int-quantized", num_bits=8, type="int", strategy="group", group_size=32, symmetric=False)
compressed("fp8-channel", "float-quantized", num_bits=8, type="float", strategy="channel", symmetric=True)
compressed("fp8-tensor", "float-quantized", num_bits=8, type="float", strategy="tensor", symmetric=True)
compressed("fp8-block", "float-quantized", num_bits=8, type="float", strategy="block", block_structure=[16, 40], symmetric=True)
fp8()
mxfp4()
