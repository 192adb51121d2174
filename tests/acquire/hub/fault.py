# SPDX-License-Identifier: Apache-2.0
"""Faults: which requests, which of them, and what becomes of the answer.

Fault(where, *actions, times=1, after=0): the actions change the answers to the requests whose "METHOD origin target" matches the
regular expression `where`, the first `after` of them left alone and at most `times` changed (None: all). An action is called with
the request and the answer and returns the answer to send, or None for the one it changed.
"""
import re
import threading

from .message import Response


class Fault:
    def __init__(self, where, *actions, times=1, after=0, name=""):
        self.where, self.actions, self.times, self.after = re.compile(where), actions, times, after
        self.name = name or where
        self.seen, self.lock = 0, threading.Lock()

    def takes(self, request):
        if not self.where.search(str(request)):
            return False
        with self.lock:
            self.seen += 1
            return self.seen > self.after and (self.times is None or self.seen <= self.after + self.times)

    def apply(self, request, response):
        for action in self.actions:
            response = action(request, response) or response
        return response


def wire(**fields):
    """Sets fields of the answer's Wire; a float `cut` or `stall_at` below 1 is a share of the body."""
    def act(_, response):
        for name, value in fields.items():
            if name in ("cut", "stall_at") and isinstance(value, float):
                value = int(response.length * value)
            setattr(response.wire, name, value)
    return act


def flip(offset):
    """Turns a bit of the byte at this offset of the content, when the answer holds it."""
    def act(_, response):
        if response.start <= offset < response.end:
            response.wire.flips += (offset - response.start,)
    return act


def answer(status, headers=(), body=b""):
    return lambda request, response: Response(status, headers, body)


def header(name, value):
    """Sets a header (None: drops it); a callable value is given the request."""
    def act(request, response):
        if value is None:
            response.drop(name)
        else:
            response.set(name, value(request) if callable(value) else value)
    return act


def whole(request, response):
    """Ignores the range: the whole content, status 200."""
    if response.status == 206:
        response.status, response.start, response.end = 200, 0, response.content.size
        response.drop("Content-Range")


def call(function):
    """Calls the function (of the request) and leaves the answer alone."""
    def act(request, _):
        function(request)
    return act
