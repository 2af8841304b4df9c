"""What an article is held against others by is found where its page is read, and used as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import monitor.features
from monitor.config.keywords import read_keywords
from monitor.features import find_features
from monitor.jobs.backfill import make_found
from monitor.jobs.backfill_forming import ARCHIVE, form
from monitor.match.matcher import Matcher
from monitor.model import Article, Outcome, Page, Prepared, RunKind
from monitor.stories.fingerprint import make_fingerprint
from spiders.units import Flagged, flag, pack_told, unpack_told
from storage.coverage import CoveredUnit
from tests.jobs.building import open_place
from tests.storage.building import NOON
from tests.stories.grouping import OWN, read_groups, texts_of


@pytest.fixture(scope="module")
def flagged(root: Path) -> list[Flagged]:
    """Return pages of texts in many languages, as a worker flags them."""
    matcher = Matcher.load(read_keywords(root / "keywords.yaml"))
    pages = []
    for text in texts_of(read_groups(OWN)[:20]):
        analysis = matcher.match(text.title, text.text, declared=text.language)
        if not analysis.matches:
            continue
        url = f"https://daily.example/{text.key}"
        article = Article(
            url=url, canonical_url=url, title=text.title, text=text.text,
            published=text.published, language=text.language,
        )  # fmt: skip
        page = Page(
            url=url, final_url=url, status=200, headers=(), body=b"", wire_body=b"<p>page</p>",
            fetched_at=NOON,
        )  # fmt: skip
        prepared = Prepared(
            url=url, final_url=url, fetched_at=NOON, status=200, body_sha256="ab" * 32,
            article=article, fingerprint=make_fingerprint(text.title, text.text), rules_version="1",
            analysis=analysis,
        )  # fmt: skip
        pages.append(flag(page, prepared, origin="a file, the record at byte 0"))
    return pages


def test_they_are_the_same_behind_the_pipe(flagged: list[Flagged]) -> None:
    assert len({each.prepared.article.language for each in flagged if each.prepared.article}) > 5
    for each in flagged:
        article, analysis = each.prepared.article, each.prepared.analysis
        assert article is not None
        assert analysis is not None
        come = unpack_told(pack_told(each))
        assert isinstance(come, Flagged)
        assert come.features == find_features(article, analysis, seen_at=None)


def test_stories_form_of_them_without_another_look(
    flagged: list[Flagged], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that an older version of this program left have none, and form as before."""
    looks: list[str] = []

    def look(article: Article, *arguments: object, **options: object) -> object:
        looks.append(article.title)
        return make(article, *arguments, **options)  # type: ignore[arg-type]

    make = monitor.features.make_features
    monkeypatch.setattr(monitor.features, "make_features", look)
    formed = form_all(flagged, tmp_path / "new")
    assert not looks
    assert form_all([without_features(each) for each in flagged], tmp_path / "old") == formed
    assert len(looks) == len(flagged) == len(formed)


def without_features(flagged: Flagged) -> Flagged:
    """Return a page as it was written before features were."""
    packed = pack_told(replace(flagged, features=None)).replace(b',"features":null', b"")
    assert b'"features"' not in packed
    come = unpack_told(packed)
    assert isinstance(come, Flagged)
    return come


def form_all(pages: list[Flagged], data: Path) -> list[tuple[Outcome, str]]:
    """Return what each came to, and why it spoke or not."""
    with open_place(data) as place:
        place.storage.sources.sync([ARCHIVE])
        run = place.storage.runs.begin(RunKind.BACKFILL)
        place.storage.coverage.finish(
            CoveredUnit(unit="a", asked="asked", run_id=run.id, kind="warc"),
            [make_found(each, "asked") for each in pages],
        )
        return [(each.outcome, each.reason) for each in form(place.watch, run.id) if each]
