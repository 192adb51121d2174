# SPDX-License-Identifier: Apache-2.0
"""Models out of a Python index: chosen, verified, unpacked, and refused where the wheel or the index lies."""
import base64
import hashlib
import io
import struct
import urllib.parse
import zipfile

from hub import Fault, seeded
from hub.fault import flip, wire
from hub.proxy import Proxy
from hub.python_index import wheel

from .sandbox import MIB

WHEEL = r"^GET files "
REF = "pypi:fake-model"
MODEL = seeded(1 * MIB, "gguf")


def index(s, versions=("1.0", "1.1"), **options):
    for version in versions:
        files = {"fake_model/__init__.py": b"", "fake_model/model.gguf": MODEL + version.encode()}
        s.hub.index.add("fake-model", version, wheel("fake-model", version, files), **options)


def found(s, run, version):
    models = [path for path in run.directory.rglob("*.gguf")]
    assert len(models) == 1 and models[0].read_bytes() == MODEL + version.encode(), models


def case_wheel_newest(s):
    index(s, ("1.9", "1.10", "2.0rc1"))
    s.hub.index.add("fake-model", "3.0", wheel("fake-model", "3.0", {"fake_model/model.gguf": b"yanked"}), yanked="broken")
    run = s.run(REF)
    found(s, run, "1.10")
    requests = s.hub.log.count()
    found(s, s.run(REF), "1.10")
    assert s.hub.log.count() - requests <= 1 and s.hub.log.count(WHEEL) == s.hub.log.count(WHEEL + ".*1.10"), "fetched what was there"


def case_wheel_version(s):
    index(s)
    found(s, s.run(REF + "==1.0"), "1.0")
    s.run(REF + "==7.0", code=4)
    s.run("pypi:no-such-model", code=4)


def case_wheel_from_html(s):
    index(s)
    s.hub.index.html_only = True
    found(s, s.run("pypi:Fake_Model"), "1.1")


def case_wheel_proxy_of_configuration(s):
    """pip's own configuration file names a proxy, which alone knows where the index is."""
    index(s)
    proxy = Proxy(s.hub)
    proxy.names["index.test:80"] = ("127.0.0.1", urllib.parse.urlsplit(s.hub.url).port)
    configuration = s.home / "pip.conf"
    configuration.write_text(f"[global]\nindex-url = http://index.test/simple\nproxy = {proxy.url}\n")
    environment = {"PIP_INDEX_URL": None, "PIP_CONFIG_FILE": configuration, "no_proxy": None, "NO_PROXY": None}
    found(s, s.run(REF, environment=environment), "1.1")
    assert any("index.test" in head for head in proxy.heads)
    proxy.close()


def case_wheel_index_of_configuration(s):
    """pip's own configuration file names the index."""
    index(s)
    configuration = s.home / "pip.conf"
    configuration.write_text(f"[global]\nindex-url = {s.hub.url}/simple\n")
    found(s, s.run(REF, environment={"PIP_INDEX_URL": None, "PIP_CONFIG_FILE": configuration}), "1.1")


def case_wheel_credentials(s):
    """A user in the index's address is for the index alone."""
    index(s)
    s.secrets["ind3x-pass"] = set()
    s.secrets["dXNlcjppbmQzeC1wYXNz"] = {"hub"}
    found(s, s.run(REF, environment={"PIP_INDEX_URL": s.hub.url.replace("//", "//user:ind3x-pass@") + "/simple"}), "1.1")
    assert any("authorization" in entry.request.headers for entry in s.hub.log.find(" hub /simple"))


def case_wheel_cut(s):
    index(s, ("1.0",))
    s.hub.fault(Fault(WHEEL, wire(cut=0.5), times=2))
    found(s, s.run(REF), "1.0")


def case_wheel_flipped(s):
    index(s, ("1.0",))
    s.hub.fault(Fault(WHEEL, flip(500_000), times=None))
    s.run(REF, code=6)
    s.hub.faults.clear()
    found(s, s.run(REF), "1.0")


def case_wheel_without_digest(s):
    """Nothing vouches for it but its own RECORD: taken or refused, never unpacked wrongly."""
    index(s, ("1.0",))
    s.hub.index.files[0].hashes = {}
    run = s.run(REF, code=(0, 6))
    if run.code == 0:
        found(s, run, "1.0")


def lying(change, code=6):
    """A wheel whose digest in the index is right and whose content is not."""
    def case(s):
        index(s, ("1.0",))
        file = s.hub.index.files[0]
        data = change(bytearray(file.content.bytes()))
        s.hub.index.files.clear()
        s.hub.index.add("fake-model", "1.0", bytes(data))
        s.run(REF, code=code)
        assert not list((s.xdg / "ingot").rglob("*.gguf")), "unpacked all the same"
        s.hub.index.files.clear()
        index(s, ("1.0",))
        found(s, s.run(REF), "1.0")
    return case


def with_member(name, data=b"hostile", mode=None):
    def change(archive):
        out = io.BytesIO(bytes(archive))
        with zipfile.ZipFile(out, "a") as target:
            information = zipfile.ZipInfo(name)
            information.external_attr = (mode or 0o100644) << 16
            target.writestr(information, data)
        return out.getvalue()
    return change


def central(field, value, form="<I"):
    """Changes a field of the model's central directory entry."""
    def change(archive):
        place = archive.rfind(b"PK\x01\x02", 0, archive.rfind(b"fake_model/model.gguf"))
        struct.pack_into(form, archive, place + field, value)
        return archive
    return change


case_wheel_traversal = lying(with_member("../../model.gguf"))
case_wheel_absolute = lying(with_member("/tmp/model.gguf"))
case_wheel_link = lying(with_member("fake_model/link.gguf", b"/etc/passwd", 0o120777))
case_wheel_wrong_crc = lying(central(16, 0x12345678))
case_wheel_size_of_a_bomb = lying(central(24, 0xFFFFFF00))
case_wheel_offset_outside = lying(central(42, 0x7FFFFFFF))
case_wheel_unknown_method = lying(central(10, 99, "<H"))
case_wheel_encrypted = lying(central(8, 1, "<H"))
case_wheel_truncated = lying(lambda archive: archive[:len(archive) // 2])
case_wheel_not_a_zip = lying(lambda archive: b"hello")


def case_wheel_record_differs(s):
    """RECORD has another digest than the file."""
    files = {"fake_model/model.gguf": MODEL}
    data = wheel("fake-model", "1.0", files, zipfile.ZIP_STORED)
    true = base64.urlsafe_b64encode(hashlib.sha256(MODEL).digest()).rstrip(b"=")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for member in source.namelist():
            target.writestr(member, source.read(member).replace(true, b"A" * len(true)) if member.endswith("RECORD") else source.read(member))
    s.hub.index.add("fake-model", "1.0", out.getvalue())
    s.run(REF, code=6)


def case_wheel_address_on_another_scheme(s):
    index(s, ("1.0",))
    s.hub.fault(Fault("GET hub /simple", lambda q, r: type(r)(200, {"Content-Type": "text/html"}, b'<a href="file:///etc/passwd#sha256=' + b"0" * 64 + b'">fake_model-1.0-py3-none-any.whl</a>')))
    s.run(REF, code=(4, 5, 6))
