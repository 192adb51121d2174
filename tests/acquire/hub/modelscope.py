# SPDX-License-Identifier: Apache-2.0
"""ModelScope: listings with a SHA-256 for every file, files by query, errors that may come with status 200."""
import hashlib
import re

from .message import as_json, part_of, redirect

CALL = re.compile(r"/api/v1/(models|datasets)/([^/]+/[^/]+?)(/revisions|/repo/files|/repo/tree|/repo)?$")


def envelope(data, code=200, message="success"):
    return {"Code": code, "Data": data, "Message": message, "RequestId": "0000-fake", "Success": code == 200}


def failure(code, message, status=200):
    return as_json(envelope(None, code, message), status)


class ModelScope:
    def __init__(self, hub):
        self.hub = hub

    def handle(self, request):
        match = CALL.match(request.path)
        if not match:
            return None
        _, name, call = match.groups()
        if request.token() is not None and request.token() not in self.hub.tokens:
            return failure(401, "无效的令牌 (invalid token)", 401)
        repository = self.hub.repositories.get(name)
        if repository is None or (repository.private and request.token() is None):
            return failure(10010205001, "模型不存在 (the model does not exist)", 404)
        if call is None:
            return as_json(envelope({"Name": name.split("/")[1], "Path": name.split("/")[0], "Revision": "master"}))
        if call == "/revisions":
            named = lambda names: [{"Revision": key, "CreatedAt": 1700000000} for key in names]
            return as_json(envelope({"RevisionMap": {"Branches": named(repository.branches), "Tags": named(repository.tags)}}))
        revision = request.query.get("Revision", "master")
        commit = repository.resolve(revision) or (repository.resolve("main") if revision == "master" else None)
        if commit is None:
            return failure(10010205004, f"版本不存在 (no revision {revision})", 404)
        if call == "/repo":
            return self.file(request, repository, commit)
        return as_json(envelope({"Files": self.listing(repository, commit, request)}))

    def listing(self, repository, commit, request):
        entries = {}
        for path, file in repository.commits[commit].items():
            parts = path.split("/")
            for depth in range(1, len(parts)):
                parent = "/".join(parts[:depth])
                entries.setdefault(parent, self.entry(parent, commit, "tree", 0, ""))
            touched = hashlib.sha1((path + file.content.sha256).encode("utf-8", "surrogateescape")).hexdigest()
            entries[path] = self.entry(path, touched, "blob", file.content.size, file.content.sha256, file.lfs)
        if request.query.get("Recursive", "False") != "True":
            return [entry for path, entry in entries.items() if "/" not in path]
        return list(entries.values())

    def entry(self, path, revision, kind, size, digest, lfs=False):
        return {"CommitMessage": "add", "CommittedDate": 1667548386, "CommitterName": "fake", "InCheck": False, "IsLFS": lfs, "Mode": "33188",
                "Name": path.rsplit("/", 1)[-1], "Path": path, "Revision": revision, "Sha256": digest, "Size": size, "Type": kind}

    def file(self, request, repository, commit):
        file = repository.commits[commit].get(request.query.get("FilePath"))
        if file is None:
            return failure(10010205002, "文件不存在 (no such file)", 404)
        if file.lfs:
            return redirect(302, self.hub.signed(file.content))
        return part_of(file.content, request, {"ETag": f'"{file.content.md5}"', "X-Linked-ETag": f'"{file.content.sha256}"'})
