"""Bytes → text, once: the charset that the bytes bear out, not the one that a page claims.

    byte order mark → UTF-8 → nearly UTF-8 → UTF-16 by its zeros → ISO-2022-JP by its escapes
      → the charset in which the words beyond ASCII read as some language's words

A declared charset only wins a tie. Obeying it garbles pages that were converted and kept their old
`<meta>`; browsers hide that from nobody, so such pages exist (MEASURED.md).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from monitor.extract.charsets import LABELS, MULTI_BYTE, SINGLE_BYTE

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 4096
_DECLARED = re.compile(
    rb"""<(?:meta[^>]{0,200}?|\?xml[^>]{0,80}?en)c(?:harset|oding)\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(rb"""<html[^>]{0,400}?\slang\s*=\s*["']?\s*([a-zA-Z]{2})\b""", re.IGNORECASE)
_MARKUP = re.compile(rb"<[^<>]{0,2000}>|&#?\w{1,10};")  # linear: no match crosses another `<`
_WORD = re.compile(rb"(?<![A-Za-z])[A-Za-z]{0,40}[\x80-\xff][A-Za-z\x80-\xff]{0,80}")
_SAMPLE_WORDS = 250
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")
# An ideograph beside one Latin letter is common, between two it is an apostrophe misread.
_ENCLOSED = re.compile(r"[a-z][\u3400-\u9fff\uac00-\ud7af\uff66-\uff9f](?=[a-z])")

# Signs that stand beside words in any language and say nothing of the charset.
_NEUTRAL = frozenset("„“”‚‘’«»–—…•·©®™°§€£№¿¡\u00a0\u00ad½¼¾²³×·‹›†•")


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """The text of a page, and the charset that it was read with."""

    text: str
    encoding: str


def decode(body: bytes, *, charset: str | None = None) -> Decoded:
    """Return the text of `body`; `charset` is what the HTTP header declares.

    Never raises. Bytes that fit no charset become U+FFFD.
    """
    sure = find_sure_charset(body)
    if sure is not None:
        name, codec, start = sure
        return Decoded(text=body[start:].decode(codec, "replace"), encoding=name)
    try:
        return Decoded(text=body.decode("utf-8"), encoding="utf-8")
    except UnicodeDecodeError:
        pass
    if _is_nearly_utf_8(body):
        return Decoded(text=body.decode("utf-8", _STRAY_BYTES), encoding="utf-8")
    name = _choose(body, charset)
    return Decoded(text=body.decode(name, "replace"), encoding=name)


def find_sure_charset(body: bytes) -> tuple[str, str, int] | None:
    """Return a charset that is told by marks of its own, its codec, and where the text begins.

    None for every other, of which UTF-8 is tried first.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name, name, len(mark)
    # One byte is looked for ten times as fast as three, and hardly a page has it.
    if b"\x1b" in body and _ISO_2022_JP.search(body) and not _HIGH.search(body):
        return "iso-2022-jp", "iso2022_jp_ext", 0
    wide = _find_utf_16(body)
    return (wide, wide, 0) if wide else None


_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")
_STRAY_BYTES = "monitor-stray-bytes"


def _read_stray_bytes(error: UnicodeError) -> tuple[str, int]:
    """Read what is no UTF-8 inside a UTF-8 page as windows-1252, which is what it mostly is."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_STRAY_BYTES, _read_stray_bytes)


def _find_utf_16(body: bytes) -> str | None:
    """Return UTF-16 of either order where nearly every second byte of the head is zero."""
    head = body[:_HEAD]
    if len(head) < 16 or b"\0" not in head:
        return None
    half = len(head) // 2
    if head[1::2].count(0) > 0.7 * half and head[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if head[::2].count(0) > 0.7 * half and head[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _is_nearly_utf_8(body: bytes) -> bool:
    """Tell whether all but a few of the high bytes form UTF-8 (a cut page, a pasted quotation).

    In every legacy charset, chance forms hardly one sequence in ten such bytes.
    """
    sequences = sum(map(len, _SEQUENCE.findall(body)))
    high = len(_HIGH.findall(body))
    return sequences > 0.8 * high


def declared_charsets(body: bytes, charset: str | None) -> list[str]:
    """Return the codecs that header and page declare, known ones only, the header's first."""
    labels = [charset or ""]
    labels += [found.decode("ascii") for found in _DECLARED.findall(body[:_HEAD])]
    return [codec for label in labels if (codec := find_codec(label))]


@lru_cache(maxsize=256)
def find_codec(label: str) -> str | None:
    """Return the Python codec for a charset label as browsers read it, or None."""
    label = label.strip().strip("\"'").lower()
    name = LABELS.get(label, label)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # Codecs such as `base64` or `idna` are no charsets; UTF-7 is one that browsers refuse.
    if not getattr(info, "_is_text_encoding", True) or info.name in {"utf-7", "idna", "punycode"}:
        return None
    return LABELS.get(info.name, name)


def _choose(body: bytes, charset: str | None) -> str:
    """Return the codec under which the words beyond ASCII read best."""
    words = Counter(_WORD.findall(_MARKUP.sub(b" ", body[:2_000_000])))
    sample = words.most_common(_SAMPLE_WORDS) or [(w, 1) for w in _WORD.findall(body)[:500]]
    declared = declared_charsets(body, charset)
    language = _LANGUAGE.search(body[:_HEAD])
    hint = language[1].decode("ascii").lower() if language else None
    names = _candidates(declared)
    for size in (40, _SAMPLE_WORDS):  # most charsets are out after a few words
        scores = {
            # A tie goes to what is declared, and to the language that is declared.
            name: _score(sample[:size], name, hint) + (0.1 if name in declared else 0.0)
            for name in names
        }
        best = max(scores, key=scores.__getitem__)
        names = [name for name in names if scores[name] > scores[best] - 0.5]
    return best


def _candidates(declared: list[str]) -> list[str]:
    names = [name for name in declared if not name.replace("_", "-").startswith("utf")]
    names += MULTI_BYTE
    names += [name for _, charsets in SINGLE_BYTE.values() for name in charsets]
    return list(dict.fromkeys(names))


def _score(sample: list[tuple[bytes, int]], name: str, hint: str | None) -> float:
    """Return how well the sampled words read under `name`: 1 at best, below 0 where they do not."""
    letters: Counter[str] = Counter()
    bad = 0.0
    wide = name in MULTI_BYTE
    for word, count in sample:
        weight = min(count, 5)  # a word in every menu is not better evidence than five words
        text = word.decode(name, "replace")
        bad += weight * (len(_ENCLOSED.findall(text)) if wide else _misshapen(text))
        for character in text:
            if character > "\x7f":
                letters[character] += weight
    total = sum(letters.values())
    if not total:
        return -1.0
    score = _score_wide(letters, name) if wide else _score_letters(letters, name, hint)
    return (score - 2 * bad) / total


def _misshapen(word: str) -> int:
    """Return how often a word breaks the habits of writing: `aÉ`, or letters of two scripts."""
    # A lone Thai sign is an accented word of one letter (`à`) misread.
    count = int(len(word) == 1 and "\u0e00" <= word <= "\u0e7f")
    for before, character in pairwise(word):
        if before.islower() and character.isupper():
            count += 1
        elif before.isascii() != character.isascii() and before.isalpha() and character.isalpha():
            other = character if before.isascii() else before
            count += _is_alphabet_but_latin(other)
    return count


@lru_cache(maxsize=1024)
def _is_alphabet_but_latin(character: str) -> bool:
    return "\u0370" <= character <= "\u1dff"


def _score_wide(letters: Counter[str], name: str) -> float:
    """Score East Asian text: kana, hangul and the commoner half of the ideographs count for it."""
    score = 0.0
    for character, count in letters.items():
        score += count * _worth_wide(character, name)
    return score


@lru_cache(maxsize=16384)
def _worth_wide(character: str, name: str) -> float:
    code = ord(character)
    worth = -1.0
    if character in _NEUTRAL:
        worth = 0.3
    elif 0x3000 <= code <= 0x303F or 0xFF01 <= code <= 0xFF5E:
        worth = 0.7
    elif 0x3041 <= code <= 0x30FF:
        worth = 1.0 if name in {"cp932", "euc_jp"} else -0.5
    elif 0xAC00 <= code <= 0xD7A3:
        worth = 1.0 if name == "cp949" and _in_level_1(character, "euc_kr") else -0.5
    elif 0x4E00 <= code <= 0x9FFF and name == "cp949":
        worth = -0.2  # hanja are rare in Korean news
    elif 0x4E00 <= code <= 0x9FFF:
        worth = 0.9 if _in_level_1(character, name) else -0.6
    return worth


def _in_level_1(character: str, name: str) -> bool:
    """Tell whether an ideograph stands in the first, commoner level of its standard."""
    try:
        raw = character.encode(name)
    except UnicodeEncodeError:
        return False
    if len(raw) != 2:
        return False
    lead, trail = raw
    if name == "gb18030":
        return 0xB0 <= lead <= 0xD7 and trail >= 0xA1  # GB 2312 level 1, rows 16 to 55
    if name == "big5hkscs":
        return 0xA4 <= lead <= 0xC6
    if name == "cp932":
        return 0x88 <= lead <= 0x98  # JIS X 0208 level 1, rows 16 to 47
    return 0xB0 <= lead <= 0xCF  # the same rows in EUC


def _score_letters(letters: Counter[str], name: str, hint: str | None) -> float:
    """Score the letters as the best of the languages that were written in charset `name`."""
    best = float("-inf")
    general = _letters_of_charset(name)
    for language, (own, charsets) in SINGLE_BYTE.items():
        if name not in charsets:
            continue
        score = sum(
            count * _worth_letter(character, own, general) for character, count in letters.items()
        )
        # Preference for the usual charset of a language, and for the language the page declares.
        bonus = (0.03 if language == hint else 0.0) + (0.01 if name == charsets[0] else 0.0)
        best = max(best, score + bonus * sum(letters.values()))
    if best == float("-inf"):  # declared, yet of no language in the table
        best = sum(count * _worth_letter(character, "", "") for character, count in letters.items())
    return best


def _worth_letter(character: str, own: str, general: str) -> float:
    lower = character.lower()
    if lower in own or character in own:
        return 1.0
    if character in _NEUTRAL:
        return 0.5
    if lower in general:
        return 0.3
    return -0.7 if unicodedata.category(character)[0] == "L" else -1.5


@lru_cache(maxsize=64)
def _letters_of_charset(name: str) -> str:
    return "".join(own for own, charsets in SINGLE_BYTE.values() if name in charsets)
