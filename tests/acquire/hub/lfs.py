# SPDX-License-Identifier: Apache-2.0
"""The Git LFS batch API: a request names objects, the answer says where each can be had and with which headers."""
import json
import re

from .message import Response

CALL = re.compile(r"/(.+?)(?:\.git)?/info/lfs/objects/batch$")
MEDIA = "application/vnd.git-lfs+json"


def lfs_json(value, status=200):
    return Response(status, {"Content-Type": MEDIA}, json.dumps(value).encode())


class Lfs:
    """Knows every content of the hub's repositories by its SHA-256."""

    def __init__(self, hub):
        self.hub = hub
        self.store = "cdn"          # the origin that hrefs name
        self.action_header = {}     # what that origin must be sent, and no other
        self.expires_in = 3600
        self.missing = set()        # objects answered 404
        self.limit = None           # objects in a batch; more is answered 413

    def handle(self, request):
        if not CALL.match(request.path):
            return None
        if request.method != "POST" or not request.headers.get("content-type", "").startswith(MEDIA):
            return lfs_json({"message": "not a batch request"}, 422)
        asked = json.loads(request.body)
        if asked.get("operation") != "download" or asked.get("hash_algo", "sha256") != "sha256":
            return lfs_json({"message": "only downloads by sha256"}, 422)
        if self.limit and len(asked["objects"]) > self.limit:
            return lfs_json({"message": "too many objects"}, 413)
        return lfs_json({"transfer": "basic", "hash_algo": "sha256", "objects": [self.item(entry) for entry in asked["objects"]]})

    def item(self, asked):
        content = self.hub.contents.get(asked["oid"]) or self.hub.find_content(asked["oid"])
        named = {"oid": asked["oid"], "size": asked["size"]}
        if content is None or asked["oid"] in self.missing:
            return named | {"error": {"code": 404, "message": "Object does not exist"}}
        action = {"href": self.hub.signed(content, self.store), "header": dict(self.action_header), "expires_in": self.expires_in}
        return named | {"authenticated": True, "actions": {"download": action}}
