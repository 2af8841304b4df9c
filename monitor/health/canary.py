"""When a synthetic report is to go through the watch, and what it says: pure."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Keywords, Proof

EVERY = timedelta(hours=6)
BEFORE_DIGEST = timedelta(minutes=70)
FRESH = timedelta(hours=1)
AGAIN_AFTER_FAILURE = timedelta(minutes=15)

FILLER = (
    "This report was made up by the watch itself, to see whether a report still comes through.",
    "Nobody is told of it, and it stands in no digest and no export.",
)


@dataclass(frozen=True, kw_only=True)
class CanaryReport:
    """What the canary publishes: an example of keywords.yaml, so that its rules are tried, too."""

    topic: str
    title: str
    text: str

    def page(self) -> bytes:
        """Return the page of the report."""
        texts = (self.title, self.text, *FILLER)
        said = "".join(f"<p>{html.escape(each)}</p>" for each in texts if each)
        head = html.escape(self.title)
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{head}</title>'
            f"</head><body><main><article><h1>{head}</h1>{said}</article></main></body></html>"
        ).encode()

    def feed(self, url: str) -> bytes:
        """Return a feed whose one entry is the report at `url`."""
        return (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
            f"<title>Canary</title><item><title>{html.escape(self.title)}</title>"
            f"<link>{html.escape(url)}</link></item></channel></rss>"
        ).encode()


def choose_report(keywords: Keywords) -> CanaryReport | None:
    """Return what the canary publishes: the first example of a report, None where there is none."""
    for topic in keywords.topics:
        for example in topic.examples.report:
            return CanaryReport(topic=topic.id, title=example.title, text=example.text)
    return None


def is_canary_due(proof: Proof | None, *, now: datetime, next_digest: datetime | None) -> bool:
    """Say whether a report is to go through now: every six hours, and shortly before a digest.

    A proof in the future was written by a clock that was wrong.
    """
    if proof is None or proof.tried_at > now:
        return True
    age = now - proof.tried_at
    if proof.problem is not None:
        return age >= AGAIN_AFTER_FAILURE
    soon = next_digest is not None and next_digest - now <= BEFORE_DIGEST
    return age >= (FRESH if soon else EVERY)
