# SPDX-License-Identifier: Apache-2.0
"""Servers and proxies that fall silent. All of them run at once, as each has to wait for a limit. Cases 8, 36 (hang) and 37 (black hole)."""
import socket

from hub import Fault
from hub.fault import wire
from hub.proxy import Proxy

from .disks import mounted
from .sandbox import MIB, Skip

STORED = r"^GET cdn "
RECOVERS = 75  # seconds that one stalled connection may cost
GIVES_UP = 90


def once(where, *actions, size=8):
    def case(s):
        s.model(size * MIB)
        s.hub.fault(Fault(where, *actions))
        run = s.run(timeout=130)
        s.same(run.directory)
        assert run.seconds < RECOVERS, f"took {run.seconds} s to recover"
        assert s.hub.log.count(where) > 1, "nothing was sent again"
    return case


def always(where, *actions):
    def case(s):
        s.model(8 * MIB)
        s.hub.fault(Fault(where, *actions, times=None))
        run = s.run(code=5, timeout=130)
        assert run.seconds < GIVES_UP + 5, f"took {run.seconds} s to give up"
        s.heals()
    return case


case_08_one_byte_a_second = once(STORED, wire(rate=1))
case_08_silence = once(STORED, wire(delay=600))
case_08_silence_on_resolve = once(r"^(GET|HEAD) hub /test/model/resolve/", wire(delay=600))
case_08_silence_on_listing = once(r"^GET hub /api/models", wire(delay=600))
case_08_stall_at_99_percent = once(STORED, wire(stall_at=0.99, stall=600))
case_08_dribbled_head = once(STORED, wire(head_rate=1))
case_08_one_byte_a_second_for_ever = always(STORED, wire(rate=1))
case_08_silence_for_ever = always(STORED, wire(delay=600))
case_08_silence_on_listing_for_ever = always(r"^GET hub /api/models", wire(delay=600))
case_08_dribbled_head_for_ever = always(STORED, wire(head_rate=1))


def case_08_stall_is_dispatched_again(s):
    """The bytes before the stall are kept."""
    s.model(24 * MIB)
    s.hub.fault(Fault(STORED, wire(stall_at=0.5, stall=600)))
    run = s.run(timeout=130)
    s.same(run.directory)
    assert run.seconds < RECOVERS and s.hub.log.sent(STORED) < 26 * MIB, f"{run.seconds} s, {s.hub.log.sent(STORED)} bytes"


def case_36_proxy_hangs(s):
    s.model(1 * MIB)
    proxy = Proxy(s.hub)
    proxy.mode = "hang"
    run = s.run(code=5, timeout=130, environment={"http_proxy": proxy.url, "https_proxy": proxy.url, "HF_ENDPOINT": "https://hub.test"})
    assert run.seconds < GIVES_UP + 5, f"took {run.seconds} s to give up"
    proxy.close()


def case_37_black_hole(s):
    """The name has two addresses, and the first one, of IPv6, takes no connection: the second is tried meanwhile."""
    hole = socket.socket(socket.AF_INET6)
    port = s.hub.origin("hub").port
    try:
        hole.bind(("::1", port))
    except OSError as error:
        raise Skip(f"no IPv6 loopback: {error}") from None
    hole.listen(0)
    waiting = []
    for _ in range(4):  # fills the queue: further connections get no answer
        client = socket.socket(socket.AF_INET6)
        client.setblocking(False)
        client.connect_ex(("::1", port))
        waiting.append(client)
    hosts = s.root / "hosts"
    hosts.write_text("::1 both.test\n127.0.0.1 both.test localhost\n")
    s.model(1 * MIB)
    run = s.run(before=mounted(s, 'mount --bind "$0" /etc/hosts && exec "$@"', hosts), environment={"HF_ENDPOINT": f"http://both.test:{port}"})
    s.same(run.directory)
    assert run.seconds < 20, f"took {run.seconds} s"
    for client in [*waiting, hole]:
        client.close()
