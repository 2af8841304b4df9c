"""Whether what must stand together on a page does: in one line, in one sentence, near enough.

lines ─ those with words of any rule ─ concepts of each ─ of each sentence ─ places, in words
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from monitor.extract.rough_lines import (
    cut_sentences,
    cut_tags,
    drop_written_tags,
    may_be_dropped_in,
    plain,
    spaced,
    tagged,
)
from monitor.match.sieve import Languages, Sieve
from monitor.match.windows import Stretch, Windows
from monitor.text.rough import TAG, fold_lines_roughly


class LineAsker:
    """The lines of one page, asked as they become known: what was read of them is kept."""

    def __init__(
        self,
        sieve: Sieve,
        windows: Windows,
        *,
        languages: Languages,
        beside: Set[int],
        anywhere: Set[int],
    ) -> None:
        """Take concepts of other lines: such as stand there alone, or (`anywhere`) together."""
        self._sieve, self._windows = sieve, windows
        self._languages, self._beside, self._anywhere = languages, beside, anywhere
        self._telling: list[str] = []
        self._there: list[set[int]] = []
        self._in_sentences: list[set[int]] = []
        self._cut_up_to = 0

    def may_match(self, lines: list[str]) -> bool:
        """Say whether any topic could be mentioned in these lines and those asked before."""
        telling = self._find_telling(lines)
        self._telling += telling
        self._there += self._read(telling)
        whole: set[int] = set(self._beside).union(*self._there)
        if not self._sieve.may_match(whole, self._there):
            return False
        uncut = self._telling[self._cut_up_to :]
        self._in_sentences += self._read(cut for line in uncut for cut in cut_sentences(line))
        self._cut_up_to = len(self._telling)
        return (
            self._sieve.may_match(whole, self._in_sentences, by_sentence=True)
            and self._are_within()
        )

    def _find_telling(self, lines: list[str]) -> list[str]:
        """Return the lines with words that may belong to a term."""
        is_empty = self._sieve.is_empty
        return [
            line
            for line, joined, apart in zip(
                lines, plain(lines).split("\n"), spaced(lines).split("\n"), strict=True
            )
            if not (is_empty(joined) and (joined == apart or is_empty(apart)))
        ]

    def _read(self, lines: Iterable[str]) -> list[set[int]]:
        """Return the concepts of each line, with its tags as nothing and as a space.

        Where an element may be dropped, its words need not be neighbours to make a phrase.
        """
        lines = list(lines)
        loose = [line for line in lines if "<" in line and may_be_dropped_in(line)]
        with_tags = [line for line in lines if "<" in line]
        there = self._sieve.read_lines(
            fold_lines_roughly(f"{plain(lines)}\n{spaced(with_tags)}"), self._languages
        )
        return there + [self._read_words(tagged(line).split()) for line in loose]

    def _are_within(self) -> bool:
        """Say whether what must be near stands near enough in the lines, in words."""
        lines = self._telling
        lines = lines + [drop_written_tags(line) for line in lines if "&lt;" in line]
        stretches = [[self._cut(each) for each in cut_sentences(line)] for line in lines]
        return self._windows.may_match(
            stretches, self._languages, elsewhere=self._beside, anywhere=self._anywhere
        )

    def _cut(self, part: str) -> Stretch:
        """Return a sentence cut at its tags, and where a `<` may be taken for one.

        Where something may be dropped, the words of a phrase need not be neighbours.
        """
        loose: frozenset[int] = frozenset()
        if ("<" in part and may_be_dropped_in(part)) or "&lt;" in part:
            loose = self._windows.find_loose(cut_tags(part), self._languages)
            words = tagged(part).split()
            across = [word for word in words if len(list(filter(None, word.split(TAG)))) > 2]
            loose |= self._read_words(across) if across else set()
        return Stretch(cut_tags(part), loose)

    def _read_words(self, words: Iterable[str]) -> set[int]:
        return self._sieve.read(set(words), self._languages).there
