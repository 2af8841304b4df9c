"""A term as a person lists it → the phrases it stands for.

(secret|illegal) police? station*
  → alternatives and optional words multiplied out
  → words, each with its borders, and gaps between them
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from monitor.text.normal import accented, fold_simple, normalise
from monitor.text.serbian import TO_LATIN, to_cyrillic
from monitor.text.words import Script, script_of

MOST_PHRASES = 512
MOST_CHARACTERS = 300
DEFAULT_GAP = 2
WIDEST_GAP = 20
# One inserted word is about three characters where words are not spaced.
CHARACTERS_A_WORD = 3

TWO_ALPHABETS = frozenset({"sr", "hr", "bs"})
HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011](?=[^\W\d_])")
OPERATORS = re.compile(r"[()|?]")
HYPHENS = re.compile("[-\u2010\u2011]")
GAP = re.compile(r"(?:\.\.\.|…)(\d*)$")


class TermError(ValueError):
    """A term that cannot be read; says what is wrong and the cure."""

    def __init__(self, problem: str, cure: str) -> None:
        self.problem = problem
        self.cure = cure
        super().__init__(f"{problem} ({cure})")


class Word(NamedTuple):
    """One word of a phrase, in normal form.

    `open_left` and `open_right`: the written word may go on there (a star, a Korean particle).
    `accents` is the word with its accents, `exact` as it must be written, if it must be;
    `is_name` says that it is listed with a capital.
    """

    text: str
    script: Script
    open_left: bool
    open_right: bool
    accents: str
    exact: str | None = None
    is_name: bool = False


class Phrase(NamedTuple):
    """Words with the number of other words allowed between each two; 0 is beside each other.

    -1 is without a space (scripts that do not space words).
    """

    words: tuple[Word, ...]
    gaps: tuple[int, ...]


def parse_term(term: str, language: str) -> tuple[Phrase, ...]:
    """Return every phrase that the term stands for in the language; raises TermError."""
    if len(term) > MOST_CHARACTERS:
        raise TermError(f"the term is longer than {MOST_CHARACTERS} characters", "shorten it")
    phrases: dict[Phrase, None] = {}
    for written in _in_alphabets(expand(term), language):
        for phrase in _read_phrase(written):
            phrases.setdefault(phrase)
    if not phrases:
        raise TermError(f"the term {term!r} holds no letter or digit", "remove it")
    return tuple(phrases)


def expand(term: str) -> list[str]:
    """Return the term with its alternatives and optional words multiplied out."""
    if not OPERATORS.search(term):
        return [" ".join(term.split())] if term.strip() else []
    expanded, rest = _expand_until(term, 0, depth=0)
    if rest < len(term):
        raise TermError(f"the term {term!r} closes a bracket that was not opened", "remove ')'")
    spaced = [" ".join(one.split()) for one in expanded]
    return [one for one in dict.fromkeys(spaced) if one]


def _expand_until(term: str, at: int, *, depth: int) -> tuple[list[str], int]:
    """Expand from `at` to the bracket that closes, or the end; `|` separates at depth > 0."""
    done: list[str] = []
    open_: list[str] = [""]
    while at < len(term):
        character = term[at]
        if character == ")":
            break
        if character == "|":
            if not depth:
                raise TermError(
                    f"the term {term!r} has '|' outside brackets",
                    "write '(one|other)', or two terms",
                )
            done, open_, at = done + open_, [""], at + 1
            continue
        if character == "(":
            inner, at = _expand_until(term, at + 1, depth=depth + 1)
            if at >= len(term):
                raise TermError(f"the term {term!r} opens a bracket that is not closed", "add ')'")
            at += 1
        else:
            end = _end_of_piece(term, at)
            inner, at = [term[at:end]], end
        if term[at : at + 1] == "?":
            inner, at = [*inner, ""], at + 1
        open_ = [before + piece for before in open_ for piece in inner]
        if len(open_) + len(done) > MOST_PHRASES:
            raise TermError(
                f"the term {term!r} stands for more than {MOST_PHRASES} phrases", "split it"
            )
    return done + open_, at


def _end_of_piece(term: str, at: int) -> int:
    """Return where the word (which a `?` may follow) or the run of spaces at `at` ends."""
    spaces = term[at].isspace()
    end = at + 1
    while end < len(term) and term[end] not in "()|?" and term[end].isspace() is spaces:
        end += 1
    return end


def _in_alphabets(written: list[str], language: str) -> list[str]:
    """Return each phrase also without its hyphens, and in the language's other alphabet."""
    joined = [HYPHEN.sub("", one) for one in written if HYPHENS.search(one)]
    both = list(dict.fromkeys(written + joined))
    if language not in TWO_ALPHABETS:
        return both
    for one in tuple(both):
        both += [one.translate(TO_LATIN), to_cyrillic(one), to_cyrillic(one, digraphs=False)]
    return list(dict.fromkeys(both))


def _read_phrase(written: str) -> list[Phrase]:
    words: list[Word] = []
    gaps: list[int] = []
    waiting = 0
    for token in written.split(" "):
        gap = GAP.match(token)
        if gap:
            waiting = max(waiting, _read_gap(gap[1], written))
            continue
        for part in _split_hyphens(token):
            for word in _read_word(part):
                if words:
                    gaps.append(waiting)
                words.append(word)
                waiting = 0
    if not words:
        return []
    return _without_spaces(Phrase(tuple(words), tuple(gaps)))


def _split_hyphens(token: str) -> list[str]:
    """Return the parts of a token between hyphens; `thai-*` is `thai`, whatever follows it."""
    mark = "=" if token.startswith("=") else ""
    parts = HYPHENS.split(token.removeprefix("="))
    told = [part for part in parts if part.strip("*")]
    return [mark + part for part in told or parts if part]


def _read_gap(number: str, written: str) -> int:
    size = int(number) if number else DEFAULT_GAP
    if size > WIDEST_GAP:
        raise TermError(
            f"the gap in {written!r} is wider than {WIDEST_GAP} words", "use a rule with 'near'"
        )
    return size


@lru_cache(maxsize=65536)
def _read_word(token: str) -> tuple[Word, ...]:
    """Return the word, or the several that an apostrophe makes of it."""
    bare = token.removeprefix("=")
    exact = bare is not token and token.startswith("=")
    left, right = bare.startswith("*"), bare.endswith("*")
    bare = bare.strip("*")
    if "*" in bare:
        raise TermError(
            f"the word {token!r} has a star in its middle", "stars stand before or behind a word"
        )
    simple = fold_simple(bare)
    parts = [simple] if simple else normalise(bare).text.split()
    written_parts = _written_parts(bare, len(parts))
    if not parts and (left or right):
        raise TermError(f"{token!r} is a star alone", "use '...' for a missing word")
    last = len(parts) - 1
    return tuple(
        _make_word(part, writing, left and place == 0, right and place == last, exact=exact)
        for place, (part, writing) in enumerate(zip(parts, written_parts, strict=True))
    )


def _written_parts(bare: str, number: int) -> list[str]:
    """Return the parts of a token as written, as many as its normal form has."""
    if number == 1:
        return [bare]
    normal = normalise(bare)
    return [
        bare[normal.start_of(found.start()) : normal.end_of(found.end())]
        for found in re.finditer(r"[^ ]+", normal.text)
    ]


def _make_word(text: str, writing: str, left: bool, right: bool, *, exact: bool) -> Word:
    script = script_of(text)
    letters = writing if writing.isalnum() else "".join(filter(str.isalnum, writing))
    return Word(
        text=text,
        script=script,
        open_left=left or script == "unspaced",
        open_right=right or script in {"unspaced", "hangul"},
        accents=accented(writing),
        exact=letters if exact else None,
        is_name=letters[:1].isupper(),
    )


def _without_spaces(phrase: Phrase) -> list[Phrase]:
    """Return the phrase, and where its script does not need the spaces, also without them."""
    joints = [
        place
        for place, gap in enumerate(phrase.gaps)
        if gap == 0
        and {phrase.words[place].script, phrase.words[place + 1].script} <= {"unspaced", "hangul"}
    ]
    if not joints:
        return [phrase]
    joined = tuple(-1 if place in joints else gap for place, gap in enumerate(phrase.gaps))
    return [phrase, Phrase(phrase.words, joined)]
