"""The list that ships holds every feed of the shared material that can be told apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from monitor.config.reader import read_document
from monitor.config.sources import read_sources
from monitor.model import Source
from monitor.urls import canonical_url

CLASSES = {
    "independent": {"independent", "public"},
    "public broadcaster": {"public"},
    "state media": {"state"},
    "state agency": {"state"},
    "state-aligned": {"state"},
    "NGO": {"ngo"},
    "NGO media": {"ngo"},
    "think tank": {"other"},
    "government": {"official"},
    "parliament": {"official"},
    "UN": {"official"},
    "Falun Gong linked": {"diaspora"},
    "overseas Chinese": {"diaspora"},
    "PRC media": {"other", "state"},
}
ELSEWHERE = {"https://www.ccma.cat/rss/324": "3cat"}
"""A guess whose outlet is on the list by an address that was seen."""


@pytest.fixture(scope="module")
def shipped(root: Path) -> dict[str, Source]:
    found, _ = read_sources(read_document(root / "spiders" / "sources.yaml"))
    return {canonical_url(source.url): source for source in found}


def feeds(shared: Path) -> list[Mapping[str, Any]]:
    listed = json.loads((shared / "domain" / "feeds.json").read_text("utf-8"))["feeds"]
    return [each for each in listed if each["kind"] in {"rss", "section"}]


@pytest.mark.shared
def test_every_feed_of_the_shared_list_ships(shared: Path, shipped: dict[str, Source]) -> None:
    ids = {source.id for source in shipped.values()}
    missing = [
        each["url"]
        for each in feeds(shared)
        if canonical_url(each["url"]) not in shipped and ELSEWHERE.get(each["url"]) not in ids
    ]
    assert len(feeds(shared)) > 200
    assert missing == []


@pytest.mark.shared
def test_every_feed_has_the_country_and_class_it_is_known_by(
    shared: Path, shipped: dict[str, Source]
) -> None:
    wrong = []
    for each in feeds(shared):
        source = shipped.get(canonical_url(each["url"]))
        if source is None:
            continue
        if (
            source.country != each["country"]
            or source.source_class not in CLASSES[each["source_class"]]
        ):
            wrong.append((source.id, source.country, source.source_class, each["source_class"]))
    assert wrong == []
