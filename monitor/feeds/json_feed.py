"""JSON Feed 1.0 and 1.1 (jsonfeed.org) → entries; one bad item costs that item only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import from_json

from monitor.feeds.dates import read_date
from monitor.feeds.item import read_language
from monitor.feeds.item_links import LONGEST_LINK, resolve_link
from monitor.feeds.plain import (
    LONGEST_NAME,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    clean_text,
    read_html_text,
)
from monitor.feeds.reading import FeedReading, Format
from monitor.model import Entry
from monitor.text.counting import plural


class _Loose(BaseModel):
    """Take what is text, let numbers be text, and overlook what has another type."""

    model_config = ConfigDict(extra="ignore")

    @field_validator("*", mode="before")
    @classmethod
    def _read_scalar(cls, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float | list | dict):
            return None
        if isinstance(value, int | float):
            return f"{value!r:.40}" if abs(value) < 1e300 else None
        return value


class JsonAuthor(_Loose):
    """Who wrote an item or a feed."""

    name: str | None = None


class JsonItem(_Loose):
    """One item; `author` is of version 1.0, `authors` of 1.1."""

    id: str | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    language: str | None = None
    author: JsonAuthor | None = None
    authors: list[JsonAuthor] | None = None


def read_json_feed(body: bytes, *, url: str, language: str | None) -> FeedReading | None:
    """Read UTF-8 `body`, or return None when it is no JSON object with a list of items.

    A body that was cut off gives the items before the cut.
    """
    document, broken = _load(body)
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return None
    home = _text(document.get("language"))
    language = read_language(home) or language
    base = resolve_link(url, _text(document.get("home_page_url"))) or url
    items = document["items"]
    entries = tuple(_read_items(items, base, language))
    problem = None
    if broken is not None:
        problem = (
            f"the JSON feed is broken ({broken}); {plural(len(entries), 'item')} could be read"
        )
    return FeedReading(
        format=Format.JSON_FEED,
        entries=entries,
        unusable=len(items) - len(entries),
        salvaged=broken is not None,
        problem=problem,
        title=clean_text(_text(document.get("title")) or "", LONGEST_TITLE),
        language=language,
        next_url=resolve_link(url, _text(document.get("next_url"))),
    )


def _load(body: bytes) -> tuple[Any, str | None]:
    """Return the document, and what is wrong with it if anything is."""
    try:
        return from_json(body), None
    except ValueError as error:
        broken = clean_text(str(error), 200)
    try:
        return from_json(body, allow_partial=True), broken
    except ValueError:
        pass
    try:  # the standard library takes lone surrogates and NaN
        return json.loads(body.decode("utf-8", "replace"), strict=False), broken
    except (ValueError, RecursionError):
        pass
    text = body.decode("utf-8", "replace")
    found = re.search(r'"items"\s*:\s*\[', text)
    return ({"items": list(_load_items(text, found.end()))} if found else None), broken


def _load_items(text: str, position: int) -> Iterator[Any]:
    """Yield each object in a broken list that can be read by itself."""
    decoder = json.JSONDecoder(strict=False)
    position = text.find("{", position)
    misses = 0
    while position >= 0 and misses < 1000:
        try:
            item, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            misses += 1
            end = position + 1
        else:
            yield item
        position = text.find("{", end)


def _read_items(items: list[Any], base: str, language: str | None) -> Iterator[Entry]:
    for item in items:
        try:
            read = JsonItem.model_validate(_drop_wrong(item))
        except ValidationError:
            continue
        entry = _read_item(read, base, language)
        if entry is not None:
            yield entry


def _drop_wrong(item: Any) -> dict[str, Any]:
    """Return the fields of an item that have the type they should have."""
    if not isinstance(item, dict):
        return {}
    kept = {}
    for name, value in item.items():
        if name == "authors" and isinstance(value, list):
            kept[name] = [author for author in value[:20] if isinstance(author, dict)]
        elif isinstance(value, dict) == (name == "author") and not isinstance(value, list):
            kept[name] = value
    return kept


def _read_item(item: JsonItem, base: str, language: str | None) -> Entry | None:
    identifier = item.id if (item.id or "").lower().startswith(("http://", "https://")) else None
    links = (resolve_link(base, link) for link in (item.url, item.external_url, identifier))
    url = next((link for link in links if link is not None), None)
    if url is None:
        return None
    language = read_language(item.language) or language
    published = read_date(item.date_published or "", language)
    updated = read_date(item.date_modified or "", language)
    people = item.authors or ([item.author] if item.author else [])
    names = ", ".join(person.name for person in people if person.name)
    return Entry(
        url=url,
        guid=clean_text(item.id or "", LONGEST_LINK) or None,
        title=clean_text(item.title or "", LONGEST_TITLE),
        summary=_read_summary(item),
        author=clean_text(names, LONGEST_NAME) or None,
        published=published or updated,
        language=language,
        updated=updated,
    )


def _read_summary(item: JsonItem) -> str:
    texts = [clean_text(text or "", LONGEST_SUMMARY) for text in (item.content_text, item.summary)]
    texts.append(read_html_text(item.content_html or "", LONGEST_SUMMARY))
    return max(texts, key=len)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
