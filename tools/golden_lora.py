#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/checkpoint/lora: small models, adapters of them, and the merged weights as PEFT has them.

    pip install torch safetensors peft==0.21.2 && tools/golden_lora.py

base/, gpt_oss/               config.json, model.safetensors
CASE/adapter_config.json, CASE/adapter_model.safetensors   as PEFT saves them
CASE/expected.safetensors     all tensors that differ from the base's, in float32; where PEFT would write into a tied tensor, as its
                              forward pass sees them
"""
import copy
import json
import pathlib
import shutil

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from torch import nn
from transformers.pytorch_utils import Conv1D

ROOT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "checkpoint" / "lora"
HIDDEN, WIDE, TOKENS, EXPERTS = 12, 20, 16, 3


class Experts(nn.Module):
    """Parameters as transformers has them: [experts, out, in], or GPT-OSS's [experts, in, out]."""

    def __init__(self, is_transposed):
        super().__init__()
        self.is_transposed = is_transposed
        turn = (lambda a, b: (b, a)) if is_transposed else (lambda a, b: (a, b))
        self.gate_up_proj = nn.Parameter(torch.randn(EXPERTS, *turn(2 * HIDDEN, HIDDEN)))
        self.down_proj = nn.Parameter(torch.randn(EXPERTS, *turn(HIDDEN, HIDDEN)))


def layer(is_transposed):
    block = nn.Module()
    block.self_attn, block.mlp = nn.Module(), nn.Module()
    block.self_attn.qkv_proj = nn.Linear(HIDDEN, 2 * HIDDEN)
    block.self_attn.o_proj = nn.Linear(HIDDEN, HIDDEN, bias=False)
    block.mlp.c_fc, block.mlp.c_proj = Conv1D(WIDE, HIDDEN), Conv1D(HIDDEN, HIDDEN)
    block.mlp.experts = Experts(is_transposed)
    block.mlp.apart = nn.ModuleList()
    for _ in range(EXPERTS):
        expert = nn.Module()
        expert.gate_proj, expert.up_proj = nn.Linear(HIDDEN, WIDE, bias=False), nn.Linear(HIDDEN, WIDE, bias=False)
        expert.down_proj = nn.Linear(WIDE, HIDDEN, bias=False)
        block.mlp.apart.append(expert)
    return block


class Model(nn.Module):
    def __init__(self, is_transposed=False):
        super().__init__()
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(TOKENS, HIDDEN)
        self.model.layers = nn.ModuleList(layer(is_transposed) for _ in range(2))
        self.lm_head = nn.Linear(HIDDEN, TOKENS, bias=False)

    def prepare_inputs_for_generation(self):
        pass


def stir(module):
    """What training would have made of an adapter that begins as nothing, in numbers that float16 has."""
    for name, parameter in module.named_parameters():
        if "lora_magnitude" in name:
            parameter.data = (parameter.data * (0.5 + torch.rand_like(parameter))).half().float()
        elif parameter.requires_grad:
            parameter.data = (torch.randn_like(parameter) * 0.3).half().float()


def case(name, base, **arguments):
    dtype = arguments.pop("dtype", torch.float32)
    model = get_peft_model(copy.deepcopy(base), LoraConfig(**{"r": 4, "lora_alpha": 6, **arguments}))
    stir(model)
    model.save_pretrained(ROOT / name, save_embedding_layers=False)
    (ROOT / name / "README.md").unlink()
    if dtype != torch.float32:
        from safetensors.torch import load_file
        path = ROOT / name / "adapter_model.safetensors"
        save_file({k: t.to(dtype) for k, t in load_file(path).items()}, path, {"format": "pt"})
    model = PeftModel.from_pretrained(copy.deepcopy(base), ROOT / name)  # the file sorts the patterns
    merged, before = model.merge_and_unload().state_dict(), base.state_dict()
    changed = {k: t.float().contiguous() for k, t in merged.items() if k not in before or not torch.equal(t, before[k])}
    assert changed, name
    save_file(changed, ROOT / name / "expected.safetensors")


def save_base(name, model, model_type):
    for parameter in model.parameters(): parameter.data = parameter.data.half().float()
    (ROOT / name).mkdir(parents=True)
    (ROOT / name / "config.json").write_text(json.dumps({"model_type": model_type}) + "\n")
    save_file({k: t.half() for k, t in model.state_dict().items()}, ROOT / name / "model.safetensors", {"format": "pt"})


torch.manual_seed(20261122)
shutil.rmtree(ROOT, ignore_errors=True)
base, turned = Model(), Model(is_transposed=True)
save_base("base", base, "llama")
save_base("gpt_oss", turned, "gpt_oss")
attention = ["qkv_proj", "o_proj"]
case("plain", base, target_modules=attention)
case("half", base, target_modules=attention, dtype=torch.float16)
case("rslora", base, target_modules=attention, use_rslora=True)
case("dora", base, target_modules=attention + ["lm_head"], use_dora=True)
case("patterns", base, target_modules=attention, rank_pattern={"layers.0.self_attn.o_proj": 2, r"layers\.\d+\.self_attn\.(o|qkv)_proj": 3},
     alpha_pattern={r"^model\.layers\.1\..*": 9, "layers.0.self_attn.o_proj": 5, "o_proj": 7})
case("biases", base, target_modules=["qkv_proj"], bias="all")
case("bias_of_b", base, target_modules=["qkv_proj"], lora_bias=True)
case("embedding", base, target_modules=["embed_tokens", "o_proj"])
case("embedding_dora", base, target_modules=["embed_tokens"], use_dora=True)
case("saved", base, target_modules=["o_proj"], modules_to_save=["embed_tokens", "lm_head"])
case("fan_in", base, target_modules=["c_fc", "c_proj"], fan_in_fan_out=True)
case("fan_in_dora", base, target_modules=["c_fc", "c_proj"], fan_in_fan_out=True, use_dora=True)
case("apart", base, target_modules=["gate_proj", "up_proj", "down_proj"])
case("experts", base, target_modules=[], target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"])
case("gpt_oss_experts", turned, target_modules=[], target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"])
