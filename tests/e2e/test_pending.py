"""What a source has offered is fetched, even if the source says nothing new from then on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.program import KILLED, Program
from tests.e2e.real_input import Place, messages, write_place
from tests.fakes.reports import write_report
from tests.fakes.site import Feed, Reply, Site

LATER = 120.0
"""Seconds after which a page that answered 503 is tried again; the first wait is a minute."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def watch(folder: Path, feed: Feed) -> Place:
    source = f"- {{id: one, outlet: One, kind: feed, url: '{feed.url}'}}"
    return write_place(folder, sources=f"replace: true\nsources:\n{source}\n")


def answered(site: Site, path: str) -> list[str]:
    """Return the conditions that `path` was asked under, in order."""
    return [asked.header("if-none-match") or "" for asked in site.asked if asked.path == path]


def test_page_that_was_not_there_is_fetched_though_its_feed_says_304(
    program: Program, site: Site, tmp_path: Path
) -> None:
    """A 503 followed by a 304 loses nothing: the entry is pending until its page has an outcome."""
    report, feed = write_report(1), Feed(site=site)
    feed.add(report.path, Reply(status=503))
    place = watch(tmp_path, feed)
    first = program.run(place, "run", "--once", "--new", "--json")
    assert first.status == 0, first.err
    assert first.document["outcomes"] == {}
    assert program.run(place, "status", "--json").document["pending"] == 1

    site.route(report.path, host=feed.host, body=report.page())
    second = program.run(place, "run", "--once", "--json", later=LATER)
    assert answered(site, "/feed") == ["", '"1"'], "the feed was not answered with 304"
    assert second.document["outcomes"] == {"new": 1}
    assert len(messages(place)) == 1

    third = program.run(place, "run", "--once", "--json", later=2 * LATER)
    assert third.document["pages"] == 0
    assert len(messages(place)) == 1


@pytest.mark.parametrize("step", ["offered", "asked", "prepared"])
def test_program_killed_before_the_pages_finds_them_though_the_feed_says_304(
    program: Program, site: Site, tmp_path: Path, step: str
) -> None:
    """FAULTS A1: what was offered is pending in the transaction that keeps the validators."""
    feed = Feed(site=site)
    reports = [write_report(number) for number in (1, 2)]
    for report in reports:
        feed.add(report.path, body=report.page())
    place = watch(tmp_path, feed)
    killed = program.run(place, "run", "--once", "--new", step=step)
    assert (killed.status, killed.left) == (KILLED, 0)
    again = program.run(place, "run", "--once", "--json")
    assert answered(site, "/feed") == ["", '"2"'], "the feed was not answered with 304"
    assert again.document["outcomes"] == {"new": 2}
    assert len(again.document["stories"]) == 2


def test_program_killed_before_the_offer_asks_the_feed_anew(
    program: Program, site: Site, tmp_path: Path
) -> None:
    """Validators that were not kept are not sent: the next answer is whole."""
    report, feed = write_report(1), Feed(site=site)
    feed.add(report.path, body=report.page())
    place = watch(tmp_path, feed)
    assert program.run(place, "run", "--once", "--new", step="looked").status == KILLED
    again = program.run(place, "run", "--once", "--json")
    assert answered(site, "/feed") == ["", ""]
    assert again.document["outcomes"] == {"new": 1}
