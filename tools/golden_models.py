#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tiny random checkpoints under tests/golden/models and the logits that their references compute from them.

    golden_models.py [DIR] [NAME ...]      DIR: tests/golden/models beside this script unless given; NAME: only these models

Needs torch, transformers 5, numpy, safetensors; the models are those of golden_families.py. Every directory looks like a download:
config.json and weights in one file or in two shards with an index. Beside them stand tokens.txt (ids), logits.npy (float32 [tokens,
vocabulary], eager attention in fp32 on the stored weights) or hidden.npy ([tokens, hidden]), greedy.txt (what greedy decoding adds,
every token from a full recomputation) and golden.json: how the tokens may be fed ("modes"), and the cosine that remains of the logits
when weights are rounded to nearest ("rounded"), and how far they move when the positions of the second half are one too large
("shift", in deviations). The same seed and numpy give the same weights; the reference reads the directory
itself, so a file it misreads cannot pass.
"""
import json
import pathlib
import re
import shutil
import sys
import tempfile
import zlib

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file

from golden_families import MODELS

torch.set_num_threads(1)
torch.set_grad_enabled(False)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}
GAINS = (("q_proj|k_proj|q_b_proj|router|gate.weight|gate.wg", 1.8), ("lm_head|^output|output_layer", 2.0),
         ("qkv|W_pack|c_attn|query_key_value|kv_b_proj|Wqkv", 1.5), ("", 1.2))  # of matrices, by name
LIMIT = 1e-4  # of the tests, in deviations of the logits


class Unfit(Exception):
    """These weights make a bad test: the next seed, please."""


def fit(condition, why):
    if not condition:
        raise Unfit(why)


def draw(name, shape, random, draws):
    """No tensor may be idle: norms off one, biases off zero, queries and keys large enough for a peaked softmax."""
    if name.endswith("_blocks"):
        return random.integers(0, 256, shape, dtype=np.uint8)
    if name.endswith("_scales"):
        return random.integers(121, 125, shape, dtype=np.uint8)
    normal = random.standard_normal(shape).astype(np.float32)
    for pattern, mean, spread in draws:
        if re.search(pattern, name):
            return np.float32(mean) + np.float32(spread) * normal
    if name.endswith("bias"):
        return 0.5 * normal
    if len(shape) == 1:
        return (1.2 if "_norm.weight" in name else 1.0) + 0.25 * np.clip(normal, -2, 2)
    if re.search("embed_tokens|_embeddings|wte|tok_embeddings", name):
        return 0.6 * normal
    gain = next(gain for pattern, gain in GAINS if re.search(pattern, name))
    return normal * gain / np.sqrt(shape[1], dtype=np.float32)


def transformers_class(c):
    return transformers.AutoModelForCausalLM if "CausalLM" in c.get("architectures", ["CausalLM"])[0] else transformers.AutoModel


def from_files(directory):
    """What transformers loads, provided that it takes every tensor and lacks none."""
    c = json.loads((directory / "config.json").read_text())
    model, report = transformers_class(c).from_pretrained(directory, dtype=torch.float32, attn_implementation="eager",
                                                          output_loading_info=True)
    wrong = {key: report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if report.get(key)}
    assert not wrong, wrong
    return model.eval()


def saved_shapes(c):
    known = {key: value for key, value in c.items() if key not in ("architectures", "auto_map")}
    model = transformers_class(c).from_config(transformers.AutoConfig.for_model(**known))
    with tempfile.TemporaryDirectory() as directory:
        model.save_pretrained(directory)
        return {name: tuple(t.shape) for name, t in load_file(f"{directory}/model.safetensors").items()}


def forward_of(case, c, tensors):
    """ids, positions -> logits [tokens, vocabulary]; the rows before the head for models without one."""
    tensors = {name: t.float() if t.is_floating_point() else t for name, t in tensors.items()}
    if case.reference:
        run = case.reference(c, tensors)
        return lambda ids, positions=None: run(ids, torch.arange(len(ids)) if positions is None else positions).numpy()
    if case.equivalent:
        c, tensors = case.equivalent(c, tensors)
    with tempfile.TemporaryDirectory() as directory:
        save_file({name: t.contiguous() for name, t in tensors.items()}, f"{directory}/model.safetensors", {"format": "pt"})
        pathlib.Path(directory, "config.json").write_text(json.dumps(c))
        model = from_files(pathlib.Path(directory))

    def run(ids, positions=None):
        more = {} if c["model_type"] == "bert" else {"use_cache": False}
        if positions is not None:
            more.update(position_ids=positions[None], attention_mask=torch.ones(1, len(ids), dtype=torch.long))
        out = model(input_ids=torch.tensor([ids]), **more)
        return (out.last_hidden_state if case.kind == "hidden" else out.logits)[0].float().numpy()
    return run


def write_checkpoint(directory, case, seed):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    c, random, shards = case.config, np.random.default_rng(seed), case.shards
    dtype = DTYPES[c.get("torch_dtype", c.get("dtype"))]
    tensors = {}
    for name, shape in (case.shapes or saved_shapes)(c).items():
        values = torch.from_numpy(draw(name, shape, random, case.draws))
        tensors[name] = values.to(dtype) if values.is_floating_point() else values
    tensors.update(case.constants(c) if case.constants else {})
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


def read_checkpoint(directory):
    tensors = {}
    for file in sorted(directory.glob("*.safetensors")):
        tensors.update(load_file(file))
    return json.loads((directory / "config.json").read_text()), tensors


def check_no_tensor_is_idle(case, c, tensors, ids, reference):
    for name, tensor in tensors.items():
        if re.search(case.idle, name) or name.endswith("inv_freq"):
            continue
        changed = tensor.clone()
        if tensor.is_floating_point():
            changed[..., ::2] *= 0.6  # every other value: a norm that follows cannot undo it
        else:
            changed[..., ::2] ^= 3
        change = np.abs(forward_of(case, c, {**tensors, name: changed})(ids) - reference).max()
        fit(change > 0.02, f"{name}: changing it moves the logits by only {change}")


def rounded(tensor, bits, axis):
    """To nearest in blocks of 32 along the inputs, from the smallest to the largest value of each."""
    def block(x):
        low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
        step = ((high - low) / (2 ** bits - 1)).clamp_min(1e-12)
        return ((x - low) / step).round() * step + low
    return torch.cat([block(part) for part in tensor.float().movedim(axis, -1).split(32, -1)], -1).movedim(-1, axis)


def cosine_of_rounding(case, c, tensors, ids, reference, bits):
    """Of the logits with matrices in `bits`, embedding and head in 8; norms, routers and convolutions as they are."""
    out = {}
    for name, tensor in tensors.items():
        if name.endswith(("_blocks", "_scales")):
            continue
        plain = tensor.dim() < 2 or re.search(r"conv|router|mlp\.gate\.|block_sparse_moe\.gate\.|_bias$|feed_forward\.gate\.", name)
        wide = re.search("embed|wte|lm_head|^output|output_layer", name)
        out[name] = tensor if plain else rounded(tensor, 8 if wide else bits, 1 if tensor.dim() == 3 else -1)
    if any(name.endswith("_blocks") for name in tensors):
        c, more = case.equivalent(c, tensors)
        out.update({name: rounded(t, bits, 1) for name, t in more.items() if name not in out})
        case = MODELS["gpt_oss"]
    x = forward_of(case, c, out)(ids).astype(np.float64).ravel()
    y = reference.astype(np.float64).ravel()
    return round(float(x @ y / np.linalg.norm(x) / np.linalg.norm(y)), 5)


def make(directory, name, case, seed):
    write_checkpoint(directory, case, seed)
    c, tensors = read_checkpoint(directory)
    forward = forward_of(case, c, tensors)
    vocabulary = c.get("vocab_size", c.get("padded_vocab_size"))
    ids = [int(i) for i in np.random.default_rng(seed + 1).integers(3, vocabulary - (5 if case.prompt else 0), case.tokens)]
    ids[:len(case.prompt)] = case.prompt
    logits = forward(ids)
    deviation = float(logits.std())
    scale = max(1.0, deviation)
    fit(np.isfinite(logits).all() and deviation < 6, f"logits deviate by {deviation}")

    noise = torch.Generator().manual_seed(1)  # errors of single precision must stay far below the limit: no router on a knife's edge
    noisy = {n: t.float() * (1 + 1e-6 * torch.randn(t.shape, generator=noise)) if t.is_floating_point() else t for n, t in tensors.items()}
    wobble = float(np.abs(forward_of(case, c, noisy)(ids) - logits).max()) / scale
    fit(wobble < LIMIT, f"rounding errors move the logits by {wobble}")
    positions = torch.arange(len(ids))
    positions[len(ids) // 2:] += 1
    shift = np.inf if c["model_type"] == "bert" else float(np.abs(forward(ids, positions) - logits).max()) / scale
    fit(shift > 100 * LIMIT, f"positions shifted by one from the middle on move the logits by only {shift}")
    check_no_tensor_is_idle(case, c, tensors, ids, logits)

    golden = {"case": name, "family": c["model_type"], "kind": case.kind, "modes": list(case.modes),
              "reference": f"transformers {transformers.__version__}", "seed": seed,
              "shift": round(min(shift, 100.0), 3)}
    if case.reference:
        golden["reference"] = "golden_families.py"
    margin = np.inf
    if case.kind == "causal":
        greedy = []
        for _ in range(case.continuation):
            last = forward(ids + greedy)[-1]
            best = np.sort(last)
            margin = min(margin, float(best[-1] - best[-2]))
            greedy.append(int(last.argmax()))
        fit(margin > 1e-3 * scale, "two continuations are as good")
        fit(len(set(greedy)) > (2 if "1" in case.modes else 1), "the continuation repeats itself")
        (directory / "greedy.txt").write_text(" ".join(map(str, greedy)) + "\n")
        golden["rounded"] = {f"int{bits}": cosine_of_rounding(case, c, tensors, ids, logits, bits) for bits in (8, 4)}
    for file in directory.glob("*.safetensors"):
        file.chmod(0o644)
    np.save(directory / ("logits.npy" if case.kind == "causal" else "hidden.npy"), logits.astype(np.float32))
    (directory / "tokens.txt").write_text(" ".join(map(str, ids)) + "\n")
    (directory / "golden.json").write_text(json.dumps(golden, indent=2) + "\n")
    size = sum(f.stat().st_size for f in directory.iterdir())
    print(f"{name:20} {size / 1024:5.1f} KiB  logits {logits.shape}  deviation {deviation:.2f}  wobble {wobble:.0e}  shift {shift:.2f}  "
          f"greedy margin {margin:.3f}  rounded {golden.get('rounded', '')}  seed {seed}", flush=True)
    return size


def main(arguments):
    names = [a for a in arguments if a in MODELS]
    others = [a for a in arguments if a not in MODELS]
    root = pathlib.Path(others[0]) if others else pathlib.Path(__file__).resolve().parent.parent / "tests/golden/models"
    total = 0
    for name in names or MODELS:
        seed = zlib.crc32(name.encode())
        for attempt in range(60):
            try:
                total += make(root / name, name, MODELS[name], seed + attempt)
                break
            except Unfit as why:
                print(f"{name}: seed {seed + attempt}: {why}", file=sys.stderr, flush=True)
        else:
            raise SystemExit(f"{name}: no seed fits")
    print(f"{total / 1024:.0f} KiB together")


if __name__ == "__main__":
    main(sys.argv[1:])
