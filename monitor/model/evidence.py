"""What is kept as received, and the chain that shows it was not changed since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

FIRST_PREVIOUS = "0" * 64  # what the first link of the chain has before it
PURGE_URL = "stationwatch:purge"  # the address of a link whose bytes say what was removed


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Bytes and headers of one page, safe on the disk under their SHA-256 (hex)."""

    sha256: str
    headers_sha256: str
    url: str
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True)
class EvidenceLink:
    """One link of the chain; `seq` counts from 1 without a gap.

    `time` is the text that was hashed, as `monitor.clock.format_time` writes it.
    `previous` is the hash of the link before, or FIRST_PREVIOUS.
    """

    seq: int
    sha256: str
    headers_sha256: str
    url: str
    time: str
    previous: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class EvidenceProblem:
    """One thing that is not as it was kept; `seq` is None for what no link speaks of."""

    seq: int | None
    kind: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """What stands in the place of a link whose page a person had removed.

    `hash` is the link's own, which the links after it rest on; `link` is the later link of the
    chain that holds the removal, `at` and `wish` are when it was and by whose wish.
    """

    seq: int
    hash: str
    link: int
    at: str
    wish: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What checking every kept file and the whole chain found.

    `purged` are the pages that were removed on purpose, with the removal in the chain: no problem,
    and said all the same.
    """

    checked: int
    problems: tuple[EvidenceProblem, ...] = ()
    head: str = FIRST_PREVIOUS
    purged: tuple[Tombstone, ...] = ()

    @property
    def ok(self) -> bool:
        """Say whether everything is as it was kept."""
        return not self.problems


def hash_link(  # exactly the columns that the chain protects
    *, seq: int, sha256: str, headers_sha256: str, url: str, time: str, previous: str
) -> str:
    """Return the hex SHA-256 that link `seq` must carry.

    The hashed bytes are the JSON array of the values in this order, without spaces, in UTF-8;
    anybody can repeat it with another tool.
    """
    values = [seq, sha256, headers_sha256, url, time, previous]
    text = json.dumps(values, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
