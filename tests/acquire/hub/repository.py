# SPDX-License-Identifier: Apache-2.0
"""A repository of models: commits that hold files, branches and tags that name commits."""
import dataclasses
import hashlib

from .content import Content

LFS_FROM = 4096  # bytes: as large as this is stored by Git LFS unless told otherwise


@dataclasses.dataclass
class File:
    content: Content
    lfs: bool | None = None
    mode: str = "100644"

    def __post_init__(self):
        if isinstance(self.content, (bytes, bytearray)):
            self.content = Content(self.content)
        if self.lfs is None:
            self.lfs = self.content.size >= LFS_FROM

    @property
    def etag(self):
        return self.content.sha256 if self.lfs else self.content.git

    @property
    def oid(self):
        """What git's tree names: the pointer's blob for LFS, else the content's."""
        return Content(self.content.pointer).git if self.lfs else self.content.git


class Repository:
    def __init__(self, name, files=None, kind="models"):
        self.name, self.kind = name, kind
        self.commits, self.branches, self.tags = {}, {}, {}
        self.private = self.disabled = False
        self.gated = False          # or "manual"
        self.redirect_small = False  # plain git files answer 307 to the resolve cache
        self.page = 1000            # entries of a page of the tree
        if files is not None:
            self.commit(files)

    def commit(self, files, branch="main"):
        """A new commit that holds these files (path: bytes, Content or File), at the head of the branch; returns its id."""
        files = {path: file if isinstance(file, File) else File(file) for path, file in files.items()}
        text = "".join(f"{path} {file.oid}\n" for path, file in sorted(files.items())) + str(len(self.commits))
        identity = hashlib.sha1((self.name + text).encode("utf-8", "surrogateescape")).hexdigest()
        self.commits[identity] = files
        self.branches[branch] = identity
        return identity

    def resolve(self, revision):
        """The commit that a branch, a tag or a commit id names, else None."""
        named = self.branches.get(revision) or self.tags.get(revision)
        return named or (revision if revision in self.commits else None)

    def files(self, revision="main"):
        return self.commits[self.resolve(revision)]
