# SPDX-License-Identifier: Apache-2.0
"""A hub on loopback that misbehaves on request: every protocol that acquisition speaks, several origins, every request logged."""
from .content import Content, seeded
from .fault import Fault
from .hub import Hub
from .repository import File, Repository

__all__ = ["Content", "Fault", "File", "Hub", "Repository", "seeded"]
