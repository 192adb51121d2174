# SPDX-License-Identifier: Apache-2.0
"""One request as it was read, and one answer with the ways in which the wire may spoil it."""
import dataclasses
import json
import urllib.parse

from .content import Content


@dataclasses.dataclass
class Request:
    origin: object
    connection: int
    method: str
    target: str
    headers: dict          # lower-case name: value
    raw: str               # the head as it came
    body: bytes = b""

    def __post_init__(self):
        path, _, query = self.target.partition("?")
        self.path = urllib.parse.unquote(path)
        self.raw_path = path
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))

    @property
    def url(self):
        return self.origin.url + self.target

    def token(self):
        """The bearer token, else the one that ModelScope's cookie carries."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return value
        for cookie in self.headers.get("cookie", "").split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == "m_session_id":
                return value
        return None

    def __str__(self):
        return f"{self.method} {self.origin.name} {self.target}"


@dataclasses.dataclass
class Wire:
    """What happens to an answer on its way; offsets count bytes of the body."""
    delay: float = 0             # seconds before the first byte
    head_rate: float = 0         # bytes of the head a second; 0: at once
    rate: float = 0              # bytes of the body a second
    stall_at: int | None = None  # stops there for stall seconds
    stall: float = 0
    cut: int | None = None       # closes after so many bytes
    reset: bool = False          # by RST instead of FIN
    chunked: bool = False
    unterminated: bool = False   # the last chunk is missing
    lengthless: bool = False     # the end of the connection ends the body
    flips: tuple = ()            # offsets of bytes whose lowest bit is turned
    extra: int = 0               # bytes after the end; -1: for ever

    def spoils_body(self):
        return any((self.rate, self.stall, self.cut is not None, self.chunked, self.flips, self.extra))


class Response:
    def __init__(self, status=200, headers=(), body=b""):
        self.status = status
        self.headers = list(headers.items() if isinstance(headers, dict) else headers)
        self.content = body if isinstance(body, Content) else Content(body)
        self.start, self.end = 0, self.content.size  # the slice of the content that is the body
        self.wire = Wire()

    @property
    def length(self):
        return self.end - self.start

    def get(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def drop(self, name):
        self.headers = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        return self

    def set(self, name, value):
        self.drop(name)
        self.headers.append((name, str(value)))
        return self


def as_json(value, status=200, headers=()):
    return Response(status, [("Content-Type", "application/json"), *dict(headers).items()], json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape"))


def redirect(status, location, headers=()):
    body = b"Found. Redirecting to elsewhere\n"
    return Response(status, [("Location", location), *dict(headers).items()], body)


def part_of(content, request, headers=()):
    """The content, or the range of it that was asked for."""
    response = Response(200, [("Accept-Ranges", "bytes"), *dict(headers).items()], content)
    asked = request.headers.get("range", "")
    condition = request.headers.get("if-range")
    if not asked.startswith("bytes=") or "," in asked or (condition and condition != response.get("ETag")):
        return response
    first, _, last = asked[6:].partition("-")
    start = int(first) if first else max(0, content.size - int(last))
    end = min(int(last) + 1, content.size) if first and last else content.size
    if start >= end:
        return Response(416, [("Content-Range", f"bytes */{content.size}"), ("Content-Type", "text/plain")], b"range not satisfiable")
    response.status, response.start, response.end = 206, start, end
    return response.set("Content-Range", f"bytes {start}-{end - 1}/{content.size}")
