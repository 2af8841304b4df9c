"""A preparer whose pages say what becomes of the worker: sleep, eat memory, spin, crash, raise."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import dataclass

from monitor.errors import ConfigError, Problem
from monitor.feeds.reading import FeedReading
from monitor.model import (
    Analysis,
    Article,
    Entry,
    Fingerprint,
    Level,
    Match,
    Outcome,
    Page,
    Prepared,
    SiteBlocks,
)


@dataclass(frozen=True, kw_only=True)
class FakePreparer:
    """Flags a page that holds the word `flagged`; obeys `do: …` in the body."""

    rules_version: str = "fake-1"

    def prepare(
        self, page: Page, entry: Entry | None = None, blocks: SiteBlocks | None = None
    ) -> Prepared:
        obey(page.body)
        text = page.body.decode("utf-8", "replace")
        matches: tuple[Match, ...] = ()
        if "flagged" in text:
            matches = (
                Match(topic="t", level=Level.REPORT, score=10, report_at=10, mention_at=4, hits=()),
            )
        return Prepared(
            url=page.url,
            final_url=page.final_url,
            fetched_at=page.fetched_at,
            status=page.status,
            body_sha256=hashlib.sha256(page.wire_body).hexdigest(),
            article=Article(
                url=page.url,
                canonical_url=page.final_url,
                title=entry.title if entry else "",
                text=text[:1000].replace("\x00", ""),
            ),
            analysis=Analysis(language="en", matches=matches),
            fingerprint=Fingerprint(text_hash=hashlib.sha256(page.body).hexdigest()),
            outcome=None if page.body else Outcome.EXTRACTION_FAILED,
            rules_version=self.rules_version,
            blocks_version=blocks.version if blocks else 0,
        )


def obey(body: bytes) -> None:
    if b"do: sleep" in body:
        time.sleep(600)
    if b"do: spin" in body:
        while True:
            pass
    if b"do: eat" in body:
        eaten = []
        while True:
            eaten.append(bytearray(16 * 1024 * 1024))
    if b"do: crash" in body:
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"do: die" in body:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"do: raise" in body:
        raise ValueError("the page asked for it")
    if b"do: exit" in body:
        os._exit(3)


def load_fake(version: str = "fake-1", broken: bool = False) -> FakePreparer:
    if broken:
        raise ConfigError(
            [Problem(file="keywords.yaml", line=3, problem="no topic", cure="add one")]
        )
    return FakePreparer(rules_version=version)


def read_obediently(body: bytes, *, kind, url, headers=(), links=None) -> FeedReading:  # type: ignore[no-untyped-def]
    from monitor.feeds.read import read_entries

    obey(body)
    return read_entries(body, kind=kind, url=url, headers=headers, links=links)
