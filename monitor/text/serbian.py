"""Serbian, Croatian and Bosnian words in their other alphabet.

Without domain knowledge.
"""

from __future__ import annotations

_LETTERS = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
_DIGRAPHS = {"љ": "lj", "њ": "nj", "џ": "dž"}

TO_LATIN = str.maketrans(
    _LETTERS
    | _DIGRAPHS
    | {one.upper(): latin.upper() for one, latin in _LETTERS.items()}
    | {one.upper(): latin.capitalize() for one, latin in _DIGRAPHS.items()}
)
_TO_CYRILLIC = str.maketrans(
    {latin: one for one, latin in _LETTERS.items()}
    | {latin.upper(): one.upper() for one, latin in _LETTERS.items()}
)


def to_latin(text: str) -> str:
    """Return Serbian Cyrillic in Latin letters; other characters stay."""
    return text.translate(TO_LATIN)


def to_cyrillic(text: str, *, digraphs: bool = True) -> str:
    """Return Latin letters in Serbian Cyrillic.

    With `digraphs`, lj, nj and dž are one letter each; they are two in a few compounds
    (konjunktura, nadživeti), which only a dictionary tells.
    """
    if digraphs:
        for one, latin in _DIGRAPHS.items():
            text = text.replace(latin, one).replace(latin.capitalize(), one.upper())
            text = text.replace(latin.upper(), one.upper())
    return text.translate(_TO_CYRILLIC)
