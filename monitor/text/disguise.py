"""Letters that are not what they look like, and readings put between the characters of a word.

Both replace character for character, so that no offset moves.  Without domain knowledge.
"""

from __future__ import annotations

import re

# Lower-case letters that look the same in print, after accents and case are folded.
CYRILLIC_TO_LATIN = str.maketrans("авеікмнорстухјѕһԁԛԝ", "abeikmhopctyxjshdqw")
LATIN_TO_CYRILLIC = str.maketrans("abceikmhopctyxjs", "авсеікмнорстухјѕ")
GREEK_TO_LATIN = str.maketrans("αεικνορτυχ", "aeiknoptux")
LATIN_TO_GREEK = str.maketrans("aeikvoptux", "αεικνορτυχ")

# NUL stands for what will be nothing (see `characters`): it may stand between the letters.
MIXED = re.compile("[a-z]\x00*[\u0370-\u03ff\u0430-\u052f]|[\u0370-\u03ff\u0430-\u052f]\x00*[a-z]")
LATIN = re.compile("[a-z]")
OTHER = re.compile("[\u0370-\u03ff\u0430-\u052f]")
WORD = re.compile("[a-z\x00\u0370-\u03ff\u0430-\u052f]+")
LONGEST_WORD = 200

# 聯(lián)合(hé): one syllable in brackets behind a character, with a tone or before another.
_SYLLABLE = "[(（][a-zà-ɏ\u0300-\u036f]{1,7}[)）]"
READING = re.compile(f"(?<=[\u3400-\u9fff]){_SYLLABLE}(?=[\u3400-\u9fff，。、])")
INVISIBLE = "\u200b"


def drop_readings(text: str) -> str:
    """Replace pinyin in brackets between Chinese characters by invisible characters."""
    if "(" not in text and "（" not in text:
        return text
    return READING.sub(lambda found: INVISIBLE * len(found[0]), text)


def unmask(folded: str) -> str:
    """Return the folded text with words of mixed alphabets written in the one most letters are of.

    A word all in look-alikes of another alphabet cannot be told from one of that alphabet.
    """
    if not (LATIN.search(folded) and OTHER.search(folded) and MIXED.search(folded)):
        return folded
    return WORD.sub(_unmask_word, folded)


def _unmask_word(found: re.Match[str]) -> str:
    word = found[0]
    if len(word) > LONGEST_WORD or not MIXED.search(word):
        return word
    latin = sum("a" <= letter <= "z" for letter in word)
    is_latin = latin * 2 >= len(word) - word.count("\x00")
    greek = any("\u0370" <= letter <= "\u03ff" for letter in word)
    to_latin = GREEK_TO_LATIN if greek else CYRILLIC_TO_LATIN
    from_latin = LATIN_TO_GREEK if greek else LATIN_TO_CYRILLIC
    first = word.translate(to_latin if is_latin else from_latin)
    if not MIXED.search(first):
        return first
    second = word.translate(from_latin if is_latin else to_latin)
    return word if MIXED.search(second) else second
