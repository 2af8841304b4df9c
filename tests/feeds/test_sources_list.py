"""The list of sources that ships."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from monitor.config.reader import read_document
from monitor.config.sources import read_sources
from monitor.model import Source

# Languages of keywords.yaml; a language without a source would be watched by nobody.
LANGUAGES = (
    "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hr", "hu", "id", "it", "ja",
    "ko", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "tr", "uk", "zh",
)  # fmt: skip


@pytest.fixture(scope="module")
def sources(root: Path) -> tuple[Source, ...]:
    document = read_document(root / "spiders" / "sources.yaml")
    found, problems = read_sources(document)
    assert problems == ()
    return found


def test_list_is_read_without_a_problem_and_is_wide(sources: tuple[Source, ...]) -> None:
    on = [source for source in sources if source.enabled]
    assert len(on) >= 220
    assert len({source.country for source in on}) >= 50
    assert [lang for lang in LANGUAGES if lang not in {source.language for source in on}] == []
    classes = {source.source_class for source in on}
    assert classes == {"independent", "public", "ngo", "other", "official", "diaspora", "state"}


def test_every_source_says_where_it_is_from(sources: tuple[Source, ...]) -> None:
    assert [s.id for s in sources if not (s.country and s.language and s.outlet)] == []


def test_no_address_stands_twice(sources: tuple[Source, ...]) -> None:
    counts = Counter(source.url.rstrip("/") for source in sources)
    assert [url for url, count in counts.items() if count > 1] == []


def test_source_that_is_off_says_why(sources: tuple[Source, ...]) -> None:
    assert [source.id for source in sources if not source.enabled and not source.note] == []


def test_no_source_is_a_search_that_tells_what_is_watched(sources: tuple[Source, ...]) -> None:
    for source in sources:
        host = urlsplit(source.url).hostname or ""
        assert not host.endswith(("news.google.com", "bing.com", "gdeltproject.org")), source.id
        assert "q=" not in urlsplit(source.url).query, source.id


def test_outlets_of_one_owner_name_the_same_publisher(sources: tuple[Source, ...]) -> None:
    publishers = Counter(source.publisher for source in sources if source.publisher)
    assert [name for name, count in publishers.items() if count == 1] == []
    owners: dict[str, set[str | None]] = {}
    for source in sources:
        host = (urlsplit(source.url).hostname or "").removeprefix("www.")
        owners.setdefault(host, set()).add(source.publisher)
    assert {host: names for host, names in owners.items() if len(names) > 1} == {}
