"""Ask for one list and have it read: in the crawl child, beside its pages."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from monitor.errors import FeedError, WorkerLost
from monitor.feeds.pace import read_retry_after
from monitor.model import Outcome, Source
from spiders.archive import ListForm, Listing
from spiders.asking import Answer, Asker
from spiders.budget import Budget
from spiders.failures import Failure, decide_failure, decide_status
from spiders.settings import FetchSettings
from spiders.wire import Asked
from spiders.work import ListWork
from spiders.workers import WorkerPool


class Lister:
    """Ask for lists in one crawl."""

    def __init__(
        self, asker: Asker, pool: WorkerPool, fetch: FetchSettings, budget: Budget
    ) -> None:
        self._asker = asker
        self._pool = pool
        self._fetch = fetch
        self._budget = budget

    async def read(self, source: Source, form: ListForm) -> Listing:
        """Return what is at the source's address; a failure is a listing with a problem.

        An answer that was cut is read as far as it goes, and says so.
        """
        asked = Asked(
            seconds=self._fetch.source_deadline, cap=self._fetch.max_source_bytes, cut=True
        )
        try:
            answer = await self._asker.ask(source.url, asked)
        except Exception as error:  # one list
            failure = decide_failure(error)
            if failure is None:
                raise
            return listing_failed(source.url, failure)
        wait = read_retry_after(answer.header("retry-after"), now=answer.at)
        failed = decide_status(answer.status, wait)
        if failed is not None:
            return listing_failed(source.url, failed)
        with self._budget.hold(len(answer.body)):
            return await self._read(source, form, answer)

    async def _read(self, source: Source, form: ListForm, answer: Answer) -> Listing:
        work = ListWork(
            body=answer.body,
            form=form,
            url=answer.final_url,
            now=datetime.now(UTC),
            headers=answer.headers,
            links=source.links,
            language=source.language,
        )
        size = len(answer.wire_body)
        try:
            reading = await asyncio.wrap_future(self._pool.run(work))
        except (WorkerLost, FeedError) as error:
            return Listing(
                url=source.url, problem=f"it could not be read: {error}", status=200, size=size
            )
        said = [reading.problem] if reading.problem else []
        if answer.truncated or answer.cut:
            what = "ended early" if answer.truncated else "is too large"
            said.insert(0, f"the answer {what}; read as far as it goes")
        problem = "; ".join(said)[:1000] or None
        return Listing(url=source.url, reading=reading, problem=problem, status=200, size=size)


def listing_failed(url: str, failure: Failure) -> Listing:
    """Return the listing that a failure comes to."""
    return Listing(
        url=url,
        problem=failure.reason,
        status=failure.status,
        retry=failure.outcome is None and failure.status not in (401, 402, 403, 451),
        retry_after=failure.retry_after,
        asked=failure.asked,
        gone=failure.status in (404, 410),
        forbidden=failure.outcome is Outcome.ROBOTS or failure.status in (401, 402, 403, 451),
    )
