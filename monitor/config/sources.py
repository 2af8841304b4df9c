"""sources.yaml: what is watched. A person's own list lies over the one that ships."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from monitor.config.durations import read_duration
from monitor.config.places import check_country, check_language
from monitor.config.reader import Document, StrictModel, WrongValue, suggestion_cure, validate
from monitor.errors import Problem
from monitor.model import SectionLinks, Source, SourceClass, SourceKind

NEEDED = ("kind", "url", "outlet")
KINDS = ("feed", "sitemap", "section")
MEANT = {"rss": "feed", "atom": "feed", "rdf": "feed", "xml": "feed", "page": "section"}
SLUG = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
LEAST_EVERY = 60
MOST_EVERY = 31 * 86400


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
    enabled: bool = True
    note: str = ""

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
        meant = MEANT.get(written.lower())
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
    shipped: Document | None, own: Document | None = None
) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of the list that ships with a person's own over it, and every problem.

    In the own list, an id of the shipped list changes the fields that are given (an empty value
    takes one away), a new id adds a source, `enabled: false` switches one off, and
    `replace: true` leaves the shipped list out. Switched-off sources are returned too.
    """
    own_form, problems = (None, ()) if own is None else validate(SourcesForm, own)
    forms = [] if own is None or own_form is None else [(own, own_form)]
    found = list(problems)
    if shipped is not None and not (own_form is not None and own_form.replace):
        form, problems = validate(SourcesForm, shipped)
        found.extend(problems)
        forms[:0] = [] if form is None else [(shipped, form)]
    if found:
        return (), tuple(found)
    entries, found = _overlay(forms)
    sources: list[Source] = []
    for entry in entries:
        source, wrong = _build(entry)
        found.extend(wrong)
        sources.extend([source] if source else [])
    return (() if found else tuple(sources)), tuple(found)


def _overlay(
    forms: Iterable[tuple[Document, SourcesForm]],
) -> tuple[list[_Entry], list[Problem]]:
    entries: dict[str, _Entry] = {}
    problems: list[Problem] = []
    for document, form in forms:
        first_lines: dict[str, int | None] = {}
        for at, source in enumerate(form.sources):
            line = document.line_of(("sources", at, "id"))
            if source.id in first_lines:
                problem = f"the id {source.id!r} stands here a second time"
                cure = f"rename or remove it; the first is in line {first_lines[source.id]}"
                problems.append(document.problem(("sources", at, "id"), problem, cure))
                continue
            first_lines[source.id] = line
            given = {name: getattr(source, name) for name in source.model_fields_set}
            before = entries[source.id].fields if source.id in entries else {}
            entries[source.id] = _Entry({**before, **given}, document, at)
    return list(entries.values()), problems


def _build(entry: _Entry) -> tuple[Source | None, list[Problem]]:
    fields = {name: value for name, value in entry.fields.items() if value is not None}
    where = ("sources", entry.at)
    missing = [name for name in NEEDED if name not in fields]
    if missing:
        problem = f"the source {fields['id']!r} has no {' and no '.join(missing)}"
        cure = "add what is missing, or check the id if it is meant to change a shipped source"
        return None, [entry.document.problem(where, problem, cure)]
    links = fields.pop("links", None)
    if links is not None and fields["kind"] != "section":
        problem = f"'links' says nothing for a {fields['kind']}"
        cure = "remove it, or write kind: section"
        return None, [entry.document.problem((*where, "links"), problem, cure)]
    if "every" in fields:
        fields["every"] = read_duration(fields["every"], least=LEAST_EVERY, most=MOST_EVERY)
    told = None if links is None else SectionLinks(selector=links.selector, url=links.url)
    return Source(**fields, links=told), []


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
