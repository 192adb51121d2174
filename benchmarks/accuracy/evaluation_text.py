# SPDX-License-Identifier: Apache-2.0
"""The text that models are evaluated on unless another is given: prose and code that come with Python, under its licence."""
import argparse
import heapq
import pydoc_data.topics
import statistics
import textwrap
from pathlib import Path

PROSE, CODE = 44_000, 9_000  # characters of the whole prose, and of each module: together about 18000 tokens of SmolLM2
MODULES = (argparse, heapq, statistics, textwrap)


def evaluation_text():
    """Alternating prose (the language reference's topics, in the order of their names) and code (the middle of some modules)."""
    topics = "\n\n".join(text.strip() for _, text in sorted(pydoc_data.topics.topics.items()))
    parts = []
    for number, module in enumerate(MODULES):
        size = PROSE // len(MODULES)
        begin = len(topics) * number // len(MODULES)
        parts.append(topics[begin:begin + size])
        source = Path(module.__file__).read_text(encoding="utf-8")
        begin = max(0, (len(source) - CODE) // 2)
        parts.append(source[begin:begin + CODE])
    return "\n\n".join(parts) + "\n"
