# SPDX-License-Identifier: Apache-2.0
"""Servers that are busy, limit rates or connections, let signatures expire, or close connections. Cases 6, 7, 19, 39 and 41."""
import datetime
import email.utils
import struct
import threading
import time

from hub import Fault, Repository, seeded
from hub.fault import answer, call, wire
from hub.tls import Authority

from .sandbox import CONFIG, MIB, alone

STORED = r"^GET cdn "
RESOLVED = r" hub /test/model/resolve/"
LISTED = r" hub /api/models/"


def busy(status, **headers):
    return answer(status, {"X-Request-Id": "Root=1-last-request", "Content-Type": "text/plain", **headers}, b"the kettle is on fire")


def case_06_busy_three_times(s):
    s.model(2 * MIB)
    for where in (STORED, RESOLVED, LISTED):
        s.hub.fault(Fault(where, busy(503), times=3))
    s.same(s.run().directory)
    began = [entry.began for entry in s.hub.log.find(LISTED)][:4]
    assert max(b - a for a, b in zip(began, began[1:])) > 0.03, "retries without a delay"


def case_06_gateways(s):
    s.model(2 * MIB)
    for where in (STORED, RESOLVED, LISTED):
        for after, status in enumerate((502, 504, 502, 408)):
            s.hub.fault(Fault(where, busy(status), after=after))
    s.same(s.run().directory)


def case_06_amid_the_file(s):
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=0.5)))
    s.hub.fault(Fault(STORED, busy(503), after=1, times=3))
    s.same(s.run().directory)
    assert s.hub.log.sent(STORED) < 25 * MIB


def for_ever(where, code=5):
    def case(s):
        s.model(2 * MIB)
        s.hub.fault(Fault(where, busy(500), times=None))
        run = s.run(code=code)
        assert run.seconds < 100, f"took {run.seconds} s to give up"
        assert "the kettle is on fire" in run.err and "Root=1-last-request" in run.err, f"no last answer in {run.err!r}"
        assert s.hub.log.count(where) < 100
        s.heals()
    return case


case_06_storage_fails_for_ever = for_ever(STORED)
case_06_resolving_fails_for_ever = for_ever(RESOLVED)
case_06_listing_fails_for_ever = for_ever(LISTED)


def limited(headers, where, least, most=None):
    """One 429 with these headers: nothing is asked of that origin for `least` seconds."""
    def case(s):
        files = {f"part-{index}.safetensors": seeded(200_000, index) for index in range(12)}
        s.hub.add(Repository("test/model", {"config.json": CONFIG} | files))
        s.hub.fault(Fault(where, lambda q, r: busy(429, **{name: value() if callable(value) else value for name, value in headers.items()})(q, r)))
        run = s.run()
        s.same(run.directory)
        entries = s.hub.log.find(where.replace("GET ", "(GET|HEAD) "))
        refused = next(entry for entry in entries if entry.status == 429)
        early = [str(entry) for entry in entries if refused.ended + 0.2 < entry.began < refused.ended + least - 0.05]
        assert not early, f"asked again too early: {early}"
        assert most is None or run.seconds < most, f"waited {run.seconds} s"
    return case


def in_seconds(seconds):
    return lambda: email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds), usegmt=True)


case_07_retry_after = limited({"Retry-After": "2"}, r"GET cdn ", 2, 20)
case_07_retry_after_resolve = limited({"Retry-After": "2"}, r"GET hub /test/model/resolve", 2, 20)
case_07_retry_after_listing = limited({"Retry-After": "2"}, r"GET hub /api/models/", 2, 20)
case_07_rate_limit = limited({"RateLimit": '"resolvers";r=0;t=2'}, r"GET hub /test/model/resolve", 2, 20)
case_07_rate_limit_with_policy = limited({"RateLimit": '"api";r=0;t=2', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}, r"GET hub /api/models/", 2, 20)
case_07_date = limited({"Retry-After": in_seconds(4)}, r"GET cdn ", 2.5, 25)  # dates have whole seconds
case_07_garbage = limited({"Retry-After": "soon", "RateLimit": ';;r=x;t=";'}, r"GET cdn ", 0, 60)
case_07_date_in_the_past = limited({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, r"GET cdn ", 0, 60)


def a_day(value):
    def case(s):
        s.model(2 * MIB)
        s.hub.fault(Fault(STORED, busy(429, **{"Retry-After": value() if callable(value) else value}), times=None))
        run = s.run(code=5)
        assert run.seconds < 10, f"took {run.seconds} s to say that it takes a day"
        s.heals()
    return case


case_07_a_day = a_day("86400")
case_07_a_date_tomorrow = a_day(in_seconds(86400))
case_07_overflow = a_day("99999999999999999999999")


def case_19_signature_expires_once(s):
    s.model(40 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=0.4), call(lambda request: s.hub.signatures.discard(request.query["X-Amz-Signature"]))))
    s.same(s.run().directory)
    assert s.hub.log.sent(STORED) < 42 * MIB


def case_19_signature_expires_again(s):
    """Every signature serves one request; what makes progress goes on."""
    s.model(40 * MIB)
    s.hub.fault(Fault(STORED, wire(cut=0.4), call(lambda request: s.hub.signatures.discard(request.query["X-Amz-Signature"])), times=4))
    s.same(s.run().directory)


def case_19_forbidden_for_ever(s):
    s.model(8 * MIB)
    s.hub.fault(Fault(STORED, answer(403, {"Content-Type": "application/xml"}, b"<Error><Code>BridgeClosed</Code></Error>"), times=None))
    run = s.run(code=5)
    assert "BridgeClosed" in run.err, f"the answer is not in {run.err!r}"
    assert s.hub.log.count(STORED) <= 3, "more than three requests for a part"
    s.heals()


def case_39_connections_closed_when_idle(s):
    """Every connection is closed after its answer, without a word."""
    files = {f"part-{index}.safetensors": seeded(100_000, index) for index in range(20)}
    s.hub.add(Repository("test/model", {"config.json": CONFIG} | files))
    for name in ("hub", "cdn"):
        origin = s.hub.origin(name)
        s.hub.fault(Fault(f"^GET {name} ", call(lambda request, origin=origin: threading.Timer(0.02, origin.close_idle).start()), times=8))
    s.same(s.run().directory)


def http2(sock, ending):
    """Speaks as much HTTP/2 as it takes to refuse a stream: nothing needs to be decoded for that."""
    frame = lambda kind, flags, stream, body: struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body

    def exactly(count):
        data = b""
        while len(data) < count:
            piece = sock.recv(count - len(data))
            if not piece:
                raise OSError("the client left")
            data += piece
        return data

    assert exactly(24).startswith(b"PRI * HTTP/2.0")
    sock.sendall(frame(4, 0, 0, b""))
    while True:
        head = exactly(9)
        length, kind, stream = int.from_bytes(head[:3], "big"), head[3], int.from_bytes(head[5:], "big")
        exactly(length)
        if kind == 4 and not head[4]:
            sock.sendall(frame(4, 1, 0, b""))
        if kind == 1:  # HEADERS
            if ending == "goaway":
                sock.sendall(frame(7, 0, 0, struct.pack(">II", 0, 0)))
                return
            sock.sendall(frame(3, 0, stream, struct.pack(">I", 7)))  # REFUSED_STREAM


def second_protocol(ending):
    def case(s):
        authority = Authority(s.root / "authority")
        both, one = authority.context("server", alpn=("h2", "http/1.1")), authority.context("again")
        origin = s.hub.origin("secure", host="127.0.0.1", context=one)
        refused = []

        def greet(sock):
            if len(refused) >= 2:
                return False
            with both.wrap_socket(sock, server_side=True) as wrapped:
                if wrapped.selected_alpn_protocol() != "h2":
                    origin.converse(wrapped)
                    return True
                refused.append(wrapped)
                wrapped.settimeout(5)
                http2(wrapped, ending)
            return True

        origin.on_connect = greet
        s.hub.origin("securecdn", context=authority.context("cdn", hosts="IP:127.0.0.2"))
        s.hub.cdn = "securecdn"
        s.changed_outside()
        s.model(2 * MIB)
        s.same(s.run(s.REF, "--cacert", authority.certificate, "--endpoint", origin.url, environment={"HF_ENDPOINT": None}).directory)
    return case


case_39_goaway = second_protocol("goaway")
case_39_refused_stream = second_protocol("refused")


def active(s, origin="cdn"):
    return sum(1 for entry in s.hub.log.find(f" {origin} ") if not entry.ended and entry.status != 503)


def case_41_two_connections_at_most(s):
    files = {f"part-{index}.safetensors": seeded(MIB, index) for index in range(16)}
    s.hub.add(Repository("test/model", {"config.json": CONFIG} | files))
    s.hub.fault(Fault(STORED, wire(rate=4 * MIB), lambda q, r: busy(503)(q, r) if active(s) > 2 else r, times=None))
    s.same(s.run().directory)
    refused = sum(entry.status == 503 for entry in s.hub.log.find(STORED))
    assert refused < 64, f"{refused} refusals: concurrency never settles"


@alone
def case_41_throttle_collapse(s):
    """Beyond four connections all become slow."""
    s.model(64 * MIB)
    s.hub.fault(Fault(STORED, lambda q, r: wire(rate=(16 * MIB if active(s) <= 4 else 2 * MIB))(q, r), times=None))
    run = s.run()
    s.same(run.directory)
    assert run.seconds < 40, f"took {run.seconds} s"
