"""A message as plain chat text: short enough, and without anything that a chat would act on."""

from __future__ import annotations

import re

from monitor.model.delivery import Message
from monitor.render.clean import one_line
from monitor.text.counting import plural

# Most services take 2,000 to 4,000 characters; what is longer is split into a few messages.
LONGEST = 6_000
LINK = re.compile(r"https?://\S+")
# Mentions (@channel, <!here>, <@U123>), links that show another address ([bank](http://…)), and the
# marks that hide text in a spoiler; the look-alikes read the same and do nothing.
INERT = str.maketrans({"@": "＠", "<": "‹", ">": "›", "[": "［", "]": "］", "|": "¦"})


def chat_text(message: Message, *, longest: int = LONGEST) -> str:
    """Return the text of `message` for a chat; what is cut is counted and said."""
    lines = message.text.splitlines()
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > longest:
            break
        kept.append(inert(line))
    left = len(lines) - len(kept)
    if left:
        count = f" of {len(message.alerts)} reports" if len(message.alerts) > 1 else ""
        kept.append(
            f"… {plural(left, 'more line')}{count}: the whole is in the digest and in the export"
        )
    return "\n".join(kept)


def chat_title(message: Message) -> str:
    """Return the subject for a chat."""
    return inert(one_line(message.subject))


def inert(line: str) -> str:
    """Return `line` so that no chat takes part of it for a mention or a link; addresses stay."""
    pieces: list[str] = []
    at = 0
    for found in LINK.finditer(line):
        pieces += [line[at : found.start()].translate(INERT), found.group()]
        at = found.end()
    return "".join((*pieces, line[at:].translate(INERT)))
