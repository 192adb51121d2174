# SPDX-License-Identifier: Apache-2.0
"""The hub: origins on loopback that all speak every protocol, a log, and the list of faults."""
import itertools
import secrets
import threading

from .huggingface import HuggingFace
from .lfs import Lfs
from .log import Log
from .modelscope import ModelScope
from .python_index import PythonIndex
from .server import Origin
from .storage import Storage

ADDRESSES = {"hub": "127.0.0.1"}  # other origins are at 127.0.0.2, another host to every client


class Hub:
    """Repositories by name; origins ("hub", "cdn", "files", …) begin to listen when first asked for."""

    def __init__(self):
        self.repositories, self.contents, self.plain = {}, {}, {}
        self.tokens, self.granted, self.signatures = set(), set(), set()
        self.faults, self.log = [], Log()
        self.stopped = threading.Event()
        self.origins, self.lock, self.counter = {}, threading.RLock(), itertools.count(1)
        self.storage, self.lfs, self.index = Storage(self), Lfs(self), PythonIndex(self)
        self.protocols = [HuggingFace(self), ModelScope(self), self.lfs, self.index, self.storage]
        self.cdn = "cdn"  # the origin that stores large files
        self.url = self.origin("hub").url

    def next_connection(self):
        return next(self.counter)

    def origin(self, name, **options):
        with self.lock:
            if name not in self.origins:
                options.setdefault("host", ADDRESSES.get(name, "127.0.0.2"))
                self.origins[name] = Origin(self, name, self.handle, **options)
            return self.origins[name]

    def handle(self, request):
        return next(filter(None, (protocol.handle(request) for protocol in self.protocols)), None)

    def add(self, repository):
        self.repositories[repository.name] = repository
        return repository

    def find_content(self, digest):
        """The content of any repository that has this SHA-256."""
        files = (file for repository in self.repositories.values() for commit in repository.commits.values() for file in commit.values())
        return next((file.content for file in files if file.content.sha256 == digest), None)

    def signed(self, content, origin=None):
        """A new signed address of the content in storage."""
        self.contents[content.sha256] = content
        signature = secrets.token_hex(16)
        self.signatures.add(signature)
        return f"{self.origin(origin or self.cdn).url}/blob/{content.sha256}?X-Amz-Expires=3600&X-Amz-Signature={signature}"

    def fault(self, fault):
        self.faults.append(fault)
        return fault

    def close(self):
        self.stopped.set()
        for origin in self.origins.values():
            origin.close()
