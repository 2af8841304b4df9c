from __future__ import annotations

import random
from datetime import timedelta

import pytest

from monitor.errors import StorageError
from monitor.model import Candidate, ExtractionMethod, Level
from storage.articles import MOST_FOR_ONE_HASH
from tests.storage.building import (
    NOON,
    Desk,
    HeldClock,
    make_analysis,
    make_article,
    make_fingerprint,
    make_match,
)


def test_article_comes_back_as_it_was(desk: Desk) -> None:
    article = make_article(
        modified=NOON,
        declared_language="en-IE",
        site_name="The Daily",
        method=ExtractionMethod.JSON_LD,
        paywalled=True,
    )
    stored = desk.flag(article, body_sha256="cd" * 32)
    assert stored.article == article
    assert desk.storage.articles.get(stored.id) == stored
    assert (stored.version, stored.first_seen, stored.outlet) == (1, NOON, "Daily")
    assert (stored.country, stored.publisher, stored.historic) == ("IE", "Example Press", False)
    assert stored.body_sha256 == "cd" * 32


def test_changed_article_is_a_new_version_of_itself(desk: Desk, clock: HeldClock) -> None:
    """FAULTS D9."""
    first = desk.flag(historic=True)
    clock.move(days=1)
    changed = make_article(title="Corrected title", text="Another text altogether.")
    with desk.storage.transaction():
        second = desk.storage.articles.add_version(
            first.id, changed, fingerprint=make_fingerprint(changed), origin=desk.origin()
        )
    assert (second.id, second.version, second.article) == (first.id, 2, changed)
    assert (second.first_seen, second.fetched_at, second.historic) == (NOON, clock.now(), True)
    assert desk.storage.articles.read_versions(first.id) == (
        desk.storage.articles.read_versions(first.id)[0],
        second,
    )
    assert desk.storage.articles.read_versions(first.id)[0].article == first.article
    assert desk.storage.articles.find_by_text_hash(first.text_hash) == second
    assert [hit.article_id for hit in desk.storage.search.find("altogether")] == [first.id]
    assert desk.storage.search.find("nobody answered") == ()


def test_article_is_found_by_every_canonical_url(desk: Desk) -> None:
    stored = desk.flag()
    other = desk.flag(make_article(2))
    articles = desk.storage.articles
    articles.add_url(stored.id, "https://mirror.example/1")
    assert articles.find_by_url("https://daily.example/1") == stored
    assert articles.find_by_url("https://mirror.example/1") == stored
    assert articles.find_by_url("https://daily.example/3") is None
    articles.add_url(stored.id, "https://daily.example/2")
    assert articles.find_by_url("https://daily.example/2") == other


def test_canonical_url_of_another_article_is_refused(desk: Desk) -> None:
    desk.flag()
    before = desk.storage.last_commit()
    with pytest.raises(StorageError, match="belongs to another one already"):
        desk.flag(make_article(title="Something else"))
    assert desk.storage.last_commit() == before
    assert len(list(desk.storage.articles.iterate())) == 1


def test_unknown_article_is_refused(desk: Desk) -> None:
    for call in (desk.storage.articles.get, desk.storage.articles.number_of):
        with pytest.raises(StorageError, match="there is no article 'nothing'"):
            call("nothing")
    assert desk.storage.articles.read_versions("nothing") == ()


def test_iterating_goes_past_its_portions_while_the_caller_writes(desk: Desk) -> None:
    for number in range(450):
        desk.flag(make_article(number))
    seen = []
    for stored in desk.storage.articles.iterate():
        seen.append(stored.id)
        desk.storage.articles.add_url(stored.id, f"https://mirror.example/{stored.id}")
    assert len(seen) == len(set(seen)) == 450


def test_candidates_share_enough_hashes_and_the_nearest_is_first(desk: Desk) -> None:
    near = desk.flag(make_article(1), hashes=range(100, 150))
    far = desk.flag(make_article(2), hashes=range(140, 200))
    desk.flag(make_article(3), hashes=range(148, 150))
    found = desk.storage.articles.find_candidates(list(range(120, 150)))
    assert found == (
        Candidate(article_id=near.id, shared=30, kept=50),
        Candidate(article_id=far.id, shared=10, kept=60),
    )
    assert desk.storage.articles.find_candidates(list(range(120, 150)), limit=1) == found[:1]
    assert desk.storage.articles.find_candidates([100, 101]) == ()
    assert desk.storage.articles.find_candidates([]) == ()


def test_hashes_of_64_bits_are_found_signed_or_not(desk: Desk) -> None:
    unsigned = [2**64 - 1, 2**63, 2**63 - 1, 7]
    stored = desk.flag(hashes=[value - 2**64 if value >= 2**63 else value for value in unsigned])
    (found,) = desk.storage.articles.find_candidates(unsigned)
    assert (found.article_id, found.shared) == (stored.id, 4)


def test_copy_of_an_older_version_is_still_a_candidate(desk: Desk) -> None:
    stored = desk.flag(hashes=range(10))
    changed = make_article(text="new")
    with desk.storage.transaction():
        desk.storage.articles.add_version(
            stored.id,
            changed,
            fingerprint=make_fingerprint(changed, range(100, 120)),
            origin=desk.origin(),
        )
    (found,) = desk.storage.articles.find_candidates(list(range(10)))
    assert (found.article_id, found.shared, found.kept) == (stored.id, 10, 20)


def test_boilerplate_of_a_site_makes_no_candidate_dearer(desk: Desk) -> None:
    """Of a hash that very many articles have, the newest are looked at."""
    shared = [1, 2, 3]
    stored = [
        desk.flag(make_article(number), hashes=[*shared, 1000 + number])
        for number in range(MOST_FOR_ONE_HASH + 20)
    ]
    found = desk.storage.articles.find_candidates([*shared, 1000 + 5], limit=1000)
    assert len(found) == MOST_FOR_ONE_HASH
    assert stored[-1].id in {candidate.article_id for candidate in found}


def test_hostile_article_is_stored(desk: Desk) -> None:
    """FAULTS: NUL hides text, surrogates raise at bind."""
    article = make_article(
        title="a\x00b \ud83d", text="\ud800" * 10 + "found\x00me", author="\udfff"
    )
    stored = desk.flag(article)
    assert "\x00" not in stored.article.title + stored.article.text
    assert [hit.article_id for hit in desk.storage.search.find("found")] == [stored.id]


def test_matches_come_back_with_their_whole_explanation(desk: Desk) -> None:
    report = make_match("overseas-stations", score=11.0)
    mention = make_match("joint-patrols", level=Level.MENTION, score=99.0)
    stored = desk.flag(analysis=make_analysis(mention, report, countries=("HU", "IE", "HU")))
    matches = desk.storage.matches
    assert [match.topic for match in matches.find(stored.id)] == [
        "overseas-stations",
        "joint-patrols",
    ]
    assert matches.find(stored.id)[0] == report
    flagged = matches.get_flagged(stored.id)
    assert flagged.stored == stored
    assert flagged.countries == ("HU", "IE")
    assert [mention.entity for mention in matches.find_mentions(stored.id)] == ["some office"]


def test_newest_analysis_is_current_and_older_ones_stay(desk: Desk) -> None:
    stored = desk.flag()
    with desk.storage.transaction():
        commit = desk.storage.next_commit()
        desk.storage.matches.add(
            stored,
            make_analysis(make_match("joint-patrols"), countries=("HR",)),
            commit=commit,
            rules_version="rules-2",
        )
    assert [match.topic for match in desk.storage.matches.find(stored.id)] == ["joint-patrols"]
    assert desk.storage.matches.find_countries(stored.id) == ("HR",)
    connection = desk.storage.matches._connection
    assert connection.count("SELECT COUNT(*) FROM matches") == 2
    assert connection.count("SELECT COUNT(*) FROM passages") == 2


def test_report_times_are_of_live_reports(desk: Desk, clock: HeldClock) -> None:
    desk.flag(make_article(1))
    desk.flag(make_article(2), historic=True)
    desk.flag(make_article(3), analysis=make_analysis(make_match(level=Level.MENTION)))
    clock.move(days=2)
    desk.flag(make_article(4))
    assert desk.storage.matches.report_times(NOON) == (
        (NOON, "overseas-stations"),
        (NOON + timedelta(days=2), "overseas-stations"),
    )
    assert len(desk.storage.matches.report_times(NOON + timedelta(days=1))) == 1


def test_candidates_cost_little_more_among_many(desk: Desk) -> None:
    """Asserted by work, not by the clock: rows read stay the same when articles are many."""
    chance = random.Random(7)
    for number in range(300):
        desk.flag(make_article(number), hashes=[chance.getrandbits(63) for _ in range(50)])
    asked = [chance.getrandbits(63) for _ in range(50)]
    plan = desk.storage.articles._connection.read_rows(
        "EXPLAIN QUERY PLAN SELECT article FROM fingerprints WHERE hash = 1 ORDER BY article DESC"
    )
    assert [row["detail"] for row in plan] == ["SEARCH fingerprints USING PRIMARY KEY (hash=?)"]
    assert desk.storage.articles.find_candidates(asked) == ()
