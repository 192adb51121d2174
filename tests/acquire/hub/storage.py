# SPDX-License-Identifier: Apache-2.0
"""Object storage behind signed addresses, and plain files at plain addresses."""
import re

from .message import Response, part_of

BLOB = re.compile(r"/blob/([0-9a-f]{64})$")


def expired(message="Request has expired"):
    return Response(403, {"Content-Type": "application/xml"}, f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>".encode())


class Storage:
    def __init__(self, hub):
        self.hub = hub
        self.required_header = {}  # what every request for an object must carry

    def handle(self, request):
        if match := BLOB.match(request.path):
            content = self.hub.contents.get(match.group(1))
            if content is None:
                return None
            if request.query.get("X-Amz-Signature") not in self.hub.signatures:
                return expired()
            if any(request.headers.get(name.lower()) != value for name, value in self.required_header.items()):
                return expired("Missing header")
            return part_of(content, request, {"ETag": f'"{content.sha256[:32]}"'})
        if (content := self.hub.plain.get(request.path)) is not None:
            return part_of(content, request, {"ETag": f'"{content.sha256[:32]}"'})
        return None
