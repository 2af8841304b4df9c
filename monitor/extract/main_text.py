"""The text of an article: trafilatura's, checked against where the page's paragraphs stand.

    trafilatura, quick ──┬─ both agree ──→ its lines
    container ───────────┘  they differ ─→ trafilatura, balanced: what is nearer to the container
      → pieces of the same look that it left out are put back
      → links to other articles, and what only it saw behind the end, are dropped
      → paragraphs said twice are said once, the headline leaves, the lead comes to the top

Each step was kept because it raised F1 on real pages (benchmarks/extraction.py); the README of this
room has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml.html import HtmlElement

from monitor.extract.blocks import HEADINGS, Block, Blocks
from monitor.extract.container import Parts, enclosing
from monitor.extract.quick_trafilatura import read_text
from monitor.extract.readings import Reading, fold, read

# Where either holds less than this of the other, they mean different parts of the page.
_AGREEMENT = 0.8
# Lines are only dropped on the container's word where it holds this much of the text.
_TRUST = 0.7
_LEAST_REST = 200
_LONG_LINE = 60
_LONG_PARAGRAPH = 100


def find_main_text(
    root: HtmlElement,
    blocks: Blocks,
    parts: Parts,
    *,
    titles: Sequence[str],
    descriptions: Sequence[str] = (),
    is_live: bool = False,
) -> str:
    """Return the article's text, paragraphs joined by newlines; nothing where none was found.

    `parts` are the page's own article and the others on it, as `split_articles` tells them.
    `titles` are the page's claims of its headline, `descriptions` those of its lead. `is_live` says
    that the page is a ticker, whose posts look like articles of their own and are not.
    """
    own, others = (blocks, Blocks()) if is_live else (parts.own, parts.others)
    container = read(_ticker_lines(blocks, titles) if is_live else parts.lines)
    text = _choose(root, container, titles)
    if is_live and text.length < container.length / 2:
        text = container
    if not text.lines:
        return ""
    text = _drop_navigation(_drop_others(text, own, others), blocks, titles)
    text = _put_back(text, own.unmarked)
    text = _drop_around(text, container, own)
    text = _say_once(text)
    return "\n".join([*_find_lead(text, blocks, descriptions), *text.lines])


def run_trafilatura(root: HtmlElement, *, quick: bool) -> list[str]:
    """Return the lines that trafilatura takes for the text; `quick` takes half the time."""
    try:
        text = read_text(root, quick=quick)
    except Exception:  # hostile trees break it in ways that nobody lists
        return []
    return [line.removeprefix("- ").rstrip("| ") for line in text.split("\n") if line.strip()]


def _choose(root: HtmlElement, container: Reading, titles: Sequence[str]) -> Reading:
    """Return trafilatura's reading; of two, the one nearer to where the paragraphs stand."""
    first = read(without_title(run_trafilatura(root, quick=True), titles))
    if not container.lines:
        return first
    if min(first.share_of(container), container.share_of(first)) >= _AGREEMENT:
        return first
    second = read(without_title(run_trafilatura(root, quick=False), titles))
    return max(second, first, key=container.agreement)


def _ticker_lines(blocks: Blocks, titles: Sequence[str]) -> list[str]:
    """Return what stands in the page's `<main>`, or all of it, but for menus, margins and links."""
    kept = [block for block in blocks.unmarked if block.link_share <= 0.5]
    inside = [block for block in kept if enclosing(block.element, "main") is not None]
    if sum(block.prose for block in inside) > sum(block.prose for block in kept) / 2:
        kept = inside
    return without_title([block.text for block in kept], titles)


def without_title(lines: list[str], titles: Sequence[str]) -> list[str]:
    """Return `lines` without the headline at their top, which stands in a field of its own."""
    known = {fold(title) for title in titles if title}
    return [line for i, line in enumerate(lines) if i >= 4 or fold(line) not in known]


def _drop_others(text: Reading, own: Blocks, others: Blocks) -> Reading:
    """Return `text` without what stands only in other articles of the page."""
    if not others:
        return text
    inside = read([block.text for block in own])
    outside = read([block.text for block in others if block.prose])
    kept = [line for line in text.lines if inside.holds(line) or not outside.holds(line)]
    return read(kept) if sum(map(len, kept)) > _LEAST_REST else text


def _drop_navigation(text: Reading, blocks: Blocks, titles: Sequence[str]) -> Reading:
    """Return `text` without lines that are menu entries and nothing else; never all of it.

    Of a very short article trafilatura takes the whole page, menu and all.
    """
    plain = blocks.unmarked
    known = {fold(block.text) for block in plain}
    around = {fold(b.text) for b in blocks if _is_around(b)} - known
    kept = [line for line in text.lines if fold(line) not in around]
    if not kept or len(kept) == len(text.lines):
        return text
    return read(without_title(kept, titles) or kept)


def _is_around(block: Block) -> bool:
    return block.in_navigation or any(
        mark.limit > 0.5 or block.link_share > 0.5 for mark in block.marks
    )


def _put_back(text: Reading, candidates: Blocks) -> Reading:
    """Return `text` with the paragraphs of the same look, in the same article, that it lacks.

    Some sites cut an article into equal boxes with adverts between; trafilatura takes one.
    """
    held = [block for block in candidates if block.prose and text.holds(block.text)]
    looks = {look for block in held if (look := _look(block))}
    missing = {
        id(block)
        for block in candidates
        if block.prose
        and block.link_share < 0.3
        and _look(block) in looks
        and not text.holds(block.text)
    }
    if not missing:
        return text
    return read(_merge(text, candidates, missing))


def _look(block: Block) -> tuple[object, ...] | None:
    """Return tag and class of a block's container and of that one's, with their article."""
    containers = block.containers()
    first, second = next(containers, None), next(containers, None)
    home = enclosing(block.element, "article", "main")
    if first is None or second is None or home is None:
        return None
    names = (first.get("class") or "", second.get("class") or "")
    return (first.tag, second.tag, *names, home) if any(names) else None


def _merge(text: Reading, candidates: Blocks, missing: set[int]) -> list[str]:
    """Return the lines of `text` with the missing blocks at their place in the page's order."""
    lines = list(text.lines)
    folded = [fold(line) for line in lines]
    place = 0
    for block in candidates:
        if id(block) in missing:
            lines.insert(place, block.text)
            folded.insert(place, "")
            place += 1
        elif len(start := fold(block.text)[:40]) > 20:
            place = next((i + 1 for i in range(place, len(folded)) if start in folded[i]), place)
    return lines


def _drop_around(text: Reading, container: Reading, blocks: Blocks) -> Reading:
    """Return `text` without lines that only trafilatura saw and that are links, marked or behind.

    Before the container's first line, a long line is a lead and stays; between its lines, what is
    no link stays; behind its last line nothing does: bios, calls to subscribe, other headlines.
    """
    seen = [container.holds(line) for line in text.lines]
    if not any(seen) or container.share_of(text) < _TRUST:
        return text
    first, last = seen.index(True), len(seen) - seen[::-1].index(True)
    plain = read([block.text for block in blocks.unmarked])
    links = read([b.text for b in blocks if b.link_share > 0.5])
    whole_links = read(
        [b.text for b in blocks if b.link_share > 0.85 and b.element.tag not in HEADINGS]
    )
    return read(
        [
            line
            for i, line in enumerate(text.lines[:last])
            if seen[i]
            or (
                i < first
                and len(line) >= _LONG_LINE
                and plain.holds(line)
                and not links.holds(line)
            )
            or (i > first and plain.holds(line) and not whole_links.holds(line))
        ]
    )


def _say_once(text: Reading) -> Reading:
    """Return `text` without long paragraphs that stood in it before."""
    known: set[str] = set()
    kept = []
    for line in text.lines:
        folded = fold(line)
        if len(folded) > _LONG_PARAGRAPH and folded in known:
            continue
        known.add(folded)
        kept.append(line)
    return read(kept)


def _find_lead(text: Reading, blocks: Blocks, descriptions: Sequence[str]) -> list[str]:
    """Return the lead that stands on the page above the text, if trafilatura left it out.

    Only one that the page repeats as its description, and that a reader sees.
    """
    starts = [fold(claim)[:40] for claim in descriptions if len(claim) >= _LONG_LINE]
    if not any(starts):
        return []
    for block in blocks:
        if text.holds(block.text):
            if block.prose:
                return []
        elif block.link_share < 0.5 and fold(block.text).startswith(tuple(filter(None, starts))):
            return [block.text]
    return []
