"""One page from a file, in a worker with its limits, as a page from the network would be."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import UsageError, reason_of
from monitor.model import Page, Prepared
from monitor.urls import canonical_url
from spiders.work import PageWork, WorkerSetup
from spiders.workers import WorkerHost, WorkerPool

LARGEST = 64 * 1024 * 1024


def extract_file(file: Path, *, url: str, setup: WorkerSetup) -> Prepared:
    """Return what the page in `file`, said to come from `url`, comes to.

    Raises UsageError when there is no such file, it is larger than 64 MB or `url` is none, and
    WorkerLost when reading it used up the time or memory that a page may use.
    """
    check_page_url(url)
    try:
        with file.open("rb") as stream:
            body = stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"while reading {str(file)!r}: {reason_of(error)}; name a page") from error
    if len(body) > LARGEST:
        raise UsageError(f"while reading {str(file)!r}: more than {LARGEST:,} bytes is no page")
    page = Page(
        url=url,
        final_url=url,
        status=200,
        headers=(),
        body=body,
        wire_body=body,
        fetched_at=datetime.now(UTC),
    )
    with WorkerHost(setup) as host, WorkerPool(host, size=1) as pool:
        return pool.run(PageWork(page=page)).result()


def check_page_url(url: str) -> None:
    """Refuse with UsageError what no page can have come from."""
    try:
        canonical_url(url)
    except ValueError as error:
        raise UsageError(
            f"while reading --url {url[:200]!r}: no address of a page; write it whole, with https://"
        ) from error
