"""The topics of keywords.yaml: rules, thresholds, examples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from monitor.config.form import Form, Path
from monitor.config.keywords_concepts import is_known
from monitor.config.keywords_windows import read_sentences, read_window
from monitor.config.reader import suggest, suggestion_cure
from monitor.model.rules import (
    BUILT_IN_CONCEPTS,
    Condition,
    Example,
    Examples,
    Part,
    Rule,
    Topic,
)

TOPIC_KEYS = (
    "title", "alert", "report at", "mention at", "report needs", "rules", "examples",
)  # fmt: skip
CONDITION_KEYS = ("any", "all", "near", "within", "ordered", "and", "not")
RULE_KEYS = (
    "name", "score", *CONDITION_KEYS, "in", "not in title", "at most", "after strong hit", "tag",
)  # fmt: skip
MAIN_KEYS = ("any", "all", "near")
ZONES = ("title", "lead", "body")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_DEPTH = 4
MOST_SCORE = 1000.0


def read_topics(form: Form, top: dict[str, Any], concepts: Sequence[str]) -> tuple[Topic, ...]:
    """Return the topics; what is wrong is told to the form."""
    topics = form.mapping(top.get("topics"), ("topics",), "'topics'")
    if not topics:
        form.tell(("topics",), "there are no topics", "name at least one under 'topics:'")
    reader = TopicReader(form, concepts)
    reader.read_conditions(top.get("conditions"))
    return tuple(reader.read(name, inner) for name, inner in topics.items())


class TopicReader:
    """Read topics whose rules name the given concepts."""

    def __init__(self, form: Form, concepts: Sequence[str]) -> None:
        self._form = form
        self._concepts = concepts
        self._conditions: dict[str, Condition] = {}

    def read_conditions(self, value: Any) -> None:
        """Read conditions with a name; each may use those that stand before it."""
        given = self._form.mapping(value, ("conditions",), "'conditions'")
        for name, inner in given.items():
            path: Path = ("conditions", name)
            if is_known(name, self._concepts):
                self._form.tell(
                    path, f"{name!r} is a concept already", "give the condition another name"
                )
            what = f"the condition {name!r}"
            condition = self._form.mapping(inner, path, what, known=CONDITION_KEYS)
            self._conditions[name] = self._read_condition(condition, path, what, depth=1)

    def read(self, name: str, value: Any) -> Topic:
        """Return one topic."""
        path: Path = ("topics", name)
        if not SLUG.fullmatch(name):
            self._form.tell(
                path,
                f"the topic {name!r} may hold small letters, digits and '-' only",
                "rename it, and put a readable name under 'title:'",
            )
        given = self._form.mapping(value, path, f"the topic {name!r}", known=TOPIC_KEYS)
        rules = self._read_rules(given.get("rules"), (*path, "rules"))
        unknown = [str(key) for key in value if key not in given] if isinstance(value, dict) else []
        report_at = self._threshold(given, path, "report at", unknown=unknown)
        mention_at = self._threshold(given, path, "mention at", unknown=unknown)
        if mention_at > report_at and "report at" in given:
            self._form.tell(
                (*path, "mention at"),
                f"'mention at' is {mention_at:g} and 'report at' is {report_at:g}",
                "a mention needs fewer points than a report",
            )
        needs = given.get("report needs")
        return Topic(
            id=name,
            title=self._title(given, path, name),
            rules=rules,
            report_at=report_at,
            mention_at=mention_at,
            examples=self._read_examples(given.get("examples"), (*path, "examples")),
            sentences_needed=(
                2.0 if needs is None else read_sentences(self._form, needs, (*path, "report needs"))
            ),
            alert=(
                self._form.switch(given["alert"], (*path, "alert"), "'alert'")
                if "alert" in given
                else True
            ),
            line=self._form.line_of(path),
        )

    def _title(self, given: dict[str, Any], path: Path, name: str) -> str:
        if "title" not in given:
            self._form.tell(path, f"the topic {name!r} has no title", "add 'title: …'")
            return name
        return self._form.text(given["title"], (*path, "title"), "the title")

    def _threshold(
        self, given: dict[str, Any], path: Path, key: str, *, unknown: list[str]
    ) -> float:
        if key not in given:
            if key not in {suggest(word, TOPIC_KEYS) for word in unknown}:
                self._form.tell(path, f"the key {key!r} is missing", f"add '{key}: ' and a number")
            return 1.0
        return self._form.number(
            given[key], (*path, key), f"{key!r}", least=0.01, most=MOST_SCORE, default=1.0
        )

    def _read_rules(self, value: Any, path: Path) -> tuple[Rule, ...]:
        rules: list[Rule] = []
        lines: dict[str, int | None] = {}
        for item, where in self._form.items(value, path, "'rules'"):
            rule = self._read_rule(item, where)
            if rule.name and rule.name in lines:
                self._form.tell(
                    where,
                    f"the rule {rule.name!r} stands already in line {lines[rule.name]}",
                    "give it another name",
                )
            lines[rule.name] = rule.line
            rules.append(rule)
        if not any(rule.score > 0 and not rule.after_strong for rule in rules):
            self._form.tell(path, "no rule gives points by itself", "add a rule with a score")
        return tuple(rules)

    def _read_rule(self, value: Any, path: Path) -> Rule:
        given = self._form.mapping(value, path, "a rule", known=RULE_KEYS)
        name = self._name(given, path)
        condition = self._read_condition(given, path, f"the rule {name!r}", depth=1)
        after = given.get("after strong hit", False)
        tag = given.get("tag")
        rule = Rule(
            **vars(condition),
            name=name,
            score=self._score(given, path, name),
            after_strong=self._form.switch(
                after, (*path, "after strong hit"), "'after strong hit'"
            ),
            zones=self._form.names(given.get("in"), (*path, "in"), "'in'", ZONES),
            not_in_title=self._parts(given, "not in title", path, 1),
            at_most=int(
                self._form.number(
                    given.get("at most", 1), (*path, "at most"), "'at most'",
                    least=1, most=50, default=1,
                )
            ),
            tag=None if tag is None else self._form.text(tag, (*path, "tag"), "the tag"),
            line=self._form.line_of(path),
        )  # fmt: skip
        if rule.score < 0 and (rule.after_strong or rule.tag or "at most" in given):
            self._form.tell(
                path,
                f"the penalty {name!r} has 'after strong hit', 'tag' or 'at most'",
                "a penalty always counts, once in each sentence: remove the key",
            )
        return rule

    def _name(self, given: dict[str, Any], path: Path) -> str:
        if "name" not in given:
            self._form.tell(path, "a rule has no name", "add 'name: …'; people read it in alerts")
            return ""
        return self._form.text(given["name"], (*path, "name"), "the name of a rule")

    def _score(self, given: dict[str, Any], path: Path, name: str) -> float:
        if "score" not in given:
            self._form.tell(path, f"the rule {name!r} has no score", "add 'score: ' and a number")
            return 1.0
        score = self._form.number(
            given["score"], (*path, "score"), "the score",
            least=-MOST_SCORE, most=MOST_SCORE, default=1.0,
        )  # fmt: skip
        if score == 0 and not given.get("tag"):
            self._form.tell(
                (*path, "score"), f"the rule {name!r} has the score 0", "give it points, or a tag"
            )
        return score

    def _read_condition(
        self, given: dict[str, Any], path: Path, what: str, *, depth: int
    ) -> Condition:
        self._check_main(given, path, what)
        near = self._parts(given, "near", path, depth)
        within = None
        if "within" in given:
            within = read_window(self._form, given["within"], (*path, "within"))
        self._check_near(given, path, what, near)
        ordered = given.get("ordered", False)
        return Condition(
            any=self._parts(given, "any", path, depth),
            all=self._parts(given, "all", path, depth),
            near=near,
            within=within,
            ordered=self._form.switch(ordered, (*path, "ordered"), "'ordered'"),
            and_=self._parts(given, "and", path, depth),
            not_=self._parts(given, "not", path, depth),
        )

    def _check_main(self, given: dict[str, Any], path: Path, what: str) -> None:
        main = [key for key in MAIN_KEYS if key in given]
        if len(main) == 1:
            return
        has = "none of them" if not main else " and ".join(map(repr, main))
        self._form.tell(
            path, f"{what} needs one of 'any', 'all', 'near', but has {has}",
            "keep one; 'and' holds what must also be there",
        )  # fmt: skip

    def _check_near(
        self, given: dict[str, Any], path: Path, what: str, near: tuple[Part, ...]
    ) -> None:
        if "near" not in given:
            for key in ("within", "ordered"):
                if key in given:
                    self._form.tell(
                        (*path, key),
                        f"{what} has {key!r} without 'near'",
                        "remove it, or use 'near'",
                    )
            return
        if "within" not in given:
            self._form.tell(
                path, f"{what} has 'near' without 'within'",
                "add 'within: 12 words' or 'within: same sentence'",
            )  # fmt: skip
        names = [part for part in near if isinstance(part, str)]
        if len(near) < 2 or len(set(names)) < len(names):
            self._form.tell(
                (*path, "near"), f"{what} needs two or more different parts in 'near'",
                "add one, or use 'any'",
            )  # fmt: skip

    def _parts(self, given: dict[str, Any], key: str, path: Path, depth: int) -> tuple[Part, ...]:
        value = given.get(key)
        where = (*path, key)
        listed = [value] if isinstance(value, str | dict) else value
        parts: list[Part] = []
        for item, at in self._form.items(listed, where, f"{key!r}"):
            if isinstance(item, dict):
                parts += self._nested(item, at, depth)
            else:
                parts += self._concept(item, at)
        if key in given and not parts and not listed:
            self._form.tell(where, f"{key!r} is empty", "name a concept, or remove the key")
        return tuple(parts)

    def _nested(self, item: dict[str, Any], path: Path, depth: int) -> list[Part]:
        if depth >= MOST_DEPTH:
            self._form.tell(
                path, f"conditions are nested more than {MOST_DEPTH} deep", "use two rules"
            )
            return []
        inner = self._form.mapping(item, path, "a nested condition", known=CONDITION_KEYS)
        return [self._read_condition(inner, path, "a nested condition", depth=depth + 1)]

    def _concept(self, item: Any, path: Path) -> list[Part]:
        name = self._form.text(item, path, "the name of a concept")
        if name in self._conditions:
            return [self._conditions[name]]
        if name and not is_known(name, self._concepts):
            self._form.tell(
                path,
                f"unknown concept {name!r}",
                suggestion_cure(name, (*self._concepts, *self._conditions, *BUILT_IN_CONCEPTS)),
            )
        return [name] if name else []

    def _read_examples(self, value: Any, path: Path) -> Examples:
        given = self._form.mapping(value, path, "'examples'", known=("report", "mention", "none"))
        read = {
            key: tuple(
                self._read_example(item, where)
                for item, where in self._form.items(inner, (*path, key), f"{key!r}")
            )
            for key, inner in given.items()
        }
        return Examples(
            report=read.get("report", ()),
            mention=read.get("mention", ()),
            none=read.get("none", ()),
        )

    def _read_example(self, item: Any, path: Path) -> Example:
        line = self._form.line_of(path)
        if not isinstance(item, dict):
            return Example(title=self._form.text(item, path, "an example"), line=line)
        given = self._form.mapping(item, path, "an example", known=("title", "text"))
        return Example(
            title=self._form.text(given.get("title"), (*path, "title"), "the title"),
            text=self._form.text(given.get("text"), (*path, "text"), "the text"),
            line=line,
        )
