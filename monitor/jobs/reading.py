"""What the texts of a crawl are like, counted by source and day: how many, how long, in what.

Counted in memory and written at the end of each crawl; what a killed process takes with it is a few
figures of statistics.
"""

from __future__ import annotations

from collections import defaultdict

from monitor.model import Prepared
from storage.database import Storage
from storage.source_days import ReadText

MOST_KEPT = 20_000
"""Texts counted before they are written, and hashes remembered."""


class Reading:
    """The texts read so far in one crawl."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._texts: list[ReadText] = []
        self._hashes: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, source_id: str, prepared: Prepared) -> None:
        """Count the text of a page, if it has one."""
        article, fingerprint = prepared.article, prepared.fingerprint
        if article is None or prepared.outcome is not None or not article.text:
            return
        said = fingerprint.text_hash if fingerprint is not None else ""
        seen = self._hashes[source_id]
        self._texts.append(
            ReadText(
                source_id=source_id,
                at=prepared.fetched_at,
                characters=len(article.text),
                language=article.language,
                repeated=bool(said) and said in seen,
            )
        )
        seen.add(said)
        if len(self._texts) >= MOST_KEPT:
            self.write()
            self._hashes.clear()

    def write(self) -> None:
        """Write what was counted since the last time."""
        if self._texts:
            self._storage.source_days.count_texts(self._texts)
            self._texts.clear()
