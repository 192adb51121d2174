# SPDX-License-Identifier: Apache-2.0
"""A proxy: CONNECT tunnels, absolute-form requests and SOCKS5, with names that only it can resolve."""
import base64
import select
import socket
import struct
import threading

from .server import read_head


class Proxy:
    """names maps "host:port" as a client asks for it to (host, port) on loopback; what is not named is dialled as it is."""

    def __init__(self, hub, user=None):
        self.hub, self.user, self.names = hub, user, {}
        self.mode = "forward"  # or an answer's status, or "hang"
        self.heads, self.lock = [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            with sock:
                if sock.recv(1, socket.MSG_PEEK) == b"\x05":
                    self.socks(sock)
                else:
                    self.http(sock)
        except (OSError, ValueError):
            pass  # either side went away

    def note(self, text):
        with self.lock:
            self.heads.append(text)

    def dial(self, host, port):
        return socket.create_connection(self.names.get(f"{host}:{port}", (host, port)), timeout=10)

    def http(self, sock):
        head, rest = read_head(sock, b"")
        if head is None:
            return
        self.note(head)
        first, *lines = head.split("\r\n")
        method, target, version = first.split(" ")
        if self.mode == "hang":
            self.hub.stopped.wait(600)
            return
        credentials = "Basic " + base64.b64encode(self.user.encode()).decode() if self.user else None
        given = next((line.partition(":")[2].strip() for line in lines if line.lower().startswith("proxy-authorization:")), None)
        status = self.mode if self.mode != "forward" else 407 if credentials and given != credentials else 200
        if status != 200:
            challenge = 'Proxy-Authenticate: Basic realm="fake"\r\n' if status == 407 else ""
            sock.sendall(f"HTTP/1.1 {status} Refused\r\n{challenge}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            with self.dial(host, int(port)) as other:
                sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                other.sendall(rest)
                self.splice(sock, other)
            return
        place, _, path = target.removeprefix("http://").partition("/")
        host, _, port = place.partition(":")
        kept = [line for line in lines if not line.lower().startswith(("proxy-", "connection:"))]
        with self.dial(host, int(port or 80)) as other:
            other.sendall("\r\n".join([f"{method} /{path} {version}", *kept, "Connection: close", "", ""]).encode("latin-1") + rest)
            self.splice(sock, other)

    def socks(self, sock):
        receive = lambda count: sock.recv(count, socket.MSG_WAITALL)
        _, methods = receive(2)
        receive(methods)
        sock.sendall(b"\x05\x00")
        _, _, _, kind = receive(4)
        host = socket.inet_ntoa(receive(4)) if kind == 1 else receive(receive(1)[0]).decode() if kind == 3 else socket.inet_ntop(socket.AF_INET6, receive(16))
        port, = struct.unpack(">H", receive(2))
        self.note(f"SOCKS5 {host}:{port}")
        with self.dial(host, port) as other:
            sock.sendall(b"\x05\x00\x00\x01\0\0\0\0\0\0")
            self.splice(sock, other)

    def splice(self, one, other):
        while True:
            ready, _, _ = select.select([one, other], [], [], 60)
            for source in ready:
                data = source.recv(1 << 16)
                if not data:
                    return
                (other if source is one else one).sendall(data)
            if not ready:
                return

    def close(self):
        self.listener.close()
