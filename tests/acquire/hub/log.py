# SPDX-License-Identifier: Apache-2.0
"""What was asked of which origin, when, and how many bytes of body went back."""
import dataclasses
import re
import threading
import time


@dataclasses.dataclass
class Entry:
    request: object
    began: float
    status: int = 0
    sent: int = 0
    ended: float = 0
    faults: tuple = ()

    def __str__(self):
        asked = self.request.headers.get("range", "")
        return f"{self.began % 1000:8.3f} #{self.request.connection} {self.request} {asked} -> {self.status}, {self.sent} bytes {self.faults or ''}"


class Log:
    def __init__(self):
        self.entries, self.connections, self.lock = [], [], threading.Lock()

    def open(self, request):
        entry = Entry(request, time.monotonic())
        with self.lock:
            self.entries.append(entry)
        return entry

    def connected(self, origin):
        with self.lock:
            self.connections.append(origin)

    def clear(self):
        with self.lock:
            self.entries, self.connections = [], []

    def find(self, pattern=""):
        """Entries whose "METHOD origin target" matches."""
        with self.lock:
            return [entry for entry in self.entries if re.search(pattern, str(entry.request))]

    def count(self, pattern=""):
        return len(self.find(pattern))

    def sent(self, pattern=""):
        return sum(entry.sent for entry in self.find(pattern))

    def __str__(self):
        return "\n".join(map(str, self.find()))
