"""What extraction says of a page: an article, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.model import Article, Outcome


class Wall(StrEnum):
    """What a page with status 200 shows in place of its article (FAULTS C15)."""

    CONSENT = "consent wall"
    LOGIN = "login or subscription wall"
    CHALLENGE = "robot check"
    SOFT_404 = "page not found, said with status 200"
    PARKED = "parked domain"


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """What extraction makes of one page.

    Either `article` is there, or `outcome` says why not (`NOT_AN_ARTICLE`, `EXTRACTION_FAILED`,
    `TOO_LARGE`); with `EXTRACTION_FAILED` both may be there, and then `article` holds what could be
    had (a title, the visible text, what the feed said): it is to be matched all the same, and
    flagged, since an empty extraction is never "no match" (FAULTS D2).
    `reason` is one sentence for a person whenever there is an outcome or a doubt.
    `wall` is set when the page shows something else in place of its article.
    `visible_length` is the number of characters of visible text, menus included; next to
    `len(article.text)` it tells a broken extraction from a short page.
    `encoding` is the charset the bytes were read with.
    """

    article: Article | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    wall: Wall | None = None
    visible_length: int = 0
    encoding: str | None = None
