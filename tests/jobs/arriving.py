"""Reports as a crawl hands them over, offered by a source and committed for real."""

from __future__ import annotations

from monitor.arrival import Arrival
from monitor.model import Outcome, Prepared
from tests.jobs.building import Place
from tests.storage.building import (
    make_analysis,
    make_article,
    make_entry,
    make_fingerprint,
    make_look,
    make_offer,
    make_source,
)

COUNTRIES = ("IE", "HU", "IT", "BR", "NG", "JP", "CA")
"""One for each number, so that reports tell of events of their own."""


def arrive(place: Place, number: int, text: str, *, title: str = "A station closes") -> Arrival:
    """A report as a crawl hands it over, offered by its source."""
    url = f"https://daily.example/{number}"
    offered = make_offer(make_entry(number, url=url, title=title), key=url)
    look = make_look(offered.entry, looked_at=place.clock.now())
    found = place.storage.sources.offer(look, [offered], run_id=place.desk.run_id)
    article = make_article(number, url=url, canonical_url=url, title=title, text=text)
    entries = [each.id for each in found.pending if each.entry.url == url]
    return Arrival(
        prepared=Prepared(
            url=url,
            final_url=url,
            fetched_at=place.clock.now(),
            status=200,
            body_sha256="ab" * 32,
            article=article,
            analysis=make_analysis(countries=(COUNTRIES[number % len(COUNTRIES)],)),
            fingerprint=make_fingerprint(article),
            rules_version="rules-1",
        ),
        run_id=place.desk.run_id,
        source=make_source(),
        entry_id=entries[0] if entries else None,
        body=f"<p>{title} {text}</p>".encode(),
        headers=(("X-Number", str(number)),),
    )


def commit(place: Place, number: int, text: str, **named: str) -> Outcome:
    return place.watch.committer.commit(arrive(place, number, text, **named)).outcome
