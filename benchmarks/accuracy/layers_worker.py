#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What layers.py runs in the environments of the packages it compares with: quantizes a checkpoint's first layers, or measures errors.

  layers_worker.py hqq|gptqmodel|autoawq REFERENCE OUT --bits B --group G --layers N --calibration FILE
  layers_worker.py errors REFERENCE TEXT --layers N NAME=WEIGHTS...
"""
import argparse
import json

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

WINDOW = 512  # tokens
CALIBRATION_WINDOWS, WINDOWS = 32, 8  # of the former as many as ingot-export reads; the latter for errors
STAGES = (("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"), ("self_attn.o_proj",), ("mlp.gate_proj", "mlp.up_proj"), ("mlp.down_proj",))
LINEARS = tuple(name for stage in STAGES for name in stage)


def open_model(path):
    model = AutoModelForCausalLM.from_pretrained(path, torch_dtype=torch.float32, attn_implementation="eager").eval()
    model.config.use_cache = False  # layers are run on the same windows again and again
    return model


def windows(path, text, most):
    """Token ids of a text, [windows, WINDOW]."""
    with open(text, encoding="utf-8") as file:
        ids = AutoTokenizer.from_pretrained(path)(file.read(), add_special_tokens=False)["input_ids"]
    count = min(most, len(ids) // WINDOW)
    return torch.tensor(ids[:count * WINDOW]).view(count, WINDOW)


class LayerInputs(Exception):
    """Ends a forward pass when the first decoder layer is called."""


def first_inputs(model, ids):
    """What the first layer is called with: hidden states of each window, and the arguments that all layers share."""
    hidden, shared = [], {}

    def catch(module, args, kwargs):
        hidden.append(args[0] if args else kwargs["hidden_states"])
        shared.update({key: value for key, value in kwargs.items() if key != "hidden_states"}, use_cache=False, past_key_values=None)
        raise LayerInputs

    handle = model.model.layers[0].register_forward_pre_hook(catch, with_kwargs=True)
    for window in ids:
        try:
            model(window[None], use_cache=False)
        except LayerInputs:
            pass
    handle.remove()
    return hidden, shared


def run(layer, hidden, shared):
    outputs = [layer(x, **shared) for x in hidden]
    return [out[0] if isinstance(out, tuple) else out for out in outputs]


def linear_inputs(layer, names, hidden, shared, use):
    """Calls use(name, linear, input) for every input of these linears while the layer runs; returns the layer's outputs."""
    handles = [layer.get_submodule(name).register_forward_hook(lambda module, args, out, name=name: use(name, module, args[0])) for name in names]
    outputs = run(layer, hidden, shared)
    for handle in handles:
        handle.remove()
    return outputs


def quantize_hqq(model, options):
    from hqq.core.quantize import Quantizer

    for layer in model.model.layers[:options.layers]:
        for name in LINEARS:
            linear = layer.get_submodule(name)
            codes, meta = Quantizer.quantize(linear.weight.data, nbits=options.bits, group_size=options.group, axis=1, optimize=True,
                                             compute_dtype=torch.float32, device="cpu", bitpack=False)
            linear.weight.data = Quantizer.dequantize(codes, meta).float().view_as(linear.weight)


def quantize_gptqmodel(model, options):
    from gptqmodel.quantization import QuantizeConfig
    from gptqmodel.quantization.gptq import GPTQ

    hidden, shared = first_inputs(model, windows(options.reference, options.calibration, CALIBRATION_WINDOWS))
    for layer in model.model.layers[:options.layers]:
        for stage in STAGES:
            tasks = {name: GPTQ(layer.get_submodule(name), QuantizeConfig(bits=options.bits, group_size=options.group, sym=False)) for name in stage}
            for task in tasks.values():
                task.quantizer.configure(perchannel=True)
            linear_inputs(layer, stage, hidden, shared, lambda name, module, x: tasks[name].add_batch(x, None))
            for name, task in tasks.items():
                layer.get_submodule(name).weight.data = task.quantize()[0].float()
        hidden = run(layer, hidden, shared)


def quantize_autoawq(model, options):
    from awq.models.llama import LlamaAWQForCausalLM
    from awq.models.qwen2 import Qwen2AWQForCausalLM
    from awq.quantize.quantizer import AwqQuantizer

    # AutoAWQ restores weights from, and scales inputs in, what .cpu() gave: a copy where the model is on a GPU, else what it changes itself.
    to_cpu = torch.Tensor.cpu
    torch.Tensor.cpu = lambda tensor: to_cpu(tensor).clone()
    family = {"llama": LlamaAWQForCausalLM, "qwen2": Qwen2AWQForCausalLM}[model.config.model_type]
    ids = windows(options.reference, options.calibration, CALIBRATION_WINDOWS)
    wrapped = family(model, model.config.model_type, True, model.config, None, None)
    quantizer = AwqQuantizer(wrapped, model, None, options.bits, options.group, True, "gemm", ids.tolist(), None, None, True,
                             export_compatible=True, max_calib_samples=len(ids), max_calib_seq_len=WINDOW)
    quantizer.modules = quantizer.modules[:options.layers]
    quantizer.quantize()
    for layer in model.model.layers[:options.layers]:
        for name in LINEARS:
            linear = layer.get_submodule(name)
            linear.weight.data = quantizer.pseudo_quantize_tensor(linear.weight.data)[0]


def relative(error, size):
    return (error.double().square().sum() / size.double().square().sum()).item()


def layer_errors(model, hidden, shared, number, weights):
    """Errors of a layer with other weights: of its output, and of its matrices' outputs unless its norms changed, too."""
    layer, prefix = model.model.layers[number], f"model.layers.{number}."
    mine = {name: value.data for name, value in layer.named_parameters()}
    theirs = {name: weights.get_tensor(prefix + name).view_as(value) for name, value in mine.items()}
    inputs = {}
    right = linear_inputs(layer, LINEARS, hidden, shared, lambda name, module, x: inputs.setdefault(name, []).append(x.flatten(0, -2)))
    folded = not all(torch.equal(mine[name], theirs[name]) for name in mine if "norm" in name)
    matrices = None
    if not folded:
        changes = [(torch.cat(inputs[name]), mine[f"{name}.weight"], theirs[f"{name}.weight"]) for name in LINEARS]
        matrices = sum(relative(x @ (w - changed).T, x @ w.T) for x, w, changed in changes) / len(changes)
    for name, value in layer.named_parameters():
        value.data = theirs[name]
    wrong = run(layer, hidden, shared)
    for name, value in layer.named_parameters():
        value.data = mine[name]
    right, wrong, hidden = torch.cat(right), torch.cat(wrong), torch.cat(hidden)
    return relative(wrong - right, right - hidden), matrices


def measure_errors(options):
    model = open_model(options.reference)
    hidden, shared = first_inputs(model, windows(options.reference, options.out, WINDOWS))
    files = {name: safe_open(file, "pt") for name, file in (pair.split("=", 1) for pair in options.weights)}
    found = {name: {"layers": [], "matrices": []} for name in files}
    for number in range(options.layers):
        for name, weights in files.items():
            of_layer, of_matrices = layer_errors(model, hidden, shared, number, weights)
            found[name]["layers"].append(of_layer)
            if of_matrices is not None:
                found[name]["matrices"].append(of_matrices)
        hidden = run(model.model.layers[number], hidden, shared)
    for one in found.values():
        if len(one["matrices"]) < options.layers:
            one["matrices"] = []
    print(json.dumps(found))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("hqq", "gptqmodel", "autoawq", "errors"))
    parser.add_argument("reference")
    parser.add_argument("out")
    parser.add_argument("weights", nargs="*")
    parser.add_argument("--bits", type=int)
    parser.add_argument("--group", type=int)
    parser.add_argument("--layers", type=int, required=True)
    parser.add_argument("--calibration")
    options = parser.parse_args()
    with torch.no_grad():
        if options.what == "errors":
            return measure_errors(options)
        model = open_model(options.reference)
        {"hqq": quantize_hqq, "gptqmodel": quantize_gptqmodel, "autoawq": quantize_autoawq}[options.what](model, options)
    layers = model.model.layers[:options.layers]
    save_file({f"model.layers.{i}.{name}": value.contiguous() for i, layer in enumerate(layers) for name, value in layer.state_dict().items()}, options.out)


main()
