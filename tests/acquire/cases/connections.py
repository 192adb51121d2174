# SPDX-License-Identifier: Apache-2.0
"""Certificates, proxies, names and addresses. Cases 35, 36 and 37."""
import socket

from hub import Fault
from hub.fault import answer
from hub.proxy import Proxy
from hub.tls import Authority

from .sandbox import MIB, Skip

RESOLVED = r" hub /test/model/resolve/"


def secure(s, *arguments, code=0, environment=None, host="127.0.0.1", kept=None, **options):
    """A hub behind TLS as the options of Authority.context say; returns its authority and the run."""
    authority = Authority(s.root / "authority")
    try:
        context = authority.context(**options)
    except (ValueError, OSError) as error:
        raise Skip(f"this Python cannot serve that: {error}") from None
    origin = s.hub.origin("secure", host="127.0.0.1", context=context, names=host)
    s.with_token()
    s.secrets = {secret: {"secure"} for secret in s.secrets}
    s.model(1 * MIB)
    s.hub.origin("securecdn", context=authority.context("cdn", hosts="IP:127.0.0.2"))
    s.hub.cdn = "securecdn"
    s.changed_outside()
    arguments = [str(argument).replace("CA", str(authority.certificate)) for argument in arguments]
    environment = {name: value.replace("CA", str(authority.certificate)) for name, value in (environment or {}).items()}
    run = s.run(s.REF, *arguments, code=code, environment={"HF_ENDPOINT": origin.url} | environment)
    if run.code == 0:
        s.same(run.directory)
        assert any(entry.request.token() for entry in s.hub.log.find(" secure "))
    else:
        assert not s.hub.log.count(), "something was sent"
    return run


def refused_certificate(message, **options):
    def case(s):
        run = secure(s, "--cacert", "CA", code=5, **options)
        assert message in run.err.lower(), f"no reason in {run.err!r}"
        assert run.seconds < 20, "retried what cannot be cured"
    return case


case_35_self_signed = refused_certificate("self", signed=False)
case_35_expired = refused_certificate("expired", days=-1)
case_35_wrong_host = refused_certificate("127.0.0.1", hosts="DNS:elsewhere.test")


def case_35_unknown_authority(s):
    run = secure(s, code=5)
    assert "certificate" in run.err.lower()


def case_35_tls_1_0(s):
    secure(s, "--cacert", "CA", code=5, oldest=True)


def trusted_by(*arguments, **environment):
    return lambda s: secure(s, *arguments, environment=environment) and None


case_35_cacert = trusted_by("--cacert", "CA")
case_35_ssl_cert_file = trusted_by(SSL_CERT_FILE="CA")
case_35_curl_ca_bundle = trusted_by(CURL_CA_BUNDLE="CA")
case_35_requests_ca_bundle = trusted_by(REQUESTS_CA_BUNDLE="CA")


def case_35_no_variable_switches_it_off(s):
    secure(s, code=5, environment={"HF_HUB_DISABLE_SSL_VERIFICATION": "1", "PYTHONHTTPSVERIFY": "0", "GIT_SSL_NO_VERIFY": "1", "CURL_INSECURE": "1"})


def case_35_https_to_http(s):
    """A hub behind TLS whose storage is not is refused."""
    authority = Authority(s.root / "authority")
    origin = s.hub.origin("secure", host="127.0.0.1", context=authority.context())
    s.with_token()
    s.secrets = {secret: {"secure"} for secret in s.secrets}
    s.model(1 * MIB)
    s.changed_outside()
    s.run(s.REF, "--cacert", authority.certificate, code=(5, 6), environment={"HF_ENDPOINT": origin.url})
    assert not s.hub.log.count(" cdn "), "followed from https to http"
    s.hub.origin("securecdn", context=authority.context("cdn", hosts="IP:127.0.0.2"))
    s.hub.cdn = "securecdn"
    s.changed_outside()
    s.heals(s.REF, "--cacert", authority.certificate, environment={"HF_ENDPOINT": origin.url})


def proxied(s, mode="forward", user=None, code=0, scheme="http", given=None, **environment):
    """A hub behind TLS whose name only the proxy can resolve."""
    authority = Authority(s.root / "authority")
    origin = s.hub.origin("secure", host="127.0.0.1", context=authority.context(hosts="DNS:hub.test"), names="hub.test")
    s.hub.origin("securecdn", context=authority.context("cdn", hosts="DNS:cdn.test"), names="cdn.test")
    s.hub.cdn = "securecdn"
    s.with_token()
    s.secrets = {secret: {"secure"} for secret in s.secrets}
    s.model(1 * MIB)
    s.changed_outside()
    proxy = Proxy(s.hub, user)
    proxy.mode = mode
    for name, listener in (("hub.test", origin), ("cdn.test", s.hub.origin("securecdn"))):
        proxy.names[f"{name}:{listener.port}"] = (listener.host, listener.port)
    address = f"{scheme}://{given + '@' if given else ''}127.0.0.1:{proxy.port}"
    variable = "ALL_PROXY" if scheme.startswith("socks") else "HTTPS_PROXY"
    run = s.run(s.REF, "--cacert", authority.certificate, code=code, environment={"HF_ENDPOINT": origin.url, variable: address} | environment)
    if run.code == 0:
        s.same(run.directory)
    proxy.close()
    return proxy, run


def case_36_tunnel(s):
    proxy, _ = proxied(s)
    assert any(head.startswith("CONNECT hub.test:") for head in proxy.heads) and any("cdn.test" in head for head in proxy.heads)


def case_36_credentials_stay_at_the_proxy(s):
    s.secrets["pr0xy-pass"] = set()
    s.secrets["dXNlcjpwcjB4eS1wYXNz"] = set()
    proxied(s, user="user:pr0xy-pass", given="user:pr0xy-pass")
    assert not [str(entry) for entry in s.hub.log.find() if "proxy-authorization" in entry.request.headers]


def case_36_407(s):
    _, run = proxied(s, user="user:right", code=5)
    assert "proxy" in run.err.lower() and "407" in run.err, run.err


def case_36_502(s):
    _, run = proxied(s, mode=502, code=5)
    assert "proxy" in run.err.lower() and "502" in run.err, run.err


def case_36_socks5(s):
    proxy, _ = proxied(s, scheme="socks5h")
    assert proxy.heads and all(head.startswith("SOCKS5") for head in proxy.heads)


def case_36_no_proxy(s):
    s.model(1 * MIB)
    proxy = Proxy(s.hub)
    s.same(s.run(environment={"http_proxy": proxy.url, "https_proxy": proxy.url, "NO_PROXY": "127.0.0.1,127.0.0.2"}).directory)
    assert not proxy.heads, "the proxy was asked all the same"
    proxy.close()


def case_36_no_token_without_tls(s):
    """An endpoint that is neither https nor loopback is sent no token, even through a proxy."""
    s.with_token()
    s.secrets = {secret: set() for secret in s.secrets}
    s.model(1 * MIB)
    proxy = Proxy(s.hub)
    proxy.names["hub.test:80"] = ("127.0.0.1", s.hub.origin("hub").port)
    run = s.run(code=None, environment={"http_proxy": proxy.url, "HF_ENDPOINT": "http://hub.test"})
    assert not any("authorization" in head.lower() for head in proxy.heads)
    assert run.code in (0, 2, 3, 5)
    proxy.close()


def case_37_no_such_name(s):
    run = s.run(code=5, environment={"HF_ENDPOINT": "https://no-such-hub.invalid"})
    assert "no-such-hub.invalid" in run.err and run.seconds < 95


def case_37_connection_refused(s):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run = s.run(code=5, environment={"HF_ENDPOINT": f"http://127.0.0.1:{port}"})
    assert str(port) in run.err and run.seconds < 95


def case_37_storage_refuses_connections(s):
    s.model(1 * MIB)
    s.hub.fault(Fault(RESOLVED + ".*safetensors", answer(302, {"Location": "http://127.0.0.3:9/blob"}), times=None))
    run = s.run(code=5)
    assert "127.0.0.3" in run.err and run.seconds < 95
    s.heals()
