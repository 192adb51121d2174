# SPDX-License-Identifier: Apache-2.0
"""The Hugging Face Hub: model information, trees in pages, files by redirect to storage."""
import json
import re
import urllib.parse

from .message import Response, as_json, part_of, redirect

KINDS = {"": "models", "datasets/": "datasets", "spaces/": "spaces"}
API = re.compile(r"/api/(models|datasets|spaces)/([^/]+/[^/]+?)(?:/(revision|tree|refs|paths-info|xet-read-token|resolve-cache)(?:/(.*))?)?$")
RESOLVE = re.compile(r"/(datasets/|spaces/|)([^/]+/[^/]+)/(resolve|raw)/([^/]+)/(.+)$")
CACHE = re.compile(r"/api/resolve-cache/(models|datasets|spaces)/([^/]+/[^/]+)/([0-9a-f]{40})/(.+)$")


def error(status, code, message):
    headers = {"X-Error-Message": message, "X-Request-Id": "Root=1-fake-request"} | ({"X-Error-Code": code} if code else {})
    return as_json({"error": message}, status, headers)


def unquoted(text):
    return urllib.parse.unquote(text, errors="surrogateescape")


class HuggingFace:
    def __init__(self, hub):
        self.hub = hub

    def handle(self, request):
        if match := CACHE.match(request.raw_path):
            kind, name, commit, path = match.groups()
            return self.small_file(request, self.repository(kind, name), commit, unquoted(path))
        if match := API.match(request.raw_path):
            kind, name, call, rest = match.groups()
            return self.api(request, kind, unquoted(name), call, unquoted(rest or ""))
        if match := RESOLVE.match(request.raw_path):
            prefix, name, form, revision, path = match.groups()
            return self.resolve(request, KINDS[prefix], unquoted(name), form, unquoted(revision), unquoted(path))
        return None

    def repository(self, kind, name):
        found = self.hub.repositories.get(name)
        return found if found and found.kind == kind else None

    def refusal(self, request, repository, name):
        """Why this caller may not see the repository, as the Hub says it, else None."""
        token = request.token()
        if token is not None and token not in self.hub.tokens:
            return error(401, None, "Invalid credentials in Authorization header")
        if repository is None or (repository.private and token is None):
            return error(404 if token else 401, "RepoNotFound", f"Repository not found: {name}")
        if repository.disabled:
            return error(403, None, "Access to this resource is disabled.")
        return None

    def api(self, request, kind, name, call, rest):
        repository = self.repository(kind, name)
        if refused := self.refusal(request, repository, name):
            return refused
        if call == "refs":
            pairs = lambda names, folder: [{"name": n, "ref": f"refs/{folder}/{n}", "targetCommit": c} for n, c in names.items()]
            return as_json({"branches": pairs(repository.branches, "heads"), "tags": pairs(repository.tags, "tags"), "converts": []})
        revision, _, folder = (rest or "main").partition("/") if call != "revision" else (rest, "", "")
        if revision not in repository.branches and rest in repository.branches:
            revision, folder = rest, ""
        commit = repository.resolve(revision or "main")
        if commit is None:
            return error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if call == "tree":
            return self.tree(request, repository, commit, folder)
        if call == "paths-info":
            form = urllib.parse.parse_qs(request.body.decode()) if b"=" in request.body else json.loads(request.body)
            return as_json([self.entry(path, repository.commits[commit][path]) for path in form["paths"] if path in repository.commits[commit]])
        if call == "xet-read-token":
            return as_json({"casUrl": self.hub.origin("cas").url, "accessToken": "xet-secret", "exp": 4102444800})
        files = repository.commits[commit]
        siblings = [{"rfilename": path} | ({"size": file.content.size, "blobId": file.oid} if "blobs" in request.query else {})
                    for path, file in files.items()]
        return as_json({"id": name, "modelId": name, "sha": commit, "private": repository.private, "gated": repository.gated,
                        "disabled": False, "downloads": 0, "likes": 0, "tags": [], "siblings": siblings, "createdAt": "2026-01-01T00:00:00.000Z"},
                       headers={"X-Repo-Commit": commit})

    def entry(self, path, file):
        entry = {"type": "file", "oid": file.oid, "size": file.content.size, "path": path}
        if file.lfs:
            entry["lfs"] = {"oid": file.content.sha256, "size": file.content.size, "pointerSize": len(file.content.pointer)}
            entry["xetHash"] = file.content.sha256
        return entry

    def tree(self, request, repository, commit, folder):
        entries = {}
        for path, file in repository.commits[commit].items():
            if folder and not path.startswith(folder + "/"):
                continue
            parts = path.split("/")
            for depth in range(1, len(parts)):
                parent = "/".join(parts[:depth])
                if parent and (not folder or len(parent) > len(folder)):
                    entries.setdefault(parent, {"type": "directory", "oid": commit, "size": 0, "path": parent})
            entries[path] = self.entry(path, file)
        entries = list(entries.values())
        if request.query.get("recursive", "").lower() not in ("true", "1"):
            base = folder.count("/") + 1 if folder else 0
            entries = [entry for entry in entries if entry["path"].count("/") == base]
        start = int(request.query.get("cursor", 0))
        page = entries[start:start + repository.page]
        headers = {}
        if start + repository.page < len(entries):
            query = urllib.parse.urlencode(request.query | {"cursor": start + repository.page})
            headers["Link"] = f'<{request.origin.url}{request.raw_path}?{query}>; rel="next"'
        return as_json(page, headers=headers)

    def resolve(self, request, kind, name, form, revision, path):
        repository = self.repository(kind, name)
        if refused := self.refusal(request, repository, name):
            return refused
        commit = repository.resolve(revision)
        if commit is None:
            return error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if repository.gated and request.token() not in self.hub.granted:
            message = f"Access to model {name} is restricted. You must have access to it and be authenticated to access it."
            return error(403 if request.token() else 401, "GatedRepo", message)
        file = repository.commits[commit].get(path)
        if file is None:
            return error(404, "EntryNotFound", "Entry not found").set("X-Repo-Commit", commit)
        if form == "raw":
            return part_of(file.content, request) if not file.lfs else Response(200, {"Content-Type": "text/plain"}, file.content.pointer)
        if not file.lfs:
            if repository.redirect_small:
                quoted = urllib.parse.quote(path)
                target = f"/api/resolve-cache/{kind}/{name}/{commit}/{quoted}?%2F=&etag=%22{file.etag}%22"
                return redirect(307, target, {"X-Repo-Commit": commit, "ETag": f'"{file.etag}"'})
            return self.small_file(request, repository, commit, path)
        headers = {"X-Repo-Commit": commit, "X-Linked-ETag": f'"{file.etag}"', "X-Linked-Size": file.content.size, "X-Xet-Hash": file.content.sha256,
                   "Link": f'<{request.origin.url}/api/{kind}/{name}/xet-read-token/{commit}>; rel="xet-auth"', "Accept-Ranges": "bytes"}
        return redirect(302, self.hub.signed(file.content), headers)

    def small_file(self, request, repository, commit, path):
        file = repository.commits[commit].get(path) if repository else None
        if file is None:
            return error(404, "EntryNotFound", "Entry not found")
        headers = {"X-Repo-Commit": commit, "ETag": f'"{file.etag}"', "Content-Disposition": "inline"}
        if request.headers.get("if-none-match") == f'"{file.etag}"':
            return Response(304, headers)
        return part_of(file.content, request, headers)
