# SPDX-License-Identifier: Apache-2.0
"""Serves a directory as the repository test/model until its standard input ends: python3 -m hub DIR; prints the endpoint."""
import pathlib
import sys

from . import Content, Hub, Repository

root = pathlib.Path(sys.argv[1])
served = Hub()
served.add(Repository("test/model", {str(path.relative_to(root)): Content(path=path) for path in sorted(root.rglob("*")) if path.is_file()}))
for stored in served.repositories["test/model"].files().values():
    served.plain[f"/plain/{stored.content.sha256}"] = stored.content  # for clients that know nothing but addresses
print(served.url, flush=True)
sys.stdin.read()
served.close()
