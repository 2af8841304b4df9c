"""Names reduced to what survives from one script and language to the next: their consonants.

    Франкфурте, Frankfurcie, フランクフルト, 프랑크푸르트, فرانكفورت → PLNKPLT

Vowels and endings change with script and case; consonants fall into a few classes that writers of
all languages keep apart (labial, dental, velar, sibilant, liquid, nasal).  Coarse: that two
skeletons agree is evidence only with a second one, or with a place or a number beside it.
Without domain knowledge.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

P, T, K, S, L, M, N = "PTKSLMN"

_LATIN = {
    **dict.fromkeys("pbfvw", P), **dict.fromkeys("td", T), **dict.fromkeys("kgcq", K),
    **dict.fromkeys("sz", S), **dict.fromkeys("lr", L), "m": M, "n": N, "x": K + S,
}  # fmt: skip
# Before single letters; what several languages write for one sound.
_LATIN_PAIRS = {
    "sch": S, "tsch": S, "tch": S, "cs": S, "cz": S, "sz": S, "zs": S, "sh": S, "zh": S, "ts": S,
    "tz": S, "th": T, "ph": P, "ck": K, "gh": K, "kh": K, "ng": N + K, "dj": S, "dz": S, "qu": K,
    "ch": S, "ce": S, "ci": S,
}  # fmt: skip
_CYRILLIC = {
    **dict.fromkeys("пбфв", P), **dict.fromkeys("тд", T), **dict.fromkeys("кгґ", K),
    **dict.fromkeys("сзцчшщжћђџ", S), **dict.fromkeys("лрљ", L), "м": M, "н": N, "њ": N,
}  # fmt: skip
_GREEK = {
    **dict.fromkeys("πφβ", P), **dict.fromkeys("τδθ", T), **dict.fromkeys("κγ", K),
    **dict.fromkeys("σζς", S), **dict.fromkeys("λρ", L), "μ": M, "ν": N, "ξ": K + S, "ψ": P + S,
}  # fmt: skip
_GREEK_PAIRS = {"μπ": P, "ντ": T, "γκ": K, "γγ": N + K, "τσ": S, "τζ": S}
_ARABIC = {
    **dict.fromkeys("بفپڤ", P), **dict.fromkeys("تدطضثذ", T), **dict.fromkeys("كقغگجک", K),
    **dict.fromkeys("سزصشظچژ", S), **dict.fromkeys("لر", L), "م": M, "ن": N,
}  # fmt: skip
_HEBREW = {
    **dict.fromkeys("פףב", P), **dict.fromkeys("תטד", T), **dict.fromkeys("קכךג", K),
    **dict.fromkeys("סזצץש", S), **dict.fromkeys("לר", L), "מ": M, "ם": M, "נ": N, "ן": N,
}  # fmt: skip
_KANA_ROWS = {
    "カキクケコガギグゲゴ": K, "サシスセソザジズゼゾ": S, "タテトダデド": T, "チツヂヅ": S,
    "ナニヌネノ": N, "マミムメモ": M, "ラリルレロ": L, "バビブベボパピプペポヴフ": P, "ン": N,
}  # fmt: skip
_KANA = {letter: row for letters, row in _KANA_ROWS.items() for letter in letters}
_HANGUL_INITIAL = (K, K, N, T, T, L, M, P, P, S, S, "", S, S, S, K, T, P, "")
_HANGUL_FINAL = (
    "", K, K, K, N, N, N, T, L, L, L, L, L, L, L, L, M, P, P, T, T, N + K, S, S, K, T, P, ""
)  # fmt: skip
_TABLES = {**_CYRILLIC, **_GREEK, **_ARABIC, **_HEBREW, **_KANA}
_PAIRS = re.compile("|".join(sorted((*_LATIN_PAIRS, *_GREEK_PAIRS), key=len, reverse=True)))
_PAIR_CLASSES = {**_LATIN_PAIRS, **_GREEK_PAIRS}
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """Return the classes of the consonants of one word, doubled ones once.

    "" where the script is none that is known (Han has no sounds to read off).
    """
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFD", word.casefold())
        if not unicodedata.combining(letter) or letter in "\u3099\u309a"
    )
    plain = unicodedata.normalize("NFC", plain)
    plain = plain.translate({ord("ł"): "l", ord("đ"): "dj", ord("ı"): "i", ord("ø"): "o"})
    if plain.startswith("ال") and len(plain) > 4:
        plain = plain[2:]
    out: list[str] = []
    at = 0
    while at < len(plain):
        pair = _PAIRS.match(plain, at)
        if pair is not None:
            out.append(_PAIR_CLASSES[pair[0]])
            at = pair.end()
            continue
        out.append(_class_of(plain[at]))
        at += 1
    return _DOUBLED.sub(r"\1", "".join(out))


def _class_of(letter: str) -> str:
    known = _LATIN.get(letter) or _TABLES.get(letter)
    if known is not None:
        return known
    number = ord(letter) - 0xAC00
    if 0 <= number < 11172:
        return _HANGUL_INITIAL[number // 588] + _HANGUL_FINAL[number % 28]
    if "\u3041" <= letter <= "\u3096":
        return _TABLES.get(chr(ord(letter) + 0x60), "")
    return ""
