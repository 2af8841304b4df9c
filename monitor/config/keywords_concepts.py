"""The concepts of keywords.yaml: terms by language, exceptions, and what they include.

A concept's terms may stand under `concepts`, or under `languages`, or partly in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from monitor.config.form import Form, Path
from monitor.config.reader import suggestion_cure
from monitor.model.rules import BUILT_IN_CONCEPTS, ONE_ENTITY, Concept
from monitor.text.language import LANGUAGES
from monitor.text.terms import TermError, parse_term

NAME = re.compile(r"[^\W_A-Z][^\W_A-Z-]*(?:-[^\W_A-Z-]+)*|[a-z0-9]+(?:-[a-z0-9]+)*")
ANY = "any"
SAME = {"nb": "no", "nn": "no"}
RESERVED = ("except", "includes")
CHOICES = (*sorted(LANGUAGES), ANY)


@dataclass(slots=True)
class Draft:
    """A concept while its parts are gathered."""

    name: str
    line: int | None
    terms: dict[str, list[str]] = field(default_factory=dict)
    excepted: dict[str, list[str]] = field(default_factory=dict)
    includes: list[tuple[str, Path]] = field(default_factory=list)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    has_mistakes: bool = False


def read_concepts(form: Form, top: dict[str, Any]) -> tuple[Concept, ...]:
    """Return the concepts; what is wrong is told to the form."""
    drafts: dict[str, Draft] = {}
    concepts = form.mapping(top.get("concepts"), ("concepts",), "'concepts'")
    if not concepts:
        form.tell(("concepts",), "there are no concepts", "name at least one under 'concepts:'")
    for name, value in concepts.items():
        path: Path = ("concepts", name)
        if not NAME.fullmatch(name):
            form.tell(
                path,
                f"the concept {name!r} may hold small letters, digits and '-' only",
                "rename it, for example 'police-station'",
            )
        drafts[name] = Draft(name, form.line_of(path))
        _read_concept(form, drafts[name], value, path)
    _read_languages(form, drafts, top.get("languages"))
    _check_includes(form, drafts)
    for draft in drafts.values():
        is_empty = not (draft.terms or draft.includes or draft.has_mistakes)
        if is_empty and NAME.fullmatch(draft.name):
            form.tell(
                ("concepts", draft.name),
                f"the concept {draft.name!r} has no terms and includes nothing",
                "list terms by language, or remove it and the rules that name it",
            )
    return tuple(_finish(draft) for draft in drafts.values())


def _finish(draft: Draft) -> Concept:
    return Concept(
        name=draft.name,
        terms={language: tuple(terms) for language, terms in draft.terms.items()},
        except_terms={language: tuple(terms) for language, terms in draft.excepted.items()},
        includes=tuple(name for name, _ in draft.includes),
        lines=draft.lines,
        line=draft.line,
    )


def _read_concept(form: Form, draft: Draft, value: Any, path: Path) -> None:
    for key, inner in form.mapping(value, path, f"the concept {draft.name!r}").items():
        where = (*path, key)
        if key == "includes":
            for item, at in form.items(inner, where, "'includes'"):
                name = form.text(item, at, "an item of 'includes'")
                draft.includes += [(name, at)] if name else []
        elif key == "except":
            excepted = form.mapping(inner, where, "'except'")
            for language, terms in excepted.items():
                _read_terms(form, draft, draft.excepted, language, terms, (*where, language))
        else:
            _read_terms(form, draft, draft.terms, key, inner, where)


def _read_languages(form: Form, drafts: dict[str, Draft], value: Any) -> None:
    """Add the terms that are listed by language first."""
    for language, concepts in form.mapping(value, ("languages",), "'languages'").items():
        base: Path = ("languages", language)
        if _check_language(form, language, base, ()) is None:
            continue
        for name, inner in form.mapping(concepts, base, f"the language {language!r}").items():
            path = (*base, name)
            draft = drafts.get(name)
            if draft is None:
                form.tell(path, f"unknown concept {name!r}", suggestion_cure(name, drafts))
                continue
            if isinstance(inner, dict):
                parts = form.mapping(inner, path, f"{name!r}", known=("terms", "except"))
                if "except" in parts:
                    where = (*path, "except")
                    _read_terms(form, draft, draft.excepted, language, parts["except"], where)
                if "terms" in parts:
                    where = (*path, "terms")
                    _read_terms(form, draft, draft.terms, language, parts["terms"], where)
            else:
                _read_terms(form, draft, draft.terms, language, inner, path)


def _read_terms(
    form: Form,
    draft: Draft,
    into: dict[str, list[str]],
    language: str,
    value: Any,
    path: Path,
) -> None:
    known = _check_language(form, language, path, RESERVED)
    if known is None:
        return
    for item, where in form.items(value, path, f"the terms in {language!r}"):
        term = form.text(item, where, "a term")
        if not term:
            continue
        try:
            parse_term(term, known)
        except TermError as error:
            form.tell(where, error.problem, error.cure)
            draft.has_mistakes = True
            continue
        line = form.line_of(where)
        if line is not None:
            draft.lines.setdefault((known, term), line)
        listed = into.setdefault(known, [])
        if term not in listed:
            listed.append(term)


def _check_language(form: Form, language: str, path: Path, others: tuple[str, ...]) -> str | None:
    known = SAME.get(language, language)
    if known in LANGUAGES or known == ANY:
        return known
    form.tell(
        path, f"unknown language {language!r}", suggestion_cure(language, (*CHOICES, *others))
    )
    return None


def is_known(name: str, names: Any) -> bool:
    """Say whether a concept of that name exists, in the file or brought by the program."""
    return name in names or name in BUILT_IN_CONCEPTS or name.startswith(ONE_ENTITY)


def _check_includes(form: Form, drafts: dict[str, Draft]) -> None:
    for draft in drafts.values():
        for name, path in draft.includes:
            if not is_known(name, drafts):
                form.tell(
                    path,
                    f"unknown concept {name!r} in 'includes'",
                    suggestion_cure(name, (*drafts, *BUILT_IN_CONCEPTS)),
                )
        circle = _find_circle(drafts, draft.name)
        if circle:
            form.tell(
                ("concepts", draft.name, "includes"),
                f"the concept {draft.name!r} includes itself: {' → '.join(circle)}",
                "take one of them out of the circle",
            )


def _find_circle(drafts: dict[str, Draft], start: str) -> list[str]:
    """Return the way from a concept back to itself, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name, _ in drafts[way[-1]].includes if way[-1] in drafts else ():
            if name == start:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
