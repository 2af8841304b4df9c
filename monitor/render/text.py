"""Stories as plain text: what stands first in every mail, and the whole of it where HTML is off."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from monitor.render.view import AlsoView, Pieces, QuoteView, StoryView

WIDTH = 76
RULE = "-" * 40


def story_lines(story: StoryView, *, with_heading: bool = True) -> list[str]:
    """Return one story as lines of text; links are never broken."""
    title = join_pieces(story.title)
    if with_heading:
        head = f"[{story.badge.upper()}] {story.topic} | {story.countries}"
        lines = [*wrap(head, "", "  "), *wrap(title)]
    else:
        lines = wrap(f"[{story.label.upper()}] {title}", "", "  ")
    lines += wrap(f"{story.outlet} ({story.language}); {story.reach}", "  ")
    lines.append(f"  Published: {story.published}. First seen: {story.first_seen}.")
    if story.told:
        lines += wrap(story.told, "  ")
    if story.began_as:
        lines += wrap(f"The story began as: {story.began_as}", "  ")
    lines.append(f"  {story.link.shown}")
    for quote in story.quotes:
        lines += ["", *wrap(quote_text(quote), "  > ")]
    lines += ["", *wrap(f"Why: {story.because} ({story.score}).", "  ")]
    if story.also:
        lines += ["", "  Also reported by:", *also_lines(story.also)]
    if story.also_more:
        lines.append(f"  and {story.also_more} more")
    return lines


def short_lines(story: StoryView, *, labelled: bool = False) -> list[str]:
    """Return one story in two or three lines, for lists; `labelled` where not all are alike."""
    label = f"[{story.label.upper()}] " if labelled else ""
    return [
        *wrap(f"- {label}{join_pieces(story.title)} ({story.outlet}, {story.language})", "", "  "),
        f"  {story.link.shown}",
    ]


def also_lines(also: Iterable[AlsoView]) -> list[str]:
    """Return the other reports of a story."""
    lines: list[str] = []
    for other in also:
        probably = " (probably the same story)" if other.weak else ""
        lines += wrap(f"- {other.outlet}: {other.title}{probably}", "  ", "    ")
        lines.append(f"    {other.link.shown}")
    return lines


def quote_text(quote: QuoteView) -> str:
    """Return a passage with the matched words between asterisks."""
    before, after = "… " if quote.before else "", " …" if quote.after else ""
    return f"{before}{join_pieces(quote.pieces)}{after}"


def join_pieces(pieces: Pieces) -> str:
    """Return pieces as one text, the marked ones between asterisks."""
    return "".join(f"*{piece}*" if marked else piece for piece, marked in pieces)


def wrap(text: str, first: str = "", rest: str | None = None) -> list[str]:
    """Return `text` in lines of WIDTH; words longer than a line (links) stay whole."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def heading(text: str, mark: str = "=") -> list[str]:
    """Return a heading with its line below."""
    return ["", text, mark * min(len(text), WIDTH)]


def table_lines(rows: Sequence[tuple[str, str]], indent: str = "  ") -> list[str]:
    """Return rows of (name, figure) with the figures in one column."""
    width = max((len(name) for name, _ in rows), default=0)
    return [f"{indent}{name.ljust(width)}  {figure}" for name, figure in rows]
