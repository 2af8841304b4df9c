"""A topic as compiled: its rules with conditions over numbered concepts, and what each needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitor.match.conditions import Node
from monitor.model.rules import Condition, Part, Rule, Topic


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule, ready to be evaluated."""

    rule: Rule
    node: Node
    not_in_title: Node | None = None


@dataclass(frozen=True, slots=True)
class CompiledTopic:
    """One topic, ready to be evaluated."""

    topic: Topic
    rules: tuple[CompiledRule, ...]


def compile_topics(
    topics: Iterable[Topic], number: Callable[[str], int]
) -> tuple[CompiledTopic, ...]:
    """Return the topics with every concept name replaced by its number.

    Equal conditions become one node, so that each is evaluated once in a text.
    """
    known: dict[Node, Node] = {}
    return tuple(
        CompiledTopic(
            topic,
            tuple(
                CompiledRule(
                    rule,
                    compile_condition(rule, number, known),
                    compile_condition(Condition(any=rule.not_in_title), number, known)
                    if rule.not_in_title
                    else None,
                )
                for rule in topic.rules
            ),
        )
        for topic in topics
    )


def compile_condition(
    condition: Condition, number: Callable[[str], int], known: dict[Node, Node]
) -> Node:
    """Return the condition as a node, the same object for an equal condition."""

    def parts(some: tuple[Part, ...]) -> tuple[Node, ...]:
        return tuple(
            share(Node(concept=number(one)))
            if isinstance(one, str)
            else compile_condition(one, number, known)
            for one in some
        )

    def share(node: Node) -> Node:
        return known.setdefault(node, node)

    return share(
        Node(
            any=parts(condition.any),
            all=parts(condition.all),
            near=parts(condition.near),
            within=condition.within,
            ordered=condition.ordered,
            and_=parts(condition.and_),
            not_=parts(condition.not_),
        )
    )


def is_possible(node: Node, may_have: Callable[[int], bool]) -> bool:
    """Say whether a condition can hold where only `may_have` concepts occur; never wrongly no."""
    if node.concept is not None:
        return may_have(node.concept)

    def possible(part: Node) -> bool:
        return is_possible(part, may_have)

    return (
        (not node.any or any(map(possible, node.any)))
        and all(map(possible, node.all))
        and all(map(possible, node.near))
        and all(map(possible, node.and_))
    )
