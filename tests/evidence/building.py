"""A chain of kept bytes, as the commit step makes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.clock import format_time
from monitor.evidence.store import EvidenceStore
from monitor.model import EvidenceLink
from monitor.model.evidence import FIRST_PREVIOUS, hash_link

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HEADERS = (("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("set-cookie", "b=2"))


def link_of(
    store: EvidenceStore, before: EvidenceLink | None, *, body: bytes, number: int
) -> EvidenceLink:
    moment = NOON + timedelta(minutes=number)
    kept = store.keep(
        body, headers=HEADERS, url=f"https://daily.example/{number}", fetched_at=moment
    )
    link = EvidenceLink(
        seq=1 if before is None else before.seq + 1,
        sha256=kept.sha256,
        headers_sha256=kept.headers_sha256,
        url=kept.url,
        time=format_time(kept.fetched_at),
        previous=FIRST_PREVIOUS if before is None else before.hash,
        hash="",
    )
    return hashed(link)


def hashed(link: EvidenceLink) -> EvidenceLink:
    """Return a link with the hash that its values give."""
    return replace(
        link,
        hash=hash_link(
            seq=link.seq,
            sha256=link.sha256,
            headers_sha256=link.headers_sha256,
            url=link.url,
            time=link.time,
            previous=link.previous,
        ),
    )


def build_chain(folder: Path, length: int = 6) -> tuple[EvidenceStore, list[EvidenceLink]]:
    """Keep some pages, and return the store and its chain, recorded."""
    store = EvidenceStore(folder / "evidence")
    links: list[EvidenceLink] = []
    for number in range(1, length + 1):
        before = links[-1] if links else None
        links.append(link_of(store, before, body=b"bytes of page %d" % number, number=number))
    store.record_links(links)
    return store, links
