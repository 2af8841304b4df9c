"""All that a reader sees of a page, when nothing better could be had."""

from __future__ import annotations

from monitor.extract.blocks import Blocks


def find_visible_text(blocks: Blocks) -> str:
    """Return the page's text without menus, margins and lists of links, if any is left then.

    What is left out first is taken after all where there is nothing else: a page that hides its
    text well is still to be matched (FAULTS D2).
    """
    for kept in (
        [b for b in blocks.unmarked if b.link_share < 0.5],
        [b for b in blocks if not b.in_navigation and b.link_share < 0.5],
        list(blocks),
    ):
        if kept:
            return "\n".join(dict.fromkeys(block.text for block in kept))
    return ""


def visible_length(blocks: Blocks) -> int:
    """Return the number of characters that a reader sees, menus included."""
    return sum(len(block.text) for block in blocks)


def prose_length(blocks: Blocks) -> int:
    """Return the number of characters of running text outside of margins."""
    return sum(block.prose for block in blocks.unmarked)


def linked_share(blocks: Blocks) -> float:
    """Return the share of the visible text that is links."""
    total = visible_length(blocks)
    return sum(b.link_share * len(b.text) for b in blocks) / total if total else 0.0
