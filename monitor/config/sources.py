"""sources.yaml: what is watched. A person's own list lies over the one that ships."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from monitor.config.durations import read_duration
from monitor.config.places import check_country, check_language
from monitor.config.reader import (
    Document,
    StrictModel,
    WrongValue,
    suggest,
    suggestion_cure,
    validate,
)
from monitor.config.searches import build_topic_query
from monitor.config.validation import check_model
from monitor.errors import Problem
from monitor.model import Keywords, SectionLinks, Source, SourceClass, SourceKind
from monitor.urls.search_feeds import Engine, build_search_url

NEEDED = ("kind", "url", "outlet")
KINDS = ("feed", "sitemap", "section", "search")
MEANT = {"rss": "feed", "atom": "feed", "rdf": "feed", "xml": "feed", "page": "section"}
SLUG = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
LEAST_EVERY = 60
MOST_EVERY = 31 * 86400
PIN = re.compile(r"(?:sha256/{1,2})?(?P<hash>[A-Za-z0-9+/]{43}=)")
SEARCH_KEYS = ("engine", "query", "topic")


class LinksForm(StrictModel):
    """How the article links of a section page are told."""

    selector: str | None = None
    url: str | None = None


class SourceForm(StrictModel):
    """One source as a person writes it; in an own list, only the fields that change."""

    id: str
    kind: SourceKind | None = None
    url: str | None = None
    outlet: str | None = Field(default=None, min_length=1, max_length=200)
    country: str | None = None
    language: str | None = None
    publisher: str | None = Field(default=None, max_length=200)
    source_class: SourceClass | None = Field(default=None, alias="class")
    every: str | None = None
    links: LinksForm | None = None
    engine: Engine | None = None
    query: str | None = Field(default=None, min_length=1, max_length=300)
    topic: str | None = None
    egress: str | None = None
    pins: tuple[str, ...] | None = None
    browser: bool | None = None
    enabled: bool = True
    note: str = ""

    @field_validator("pins")
    @classmethod
    def _are_pins(cls, written: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if written is None else tuple(check_pin(each) for each in written)

    @field_validator("id")
    @classmethod
    def _is_slug(cls, written: str) -> str:
        if len(written) <= 80 and SLUG.fullmatch(written):
            return written
        slug = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")[:80]
        raise WrongValue(
            f"the id {written[:80]!r} may hold small letters, digits, '-' and '.' only",
            f"write {slug!r}" if slug else "write something like 'daily-herald'",
        )

    @field_validator("kind", mode="before")
    @classmethod
    def _is_kind(cls, written: Any) -> Any:
        if not isinstance(written, str) or written in KINDS:
            return written
        meant = MEANT.get(written.lower()) or MEANT.get(suggest(written, MEANT) or "")
        cure = f"write {meant!r}" if meant else suggestion_cure(written, KINDS)
        raise WrongValue(f"unknown kind {written!r}", cure)

    @field_validator("url")
    @classmethod
    def _is_web_address(cls, written: str | None) -> str | None:
        return written if written is None else check_web_address(written)

    @field_validator("country")
    @classmethod
    def _is_country(cls, written: str | None) -> str | None:
        return written if written is None else check_country(written)

    @field_validator("language")
    @classmethod
    def _is_language(cls, written: str | None) -> str | None:
        return written if written is None else check_language(written)

    @field_validator("every")
    @classmethod
    def _is_duration(cls, written: str | None) -> str | None:
        if written is not None:
            read_duration(written, least=LEAST_EVERY, most=MOST_EVERY)
        return written


class SourcesForm(StrictModel):
    """A whole sources.yaml; `replace` leaves out the list that ships."""

    version: Literal[1] = 1
    replace: bool = False
    sources: tuple[SourceForm, ...] = ()


@dataclass
class _Entry:
    """The fields of one source, and where they were written last."""

    fields: dict[str, Any]
    document: Document
    at: int


def read_sources(
    shipped: Document | None, own: Document | None = None, *, keywords: Keywords | None = None
) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of the list that ships with a person's own over it, and every problem.

    In the own list, an id of the shipped list changes the fields that are given (an empty value
    takes one away), a new id adds a source, `enabled: false` switches one off, and
    `replace: true` leaves the shipped list out. Switched-off sources are returned too. Where there
    are problems, the sources without any are returned, to be judged further.
    `keywords` holds the topics that search feeds ask for; without it these have no address.
    """
    lists = [] if own is None else [_read_list(own)]
    if shipped is not None and not (lists and lists[0].replace):
        lists.insert(0, _read_list(shipped))
    found = [problem for each in lists for problem in (*each.problems, *_tell_twice(each.document))]
    broken = {key for each in lists for key in each.broken}
    sources: list[Source] = []
    for entry in _overlay(lists):
        if entry.fields["id"] in broken:
            continue  # told already; what it lacks may stand in the part that could not be read
        source, wrong = _build(entry, keywords)
        found.extend(wrong)
        sources.extend([source] if source else [])
    found.sort(key=lambda problem: (problem.file, problem.line or 0))
    return tuple(sources), tuple(found)


@dataclass(frozen=True, kw_only=True)
class _List:
    """One sources.yaml: the sources that can be read, by their number, and the ids of the others.

    `problems` are those of the form.
    """

    document: Document
    sources: tuple[tuple[int, SourceForm], ...]
    broken: frozenset[str]
    replace: bool
    problems: tuple[Problem, ...]


def _read_list(document: Document) -> _List:
    form, problems = validate(SourcesForm, document)
    if form is not None:
        return _List(
            document=document,
            sources=tuple(enumerate(form.sources)),
            broken=frozenset(),
            replace=form.replace,
            problems=problems,
        )
    read: list[tuple[int, SourceForm]] = []
    broken: set[str] = set()
    for at, written in _written_sources(document):
        one, _ = check_model(SourceForm, written, document.problem)
        if one is None:
            broken.add(str(written.get("id")))
        else:
            read.append((at, one))
    return _List(
        document=document,
        sources=() if document.problems else tuple(read),
        broken=frozenset(broken),
        replace=isinstance(document.value, Mapping) and document.value.get("replace") is True,
        problems=problems,
    )


def _written_sources(document: Document) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the sources as they are written, checked or not, with their numbers."""
    top = document.value if isinstance(document.value, Mapping) else {}
    written = top.get("sources")
    for at, one in enumerate(written if isinstance(written, list) else ()):
        if isinstance(one, Mapping):
            yield at, one


def _tell_twice(document: Document) -> Iterator[Problem]:
    first_lines: dict[str, int | None] = {}
    for at, one in _written_sources(document):
        key, line = one.get("id"), document.line_of(("sources", at, "id"))
        if not isinstance(key, str):
            continue
        if key in first_lines:
            problem = f"the id {key!r} stands here a second time"
            cure = f"rename or remove it; the first is in line {first_lines[key]}"
            yield document.problem(("sources", at, "id"), problem, cure)
        first_lines.setdefault(key, line)


def _overlay(lists: Iterable[_List]) -> list[_Entry]:
    entries: dict[str, _Entry] = {}
    for each in lists:
        for at, source in each.sources:
            given = {name: getattr(source, name) for name in source.model_fields_set}
            before = entries[source.id].fields if source.id in entries else {}
            entries[source.id] = _Entry({**before, **given}, each.document, at)
    return list(entries.values())


def _build(entry: _Entry, keywords: Keywords | None) -> tuple[Source | None, list[Problem]]:
    fields = {name: value for name, value in entry.fields.items() if value is not None}
    where = ("sources", entry.at)
    try:
        _complete_search(fields, keywords)
        _check_together(fields)
    except _WrongField as wrong:
        step = (wrong.key,) if wrong.key in entry.fields else ()
        return None, [entry.document.problem((*where, *step), wrong.problem, wrong.cure)]
    missing = [name for name in NEEDED if name not in fields]
    if missing:
        problem = f"the source {fields['id']!r} has no {' and no '.join(missing)}"
        cure = "add what is missing, or check the id if it is meant to change a shipped source"
        return None, [entry.document.problem(where, problem, cure)]
    links = fields.pop("links", None)
    if "every" in fields:
        fields["every"] = read_duration(fields["every"], least=LEAST_EVERY, most=MOST_EVERY)
    told = None if links is None else SectionLinks(selector=links.selector, url=links.url)
    return Source(**fields, links=told), []


class _WrongField(Exception):
    """What does not go together in one source."""

    def __init__(self, key: str, problem: str, cure: str) -> None:
        self.key, self.problem, self.cure = key, problem, cure
        super().__init__(problem)


def _complete_search(fields: dict[str, Any], keywords: Keywords | None) -> None:
    """Turn what a search feed asks for into its address."""
    engine, query, topic = (fields.pop(name, None) for name in SEARCH_KEYS)
    given = {"engine": engine, "query": query, "topic": topic}
    first = next((name for name, value in given.items() if value is not None), None)
    if first is None:
        return
    kind = fields.get("kind")
    if kind != "search":
        raise _WrongField(
            first, f"{first!r} says nothing for a {kind}", "remove it, or write kind: search"
        )
    if engine is None or (query is None) == (topic is None):
        raise _WrongField(
            first,
            f"the search feed {fields['id']!r} needs an engine, and either a query or a topic",
            "write engine: bing-news and topic: followed by a topic of keywords.yaml",
        )
    if topic is not None:
        if keywords is None:
            fields["url"] = ""
            return
        query = _find_query(topic, keywords, fields.get("language"))
    fields["url"] = build_search_url(
        engine, query, language=fields.get("language"), country=fields.get("country")
    )


def _find_query(topic: str, keywords: Keywords, language: str | None) -> str:
    known = [each.id for each in keywords.topics]
    if topic not in known:
        raise _WrongField("topic", f"unknown topic {topic!r}", suggestion_cure(topic, known))
    query = build_topic_query(topic, keywords, language)
    if not query:
        raise _WrongField(
            "topic",
            f"the topic {topic!r} has no phrase in {language or 'en'!r} that makes a report alone",
            "write query: with your own words in place of topic:",
        )
    return query


def _check_together(fields: Mapping[str, Any]) -> None:
    kind, url = fields.get("kind"), fields.get("url", "")
    if "links" in fields and kind != "section":
        raise _WrongField(
            "links", f"'links' says nothing for a {kind}", "remove it, or write kind: section"
        )
    if fields.get("pins") and fields.get("browser"):
        raise _WrongField(
            "pins", "a browser cannot be held to a pinned certificate", "remove pins or browser"
        )
    if fields.get("pins") and url.startswith("http://"):
        raise _WrongField(
            "pins", "'pins' says nothing for an address without TLS", "write https:// in its url"
        )


def check_pin(written: str) -> str:
    """Return the hash of a pin as base64; raises WrongValue."""
    found = PIN.fullmatch(written.strip())
    if found is None:
        raise WrongValue(
            f"{written[:80]!r} is no pin of a certificate's key",
            "write sha256/ and the 44 characters of the hash in base64",
        )
    return found["hash"]


def check_web_address(written: str) -> str:
    """Return `written` when it is an http or https address; else raise WrongValue.

    Refuses a user name or password in it: the address is stored and shown.
    """
    try:
        parts = urlsplit(written)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise WrongValue(f"{written[:200]!r} is no web address: {error}", "correct it") from error
    if parts.scheme not in {"http", "https"}:
        raise WrongValue(
            f"{written[:200]!r} is no web address", "begin it with https:// (or http://)"
        )
    if not host or any(character.isspace() or not character.isprintable() for character in written):
        raise WrongValue(f"{written[:200]!r} is no web address", "copy it from the browser")
    if parts.username is not None:
        raise WrongValue(
            "the address holds a user name or password", "remove what stands before '@'"
        )
    return written
