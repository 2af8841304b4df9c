"""A topic as compiled: its rules with conditions over numbered concepts, and what each needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitor.match.conditions import Node
from monitor.model.rules import Condition, Part, Rule, Topic


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule, ready to be evaluated; one concept of each of its `needs` must be there."""

    rule: Rule
    node: Node
    not_in_title: Node | None = None
    needs: tuple[frozenset[int], ...] = ()

    def may_hold(self, there: set[int]) -> bool:
        """Say whether the rule can hold where only these concepts occur; never wrongly no."""
        return not any(need.isdisjoint(there) for need in self.needs)


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
            tuple(_compile_rule(rule, number, known) for rule in topic.rules),
        )
        for topic in topics
    )


def _compile_rule(
    rule: Rule, number: Callable[[str], int], known: dict[Node, Node]
) -> CompiledRule:
    node = compile_condition(rule, number, known)
    silenced = Condition(any=rule.not_in_title)
    return CompiledRule(
        rule=rule,
        node=node,
        not_in_title=compile_condition(silenced, number, known) if rule.not_in_title else None,
        needs=tuple(dict.fromkeys(find_needs(node))),
    )


def find_needs(node: Node) -> list[frozenset[int]]:
    """Return sets of concepts of which a condition needs one each.

    Of alternatives that need several things each, one thing of each alternative is taken: what is
    returned is necessary, and not always enough.
    """
    if node.concept is not None:
        return [frozenset({node.concept})]
    needs = [need for part in (*node.near, *node.all, *node.and_) for need in find_needs(part)]
    if node.any:
        smallest = [min(find_needs(part), key=len) for part in node.any]
        needs.append(frozenset().union(*smallest))
    return needs


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
