"""From pydantic's errors to Problems a person understands.

Without domain knowledge.
"""

from __future__ import annotations

import difflib
import json
import re
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, ClassVar, Protocol, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.lines import Step
from monitor.errors import Problem

Model = TypeVar("Model", bound=BaseModel)

MISSING = "is missing"
HIDDEN = "(hidden)"
LONGEST_SHOWN = 60
SECRET_KEY = re.compile(r"password|secret|token|api_?key|credential", re.IGNORECASE)

KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "time_type": 'a time of day like "07:30"',
    "time_parsing": 'a time of day like "07:30"',
}


class StrictModel(BaseModel):
    """The base of every form of a configuration file: unknown keys and loose types are refused.

    `elsewhere`, of the form of a whole file, has cures for keys that were written in a wrong place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    elsewhere: ClassVar[Mapping[str, str]] = {}


class WrongValue(ValueError):
    """Raised in a pydantic validator; says what is wrong with a value, and the cure."""

    def __init__(self, problem: str, cure: str) -> None:
        self.problem = problem
        self.cure = cure
        super().__init__(problem)


class TellProblem(Protocol):
    """Makes a Problem of a path, what is wrong and the cure; `Document.problem` is one."""

    def __call__(self, path: Iterable[Step], problem: str, cure: str) -> Problem:
        """Return the problem at `path`."""
        ...


def check_model(
    model: type[Model], value: Any, tell: TellProblem
) -> tuple[Model | None, tuple[Problem, ...]]:
    """Return `value` as a `model`, or None and every Problem.

    Goes through JSON, because pydantic's strict mode takes a list for a tuple and text for an
    enum or a time from JSON only.
    """
    try:
        return model.model_validate_json(json.dumps(value)), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
    details += _look_behind_tags(model, value, details)
    misspelt = _find_misspelt(model, details)
    told = [detail for detail in details if _missing_key(detail) not in misspelt]
    return None, tuple(_explain(model, detail, tell) for detail in told)


def find_wrong(model: type[BaseModel], value: Any) -> frozenset[tuple[Step, ...]]:
    """Return the path of everything in `value` that keeps it from being a `model`."""
    try:
        model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        return frozenset(detail["loc"] for detail in error.errors(include_url=False))
    return frozenset()


def _find_misspelt(
    model: type[BaseModel], details: Iterable[ErrorDetails]
) -> frozenset[tuple[Step, ...]]:
    """Return the keys that unknown ones were probably meant to be: they are not missing as well."""
    found: set[tuple[Step, ...]] = set()
    for detail in details:
        if detail["type"] == "extra_forbidden":
            *path, last = detail["loc"]
            likely = suggest(str(last), known_keys(model, path))
            if likely is not None:
                found.add((*_without_tags(path), likely))
    return frozenset(found)


def _missing_key(detail: ErrorDetails) -> tuple[Step, ...] | None:
    """Return the path of the key that `detail` finds missing, or None."""
    if detail["type"] == "missing":
        *path, last = detail["loc"]
        return (*_without_tags(path), last)
    if detail["type"] == "union_tag_not_found":
        return (*detail["loc"], str(detail.get("ctx", {}).get("discriminator", "")).strip("'"))
    return None


def _without_tags(path: Iterable[Step]) -> tuple[Step, ...]:
    """Return `path` without the name of a union member, which pydantic puts behind a number."""
    steps = tuple(path)
    return tuple(
        step
        for at, step in enumerate(steps)
        if at == 0 or isinstance(step, int) or not isinstance(steps[at - 1], int)
    )


def _look_behind_tags(
    model: type[BaseModel], value: Any, details: Iterable[ErrorDetails]
) -> list[ErrorDetails]:
    """Return what else is wrong where a word that chooses the form (a channel) is wrong or missing.

    pydantic stops at such a word. It is taken for the one that was probably meant; where nobody can
    tell, for any one, and then keys that only some of the forms have are not judged.
    """
    mended = json.loads(json.dumps(value))
    guessed: dict[tuple[Step, ...], bool] = {}
    for detail in details:
        place, context = detail["loc"], detail.get("ctx", {})
        if detail["type"] not in {"union_tag_invalid", "union_tag_not_found"}:
            continue
        allowed = sorted(tag for form in _forms_at(model, place) for tag in _tags(form))
        inside, key = _find_inside(mended, place), str(context["discriminator"]).strip("'")
        said = context.get("tag", "") or _find_near(inside, key)
        likely = suggest(str(said), allowed)
        inside[key] = likely or allowed[0]
        guessed[place] = likely is None
    try:
        model.model_validate_json(json.dumps(mended))
    except ValidationError as error:
        return [
            detail
            for detail in error.errors(include_url=False)
            for place in guessed
            if detail["loc"][: len(place)] == place
            and not (guessed[place] and _is_of_one_form(model, place, detail))
        ]
    return []


def _find_near(inside: Mapping[str, Any], key: str) -> str:
    """Return the value under a key that was probably meant to be `key`: `chanel = "email"`."""
    near = difflib.get_close_matches(key, inside, n=1, cutoff=0.75)
    return str(inside[near[0]]) if near else ""


def _is_of_one_form(model: type[BaseModel], place: tuple[Step, ...], detail: ErrorDetails) -> bool:
    """Say whether only some of the forms at `place` find this wrong: a key that is theirs alone."""
    if detail["type"] == "extra_forbidden":
        return str(detail["loc"][-1]) in known_keys(model, place)
    return detail["type"] == "missing"


def _find_inside(value: Any, path: Iterable[Step]) -> Any:
    for step in path:
        value = value[step]
    return value


def suggest(wrong: str, known: Iterable[str], *, least: float = 0.6) -> str | None:
    """Return the one of `known` that `wrong` was probably meant to be; `least` likeness is 0-1."""
    by_fold = {word.casefold(): word for word in known}
    near = difflib.get_close_matches(wrong.casefold(), by_fold, n=1, cutoff=0.85)
    if near:
        return by_fold[near[0]]
    for part in re.split(r"[ _-]", wrong.casefold()):
        if len(part) > 3 and part in by_fold:
            return by_fold[part]
    close = difflib.get_close_matches(wrong.casefold(), by_fold, n=1, cutoff=least)
    return by_fold[close[0]] if close else None


def suggestion_cure(wrong: str, known: Iterable[str], *, most: int = 12) -> str:
    """Return the cure for a word that is not one of `known`: the likely one, or the list."""
    words = list(known)
    likely = suggest(wrong, words)
    if likely is not None:
        return f"did you mean {likely!r}?"
    if not 0 < len(words) <= most:
        return "check the spelling"
    if len(words) == 1:
        return f"write {words[0]}"
    return f"use {', '.join(words[:-1])} or {words[-1]}"


def show(value: Any, path: Iterable[Step] = ()) -> str:
    """Return the repr of `value`, cut, or HIDDEN where a step of `path` names a secret."""
    if any(isinstance(step, str) and SECRET_KEY.search(step) for step in path):
        return HIDDEN
    if isinstance(value, Mapping):
        return "keys with values"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    shown = repr(value)
    return shown if len(shown) <= LONGEST_SHOWN else shown[: LONGEST_SHOWN - 1] + "…"


def _explain(model: type[BaseModel], detail: ErrorDetails, tell: TellProblem) -> Problem:
    path = detail["loc"]
    last = str(path[-1]) if path else ""
    explain = EXPLAINERS.get(detail["type"], _explain_other)
    if detail["type"] == "extra_forbidden":
        known = known_keys(model, path[:-1])
        cure = suggestion_cure(last, known)
        if issubclass(model, StrictModel) and suggest(last, known) is None:
            cure = model.elsewhere.get(last.casefold(), cure)
        return tell(path, f"unknown key {last!r}", cure)
    return tell(path, *explain(detail, last))


def _explain_missing(detail: ErrorDetails, last: str) -> tuple[str, str]:
    if isinstance(detail["loc"][-1], int):
        return f"{_name(detail)} {MISSING}", "write as many as belong there"
    return f"the key {last!r} {MISSING}", "add it"


def _explain_choice(detail: ErrorDetails, last: str) -> tuple[str, str]:
    expected = str(detail.get("ctx", {}).get("expected", ""))
    allowed = re.findall(r"'([^']*)'", expected) or [expected]
    written = detail["input"]
    shown = show(written, detail["loc"])
    return f"unknown {last} {shown}", suggestion_cure(str(written), allowed)


def _explain_tag(detail: ErrorDetails, last: str) -> tuple[str, str]:
    context = detail.get("ctx", {})
    key = str(context.get("discriminator", "")).strip("'")
    if detail["type"] == "union_tag_not_found":
        return f"the key {key!r} {MISSING}", "add it"
    allowed = re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))
    tag = str(context.get("tag", ""))
    return f"unknown {key} {show(tag)}", suggestion_cure(tag, allowed)


def _explain_own(detail: ErrorDetails, last: str) -> tuple[str, str]:
    error = detail.get("ctx", {}).get("error")
    if isinstance(error, WrongValue):
        return error.problem, error.cure
    return f"{_name(detail)}: {error}", "correct it"


def _explain_other(detail: ErrorDetails, last: str) -> tuple[str, str]:
    kind = KINDS.get(detail["type"])
    shown = show(detail["input"], detail["loc"])
    if kind is None:
        return f"{_name(detail)} is {shown}", detail["msg"][:1].lower() + detail["msg"][1:]
    problem = f"{_name(detail)} must be {kind}, but is {shown}"
    return problem, _cure_for(detail["type"], None if shown == HIDDEN else detail["input"])


def _cure_for(kind: str, written: Any) -> str:
    if kind == "string_type" and isinstance(written, int | float):
        return f'put it in quotation marks: "{json.dumps(written)}"'
    if kind == "bool_type" and isinstance(written, str):
        return "write true or false, without quotation marks"
    if kind in {"tuple_type", "list_type"} and isinstance(written, str):
        return "put it in square brackets: […]"
    return f"write {KINDS[kind]}"


def _name(detail: ErrorDetails) -> str:
    names = [str(step) for step in detail["loc"] if isinstance(step, str)]
    if not names:
        return "the file"
    is_item = isinstance(detail["loc"][-1], int)
    return f"an item of {names[-1]!r}" if is_item else repr(names[-1])


EXPLAINERS: dict[str, Callable[[ErrorDetails, str], tuple[str, str]]] = {
    "missing": _explain_missing,
    "literal_error": _explain_choice,
    "enum": _explain_choice,
    "value_error": _explain_own,
    "union_tag_invalid": _explain_tag,
    "union_tag_not_found": _explain_tag,
}


def known_keys(model: type[BaseModel], path: Iterable[Step]) -> list[str]:
    """Return the keys that the form allows at `path`, as they are written in the file."""
    return sorted(
        {
            info.alias or name
            for one in _forms_at(model, path)
            if isinstance(one, type) and issubclass(one, BaseModel)
            for name, info in one.model_fields.items()
            if not info.exclude  # a key that is there only to say where its value belongs
        }
    )


def _forms_at(model: type[BaseModel], path: Iterable[Step]) -> list[Any]:
    """Return the forms that a value at `path` may have."""
    forms: list[Any] = [model]
    for step in path:
        forms = [inner for form in forms for inner in _step_into(form, step)]
    return [one for form in forms for one in _alternatives(form)]


def _alternatives(form: Any) -> list[Any]:
    """Return the members of a union, without Annotated, or the form itself."""
    origin = get_origin(form)
    if origin is Annotated:
        return _alternatives(get_args(form)[0])
    if origin in {Union, types.UnionType}:
        return [inner for part in get_args(form) for inner in _alternatives(part)]
    return [form]


def _step_into(form: Any, step: Step) -> list[Any]:
    members = _alternatives(form)
    tagged = [one for one in members if step in _tags(one)]
    if tagged:
        return tagged
    found: list[Any] = []
    for one in members:
        if isinstance(one, type) and issubclass(one, BaseModel):
            fields = {
                info.alias or name: info.annotation for name, info in one.model_fields.items()
            }
            # A step that is no field is the name of a union member: stay where we are.
            found.append(fields.get(str(step), one))
        elif get_args(one):
            found.append(get_args(one)[0 if get_origin(one) in {list, tuple} else -1])
    return found


def _tags(form: Any) -> set[Any]:
    """Return the words by which pydantic names `form` as the member of a tagged union."""
    if not (isinstance(form, type) and issubclass(form, BaseModel)):
        return set()
    fields = (form.model_fields.get(name) for name in ("channel", "kind"))
    return {tag for info in fields if info for tag in get_args(info.annotation)}
