# SPDX-License-Identifier: Apache-2.0
"""An origin: a listening socket of HTTP/1.1 with keep-alive, a thread a connection."""
import socket
import ssl
import threading
import time

from .message import Request, Response
from .writer import Cut, Writer

HEAD_LIMIT = 1 << 16


def read_head(sock, buffer):
    """The next request's head and what was read beyond it; None at the end of the connection."""
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        data = sock.recv(1 << 16)
        if not data or len(buffer) > HEAD_LIMIT:
            return None, b""
        buffer += data
    return buffer[:end].decode("latin-1"), buffer[end + 4:]


def read_request(origin, connection, sock, buffer):
    head, buffer = read_head(sock, buffer)
    if head is None:
        return None, b""
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("expect", "").lower() == "100-continue":
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = int(headers.get("content-length", 0))
    while len(buffer) < length:
        data = sock.recv(1 << 16)
        if not data:
            return None, b""
        buffer += data
    return Request(origin, connection, method, target, headers, head, bytes(buffer[:length])), buffer[length:]


class Origin:
    """handle(request) gives the answer; on_connect(socket), where set, may keep the connection to itself by returning True."""

    def __init__(self, hub, name, handle, host="127.0.0.1", context=None, names=None):
        self.hub, self.name, self.handle, self.host, self.context = hub, name, handle, host, context
        self.on_connect = None
        self.listener = socket.create_server((host, 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://{names or host}:{self.port}"
        self.open, self.lock = set(), threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.hub.log.connected(self.name)
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        with self.lock:
            self.open.add(sock)
        try:
            if self.on_connect and self.on_connect(sock):
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                raw, sock = sock, self.context.wrap_socket(sock, server_side=True)
                with self.lock:
                    self.open.discard(raw)
                    self.open.add(sock)
            self.converse(sock)
        except (OSError, ssl.SSLError, ValueError):
            pass  # the client went away, or does not speak HTTP
        finally:
            with self.lock:
                self.open.discard(sock)
            sock.close()

    def converse(self, sock):
        connection, buffer = self.hub.next_connection(), b""
        while True:
            request, buffer = read_request(self, connection, sock, buffer)
            if request is None:
                return
            entry = self.hub.log.open(request)
            response = self.respond(request, entry)
            if response is None:
                return
            try:
                Writer(sock, response, self.hub.stopped, entry).send(request.method != "HEAD")
            except Cut:
                return
            finally:
                entry.ended = time.monotonic()
            if request.headers.get("connection", "").lower() == "close" or (response.get("Connection") or "").lower() == "close":
                return

    def respond(self, request, entry):
        response = self.handle(request) or Response(404, {"Content-Type": "text/plain"}, b"nothing here")
        taken = [fault for fault in self.hub.faults if fault.takes(request)]
        for fault in taken:
            response = fault.apply(request, response)
        entry.status, entry.faults = response.status, tuple(fault.name for fault in taken)
        return response

    def close_idle(self):
        """Closes every connection now open."""
        with self.lock:
            for sock in self.open:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # already gone

    def close(self):
        self.listener.close()
        self.close_idle()
