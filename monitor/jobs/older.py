"""Pages of older entries, read where a burst or an outage has pushed some out of the first one.

    look ─ everything on it new? ─▶ the page that follows ─ everything new? ─▶ … ─▶ one look of all

A feed holds its last ten or twenty items. After a burst or an outage the oldest item on it may be
new, and then what came before it is only on the pages behind (RFC 5005, or as WordPress numbers
them).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.jobs.offering import offered_entries
from monitor.model import Look, Source, SourceRhythm, Validators
from monitor.urls import same_site
from storage.database import Storage

MOST_PAGES = 10
MOST_TRIES = 5
MOST_ENTRIES = 50_000
THE_END = frozenset({400, 404, 410})
"""What sites answer to a page behind the last one."""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Where a look stands: `read_on` is the page to read next, else `look` holds all pages.

    `missing` is a page that could not be read and is tried again with the next look; `given_up`
    says that it was tried often enough.
    """

    look: Look
    read_on: str | None = None
    missing: str | None = None
    tries: int = 0
    given_up: bool = False

    def note(self, rhythm: SourceRhythm) -> SourceRhythm:
        """Return the rhythm with what is still to be read."""
        return replace(rhythm, older=self.missing, older_tries=self.tries)


@dataclass
class _Held:
    look: Look
    asked: str
    pages: int


class OlderPages:
    """What has been read of sources of which more is to be read, by id; nothing of it is stored."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._held: dict[str, _Held] = {}

    def forget(self) -> None:
        """Forget what a child has read that is gone."""
        self._held.clear()

    def gather(self, page: Look, rhythm: SourceRhythm | None, source: Source) -> Gathered:
        """Return what follows the look at a page of `source`: another page, or all that came."""
        if rhythm is not None and rhythm.url != source.url:
            rhythm = None
        held = self._held.pop(page.source_id, None)
        if held is None:
            return self._begin(page, rhythm, source)
        if not page.entries:
            return self._end(held, page, rhythm)
        whole = add_page(held.look, page)
        following = self._find_next(page, whole, pages=held.pages, source=source)
        if following is None:
            return Gathered(look=whole)
        return self._hold(whole, following, held.pages + 1)

    def _begin(self, page: Look, rhythm: SourceRhythm | None, source: Source) -> Gathered:
        if rhythm is None or rhythm.answered_at is None:
            return Gathered(look=page)  # of a source never seen, all that there was is new
        if page.problem is not None and not page.entries:
            return Gathered(look=page, missing=rhythm.older, tries=rhythm.older_tries)
        following = self._find_next(page, page, pages=1, source=source) or rhythm.older
        return Gathered(look=page) if following is None else self._hold(page, following, 2)

    def _find_next(self, page: Look, whole: Look, *, pages: int, source: Source) -> str | None:
        """Return the page that follows where entries may stand that nobody has seen."""
        following = page.next_url
        if following is None or not page.entries or pages >= MOST_PAGES:
            return None
        if len(whole.entries) >= MOST_ENTRIES or not same_site(following, source.url):
            return None
        offered = offered_entries(page)
        unknown = self._storage.sources.count_unknown(page, offered)
        return following if offered and unknown == len(offered) else None

    def _hold(self, look: Look, following: str, pages: int) -> Gathered:
        self._held[look.source_id] = _Held(look=look, asked=following, pages=pages)
        return Gathered(look=look, read_on=following)

    def _end(self, held: _Held, page: Look, rhythm: SourceRhythm | None) -> Gathered:
        """Return all that came before a page without entries: the end, or one to try again."""
        if page.problem is None or page.status in THE_END:
            return Gathered(look=held.look)
        before = rhythm.older_tries if rhythm is not None and rhythm.older is not None else 0
        if before + 1 >= MOST_TRIES:
            return Gathered(look=held.look, given_up=True)
        return Gathered(look=held.look, missing=held.asked, tries=before + 1)


def add_page(look: Look, page: Look) -> Look:
    """Return `look` with the entries of a page behind it that it does not hold yet."""
    known = {(entry.url, entry.guid) for entry in look.entries}
    further = tuple(each for each in page.entries if (each.url, each.guid) not in known)
    whole = replace(look, entries=look.entries + further, next_url=page.next_url)
    if look.not_modified and further:
        # A 304 has nothing to offer; with entries beside it, it is an answer like any other.
        return replace(whole, not_modified=False, status=page.status)
    return whole if page.problem is None else replace(whole, validators=Validators())
