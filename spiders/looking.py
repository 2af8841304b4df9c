"""Look at one source: its bytes, its entries, and what they say of when to look again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitor.errors import FeedError, WorkerLost
from monitor.feeds.pace import read_fresh_for, read_retry_after
from monitor.feeds.reading import ChildSitemap, FeedReading
from monitor.model import Entry, Look, Source, Validators
from monitor.text.counting import plural
from monitor.urls import same_site
from spiders.asking import Answer, Asker
from spiders.browser_find import why_no_browser
from spiders.budget import Budget
from spiders.failures import decide_failure
from spiders.settings import FetchSettings
from spiders.wire import Asked
from spiders.work import FeedWork
from spiders.workers import WorkerPool

MOST_SITEMAPS = 12
"""Sitemaps that one look reads of an index (FAULTS C17); a day's news is in its newest or two."""

FRESH_SITEMAP = timedelta(days=3)
"""So much older than the newest, a sitemap of an index is one for a backfill."""

DEEPEST_INDEX = 2
MOST_ENTRIES = 100_000
MOST_ENTRY_BYTES = 24 * 1024 * 1024
"""So that a look fits into a frame whatever a feed holds, though JSON doubles some of it."""


@dataclass(kw_only=True)
class Found:
    """What a look has gathered so far; `first` is what the source itself said, without entries."""

    entries: dict[str, Entry]
    problems: list[str]
    first: FeedReading | None = None
    salvaged: bool = False
    fresh_for: int | None = None


class Looker:
    """Look at sources in one crawl."""

    def __init__(
        self, asker: Asker, pool: WorkerPool, fetch: FetchSettings, budget: Budget
    ) -> None:
        self._asker = asker
        self._budget = budget
        self._pool = pool
        self._fetch = fetch

    async def look(self, source: Source, validators: Validators) -> Look:
        """Return the source's answer; a failure is a look with a problem, never an exception."""
        nothing = Look(source_id=source.id, looked_at=datetime.now(UTC), validators=validators)
        missing = why_no_browser(self._fetch.browser) if self._fetch.render else None
        if missing is not None:  # told once, here, rather than by each of its pages
            return replace(nothing, problem=missing)
        try:
            answer = await self._asker.ask(source.url, self._asked(source), validators=validators)
        except Exception as error:  # one source
            failure = decide_failure(error)
            if failure is None:
                raise
            return replace(nothing, problem=failure.reason, retry_after=failure.retry_after)
        if answer.status != 200:
            return look_without_entries(nothing, answer)
        return await self._read(source, answer)

    def _asked(self, source: Source) -> Asked:
        render = self._fetch.render and source.kind == "section"
        return Asked(
            seconds=self._fetch.page_deadline if render else self._fetch.source_deadline,
            cap=self._fetch.max_source_bytes,
            cut=True,
            render=render,
        )

    async def _read(self, source: Source, answer: Answer) -> Look:
        found = Found(entries={}, problems=[])
        await self._take(source, answer, found, depth=0, seen={answer.final_url})
        entries, cut = bound(tuple(found.entries.values()))
        if cut:
            found.problems.append(
                f"it offers too much at once; left out: {plural(cut, 'entry', 'entries')}"
            )
        fresh = read_fresh_for(answer.headers, now=answer.at)
        stays = [each for each in (fresh, found.fresh_for) if each is not None]
        # A list that could not be read whole must not be answered with 304 next time.
        whole = not found.problems and not found.salvaged
        look = Look(
            source_id=source.id,
            looked_at=answer.at,
            status=answer.status,
            entries=entries,
            validators=answer.validators if whole else Validators(),
            problem="; ".join(dict.fromkeys(found.problems))[:1000] or None,
            salvaged=found.salvaged,
            moved_to=answer.moved_to,
            fresh_for=max(stays, default=None),
            certificate=answer.certificate,
        )
        return look if found.first is None else describe(look, found.first)

    async def _take(
        self, source: Source, answer: Answer, found: Found, *, depth: int, seen: set[str]
    ) -> None:
        if answer.truncated or answer.cut:
            found.salvaged = True
            what = "ended early" if answer.truncated else "is too large"
            found.problems.append(f"the answer {what}; read as far as it goes")
        try:
            with self._budget.hold(len(answer.body)):
                reading = await asyncio.wrap_future(self._pool.run(feed_work(source, answer)))
        except (WorkerLost, FeedError) as error:
            found.problems.append(f"it could not be read: {error}")
            return
        if depth == 0:
            found.first = replace(reading, entries=())
        for entry in reading.entries:
            found.entries.setdefault(entry.url + "\x00" + (entry.guid or ""), entry)
        found.salvaged = found.salvaged or reading.salvaged
        if reading.problem:
            found.problems.append(reading.problem)
        if reading.ttl is not None:
            found.fresh_for = max(found.fresh_for or 0, reading.ttl)
        await self._follow(source, reading.sitemaps, found, depth=depth, seen=seen)

    async def _follow(
        self,
        source: Source,
        sitemaps: tuple[ChildSitemap, ...],
        found: Found,
        *,
        depth: int,
        seen: set[str],
    ) -> None:
        """Read the sitemaps that an index names, the newest first, each once."""
        if depth >= DEEPEST_INDEX or not sitemaps:
            return
        chosen, left = choose_sitemaps(sitemaps)
        if left:
            found.problems.append(f"its index names {plural(left, 'more sitemap')} without a date")
        for child in chosen:
            if len(seen) > MOST_SITEMAPS or len(found.entries) >= MOST_ENTRIES:
                return  # what is left out of a look that is full is counted by `bound`
            if child.url in seen:
                continue
            seen.add(child.url)
            answer = await self._ask_child(child, source, found)
            if answer is not None:
                await self._take(source, answer, found, depth=depth + 1, seen=seen)

    async def _ask_child(self, child: ChildSitemap, source: Source, found: Found) -> Answer | None:
        try:
            answer = await self._asker.ask(child.url, self._asked(source))
        except Exception as error:  # one sitemap of several
            failure = decide_failure(error)
            if failure is None:
                raise
            found.problems.append(f"{child.url}: {failure.reason}")
            return None
        if answer.status != 200:
            found.problems.append(f"{child.url}: the site answered {answer.status}")
            return None
        if not same_site(answer.final_url, child.url):
            found.problems.append(f"{child.url}: it leads to another site")
            return None
        return answer


def feed_work(source: Source, answer: Answer) -> FeedWork:
    """Return the work of reading `answer`."""
    return FeedWork(
        body=answer.body,
        kind=source.kind,
        url=answer.final_url,
        headers=answer.headers,
        links=source.links,
        language=source.language,
    )


def describe(look: Look, reading: FeedReading) -> Look:
    """Return `look` with what the source's bytes turned out to be."""
    return replace(
        look,
        format=reading.format.value,
        title=reading.title,
        language=reading.language,
        disguise=reading.disguise.value if reading.disguise else None,
        feeds=tuple(feed.url for feed in reading.feeds),
        next_url=reading.next_url,
    )


def look_without_entries(nothing: Look, answer: Answer) -> Look:
    """Return the look that an answer without a body comes to, a 304 among them."""
    wait = read_retry_after(answer.header("retry-after"), now=answer.at)
    fresh = read_fresh_for(answer.headers, now=answer.at)
    if answer.status == 304:
        kept = nothing.validators
        return replace(
            nothing,
            looked_at=answer.at,
            status=304,
            not_modified=True,
            moved_to=answer.moved_to,
            fresh_for=fresh,
            validators=Validators(
                etag=answer.validators.etag or kept.etag,
                last_modified=answer.validators.last_modified or kept.last_modified,
            ),
        )
    return replace(
        nothing,
        looked_at=answer.at,
        status=answer.status,
        problem=f"the site answered {answer.status}",
        retry_after=wait,
        moved_to=answer.moved_to,
    )


def choose_sitemaps(sitemaps: tuple[ChildSitemap, ...]) -> tuple[list[ChildSitemap], int]:
    """Return the sitemaps of an index to read in one look, and how many undated ones are left.

    Those with a date: the newest and what is not much older. Those without: from both ends of the
    list, since some indexes put the newest first and some last.
    """
    dated = [(child.lastmod, child) for child in sitemaps if child.lastmod is not None]
    dated.sort(key=lambda pair: pair[0], reverse=True)
    chosen = [child for at, child in dated if at >= dated[0][0] - FRESH_SITEMAP][:MOST_SITEMAPS]
    undated = [child for child in sitemaps if child.lastmod is None]
    places = MOST_SITEMAPS - len(chosen)
    if len(undated) <= places:
        return chosen + undated, 0
    first = places - places // 2
    last = places // 2
    ends = undated[:first] + (undated[-last:] if last else [])
    return chosen + ends, len(undated) - len(ends)


def bound(entries: tuple[Entry, ...]) -> tuple[tuple[Entry, ...], int]:
    """Return as many entries as one look may hold, and how many were left out."""
    size = 0
    for place, entry in enumerate(entries):
        texts = (entry.url, entry.guid or "", entry.title, entry.summary, entry.author or "")
        size += 200 + sum(len(text.encode(errors="replace")) for text in texts)
        if place >= MOST_ENTRIES or size > MOST_ENTRY_BYTES:
            return entries[:place], len(entries) - place
    return entries, 0
