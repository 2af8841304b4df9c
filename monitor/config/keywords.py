"""keywords.yaml: what to watch for, read and checked; the form is described in monitor/match.

bytes → cache of an earlier reading, by content → strict YAML → concepts, topics, rules → Keywords
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from monitor.config.form import Form
from monitor.config.keywords_cache import find_cached, keep_cached
from monitor.config.keywords_concepts import read_concepts
from monitor.config.keywords_topics import read_topics
from monitor.config.places import check_country
from monitor.config.reader import Document, WrongValue, read_document
from monitor.errors import ConfigError, Problem
from monitor.model.rules import Keywords, Weights

TOP_KEYS = ("version", "home", "weights", "concepts", "conditions", "languages", "topics")
VERSION = 1


def read_keywords(path: Path, *, cache: Path | None = None) -> Keywords:
    """Return the keywords of a file; raises ConfigError with every problem in it.

    `cache` is a folder where a checked file may be kept in a form that is read faster, under the
    hash of its bytes; it must be writable by its owner alone.
    """
    digest = _hash(path)
    if cache is not None and digest is not None:
        cached = find_cached(cache, digest)
        if cached is not None:
            return replace(cached, file=str(path))
    document = read_document(path)
    keywords, problems = check_keywords(document)
    if keywords is None:
        raise ConfigError(problems)
    if cache is not None:
        keep_cached(cache, keywords)
    return keywords


def check_keywords(document: Document) -> tuple[Keywords | None, tuple[Problem, ...]]:
    """Return the keywords of a document and no problems, or None and every problem."""
    if document.value is None:
        return None, document.problems
    form = Form(document)
    top = form.mapping(document.value, (), "keywords.yaml", known=TOP_KEYS)
    _check_version(form, top.get("version"))
    concepts = read_concepts(form, top)
    keywords = Keywords(
        version=document.sha256,
        concepts=concepts,
        topics=read_topics(form, top, [concept.name for concept in concepts]),
        home=_read_home(form, top.get("home")),
        weights=_read_weights(form, top.get("weights")),
        file=document.file,
    )
    told = {problem.line for problem in document.problems}
    new = [problem for problem in form.problems if problem.line not in told]
    found = sorted((*document.problems, *new), key=lambda problem: problem.line or 0)
    return (None if found else keywords), tuple(found)


def _hash(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None  # the reader says what is wrong


def _check_version(form: Form, version: object) -> None:
    if version is None:
        form.tell((), "the key 'version' is missing", "write 'version: 1' at the top")
    elif version != VERSION:
        form.tell(("version",), f"unknown version {version!r}", "write 'version: 1'")


def _read_home(form: Form, value: object) -> tuple[str, ...]:
    home: list[str] = []
    for item, path in form.items(value, ("home",), "'home'"):
        code = form.text(item, path, "a country of 'home'")
        try:
            home.append(check_country(code) if code else "")
        except WrongValue as wrong:
            form.tell(path, wrong.problem, wrong.cure)
    return tuple(home)


def _read_weights(form: Form, value: object) -> Weights:
    default = Weights()
    given = form.mapping(value, ("weights",), "'weights'", known=("title", "lead", "body"))
    read = {
        zone: form.number(
            weight, ("weights", zone), f"the weight of {zone}", least=0, most=10, default=1
        )
        for zone, weight in given.items()
    }
    return Weights(
        title=read.get("title", default.title),
        lead=read.get("lead", default.lead),
        body=read.get("body", default.body),
    )
