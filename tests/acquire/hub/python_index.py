# SPDX-License-Identifier: Apache-2.0
"""A Python package index (PEP 503 pages, PEP 691 JSON) and the wheels it lists."""
import base64
import hashlib
import html
import io
import json
import re
import zipfile

from .content import Content
from .message import Response, part_of

JSON = "application/vnd.pypi.simple.v1+json"


def wheel(name, version, files, compression=zipfile.ZIP_DEFLATED):
    """The bytes of a wheel that holds the files, with a true RECORD."""
    module = re.sub(r"[-.]+", "_", name)
    information = f"{module}-{version}.dist-info"
    members = dict(files) | {f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
                             f"{information}/WHEEL": b"Wheel-Version: 1.0\nGenerator: fake\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = "".join(f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n"
                     for path, data in members.items())
    members[f"{information}/RECORD"] = (record + f"{information}/RECORD,,\n").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for path, data in members.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), data, compression)
    return out.getvalue()


class Distribution:
    """One file of the index."""

    def __init__(self, name, version, data, yanked=False, requires_python=None, filename=None):
        self.name, self.version, self.yanked, self.requires_python = name, version, yanked, requires_python
        self.filename = filename or f"{re.sub(r'[-.]+', '_', name)}-{version}-py3-none-any.whl"
        self.content = Content(data)
        self.hashes = {"sha256": self.content.sha256}


class PythonIndex:
    def __init__(self, hub):
        self.hub = hub
        self.files = []       # Distributions
        self.html_only = False
        self.store = "files"  # the origin that holds the wheels

    def add(self, *arguments, **options):
        self.files.append(Distribution(*arguments, **options))
        return self.files[-1]

    def handle(self, request):
        if match := re.match(r"/simple/([^/]+)/?$", request.path):
            return self.page(request, match.group(1))
        if match := re.match(r"/packages/([^/]+)$", request.path):
            found = next((file for file in self.files if file.filename == match.group(1)), None)
            return part_of(found.content, request, {"ETag": f'"{found.content.md5}"'}) if found else None
        return None

    def page(self, request, name):
        normal = lambda text: re.sub(r"[-_.]+", "-", text).lower()
        files = [file for file in self.files if normal(file.name) == normal(name)]
        if not files:
            return None
        base = self.hub.origin(self.store).url + "/packages/"
        if JSON in request.headers.get("accept", "") and not self.html_only:
            entries = [{"filename": file.filename, "url": base + file.filename, "hashes": file.hashes, "yanked": file.yanked,
                        "size": file.content.size} | ({"requires-python": file.requires_python} if file.requires_python else {}) for file in files]
            body = {"meta": {"api-version": "1.1"}, "name": normal(name), "versions": sorted({file.version for file in files}), "files": entries}
            return Response(200, {"Content-Type": JSON}, json.dumps(body).encode())
        return Response(200, {"Content-Type": "text/html"}, self.html(base, files).encode())

    def html(self, base, files):
        def anchor(file):
            fragment = "".join(f"#{kind}={value}" for kind, value in list(file.hashes.items())[:1])
            extra = f' data-requires-python="{html.escape(file.requires_python)}"' if file.requires_python else ""
            extra += f' data-yanked="{html.escape(file.yanked if isinstance(file.yanked, str) else "")}"' if file.yanked else ""
            return f'<a href="{html.escape(base + file.filename + fragment)}"{extra}>{html.escape(file.filename)}</a><br/>\n'
        return "<!DOCTYPE html><html><body>\n" + "".join(map(anchor, files)) + "</body></html>\n"
