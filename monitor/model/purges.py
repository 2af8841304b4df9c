"""What a person wants removed, what that touches, and what was removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

PurgeKind = Literal["article", "person"]


@dataclass(frozen=True, kw_only=True)
class PurgedReport:
    """One report that a removal touches, as it stands before."""

    id: str
    title: str
    outlet: str
    url: str


@dataclass(frozen=True, kw_only=True)
class PurgePlan:
    """What a removal touches, or what it touched.

    `counts` say what and how often, in words. `keeps` are sentences: what still holds it after, and
    what a person can do about it. `elsewhere` is the same of kept pages of other reports; only a
    plan has it, since all kept pages are read for it.
    """

    kind: PurgeKind
    reports: tuple[PurgedReport, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    keeps: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was found."""
        return not any(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class Purge:
    """One removal as it is remembered; `url_hashes` are the addresses not to be stored again."""

    id: str
    at: datetime
    kind: PurgeKind
    wish: str
    url_hashes: tuple[str, ...] = ()
