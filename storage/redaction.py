"""Finding a person's name in text, however it is written, and blackening it in place.

A name is found without regard to case, accents and width, across any space, hyphen or line end
between its words; a `*` ends a stem, for languages that bend names. What is blackened keeps its
length, so that the offsets of passages hold, and a JSON document stays one.
Knows nothing of what is stored.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from monitor.errors import UsageError

BLACK = "\u2588"
LEAST = 3
"""Letters that a name must have: fewer stand in every text."""

# Letters that carry no mark to strip, but that people leave out when they type; as in folding.py.
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ħ": "h", "ı": "i", "ß": "ss"})
# Written without spaces: a name there has no border.
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


class Name:
    """A person's name as it is looked for."""

    def __init__(self, written: str) -> None:
        """Take a name as a person types it; raises UsageError for one that is in every text."""
        words = [_fold(part) for part in written.replace("*", " *").split()]
        letters = sum(character.isalnum() for word in words for character in word)
        if letters < (2 if _UNSPACED.search(written) else LEAST):
            raise UsageError(
                f"while looking for the person {written!r}: at least {LEAST} letters are needed;"
                " write the whole name"
            )
        self._pattern = _compile(words)
        # what a word still begins with when its ending is bent or cut to a stem
        self._beginnings = tuple(
            word[: max(4, len(word) - 2)] for word in words if len(word) > LEAST
        ) or tuple(word for word in words if word != "*")

    def is_in(self, text: str | None) -> bool:
        """Say whether the name stands in a text."""
        return text is not None and self._pattern.search(_fold(text)) is not None

    def is_part(self, word: str) -> bool:
        """Say whether a single word may come from the name, stemmed or bent."""
        return any(part.startswith(self._beginnings) for part in re.split(r"[\W_]+", _fold(word)))

    def blacken(self, text: str) -> str:
        """Return the text with every place of the name blackened, of the same length."""
        if not self.is_in(text):
            return text
        folded, places = _fold_with_places(text)
        kept = list(text)
        for found in self._pattern.finditer(folded):
            for at in range(places[found.start()], places[found.end() - 1] + 1):
                kept[at] = BLACK if not kept[at].isspace() else kept[at]
        return "".join(kept)


def _compile(words: list[str]) -> re.Pattern[str]:
    """Return the pattern of the folded words: borders around, anything but letters between."""
    pieces: list[str] = []
    for word in words:
        if word == "*":
            pieces.append(r"[^\W_]*")
        else:
            pieces.append((r"[\W_]+" if pieces else "") + re.escape(word))
    joined = "".join(pieces)
    if _UNSPACED.search(joined):
        return re.compile(joined.replace(r"[\W_]+", r"[\W_]*"))
    return re.compile(rf"(?<![^\W_]){joined}(?![^\W_])")


def _fold(text: str) -> str:
    """Return the text without case, accents and width."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in folded if not _is_mark(c)).translate(_PLAIN)


def _fold_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters where it stands in `text`."""
    folded: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        parts = _fold(character)
        folded.append(parts)
        places += [at] * len(parts)
    return "".join(folded), places


@lru_cache(maxsize=4096)
def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me", "Cf"}
