# SPDX-License-Identifier: Apache-2.0
"""Where requests may go and what they may carry. Case 16, and what else could leak a secret."""
from hub import Fault
from hub.fault import answer
from hub.message import redirect

from .sandbox import MIB, TOKEN

STORED = r"^GET cdn "
RESOLVED = r" hub /test/model/resolve/"


def to(target, status=302):
    """Redirects to what target(request, answer) gives."""
    def act(request, response):
        kept = [(name, value) for name, value in response.headers if name.startswith("X-")]
        return redirect(status, target(request, response), kept)
    return act


def redirected(target, codes, where=RESOLVED + ".*safetensors", times=None):
    def case(s):
        s.with_token()
        s.model(1 * MIB)
        s.hub.fault(Fault(where, to(target), times=times))
        run = s.run(code=codes)
        if run.code == 0:
            s.same(run.directory)
        s.heals()
    return case


case_16_loop = redirected(lambda q, r: q.url, (5, 6))
case_16_loop_of_the_listing = redirected(lambda q, r: q.url, (5, 6), where=r" hub /api/models/")
case_16_to_file = redirected(lambda q, r: "file:///etc/passwd", (5, 6))
case_16_to_ftp = redirected(lambda q, r: "ftp://127.0.0.1/x", (5, 6))
case_16_to_gopher = redirected(lambda q, r: "gopher://127.0.0.1:1/x", (5, 6))
case_16_without_location = redirected(lambda q, r: "", (5, 6))
case_16_garbage = redirected(lambda q, r: "http://[::1/%zz", (5, 6))


def hops(count, codes):
    """So many redirects at the hub before the answer that leads to storage."""
    def case(s):
        s.with_token()
        s.model(1 * MIB)

        def act(request, response):
            hop = int(request.query.get("hop", 0))
            if hop < count:
                return to(lambda q, r: f"{q.raw_path}?hop={hop + 1}", 307)(request, response)
            return response

        s.hub.fault(Fault(RESOLVED + ".*safetensors", act, times=None))
        run = s.run(code=codes)
        if run.code == 0:
            s.same(run.directory)
        else:
            assert s.hub.log.count(r"hop=1[2-9]") == 0, "too many hops were followed"
        s.heals()
    return case


case_16_eight_hops = hops(8, 0)
case_16_eleven_hops = hops(11, (5, 6))


def case_16_relative_with_query(s):
    s.with_token()
    s.model(1 * MIB).redirect_small = True
    s.same(s.run().directory)
    followed = s.hub.log.find(r"/api/resolve-cache/.*config.json")
    assert followed and all("etag=%22" in entry.request.target for entry in followed), "the query was lost"


def case_16_without_scheme(s):
    """//host/x keeps the scheme and leaves the origin."""
    s.with_token()
    s.model(1 * MIB)
    s.hub.fault(Fault(RESOLVED + ".*safetensors", to(lambda q, r: r.get("Location").removeprefix("http:")), times=None))
    s.same(s.run().directory)


def case_16_same_host_other_port(s):
    s.with_token()
    s.model(1 * MIB)
    s.hub.origin("port", host="127.0.0.1")
    s.hub.cdn = "port"
    s.same(s.run().directory)
    assert s.hub.log.count(" port ")


def case_16_other_host(s):
    s.with_token()
    s.model(1 * MIB)
    s.same(s.run().directory)
    assert any(entry.request.token() for entry in s.hub.log.find(" hub ")), "no token at the hub either"


def case_16_mirror_to_another_hub(s):
    """A mirror that answers 308 to the true hub: followed, without the token."""
    s.with_token()
    s.model(1 * MIB)
    other = s.hub.origin("true").url
    s.hub.fault(Fault(RESOLVED, to(lambda q, r: other + q.target, 308), times=None))
    s.same(s.run().directory)
    assert s.hub.log.count(" true ")


def case_16_modelscope_cookie_stays(s):
    s.hub.tokens.add("ms-s3cret-s3cret")
    s.secrets["ms-s3cret-s3cret"] = {"hub"}
    s.model(1 * MIB)
    s.same(s.run("ms:test/model", environment={"MODELSCOPE_API_TOKEN": "ms-s3cret-s3cret"}).directory)
    assert any(entry.request.token() for entry in s.hub.log.find(" hub "))


def case_secrets_and_netrc(s):
    """What ~/.netrc says of a host is not sent."""
    (s.home / ".netrc").write_text("machine 127.0.0.1 login me password n3trc-pass\nmachine 127.0.0.2 login me password n3trc-pass\n")
    (s.home / ".netrc").chmod(0o600)
    s.model(1 * MIB)
    s.same(s.run().directory)
    assert not [str(entry) for entry in s.hub.log.find() if "authorization" in entry.request.headers]


def case_secrets_in_verbose_output(s):
    """Neither the token nor a signature is printed, however much is (Sandbox.check_secrets)."""
    s.with_token()
    s.model(1 * MIB)
    s.same(s.run(s.REF, "-v").directory)
    s.hub.fault(Fault(STORED, answer(403, {}, b"no"), times=None))
    s.run(s.REF, "-v", "--policy", "redo", code=5)


def case_secrets_on_the_command_line(s):
    """There is no option to give a token by: everybody could read it."""
    s.secrets[TOKEN] = set()
    s.model(1 * MIB)
    process = s.start(s.REF, "--token", TOKEN)
    run = s.finish(process)
    assert run.code == 2 and not s.hub.log.count(), run
    s.runs.clear()


def case_secrets_of_an_address(s):
    """A token in the endpoint's environment is not for another host that a reference names."""
    s.with_token()
    s.model(1 * MIB)
    other = s.hub.origin("other").url
    s.run(f"{other}/test/model", code=None)
    assert not [entry for entry in s.hub.log.find(" other ") if entry.request.token()]
