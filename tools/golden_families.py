# SPDX-License-Identifier: Apache-2.0
"""The models that golden_models.py writes: a tiny config for each graph and each layout of weights, and what computes its logits.

A family that transformers has is its config alone. One whose code comes with its checkpoint is written under the names of that
checkpoint and read back either as an equivalent model of transformers (`equivalent`) or by the functions at the end (`reference`).
"""
import dataclasses
import math
import typing

import torch

F = torch.nn.functional
ABSENT = object()  # a key that the config of this family does not have


@dataclasses.dataclass
class Case:
    config: dict
    tokens: int = 24
    shards: int = 1
    shapes: typing.Callable | None = None      # config -> {name: shape}; None: what transformers saves
    equivalent: typing.Callable | None = None  # config, tensors -> config and tensors of a class of transformers
    reference: typing.Callable | None = None   # config, tensors -> logits of (ids, positions)
    constants: typing.Callable | None = None   # config -> {name: tensor}: what a checkpoint carries and nobody reads
    draws: tuple = ()                          # (pattern of names, mean, deviation), before the general rules
    modes: tuple = ("all", "7", "1")           # ("all",): what a token sees depends on the length of the whole text
    kind: str = "causal"                       # or "hidden": rows after the final norm, no head
    prompt: tuple = ()                         # the ids to start with
    idle: str = "$^"                           # pattern of tensors that nobody reads
    continuation: int = 8


def config(model_type, architecture, hidden, feed_forward, layers, heads, kv_heads, vocabulary, **more):
    c = {"architectures": [architecture], "model_type": model_type, "hidden_size": hidden, "intermediate_size": feed_forward,
         "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": kv_heads, "vocab_size": vocabulary,
         "hidden_act": "silu", "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": False, "torch_dtype": "bfloat16", "bos_token_id": 1, "eos_token_id": 2, **more}
    return {key: value for key, value in c.items() if value is not ABSENT}


def small(model_type, architecture, layers=2, feed_forward=24, **more):
    """The extents of most of these models."""
    return config(model_type, architecture, 32, feed_forward, layers, 4, more.pop("kv_heads", 2), 51, **more)


def remote(model_type, architecture, **more):
    return small(model_type, architecture, auto_map={"AutoModelForCausalLM": f"modeling_{model_type}.{architecture}"}, **more)


# ------------------------------------------------------------------------------------------------------------------ layouts
def llama_shapes(c, attention=True, bias=()):
    """Name -> shape of every tensor of Llama, with biases of the matrices in `bias`; without those of attention except o_proj."""
    hidden, wide, head = c["hidden_size"], c["intermediate_size"], c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])
    queries, keys = c["num_attention_heads"] * head, c.get("num_key_value_heads", c["num_attention_heads"]) * head
    shapes = {"model.embed_tokens.weight": (c["vocab_size"], hidden)}
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        for name, rows in ("q", queries), ("k", keys), ("v", keys):
            if attention:
                shapes[f"{layer}self_attn.{name}_proj.weight"] = (rows, hidden)
                if name in bias or c["model_type"] == "qwen2":
                    shapes[f"{layer}self_attn.{name}_proj.bias"] = (rows,)
        shapes[f"{layer}self_attn.o_proj.weight"] = (hidden, queries)
        if "o" in bias:
            shapes[f"{layer}self_attn.o_proj.bias"] = (hidden,)
        if c["model_type"] == "qwen3":
            shapes[f"{layer}self_attn.q_norm.weight"] = (head,)
            shapes[f"{layer}self_attn.k_norm.weight"] = (head,)
        shapes[f"{layer}mlp.gate_proj.weight"] = (wide, hidden)
        shapes[f"{layer}mlp.up_proj.weight"] = (wide, hidden)
        shapes[f"{layer}mlp.down_proj.weight"] = (hidden, wide)
        shapes[f"{layer}input_layernorm.weight"] = (hidden,)
        shapes[f"{layer}post_attention_layernorm.weight"] = (hidden,)
    shapes["model.norm.weight"] = (hidden,)
    if not c["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (c["vocab_size"], hidden)
    return shapes


def of_layers(count, prefix, per_layer, globals_):
    """Shapes of the tensors that every layer has and of the others."""
    shapes = dict(globals_)
    for i in range(count):
        for name, shape in per_layer.items():
            shapes[f"{prefix}{i}.{name}"] = shape
    return shapes


def renamed(name, *pairs):
    for old, new in pairs:
        name = name.replace(old, new)
    return name


def like(c, model_type, **more):
    """The config of an equivalent model: the keys that mean the same, and `more`."""
    keys = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "vocab_size", "head_dim",
            "hidden_act", "max_position_embeddings", "rms_norm_eps", "rope_theta", "rope_scaling", "tie_word_embeddings", "bos_token_id",
            "eos_token_id")
    return {"model_type": model_type, **{key: c[key] for key in keys if key in c}, **more}


def frequencies(theta, dimensions):
    return theta ** (-torch.arange(0, dimensions, 2).float() / dimensions)


def stored_frequencies(c):
    head = c["hidden_size"] // c["num_attention_heads"]
    return {f"model.layers.{i}.self_attn.rotary_emb.inv_freq": frequencies(10000.0, head) for i in range(c["num_hidden_layers"])}


def internlm(c, tensors):
    return like(c, "llama", attention_bias=True), {k: t for k, t in tensors.items() if "rotary_emb" not in k}


def internlm2_shapes(c):
    hidden, wide, head = c["hidden_size"], c["intermediate_size"], c["hidden_size"] // c["num_attention_heads"]
    rows = (c["num_attention_heads"] + 2 * c["num_key_value_heads"]) * head
    layer = {"attention.wqkv.weight": (rows, hidden), "attention.wo.weight": (hidden, hidden), "feed_forward.w1.weight": (wide, hidden),
             "feed_forward.w3.weight": (wide, hidden), "feed_forward.w2.weight": (hidden, wide), "attention_norm.weight": (hidden,),
             "ffn_norm.weight": (hidden,)}
    return of_layers(c["num_hidden_layers"], "model.layers.", layer, {
        "model.tok_embeddings.weight": (c["vocab_size"], hidden), "model.norm.weight": (hidden,),
                                                                         "output.weight": (c["vocab_size"], hidden)})


def internlm2(c, tensors):
    """wqkv holds, for each key head, its query heads, itself and its value head."""
    head, groups, out = c["hidden_size"] // c["num_attention_heads"], c["num_key_value_heads"], {}
    for name, tensor in tensors.items():
        if "wqkv" in name:
            parts = tensor.view(groups, -1, head, c["hidden_size"]).split([c["num_attention_heads"] // groups, 1, 1], 1)
            for letter, part in zip("qkv", parts):
                out[name.replace("attention.wqkv", f"self_attn.{letter}_proj")] = part.reshape(-1, c["hidden_size"])
            continue
        out[renamed(name, ("attention.wo", "self_attn.o_proj"), ("feed_forward.w1", "mlp.gate_proj"), ("feed_forward.w3", "mlp.up_proj"),
                    ("feed_forward.w2", "mlp.down_proj"), ("attention_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm"),
                    ("tok_embeddings", "embed_tokens"), ("output.weight", "lm_head.weight"))] = tensor
    return like(c, "llama"), out


def mobilellm(c, tensors):
    """Every stored block runs twice; the head is the embedding."""
    out = {k: t for k, t in tensors.items() if ".layers." not in k}
    for name, tensor in tensors.items():
        if ".layers." in name:
            before, number, after = name.split(".layers.")[0], *name.split(".layers.")[1].split(".", 1)
            for i in 2 * int(number), 2 * int(number) + 1:
                out[f"{before}.layers.{i}.{after}"] = tensor.clone()
    return like(c, "llama", num_hidden_layers=2 * c["num_hidden_layers"], tie_word_embeddings=True), out


def packed_shapes(c):
    shapes = llama_shapes(c, attention=False)
    for i in range(c["num_hidden_layers"]):
        shapes[f"model.layers.{i}.self_attn.W_pack.weight"] = (3 * c["hidden_size"], c["hidden_size"])
    return shapes


def baichuan(c, tensors):
    out = {}
    for name, tensor in tensors.items():
        if "W_pack" in name:
            out.update({name.replace("W_pack", f"{letter}_proj"): part for letter, part in zip("qkv", tensor.chunk(3))})
        elif "rotary_emb" not in name:
            out[name] = tensor
    return like(c, "llama", rope_theta=10000.0), out


def minicpm(c, tensors):
    head = c["hidden_size"] // c["num_attention_heads"]
    return like(c, "granite", embedding_multiplier=c["scale_emb"], residual_multiplier=c["scale_depth"] / math.sqrt(c["num_hidden_layers"]),
                logits_scaling=c["hidden_size"] / c["dim_model_base"], attention_multiplier=head ** -0.5), tensors


def mimo_shapes(c):
    shapes = llama_shapes(c, bias="qkv")
    more = {k.replace(".layers.", ".mtp_layers."): s for k, s in shapes.items() if ".layers.0." in k}
    return {**shapes, **more, "model.mtp_layers.0.input_proj.weight": (c["hidden_size"], 2 * c["hidden_size"])}


def mimo(c, tensors):
    return like(c, "qwen2"), {k: t for k, t in tensors.items() if "mtp_layers" not in k}


def chatglm_shapes(c):
    hidden, wide, head = c["hidden_size"], c["ffn_hidden_size"], c["kv_channels"]
    queries, keys = c["num_attention_heads"] * head, c["multi_query_group_num"] * head
    layer = {"input_layernorm.weight": (hidden,), "self_attention.query_key_value.weight": (queries + 2 * keys, hidden),
             "self_attention.query_key_value.bias": (queries + 2 * keys,), "self_attention.dense.weight": (hidden, queries),
             "post_attention_layernorm.weight": (hidden,), "mlp.dense_h_to_4h.weight": (2 * wide, hidden),
             "mlp.dense_4h_to_h.weight": (hidden, wide)}
    return of_layers(c["num_layers"], "transformer.encoder.layers.", layer, {
        "transformer.embedding.word_embeddings.weight": (c["padded_vocab_size"], hidden),
        "transformer.encoder.final_layernorm.weight": (hidden,), "transformer.output_layer.weight": (c["padded_vocab_size"], hidden)})


def chatglm(c, tensors):
    head, out = c["kv_channels"], {}
    queries, keys = c["num_attention_heads"] * head, c["multi_query_group_num"] * head
    for name, tensor in tensors.items():
        if name.endswith("inv_freq"):
            continue
        if "query_key_value" in name:
            for letter, part in zip("qkv", tensor.split([queries, keys, keys])):
                out[renamed(name, ("transformer.encoder.", "model."),
                            ("self_attention.query_key_value", f"self_attn.{letter}_proj"))] = part
            continue
        out[renamed(name, ("transformer.encoder.final_layernorm", "model.norm"), ("transformer.encoder.", "model."),
                    ("transformer.embedding.word_embeddings", "model.embed_tokens"), ("transformer.output_layer", "lm_head"),
                    ("self_attention.dense", "self_attn.o_proj"), ("dense_h_to_4h", "gate_up_proj"),
                    ("dense_4h_to_h", "down_proj"))] = tensor
    return {"model_type": "glm", "hidden_size": c["hidden_size"], "intermediate_size": c["ffn_hidden_size"], "head_dim": head,
            "num_hidden_layers": c["num_layers"], "num_attention_heads": c["num_attention_heads"],
            "num_key_value_heads": c["multi_query_group_num"],
            "vocab_size": c["padded_vocab_size"], "rms_norm_eps": c["layernorm_epsilon"], "rope_theta": 10000.0 * c["rope_ratio"],
            "partial_rotary_factor": 0.5, "attention_bias": True, "pad_token_id": 0, "max_position_embeddings": 256}, out


def phi_msft_shapes(c):
    hidden, wide, layer = c["n_embd"], c["n_inner"], {}
    for name, rows, columns in ("mixer.Wqkv", 3 * hidden, hidden), ("mixer.out_proj", hidden, hidden), ("mlp.fc1", wide, hidden), \
            ("mlp.fc2", hidden, wide):
        layer.update({f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)})
    layer.update({"ln.weight": (hidden,), "ln.bias": (hidden,)})
    return of_layers(c["n_layer"], "transformer.h.", layer, {
        "transformer.embd.wte.weight": (c["vocab_size"], hidden), "lm_head.ln.weight": (hidden,), "lm_head.ln.bias": (hidden,),
        "lm_head.linear.weight": (c["vocab_size"], hidden), "lm_head.linear.bias": (c["vocab_size"],)})


def phi_msft(c, tensors):
    out = {}
    for name, tensor in tensors.items():
        name = renamed(name, ("transformer.h.", "model.layers."), ("mixer.out_proj", "self_attn.dense"), (".ln.", ".input_layernorm."),
                       ("lm_head.input_layernorm", "model.final_layernorm"), ("lm_head.linear", "lm_head"),
                       ("transformer.embd.wte", "model.embed_tokens"))
        if "Wqkv" in name:
            out.update({name.replace("mixer.Wqkv", f"self_attn.{letter}_proj"): part for letter, part in zip("qkv", tensor.chunk(3))})
        else:
            out[name] = tensor
    return {"model_type": "phi", "hidden_size": c["n_embd"], "intermediate_size": c["n_inner"], "num_hidden_layers": c["n_layer"],
            "num_attention_heads": c["n_head"], "vocab_size": c["vocab_size"], "layer_norm_eps": c["layer_norm_epsilon"],
            "partial_rotary_factor": c["rotary_dim"] * c["n_head"] / c["n_embd"], "hidden_act": "gelu_new", "rope_theta": 10000.0}, out


FP4 = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6])


def mxfp4(blocks, scales):
    """E2M1 in blocks of 32 with a power of two each (OCP MX): bytes [E, rows, groups, 16] -> [E, columns, rows]."""
    codes = torch.stack([blocks & 15, blocks >> 4], -1).flatten(-2).long()
    values = FP4[codes & 7] * (1 - 2 * (codes >> 3)) * torch.exp2(scales.float() - 127)[..., None]
    return values.flatten(-2).transpose(1, 2).contiguous()


def gpt_oss_shapes(c):
    hidden, wide, experts, head = c["hidden_size"], c["intermediate_size"], c["num_local_experts"], c["head_dim"]
    layer = {"mlp.router.weight": (experts, hidden), "mlp.router.bias": (experts,), "self_attn.sinks": (c["num_attention_heads"],),
             "input_layernorm.weight": (hidden,), "post_attention_layernorm.weight": (hidden,)}
    for name, rows in ("q", c["num_attention_heads"]), ("k", c["num_key_value_heads"]), ("v", c["num_key_value_heads"]):
        layer.update({f"self_attn.{name}_proj.weight": (rows * head, hidden), f"self_attn.{name}_proj.bias": (rows * head,)})
    layer.update({"self_attn.o_proj.weight": (hidden, c["num_attention_heads"] * head), "self_attn.o_proj.bias": (hidden,)})
    for name, rows, columns in ("gate_up", 2 * wide, hidden), ("down", hidden, wide):
        layer.update({f"mlp.experts.{name}_proj_blocks": (experts, rows, columns // 32, 16),
                      f"mlp.experts.{name}_proj_scales": (experts, rows, columns // 32),
                      f"mlp.experts.{name}_proj_bias": (experts, rows)})
    return of_layers(c["num_hidden_layers"], "model.layers.", layer, {
        "model.embed_tokens.weight": (c["vocab_size"], hidden), "model.norm.weight": (hidden,),
                                                                         "lm_head.weight": (c["vocab_size"], hidden)})


def gpt_oss(c, tensors):
    out = {k: t for k, t in tensors.items() if not k.endswith(("_blocks", "_scales"))}
    for name in tensors:
        if name.endswith("_blocks"):
            out[name[:-len("_blocks")]] = mxfp4(tensors[name], tensors[name.replace("_blocks", "_scales")])
    return {k: v for k, v in c.items() if k != "quantization_config"}, out


# --------------------------------------------------------------------------------------------------------------- references
def rms(x, weight, eps):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * weight


def turned(x, positions, inverse):
    """Rotates the pairs (i, i + d/2) of x [heads, tokens, d] by positions * inverse [d/2]."""
    angles = torch.outer(positions.float(), inverse)
    a, b = x.chunk(2, -1)
    return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)


def attended(q, k, v, mask):
    """q [heads, tokens, d], k and v [groups, tokens, d], mask added to the products -> [tokens, heads * d]."""
    k, v = (x.repeat_interleave(len(q) // len(x), 0) for x in (k, v))
    weights = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(q.shape[-1]) + mask, -1)
    return (weights @ v).transpose(0, 1).flatten(1)


def causal(tokens):
    return torch.full((tokens, tokens), -math.inf).triu(1)


def by_heads(x, head):
    return x.view(len(x), -1, head).transpose(0, 1)


def decoder(x, layers, eps, heads_of, mask):
    """Pre-norm blocks of gated feed-forwards. A layer: norm, qkv (weight, bias), o, norm2, gate, up, down."""
    for layer in layers:
        q, k, v = heads_of(layer, F.linear(rms(x, layer["norm"], eps), *layer["qkv"]))
        x = x + F.linear(attended(q, k, v, mask), layer["o"])
        n = rms(x, layer["norm2"], eps)
        x = x + F.linear(F.silu(F.linear(n, layer["gate"])) * F.linear(n, layer["up"]), layer["down"])
    return x


def baichuan_alibi(c, tensors):
    """13B: distances times 2^(-8 i / n) for the largest power n of two among the heads, odd steps of 2 n for the others."""
    count = c["num_attention_heads"]
    power = 2 ** int(math.log2(count))
    slopes = [2 ** (-8 * (i + 1) / power) for i in range(power)] + [2 ** (-4 * (2 * i + 1) / power) for i in range(count - power)]
    parts = ("norm", "input_layernorm"), ("o", "self_attn.o_proj"), ("norm2", "post_attention_layernorm"), ("gate", "mlp.gate_proj"), \
        ("up", "mlp.up_proj"), ("down", "mlp.down_proj")
    layers = [{**{key: tensors[f"model.layers.{i}.{name}.weight"] for key, name in parts},
               "qkv": (tensors[f"model.layers.{i}.self_attn.W_pack.weight"], None)} for i in range(c["num_hidden_layers"])]

    def logits(ids, positions):
        distance = (positions[:, None] - positions[None, :]).float()
        mask = causal(len(ids)) - torch.tensor(slopes)[:, None, None] * distance
        x = decoder(tensors["model.embed_tokens.weight"][ids], layers, c["rms_norm_eps"],
                    lambda _, y: by_heads(y, c["hidden_size"] // count).chunk(3), mask)
        return F.linear(rms(x, tensors["model.norm.weight"], c["rms_norm_eps"]), F.normalize(tensors["lm_head.weight"]))
    return logits


def qwen_shapes(c):
    hidden, wide = c["hidden_size"], c["intermediate_size"] // 2
    layer = {"ln_1.weight": (hidden,), "ln_2.weight": (hidden,), "attn.c_attn.weight": (3 * hidden, hidden),
             "attn.c_attn.bias": (3 * hidden,),
             "attn.c_proj.weight": (hidden, hidden), "mlp.w1.weight": (wide, hidden), "mlp.w2.weight": (wide, hidden),
             "mlp.c_proj.weight": (hidden, wide)}
    return of_layers(c["num_hidden_layers"], "transformer.h.", layer, {
        "transformer.wte.weight": (c["vocab_size"], hidden), "transformer.ln_f.weight": (hidden,),
                                                                          "lm_head.weight": (c["vocab_size"], hidden)})


def qwen(c, tensors):
    """Qwen 1: beyond the trained length, queries grow with the logarithm of their position and the rope's base with the text."""
    head, trained = c["kv_channels"], c["seq_length"]
    parts = ("norm", "ln_1"), ("o", "attn.c_proj"), ("norm2", "ln_2"), ("gate", "mlp.w2"), ("up", "mlp.w1"), ("down", "mlp.c_proj")
    layers = [{**{key: tensors[f"transformer.h.{i}.{name}.weight"] for key, name in parts},
               "qkv": tuple(tensors[f"transformer.h.{i}.attn.c_attn.{kind}"] for kind in ("weight",
                                                                                          "bias"))} for i in range(c["num_hidden_layers"])]

    def logits(ids, positions):
        alpha = max(2 ** math.ceil(math.log2(len(ids) / trained) + 1) - 1, 1) if c["use_dynamic_ntk"] else 1
        inverse = frequencies(c["rotary_emb_base"] * alpha ** (head / (head - 2)), head)
        growth = (torch.arange(1, len(ids) + 1).float().log() / math.log(trained)).clamp_min(1)
        growth = growth if c["use_logn_attn"] else torch.ones(len(ids))

        def heads_of(_, y):
            q, k, v = by_heads(y, head).chunk(3)
            return turned(q, positions, inverse) * growth[:, None], turned(k, positions, inverse), v
        x = decoder(tensors["transformer.wte.weight"][ids], layers, c["layer_norm_epsilon"], heads_of, causal(len(ids)))
        return F.linear(rms(x, tensors["transformer.ln_f.weight"], c["layer_norm_epsilon"]), tensors["lm_head.weight"])
    return logits


def openelm_width(c, layer):
    """Multiples of the divisor, to the nearest, but never less than nine tenths (make_divisible of its repository)."""
    wanted, step = c["ffn_multipliers"][layer] * c["model_dim"], c["ffn_dim_divisor"]
    width = max(step, int(wanted + step / 2) // step * step)
    return width + step if width < 0.9 * wanted else width


def openelm_shapes(c):
    hidden, head = c["model_dim"], c["head_dim"]
    shapes = {"transformer.token_embeddings.weight": (c["vocab_size"], hidden), "transformer.norm.weight": (hidden,)}
    for i in range(c["num_transformer_layers"]):
        q, k, wide, layer = c["num_query_heads"][i], c["num_kv_heads"][i], openelm_width(c, i), f"transformer.layers.{i}."
        shapes.update({layer + "attn_norm.weight": (hidden,), layer + "ffn_norm.weight": (hidden,), layer + "attn.q_norm.weight": (head,),
                       layer + "attn.k_norm.weight": (head,), layer + "attn.qkv_proj.weight": ((q + 2 * k) * head, hidden),
                       layer + "attn.out_proj.weight": (hidden, q * head), layer + "ffn.proj_1.weight": (2 * wide, hidden),
                       layer + "ffn.proj_2.weight": (hidden, wide)})
    return shapes


def openelm(c, tensors):
    """Heads and widths differ from layer to layer; queries and keys are normalized before they turn."""
    eps, inverse = 1e-6, frequencies(float(c["rope_freq_constant"]), c["head_dim"])
    layers = []
    for i in range(c["num_transformer_layers"]):
        get = lambda name: tensors[f"transformer.layers.{i}.{name}.weight"]
        gate, up = get("ffn.proj_1").chunk(2)
        layers.append({"norm": get("attn_norm"), "qkv": (get("attn.qkv_proj"), None), "o": get("attn.out_proj"), "norm2": get("ffn_norm"),
                       "gate": gate,
                       "up": up, "down": get("ffn.proj_2"), "q_norm": get("attn.q_norm"), "k_norm": get("attn.k_norm"),
                       "counts": [c["num_query_heads"][i], c["num_kv_heads"][i], c["num_kv_heads"][i]]})

    def logits(ids, positions):
        def heads_of(layer, y):
            q, k, v = by_heads(y, c["head_dim"]).split(layer["counts"])
            return turned(rms(q, layer["q_norm"], eps), positions, inverse), turned(rms(k, layer["k_norm"], eps), positions, inverse), v
        embedding = tensors["transformer.token_embeddings.weight"]
        return F.linear(rms(decoder(embedding[ids], layers, eps, heads_of, causal(len(ids))), tensors["transformer.norm.weight"], eps),
                        embedding)
    return logits


def chatglm6b_shapes(c):
    hidden, wide = c["hidden_size"], c["inner_hidden_size"]
    layer = {}
    for name, shape in ("input_layernorm", (hidden,)), ("attention.query_key_value",
                                                        (3 * hidden, hidden)), ("attention.dense", (hidden, hidden)), \
            ("post_attention_layernorm", (hidden,)), ("mlp.dense_h_to_4h", (wide, hidden)), ("mlp.dense_4h_to_h", (hidden, wide)):
        layer.update({f"{name}.weight": shape, f"{name}.bias": shape[:1]})
    return of_layers(c["num_layers"], "transformer.layers.", layer, {
        "transformer.word_embeddings.weight": (c["vocab_size"], hidden), "transformer.final_layernorm.weight": (hidden,),
        "transformer.final_layernorm.bias": (hidden,), "lm_head.weight": (c["vocab_size"], hidden)})


def chatglm6b(c, tensors):
    """The context before sop sees all of itself; one half of a head turns by the position (of the mask, after sop), the other by
    the distance from sop; the residual is the normed input times sqrt(2 layers)."""
    head, alpha = c["hidden_size"] // c["num_attention_heads"], math.sqrt(2 * c["num_layers"])
    inverse = frequencies(10000.0, head // 2).half().float()

    def part(name):
        return tensors[f"transformer.{name}.weight"], tensors[f"transformer.{name}.bias"]

    def normed(x, name):
        return F.layer_norm(x, x.shape[-1:], *part(name), c["layernorm_epsilon"])

    def logits(ids, positions):
        tokens = len(ids)
        context = ids.index(c["bos_token_id"])
        mask_id = c["gmask_token_id"] if c["gmask_token_id"] in ids else c["mask_token_id"]
        place, block = positions.clone(), torch.zeros(tokens)
        place[context:] = ids.index(mask_id)
        block[context:] = (positions + 1 - context)[context:]
        mask = causal(tokens)
        mask[:, :context] = 0
        x = tensors["transformer.word_embeddings.weight"][ids]
        for i in range(c["num_layers"]):
            n = normed(x, f"layers.{i}.input_layernorm")
            q, k, v = by_heads(F.linear(n, *part(f"layers.{i}.attention.query_key_value")), 3 * head).split(head, -1)
            q, k = (torch.cat([turned(a, place, inverse), turned(b, block, inverse)], -1) for a, b in (q.chunk(2, -1), k.chunk(2, -1)))
            x = alpha * n + F.linear(attended(q, k, v, mask), *part(f"layers.{i}.attention.dense"))
            n = normed(x, f"layers.{i}.post_attention_layernorm")
            inner = F.gelu(F.linear(n, *part(f"layers.{i}.mlp.dense_h_to_4h")), approximate="tanh")
            x = alpha * n + F.linear(inner, *part(f"layers.{i}.mlp.dense_4h_to_h"))
        return F.linear(normed(x, "final_layernorm"), tensors["lm_head.weight"])
    return logits


# -------------------------------------------------------------------------------------------------------------------- models
TIED = (("embed_tokens|token_embeddings", 0, 0.2),)  # a tied head on large rows would only ever repeat its input
ONE_PLUS = r"norm\.weight$"              # stored as w and used as 1 + w
SCALED = (("embed_tokens", 0, 0.04), (r"^model\.norm", 7, 1.5))  # rows that are scaled up and used as the head, too
GEMMA = (("embed_tokens", 0, 0.04), (r"^model\.norm", 6, 1.5), (r"[qk]_norm\.weight", 0.4, 0.25), (ONE_PLUS, 0, 0.25))
DELTA = ((r"A_log", 0, 0.6), (r"conv1d", 0, 0.5), (r"linear_attn\.norm", 1, 0.25), (r"[qk]_norm\.weight", 0.4, 0.25), (ONE_PLUS, 0, 0.25))
ROUTER = ((r"correction_bias", 0.2, 0.15),)
LATENT = {"kv_lora_rank": 16, "qk_nope_head_dim": 8, "qk_rope_head_dim": 8, "v_head_dim": 16}
GROUPED = {"first_k_dense_replace": 1, "moe_layer_freq": 1, "moe_intermediate_size": 8, "n_shared_experts": 1, "n_routed_experts": 6,
           "num_experts_per_tok": 3,
           "n_group": 3, "topk_group": 2, "routed_scaling_factor": 1.7}
YARN = {"beta_fast": 2, "beta_slow": 1, "factor": 4, "mscale": 0.8, "mscale_all_dim": 0.6, "original_max_position_embeddings": 32,
        "type": "yarn"}
HUNYUAN = {"head_dim": 8, "use_qk_norm": True, "tie_word_embeddings": True, "pad_token_id": 0,
           "rope_scaling": {"alpha": 1000.0, "beta_fast": 32, "beta_slow": 1, "factor": 1.0, "mscale": 1.0, "mscale_all_dim": 1.0,
                            "type": "dynamic"}}
GPT_OSS = {"head_dim": 16, "kv_heads": 2, "attention_bias": True, "num_experts_per_tok": 2, "num_local_experts": 3, "sliding_window": 9,
           "layer_types": ["sliding_attention", "full_attention"], "initial_context_length": 32, "swiglu_limit": 7.0,
           "rope_theta": 150000.0, "pad_token_id": 0,
           "rope_scaling": {"beta_fast": 2.0, "beta_slow": 1.0, "factor": 8.0, "original_max_position_embeddings": 32, "rope_type": "yarn",
                            "truncate": False}}
QWEN = {"kv_channels": 8, "layer_norm_epsilon": 1e-6, "rotary_emb_base": 10000, "rotary_pct": 1.0, "seq_length": 12, "no_bias": True,
        "use_logn_attn": True,
        "num_key_value_heads": ABSENT, "rope_theta": ABSENT, "rms_norm_eps": ABSENT, "hidden_act": ABSENT}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}
LINEAR_LAYERS = {"linear_conv_kernel_dim": 4, "linear_key_head_dim": 8, "linear_value_head_dim": 8, "linear_num_key_heads": 2,
                 "linear_num_value_heads": 4,
                 "head_dim": 16, "attention_bias": False}


def longrope(long, short):
    return {"type": "longrope", "long_factor": long, "short_factor": short}


# The first five leave other remainders: vocabularies off multiples of 16, rows of 48 and 80 columns against groups of 32 and 64.
MODELS = {
    "llama": Case(config("llama", "LlamaForCausalLM", 64, 72, 2, 4, 2, 115), 33, shapes=llama_shapes, continuation=12),
    "llama-tied": Case(config("llama", "LlamaForCausalLM", 40, 56, 2, 5, 1, 101, tie_word_embeddings=True, torch_dtype="float32",
                              rms_norm_eps=1e-3, rope_theta=500.0), 20, shapes=llama_shapes, draws=TIED, continuation=12),
    "llama-rope3": Case(config("llama", "LlamaForCausalLM", 48, 64, 2, 2, 1, 99, head_dim=32, rope_theta=5000.0, rope_scaling=LLAMA3), 70,
                        shapes=llama_shapes, continuation=12),
    "qwen2": Case(config("qwen2", "Qwen2ForCausalLM", 48, 80, 2, 4, 2, 103, head_dim=16, use_sliding_window=True, sliding_window=8,
                         max_window_layers=1, rms_norm_eps=1e-6, rope_theta=1000000.0), 35, shapes=llama_shapes, continuation=12),
    "qwen3": Case(config("qwen3", "Qwen3ForCausalLM", 48, 80, 2, 3, 1, 107, head_dim=32, attention_bias=False, torch_dtype="float16",
                         rms_norm_eps=1e-6, rope_theta=1000000.0), 24, 2, shapes=llama_shapes, continuation=12),

    "llama-linear": Case(small("llama", "LlamaForCausalLM", rope_theta=ABSENT,
                               rope_parameters={"rope_theta": 3000.0, "rope_type": "linear", "factor": 4.0},
                               torch_dtype=ABSENT, dtype="bfloat16", mlp_bias=True)),
    "llama-dynamic": Case(small("llama", "LlamaForCausalLM", max_position_embeddings=16, rope_scaling={"type": "dynamic", "factor": 3.0}),
                          modes=("all",)),
    "llama-yarn": Case(small("llama", "LlamaForCausalLM", head_dim=16, max_position_embeddings=128,
                             rope_scaling={"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32, "beta_fast": 2.0})),
    "mistral": Case(small("mistral", "MistralForCausalLM", sliding_window=9)),
    "mixtral": Case(small("mixtral", "MixtralForCausalLM", feed_forward=16, num_local_experts=4, num_experts_per_tok=2,
                          sliding_window=None), shards=2),
    "smollm3": Case(small("smollm3", "SmolLM3ForCausalLM", 4, 24, kv_heads=1, tie_word_embeddings=True, no_rope_layer_interval=3,
                          no_rope_layers=[1, 1, 0, 1],
                          layer_types=["full_attention"] * 4, pad_token_id=0), draws=TIED),
    "ernie4_5": Case(small("ernie4_5", "Ernie4_5ForCausalLM", head_dim=8, use_bias=False, tie_word_embeddings=True, pad_token_id=0),
                     draws=TIED),
    "internlm": Case(remote("internlm", "InternLMForCausalLM", num_key_value_heads=ABSENT, kv_heads=ABSENT, rope_theta=ABSENT, bias=True),
                     shapes=lambda c: llama_shapes(c, bias="qkvo"), equivalent=internlm, constants=stored_frequencies),
    "internlm2": Case(remote("internlm2", "InternLM2ForCausalLM", bias=False, rope_scaling={"type": "dynamic", "factor": 2.0}),
                      shapes=internlm2_shapes,
                      equivalent=internlm2),
    "internlm3": Case(remote("internlm3", "InternLM3ForCausalLM", head_dim=8, bias=True, qkv_bias=True)),
    "mobilellm": Case(remote("mobilellm", "MobileLLMForCausalLM", kv_heads=1, share_embedding=True, tie_word_embeddings=True,
                             layer_sharing=True),
                      shapes=llama_shapes, equivalent=mobilellm, draws=TIED),
    "baichuan": Case(remote("baichuan", "BaiChuanForCausalLM", kv_heads=ABSENT, rope_theta=ABSENT), shapes=packed_shapes,
                     equivalent=baichuan,
                     constants=stored_frequencies),
    "baichuan2-13b": Case(config("baichuan", "BaichuanForCausalLM", 48, 24, 2, 6, ABSENT, 51, rope_theta=ABSENT,
                                 max_position_embeddings=ABSENT,
                                 model_max_length=256, z_loss_weight=0), shapes=packed_shapes, reference=baichuan_alibi),
    "granite": Case(small("granite", "GraniteForCausalLM", embedding_multiplier=3.0, residual_multiplier=0.6, attention_multiplier=0.5,
                          logits_scaling=0.7),
                    draws=(("lm_head", 0, 0.2),)),
    "minicpm": Case(remote("minicpm", "MiniCPMForCausalLM", kv_heads=4, scale_emb=12, dim_model_base=16, scale_depth=1.4,
                           tie_word_embeddings=True),
                    shapes=llama_shapes, equivalent=minicpm, draws=(("embed_tokens", 0, 0.03), (r"^model\.norm", 12, 2))),
    "minicpm3": Case(small("minicpm3", "MiniCPM3ForCausalLM", kv_heads=4, q_lora_rank=24, scale_emb=12, scale_depth=1.4, dim_model_base=16,
                           tie_word_embeddings=True, attention_bias=False, **{**LATENT, "qk_rope_head_dim": 4}),
                     draws=(("embed_tokens", 0, 0.03), (r"^model\.norm", 12, 2))),
    "qwen": Case(remote("qwen", "QWenLMHeadModel", feed_forward=48, use_dynamic_ntk=False, **QWEN), shapes=qwen_shapes, reference=qwen),
    "qwen-ntk": Case(remote("qwen", "QWenLMHeadModel", feed_forward=48, use_dynamic_ntk=True, **QWEN), shapes=qwen_shapes, reference=qwen,
                     modes=("all",)),
    "qwen3_moe": Case(small("qwen3_moe", "Qwen3MoeForCausalLM", 2, 24, head_dim=8, attention_bias=False, num_experts=5,
                            num_experts_per_tok=2,
                            moe_intermediate_size=16, norm_topk_prob=True, decoder_sparse_step=1, mlp_only_layers=[1]), shards=2),
    "qwen3_next": Case(small("qwen3_next", "Qwen3NextForCausalLM", 3, 24, kv_heads=1, num_experts=3, num_experts_per_tok=2,
                             moe_intermediate_size=8,
                             shared_expert_intermediate_size=16, norm_topk_prob=True, decoder_sparse_step=1, mlp_only_layers=[],
                             full_attention_interval=2,
                             partial_rotary_factor=0.25, rope_theta=1e7, **LINEAR_LAYERS), draws=DELTA),
    "qwen3_5_text": Case(small("qwen3_5_text", "Qwen3_5ForCausalLM", 3, 24, rope_theta=ABSENT, torch_dtype=ABSENT, dtype="bfloat16",
                               layer_types=["linear_attention", "full_attention", "linear_attention"],
                               rope_parameters={"mrope_interleaved": True, "mrope_section": [2, 1, 1], "rope_type": "default",
                                                "rope_theta": 1e7,
                                                "partial_rotary_factor": 0.5}, **LINEAR_LAYERS), draws=DELTA),
    "mimo": Case(remote("mimo", "MiMoForCausalLM", attention_bias=True, rope_theta=640000.0, num_nextn_predict_layers=1,
                        use_sliding_window=False,
                        sliding_window=128), shapes=mimo_shapes, equivalent=mimo, idle="mtp_layers"),
    "mimo_v2_flash": Case(small("mimo_v2_flash", "MiMoV2FlashForCausalLM", 3, kv_heads=1, head_dim=12, v_head_dim=8, sliding_window=9,
                                attention_value_scale=0.7,
                                n_routed_experts=4, num_experts_per_tok=2, moe_intermediate_size=16, n_group=1, topk_group=1,
                                norm_topk_prob=True,
                                rope_theta=ABSENT, layer_types=["full_attention", "sliding_attention", "full_attention"],
                                mlp_layer_types=["dense", "sparse", "sparse"],
                                rope_parameters={"full_attention": {"rope_type": "default", "rope_theta": 50000.0,
                                                                    "partial_rotary_factor": 0.34},
                                                 "sliding_attention": {"rope_type": "default", "rope_theta": 100.0,
                                                                       "partial_rotary_factor": 0.34}}), draws=ROUTER),
    "llama4_text": Case(small("llama4_text", "Llama4ForCausalLM", 4, 16, head_dim=8, intermediate_size_mlp=24, attention_bias=False,
                              attention_chunk_size=9,
                              attn_scale=0.3, floor_scale=5, attn_temperature_tuning=True, interleave_moe_layer_step=2, num_local_experts=3,
                              num_experts_per_tok=1, use_qk_norm=True, no_rope_layers=[1, 1, 0, 1], moe_layers=[1], rope_scaling=LLAMA3)),
    "deepseek_v2": Case(small("deepseek_v2", "DeepseekV2ForCausalLM", kv_heads=4, q_lora_rank=24, topk_method="group_limited_greedy",
                              scoring_func="softmax",
                              norm_topk_prob=False, **LATENT, **GROUPED)),
    "deepseek_v3": Case(small("deepseek_v3", "DeepseekV3ForCausalLM", kv_heads=4, q_lora_rank=None, topk_method="noaux_tc",
                              scoring_func="sigmoid",
                              norm_topk_prob=True, rope_scaling=YARN, num_nextn_predict_layers=0, **LATENT, **GROUPED), shards=2,
                        draws=ROUTER),
    "gpt_oss": Case(small("gpt_oss", "GptOssForCausalLM", 2, 24, **GPT_OSS), draws=(("sinks", 0.5, 1), ("gate_up_proj_bias", 0, 2.5))),
    "gpt_oss-mxfp4": Case(small("gpt_oss", "GptOssForCausalLM", 2, 32, **GPT_OSS, quantization_config={
        "quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens",
                                                            "lm_head"]}),
        shapes=gpt_oss_shapes, equivalent=gpt_oss, draws=(("sinks", 0.5, 1), ("gate_up_proj_bias", 0, 2.5))),
    "glm": Case(small("glm", "GlmForCausalLM", head_dim=8, partial_rotary_factor=0.5, attention_bias=True, pad_token_id=0,
                      eos_token_id=[2, 3])),
    "glm4": Case(small("glm4", "Glm4ForCausalLM", head_dim=8, partial_rotary_factor=0.5, attention_bias=True, pad_token_id=0,
                       eos_token_id=[2, 3])),
    "chatglm2": Case({"architectures": ["ChatGLMModel"], "model_type": "chatglm", "add_bias_linear": False, "add_qkv_bias": True,
                      "ffn_hidden_size": 24,
                      "hidden_size": 32, "kv_channels": 8, "layernorm_epsilon": 1e-5, "multi_query_attention": True,
                      "multi_query_group_num": 2,
                      "num_attention_heads": 4, "num_layers": 2, "original_rope": True, "padded_vocab_size": 51, "post_layer_norm": True,
                      "rmsnorm": True,
                      "rope_ratio": 50, "seq_length": 256, "torch_dtype": "bfloat16", "tie_word_embeddings": False, "eos_token_id": 2,
                      "pad_token_id": 0},
                     shapes=chatglm_shapes, equivalent=chatglm,
                     constants=lambda c: {"transformer.rotary_pos_emb.inv_freq": frequencies(10000.0, 4).half()}),
    "chatglm-6b": Case({"architectures": ["ChatGLMModel"], "model_type": "chatglm", "bos_token_id": 48, "eos_token_id": 49,
                        "mask_token_id": 46,
                        "gmask_token_id": 47, "pad_token_id": 3, "hidden_size": 32, "inner_hidden_size": 48, "layernorm_epsilon": 1e-5,
                        "max_sequence_length": 256, "num_attention_heads": 4, "num_layers": 2, "position_encoding_2d": True,
                        "torch_dtype": "bfloat16",
                        "vocab_size": 51}, shapes=chatglm6b_shapes, reference=chatglm6b, modes=("all",),
                       prompt=(17, 40, 9, 33, 21, 5, 44, 12, 28, 47, 48)),
    "phi": Case(small("phi", "PhiForCausalLM", kv_heads=4, hidden_act="gelu_new", partial_rotary_factor=0.5, layer_norm_eps=1e-4,
                      rms_norm_eps=ABSENT)),
    "phi-msft": Case({"architectures": ["PhiForCausalLM"], "model_type": "phi-msft", "activation_function": "gelu_new",
                      "layer_norm_epsilon": 1e-5, "n_embd": 32,
                      "n_head": 2, "n_head_kv": None, "n_inner": 48, "n_layer": 2, "n_positions": 256, "rotary_dim": 8,
                      "tie_word_embeddings": False,
                      "torch_dtype": "bfloat16", "vocab_size": 51}, shapes=phi_msft_shapes, equivalent=phi_msft),
    "phi3": Case(small("phi3", "Phi3ForCausalLM", sliding_window=9, original_max_position_embeddings=256, rope_scaling=None,
                       pad_token_id=0)),
    "phi3-longrope": Case(small("phi3", "Phi3ForCausalLM", max_position_embeddings=512, original_max_position_embeddings=128,
                                sliding_window=None, partial_rotary_factor=0.75, pad_token_id=0,
                                rope_scaling=longrope([2.0, 3.0, 4.0], [1.1, 1.5, 2.5]))),
    "phi3-longrope-long": Case(small("phi3", "Phi3ForCausalLM", max_position_embeddings=128, original_max_position_embeddings=16,
                                     sliding_window=None,
                                     pad_token_id=0, rope_scaling=longrope([1.0, 1.5, 3.0, 5.0], [1.0, 1.1, 1.2, 1.3])), modes=("all",)),
    "gemma": Case(small("gemma", "GemmaForCausalLM", kv_heads=1, head_dim=16, hidden_act="gelu_pytorch_tanh",
                        hidden_activation="gelu_pytorch_tanh",
                        tie_word_embeddings=True, pad_token_id=0), draws=GEMMA),
    "gemma2": Case(small("gemma2", "Gemma2ForCausalLM", head_dim=8, hidden_act="gelu_pytorch_tanh", hidden_activation="gelu_pytorch_tanh",
                         sliding_window=9,
                         attn_logit_softcapping=2.5, final_logit_softcapping=4.0, query_pre_attn_scalar=5, tie_word_embeddings=True,
                         pad_token_id=0), draws=GEMMA),
    "gemma3_text": Case(small("gemma3_text", "Gemma3ForCausalLM", 3, 24, kv_heads=1, head_dim=16, hidden_act=ABSENT,
                              hidden_activation="gelu_pytorch_tanh",
                              query_pre_attn_scalar=9, sliding_window=9, sliding_window_pattern=3, rope_theta=1000000.0,
                              rope_local_base_freq=100.0,
                              rope_scaling={"rope_type": "linear", "factor": 8.0}, tie_word_embeddings=True, pad_token_id=0), draws=GEMMA),
    "openelm": Case({"architectures": ["OpenELMForCausalLM"], "model_type": "openelm", "activation_fn_name": "swish", "bos_token_id": 1,
                     "eos_token_id": 2,
                     "ffn_dim_divisor": 8, "ffn_multipliers": [0.5, 1.3, 1.0], "ffn_with_glu": True, "head_dim": 8,
                     "max_context_length": 256, "model_dim": 32,
                     "normalization_layer_name": "rms_norm", "normalize_qk_projections": True, "num_gqa_groups": 2,
                     "num_kv_heads": [1, 2, 2],
                     "num_query_heads": [2, 4, 6], "num_transformer_layers": 3, "rope_freq_constant": 10000, "rope_max_length": 512,
                     "share_input_output_layers": True, "torch_dtype": "bfloat16", "vocab_size": 51}, shapes=openelm_shapes,
                    reference=openelm, draws=TIED),
    "hunyuan_v1_dense": Case(small("hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM", attention_bias=False, **HUNYUAN), draws=TIED),
    "hunyuan_v1_moe": Case(small("hunyuan_v1_moe", "HunYuanMoEV1ForCausalLM", 2, 12, attention_bias=False, num_experts=4, moe_topk=[2, 2],
                                 num_shared_expert=[1, 1],
                                 moe_intermediate_size=[12, 12], use_mixed_mlp_moe=True, norm_topk_prob=True, **HUNYUAN), draws=TIED),
    "lfm2": Case(small("lfm2", "Lfm2ForCausalLM", 3, 24, rms_norm_eps=ABSENT, hidden_act=ABSENT, norm_eps=1e-5,
                       block_auto_adjust_ff_dim=False, conv_L_cache=3,
                       conv_bias=False, layer_types=["conv", "full_attention", "conv"], tie_word_embeddings=True, pad_token_id=0),
                 draws=(*TIED, (r"conv\.conv", 0, 0.5))),
    "bert": Case({"architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": 32, "intermediate_size": 48,
                  "layer_norm_eps": 1e-12,
                  "max_position_embeddings": 40, "num_attention_heads": 4, "num_hidden_layers": 2, "pad_token_id": 0,
                  "position_embedding_type": "absolute",
                  "torch_dtype": "bfloat16", "type_vocab_size": 2, "vocab_size": 51}, kind="hidden", idle=r"pooler|key\.bias",
                 modes=("all",)),
    "qwen3-embedding": Case(small("qwen3", "Qwen3Model", head_dim=8, attention_bias=False, tie_word_embeddings=True), kind="hidden"),
}
