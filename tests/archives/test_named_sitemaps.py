"""What a robots.txt says of sitemaps: nothing that it names is left out in silence."""

from __future__ import annotations

from datetime import UTC, datetime

from spiders.archive import ListReading, guess_sitemaps
from spiders.archive_reading import read_list

ROBOTS = "https://www.courier.example/robots.txt"
OWN = "https://www.courier.example/news.xml"
OTHERS = ("https://maps.cdn.example/courier-1.xml", "https://maps.cdn.example/courier-2.xml")


def read(*sitemaps: str) -> ListReading:
    body = "User-agent: *\nDisallow: /x\n" + "".join(f"Sitemap: {each}\n" for each in sitemaps)
    return read_list(
        body.encode(), form="robots", url=ROBOTS, now=datetime(2026, 11, 22, tzinfo=UTC)
    )


def test_sitemaps_at_another_site_are_told_and_not_asked_for() -> None:
    reading = read(OWN, *OTHERS)
    assert [each.url for each in reading.lists] == [OWN]
    assert reading.problem is not None
    assert "2 sitemaps at other sites (maps.cdn.example)" in reading.problem
    assert "--sitemap" in reading.problem


def test_site_whose_sitemaps_are_all_elsewhere_is_looked_through_all_the_same() -> None:
    reading = read(*OTHERS)
    assert reading.lists == tuple(guess_sitemaps(ROBOTS))
    assert reading.problem is not None


def test_sitemaps_of_the_site_itself_are_no_problem() -> None:
    assert read(OWN, "/second.xml", "https://archive.courier.example/old.xml").problem is None
