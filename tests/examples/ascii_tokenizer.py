# SPDX-License-Identifier: Apache-2.0
"""A tokenizer.json for small models: a token for each character."""


def ascii_tokenizer():
    """A token for each printable character of ASCII and for the line feed, no merges."""
    letters = [chr(256 + 10), chr(256 + 32), *map(chr, range(33, 127))]  # as GPT-2 spells bytes
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {"version": "1.0", "added_tokens": [], "normalizer": None, "post_processor": None, "pre_tokenizer": level, "decoder": level,
            "model": {"type": "BPE", "vocab": {letter: id for id, letter in enumerate(letters)}, "merges": []}}
