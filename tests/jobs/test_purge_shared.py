"""Two reports are proved by the same bytes, or by none: a removal of one tells of the other."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace

import pytest

from monitor.jobs.purge import Wanted, plan_purge, purge
from monitor.model import Outcome
from tests.jobs.arriving import arrive
from tests.jobs.building import Place
from tests.jobs.test_purge import URL, WISH, check, place

__all__ = ["place"]

FIRST = "An office in the harbour was closed, says Zofia Kral. " * 5
SECOND = "Another office, in the old town, goes on as before, neighbours tell. " * 5
PAGE = b"<p>In short: Zofia Kral, harbour. Old town.</p>"


def fill(place: Place, body: bytes) -> tuple[str, str]:
    """Two reports with the same bytes: a page of short news, or what only a feed told."""
    for number, text in ((1, FIRST), (2, SECOND)):
        arrival = arrive(place, number, text, title=f"Report {number}")
        prepared = replace(arrival.prepared, body_sha256=hashlib.sha256(body).hexdigest())
        arrival = replace(arrival, prepared=prepared, body=body)
        assert place.watch.committer.commit(arrival).outcome is Outcome.NEW
    first, second = place.storage.articles.iterate()
    return first.id, second.id


def bodies(place: Place) -> list[str]:
    return [link.sha256 for link in place.storage.evidence.read_links()]


def test_page_of_two_reports_stays_for_the_other_one_and_it_is_told(place: Place) -> None:
    _, other = fill(place, PAGE)
    body = bodies(place)[0]
    before = plan_purge(place.watch, Wanted(article=URL)).keeps
    done = purge(place.watch, Wanted(article=URL), wish=WISH)
    for keeps in (before, done.keeps):
        assert any(other in said and "stays for it" in said for said in keeps), keeps
    assert place.watch.evidence.read_body(body) == PAGE
    removed, kept, _ = place.storage.evidence.read_links()
    assert (removed.url, kept.url) == ("", "https://daily.example/2")
    found = check(place)
    assert found.ok
    assert [each.seq for each in found.purged] == [removed.seq]

    purge(place.watch, Wanted(article=other), wish=WISH)
    assert not place.watch.evidence.path_of("bodies", body).exists()
    assert check(place).ok


def test_reports_that_only_feeds_told_of_have_nothing_in_common(place: Place) -> None:
    """No bytes at all are the same bytes."""
    fill(place, b"")
    done = purge(place.watch, Wanted(article=URL), wish=WISH)
    assert not any("same" in said or "also the evidence" in said for said in done.keeps)
    assert done.counts["pages kept as evidence"] == 1
    assert [link.url for link in place.storage.evidence.read_links()][:2] == [
        "",
        "https://daily.example/2",
    ]
    assert check(place).ok


PAGES = {
    "a menu": b"<nav><a href=/k>More on Zofia&nbsp;Kral</a></nav><p>Rain.</p>",
    "across tags": b"<li><b>Zofia</b><br>KR<wbr>AL</li>",
    "packed": gzip.compress(b"<aside>Zofia Kral speaks</aside>"),
    "another charset": "<p>Zofia Król</p>".encode("iso-8859-2"),
    "nobody": b"<p>Zofias Kralle</p>",
}


@pytest.mark.parametrize("kind", PAGES)
def test_name_beside_the_text_of_another_report_is_told(place: Place, kind: str) -> None:
    """Menus and "latest news" are in the bytes as received, and in no table."""
    arrival = replace(arrive(place, 2, SECOND), body=PAGES[kind])
    if kind == "packed":
        arrival = replace(arrival, headers=(("Content-Encoding", "gzip"),))
    assert place.watch.committer.commit(arrival).outcome is Outcome.NEW
    (other,) = place.storage.articles.iterate()
    person = "Zofia Krol" if kind == "another charset" else "Zofia Kral"
    plan = plan_purge(place.watch, Wanted(person=person))
    assert plan.is_empty
    assert any(other.id in said for said in plan.elsewhere) is (kind != "nobody")
    place.watch.evidence.path_of("bodies", bodies(place)[0]).unlink()
    assert "could not be read" in plan_purge(place.watch, Wanted(person=person)).elsewhere[-1]


@pytest.mark.parametrize("body", [PAGE, b""], ids=["one page", "no bytes"])
def test_page_that_names_a_person_goes_and_the_other_report_is_told(
    place: Place, body: bytes
) -> None:
    _, other = fill(place, body)
    wanted = Wanted(person="Zofia Kral")
    before = plan_purge(place.watch, wanted).keeps
    done = purge(place.watch, wanted, wish="the person's own")
    for keeps in (before, done.keeps):
        told = any(other in said and "stays without it" in said for said in keeps)
        assert told is (body == PAGE)
    if body:
        assert not place.watch.evidence.path_of("bodies", bodies(place)[0]).exists()
    assert check(place).ok
