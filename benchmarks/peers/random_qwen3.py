#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a GGUF file of the exact shape of Qwen3-0.6B with seeded random weights (Q8_0, 640 MB).

Speed does not depend on what the weights say, so a network that nobody can read still tells how fast its shape runs.
The tokenizer is taken from a Qwen2.5 GGUF, which has the same vocabulary. Python's standard library only.

  random_qwen3.py --tokenizer qwen2.5-coder-0.5b-instruct-q4_k_m.gguf qwen3-0.6b-shape.gguf
"""
import argparse
import os
import random
import struct
import sys
from pathlib import Path

LAYERS, WIDTH, HEADS, KV_HEADS, HEAD_ROWS, FFN, VOCABULARY, CONTEXT = 28, 1024, 16, 8, 128, 3072, 151936, 40960
ROPE_BASE, NORM_EPSILON, DEVIATION = 1e6, 1e-6, 0.02

U32, F32, STRING, ARRAY = 4, 6, 8, 9  # types of GGUF values
FIXED_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
TENSOR_F32, TENSOR_Q8_0 = 0, 8
BLOCK, BLOCK_BYTES, ALIGNMENT = 32, 34, 32
CHUNK_BLOCKS = 1 << 20  # 34 MB at a time
# Quants are uniform in -127..127, as Q8_0 has them: -128 becomes 0.
QUANTS = bytes(0 if byte == 128 else byte for byte in range(256))
QUANT_DEVIATION = 127 / 3**0.5


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def entry(key, kind, payload):
    return string(key) + struct.pack("<I", kind) + payload


class Reader:
    """Walks the metadata of a GGUF file, as far as copying it as it is needs."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, form):
        value = struct.unpack_from("<" + form, self.data, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def skip_string(self):
        size = self.number("Q")  # apart: += would add to the place before the number
        self.at += size

    def string(self):
        size = self.number("Q")
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def skip_value(self, kind):
        if kind in FIXED_SIZES:
            self.at += FIXED_SIZES[kind]
        elif kind == STRING:
            self.skip_string()
        elif kind == ARRAY:
            element, count = self.number("I"), self.number("Q")
            if element in FIXED_SIZES:
                self.at += count * FIXED_SIZES[element]
            else:
                for _ in range(count):
                    self.skip_value(element)
        else:
            raise ValueError(f"unknown value type {kind}")


def tokenizer_entries(path):
    """The entries `tokenizer.*` of a GGUF file, encoded. Raises ValueError unless it has Qwen's vocabulary."""
    reader = Reader(path.read_bytes())
    if reader.data[:4] != b"GGUF":
        raise ValueError("this is no GGUF file")
    reader.at = 8
    reader.number("Q")
    entries, tokens = [], 0
    for _ in range(reader.number("Q")):
        begin = reader.at
        key = reader.string()
        kind = reader.number("I")
        if key == "tokenizer.ggml.tokens":
            tokens = struct.unpack_from("<Q", reader.data, reader.at + 4)[0]
        reader.skip_value(kind)
        if key.startswith("tokenizer."):
            entries.append(reader.data[begin : reader.at])
    if tokens != VOCABULARY:
        raise ValueError(f"its vocabulary has {tokens} tokens, not {VOCABULARY}: take a Qwen2.5 file")
    return entries


def tensors():
    """(name, shape innermost first), in the file's order."""
    yield "token_embd.weight", (WIDTH, VOCABULARY)
    for layer in range(LAYERS):
        for name, shape in (
            ("attn_norm", (WIDTH,)), ("attn_q", (WIDTH, HEADS * HEAD_ROWS)), ("attn_k", (WIDTH, KV_HEADS * HEAD_ROWS)),
            ("attn_v", (WIDTH, KV_HEADS * HEAD_ROWS)), ("attn_q_norm", (HEAD_ROWS,)), ("attn_k_norm", (HEAD_ROWS,)),
            ("attn_output", (HEADS * HEAD_ROWS, WIDTH)), ("ffn_norm", (WIDTH,)), ("ffn_gate", (WIDTH, FFN)),
            ("ffn_up", (WIDTH, FFN)), ("ffn_down", (FFN, WIDTH)),
        ):
            yield f"blk.{layer}.{name}.weight", shape
    yield "output_norm.weight", (WIDTH,)


def elements(shape):
    return shape[0] * (shape[1] if len(shape) == 2 else 1)


def stored_bytes(shape):
    return elements(shape) // BLOCK * BLOCK_BYTES if len(shape) == 2 else elements(shape) * 4


def blocks(generator, count):
    """`count` Q8_0 blocks: a half scale, then 32 signed bytes."""
    scale = struct.pack("<e", DEVIATION / QUANT_DEVIATION)
    quants = generator.randbytes(count * BLOCK).translate(QUANTS)
    out = bytearray(count * BLOCK_BYTES)
    out[0::BLOCK_BYTES], out[1::BLOCK_BYTES] = scale[:1] * count, scale[1:] * count
    for column in range(BLOCK):
        out[2 + column :: BLOCK_BYTES] = quants[column * count : (column + 1) * count]
    return out


def write(file, tokenizer, seed):
    u32 = {
        "block_count": LAYERS, "context_length": CONTEXT, "embedding_length": WIDTH, "feed_forward_length": FFN,
        "attention.head_count": HEADS, "attention.head_count_kv": KV_HEADS, "attention.key_length": HEAD_ROWS,
        "attention.value_length": HEAD_ROWS,
    }
    f32 = {"rope.freq_base": ROPE_BASE, "attention.layer_norm_rms_epsilon": NORM_EPSILON}
    entries = [
        entry("general.architecture", STRING, string("qwen3")),
        entry("general.name", STRING, string("Qwen3-0.6B shape, random weights")),
        *(entry("qwen3." + key, U32, struct.pack("<I", value)) for key, value in u32.items()),
        *(entry("qwen3." + key, F32, struct.pack("<f", value)) for key, value in f32.items()),
        *tokenizer,
    ]
    layout, offset = [], 0
    for name, shape in tensors():
        kind = TENSOR_Q8_0 if len(shape) == 2 else TENSOR_F32
        layout.append(string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset))
        offset += stored_bytes(shape)
        assert offset % ALIGNMENT == 0, name
    header = b"GGUF" + struct.pack("<IQQ", 3, len(layout), len(entries)) + b"".join(entries) + b"".join(layout)
    file.write(header + bytes(-len(header) % ALIGNMENT))
    generator = random.Random(seed)
    for _, shape in tensors():
        if len(shape) == 1:
            file.write(struct.pack("<f", 1) * elements(shape))
            continue
        left = elements(shape) // BLOCK
        while left:
            count = min(left, CHUNK_BLOCKS)
            file.write(blocks(generator, count))
            left -= count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--tokenizer", type=Path, required=True, help="a Qwen2.5 GGUF file")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    partial = options.output.with_name(options.output.name + ".part")
    try:
        tokenizer = tokenizer_entries(options.tokenizer)
        with partial.open("wb") as file:
            write(file, tokenizer, options.seed)
        os.replace(partial, options.output)
    except (OSError, ValueError, struct.error) as error:
        partial.unlink(missing_ok=True)
        sys.exit(f"error: {error}: {options.tokenizer}")


if __name__ == "__main__":
    main()
