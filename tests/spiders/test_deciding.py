"""What decides without a network: holds, redirects, failures, bounds, origins, settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import EgressRefused, WorkerLost
from monitor.feeds.reading import ChildSitemap
from monitor.model import Entry, Outcome
from spiders.asking import bounded
from spiders.budget import Budget, TooMuchAtOnce
from spiders.errors import HostHeld, RobotsForbids, RobotsUnreachable
from spiders.failures import decide_failure, decide_status
from spiders.looking import (
    MOST_ENTRIES,
    MOST_ENTRY_BYTES,
    MOST_SITEMAPS,
    bound,
    choose_sitemaps,
)
from spiders.middlewares.hold import HostHolds
from spiders.middlewares.redirect import moved_to, next_url
from spiders.origins import origin_of
from spiders.paging import find_charset
from spiders.settings import FetchSettings, scrapy_settings
from spiders.wire import NoAnswer


class HeldClock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def held(holds: HostHolds, host: str = "x.test") -> int:
    try:
        holds.check(host)
    except HostHeld as error:
        return error.retry_after
    return 0


@pytest.mark.parametrize(
    ("status", "asked", "wait"),
    [(429, 60, 60), (429, None, 300), (503, 60, 60), (503, None, 0), (500, 60, 0), (200, 60, 0)],
)
def test_host_that_asks_for_it_is_left_alone(status: int, asked: int | None, wait: int) -> None:
    """C4."""
    clock = HeldClock()
    holds = HostHolds(clock)
    holds.note_answer("x.test", status, asked)
    assert held(holds) == wait
    assert held(holds, "y.test") == 0
    clock.now += wait
    assert held(holds) == 0


def test_host_silent_three_times_in_a_row_is_left_alone() -> None:
    holds = HostHolds(HeldClock())
    for _ in range(2):
        holds.note_silence("x.test")
    holds.note_answer("x.test", 200, None)
    for _ in range(2):
        holds.note_silence("x.test")
    assert held(holds) == 0
    holds.note_silence("x.test")
    assert held(holds) > 0


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b", "http://x.test/b"),
        ("b?c#d", "http://x.test/a/b?c"),
        ("//y.test/b", "http://y.test/b"),
        ("https://y.test", "https://y.test"),
        ("/\xc3\xb8", "http://x.test/%C3%B8"),
        ("/\xf8", "http://x.test/%C3%B8"),
        ("/a b", "http://x.test/a%20b"),
    ],
)
def test_location_is_read_as_sites_mean_it(location: str, url: str) -> None:
    assert next_url("http://x.test/a/old", location) == url


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [([], None), ([301], "end"), ([308, 301], "end"), ([302, 301], None), ([301, 302], "1")],
)
def test_moved_as_far_as_redirects_are_permanent(statuses: list[int], moved: str | None) -> None:
    assert moved_to([(status, str(at)) for at, status in enumerate(statuses)], "end") == moved


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (EgressRefused("x"), Outcome.REFUSED),
        (RobotsForbids("x"), Outcome.ROBOTS),
        (WorkerLost("x"), Outcome.WORKER_LOST),
        (RobotsUnreachable("x"), None),
        (NoAnswer("x"), None),
        (HostHeld("x", 7), None),
    ],
)
def test_failure_has_its_outcome_or_is_tried_again(
    error: Exception, outcome: Outcome | None
) -> None:
    failure = decide_failure(error)
    assert failure is not None
    assert failure.outcome is outcome
    assert failure.retry_after == (7 if isinstance(error, HostHeld) else None)


def test_unexpected_error_is_no_failure() -> None:
    assert decide_failure(KeyError("x")) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(304, Outcome.UNCHANGED), (404, Outcome.FETCH_FAILED), (410, Outcome.FETCH_FAILED),
     (302, Outcome.FETCH_FAILED), (429, None), (401, None), (403, None), (500, None), (599, None)],
)  # fmt: skip
def test_status_has_its_outcome_or_is_tried_again(status: int, outcome: Outcome | None) -> None:
    failure = decide_status(status, 5)
    assert failure is not None
    assert failure.outcome is outcome
    assert failure.status == status


@pytest.mark.parametrize("status", [200, 203, 206])
def test_status_of_a_page_is_no_failure(status: int) -> None:
    assert decide_status(status, None) is None


def test_look_is_bounded_by_number_and_size() -> None:
    """C12: what was left out is counted."""
    many = tuple(Entry(url=f"u{at}") for at in range(MOST_ENTRIES + 3))
    assert bound(many)[1] == 3
    large = tuple(Entry(url=f"u{at}", summary="汉" * 20_000) for at in range(1000))
    kept, left = bound(large)
    assert len(kept) + left == 1000
    assert left > 0
    assert sum(len(each.summary.encode()) for each in kept) <= MOST_ENTRY_BYTES


def test_newest_sitemaps_of_an_index_are_read() -> None:
    """C17: what is older than three days beside the newest is for a backfill."""
    now = datetime(2026, 5, 1, tzinfo=UTC)
    dated = tuple(
        ChildSitemap(url=str(at), lastmod=now - timedelta(days=at)) for at in range(1000, -1, -1)
    )
    chosen, left = choose_sitemaps(dated)
    assert [each.url for each in chosen] == ["0", "1", "2", "3"]
    assert left == 0


def test_sitemaps_without_a_date_are_read_from_both_ends_and_the_rest_counted() -> None:
    many = tuple(ChildSitemap(url=str(at)) for at in range(50_000))
    chosen, left = choose_sitemaps(many)
    assert {chosen[0].url, chosen[-1].url} == {"0", "49999"}
    assert len(chosen) + left == 50_000
    assert len(chosen) == MOST_SITEMAPS


def test_few_sitemaps_without_a_date_are_all_read() -> None:
    few = (ChildSitemap(url="a"), ChildSitemap(url="b", lastmod=datetime(2026, 1, 1, tzinfo=UTC)))
    assert choose_sitemaps(few) == ([few[1], few[0]], 0)


@pytest.mark.parametrize(
    ("value", "kept"),
    [('"a"', '"a"'), ("", None), ("a\x00b", None), ("a\nb", None), ("x" * 1001, None)],
)
def test_validator_is_kept_if_it_can_be_sent_back(value: str, kept: str | None) -> None:
    assert bounded(value) == kept


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://x.test/a", "https://x.test"),
        ("https://x.test:443/a", "https://x.test"),
        ("http://X.test:8080/a", "http://x.test:8080"),
        ("http://[::1]:80/", "http://[::1]"),
        ("nonsense", ""),
        ("http://[", ""),
    ],
)
def test_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/html; charset=utf-8", "utf-8"),
        ('text/html;Charset="windows-1251"', "windows-1251"),
        ("text/html", None),
        ("text/html; charset=", None),
    ],
)
def test_charset_is_what_the_header_declares(header: str, charset: str | None) -> None:
    assert find_charset(header) == charset


def test_scrapy_runs_only_what_is_named() -> None:
    """Telnet, remote control, cookies, referrer and `file:` are off whatever Scrapy's defaults."""
    from scrapy.settings import Settings
    from scrapy.utils.conf import build_component_list

    settings = Settings(scrapy_settings(FetchSettings()))
    parts = [
        str(part)
        for name in ("EXTENSIONS", "SPIDER_MIDDLEWARES", "DOWNLOADER_MIDDLEWARES")
        for part in build_component_list(settings.get_component_priority_dict_with_base(name))
    ]
    assert [part for part in parts if part.startswith("scrapy")] == [
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware"
    ]
    assert set(settings.getwithbase("DOWNLOAD_HANDLERS")) == {"http", "https"}
    assert not settings.getbool("REMOTE_CONTROL_ENABLED")
    assert not settings.getbool("TELNETCONSOLE_ENABLED")
    assert not settings.getbool("COOKIES_ENABLED")


async def test_budget_lets_downloads_wait_for_what_is_in_hand() -> None:
    budget = Budget(most=100, limit=1000)
    budget.arrive(150)
    assert not budget.full  # with nothing in hand, waiting would be for ever
    with budget.hold(10):
        assert budget.full
    assert not budget.full
    with budget.hold(10), pytest.raises(TooMuchAtOnce):
        budget.arrive(900)
    budget.arrive(-1050)
    assert not budget.full
