# SPDX-License-Identifier: Apache-2.0
"""The bytes of a file, in memory or on disk, and the digests by which hubs name them."""
import functools
import hashlib
import os
import random

MIB = 1 << 20


class Content:
    """Bytes in memory, or a file that is sent by sendfile; digests are computed once, when asked for."""

    def __init__(self, data=b"", path=None):
        self.data = None if path else memoryview(data)
        self.path = path
        self.size = os.path.getsize(path) if path else len(data)
        self.descriptor = os.open(path, os.O_RDONLY) if path else None

    def read(self, start, count):
        if self.path:
            return os.pread(self.descriptor, count, start)
        return self.data[start:start + count]

    def bytes(self):
        return bytes(self.read(0, self.size))

    def _digest(self, hasher):
        for start in range(0, self.size, MIB):
            hasher.update(self.read(start, MIB))
        return hasher.hexdigest()

    @functools.cached_property
    def sha256(self):
        return self._digest(hashlib.sha256())

    @functools.cached_property
    def md5(self):
        return self._digest(hashlib.md5())

    @functools.cached_property
    def git(self):
        """The SHA-1 that git gives a blob of these bytes."""
        return self._digest(hashlib.sha1(b"blob %d\0" % self.size))

    @functools.cached_property
    def pointer(self):
        """The Git LFS pointer that stands for these bytes."""
        return b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (self.sha256.encode(), self.size)


def seeded(size, seed):
    """Bytes that only this seed gives; no two MiB of them are alike, so that a part in the wrong place is a wrong digest."""
    draw = random.Random(f"{seed}/{size}")
    if size <= 4 * MIB:
        return draw.randbytes(size)
    block = draw.randbytes(MIB)
    out = bytearray()
    for index in range(-(-size // MIB)):
        out += draw.randbytes(64) + block[64:MIB - 8] + index.to_bytes(8, "big")
    return bytes(out[:size])
