# SPDX-License-Identifier: Apache-2.0
"""Sends an answer, whole by sendfile where nothing spoils it, else piece by piece as its Wire says."""
import http
import os
import socket
import struct

STEP = 1 << 20


class Cut(Exception):
    """The connection ends here, as the Wire wanted."""


def head_of(response):
    reason = http.HTTPStatus(response.status).phrase if response.status in http.HTTPStatus._value2member_map_ else "Other"
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    if response.wire.chunked:
        lines.append("Transfer-Encoding: chunked")
    elif response.get("Content-Length") is None and not response.wire.lengthless and response.status not in (204, 304):
        lines.append(f"Content-Length: {response.length}")
    if response.wire.lengthless:
        lines.append("Connection: close")
    lines += [f"{name}: {value}" for name, value in response.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


class Writer:
    """One answer to one connection; sent counts the bytes of the body that the socket took."""

    def __init__(self, sock, response, stopped, entry):
        self.sock, self.response, self.wire, self.stopped, self.entry = sock, response, response.wire, stopped, entry

    def pause(self, seconds):
        if self.stopped.wait(seconds):
            raise Cut

    def send(self, with_body):
        if self.wire.delay:
            self.pause(self.wire.delay)
        head = head_of(self.response)
        if self.wire.head_rate:
            for byte in head:
                self.sock.sendall(bytes([byte]))
                self.pause(1 / self.wire.head_rate)
        elif with_body and not self.wire.spoils_body() and self.response.length <= STEP:
            body = self.response.content.read(self.response.start, self.response.length)
            self.sock.sendall(head + bytes(body))  # one packet: small answers cost one wake-up
            self.entry.sent = len(body)
            return
        else:
            self.sock.sendall(head)
        if with_body:
            self.body()

    def body(self):
        plain = not self.wire.spoils_body()
        if plain and self.response.content.path and not hasattr(self.sock, "cipher"):
            return self.sendfile()
        if self.wire.cut == 0:
            self.cut()
        for piece in self.pieces():
            self.piece(piece)
        if self.wire.chunked and not self.wire.unterminated:
            self.sock.sendall(b"0\r\n\r\n")
        if self.wire.unterminated or self.wire.lengthless:
            raise Cut

    def sendfile(self):
        offset, end = self.response.start, self.response.end
        while offset < end:
            sent = os.sendfile(self.sock.fileno(), self.response.content.descriptor, offset, min(end - offset, 8 * STEP))
            if not sent:
                raise Cut
            offset += sent
            self.entry.sent += sent

    def pieces(self):
        """The body in steps that end at every place where the wire wants something."""
        response, position = self.response, 0
        step = max(1, min(STEP, int(self.wire.rate / 10))) if self.wire.rate else STEP
        stops = sorted({stop for stop in (self.wire.cut, self.wire.stall_at) if stop is not None})
        while position < response.length:
            size = min(step, response.length - position, *(stop - position for stop in stops if stop > position))
            data = response.content.read(response.start + position, size)
            flips = [flip - position for flip in self.wire.flips if position <= flip < position + size]
            if flips:
                data = bytearray(data)
                for flip in flips:
                    data[flip] ^= 1
            yield data
            position += size
        left = self.wire.extra
        while left:
            size = STEP if left < 0 else min(left, STEP)
            yield b"x" * size
            left -= size if left > 0 else 0

    def piece(self, data):
        if self.wire.stall and self.entry.sent == self.wire.stall_at:
            self.pause(self.wire.stall)
        self.sock.sendall(b"%x\r\n%b\r\n" % (len(data), bytes(data)) if self.wire.chunked else data)
        self.entry.sent += len(data)
        if self.wire.cut is not None and self.entry.sent >= self.wire.cut:
            self.cut()
        if self.wire.rate:
            self.pause(len(data) / self.wire.rate)

    def cut(self):
        if self.wire.reset:
            self.pause(0.2)  # what was sent arrives before the reset discards it
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Cut
