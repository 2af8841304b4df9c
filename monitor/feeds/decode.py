"""Bytes of unknown charset → UTF-8, whatever they declare.

Declarations are often wrong, and UTF-8 is hardly ever valid by chance: valid UTF-8 is UTF-8, and
what a declaration makes of other bytes is believed only while it looks like writing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from w3lib.encoding import http_content_type_encoding, resolve_encoding

from monitor.feeds.letters import ALPHABETS
from monitor.feeds.plausible import judge_text
from monitor.model import Header

BELIEVED = 0.75  # from this judgement on a declaration stands; news texts read right score over 0.9
CLEARLY = 0.15  # by so much must another charset look better than the declared one
# Where the language's letters are known, a few wrong ones (õ for ő) speak louder than that.
SAMPLE = 40_000  # bytes of text that are judged

# In the order in which ties are decided: how common they are in news, the wider one first.
DETECTED = (
    "cp1251", "gb18030", "cp932", "euc_jp", "cp949", "big5hkscs", "cp1252", "cp1250", "cp1254",
    "cp1253", "cp1256", "cp1255", "iso8859-2", "koi8-u", "cp874", "cp1257", "cp1258", "iso8859-5",
    "iso8859-7", "iso8859-6", "cp866",
)  # fmt: skip
# What a declaration may name besides; all are text, none runs code or expands. UTF-7 is not among
# them: it hides markup from everything that reads ASCII, and no newspaper writes it.
DECLARED = frozenset(DETECTED) | {
    "ascii", "big5", "cp437", "cp850", "cp852", "cp855", "cp950", "euc_kr", "gb2312", "gbk", "hz",
    "iso2022_jp", "iso2022_kr", "iso8859-1", "iso8859-3", "iso8859-4", "iso8859-8", "iso8859-9",
    "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "johab", "koi8-r",
    "koi8-t", "latin-1", "mac-cyrillic", "mac-greek", "mac-latin2", "mac-roman", "mac-turkish",
    "ptcp154", "shift_jis", "tis-620", "utf-8", "cp037", "utf-16-le", "utf-16-be", "utf-32-le",
    "utf-32-be",
}  # fmt: skip

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16's, so it is looked for first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first character of XML, JSON or HTML without a BOM (XML 1.0, appendix F).
_STARTS = (
    (re.compile(rb"[<\[{\s]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<\[{\s]"), "utf-32-be"),
    (re.compile(rb"[<\[{\s]\0[^\0]"), "utf-16-le"),
    (re.compile(rb"\0[<\[{\s]\0"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']?([\w.:-]{1,40})""")
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_LANGUAGE = re.compile(
    rb"""(?:<(?:dc:)?language>\s*|\slang\s*=\s*["']|xml:lang\s*=\s*["']|"language"\s*:\s*")"""
    rb"""([A-Za-z]{2,3}(?:-[A-Za-z]{2,8})*)""",
    re.IGNORECASE,
)
_WIDE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ITEM = re.compile(rb"(?=<(?:item|entry|url|article)[\s>])")


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """Bytes made UTF-8; `doubt` says what was wrong with them, None when nothing was."""

    body: bytes
    charset: str
    doubt: str | None = None


def decode_to_utf8(
    body: bytes, headers: Iterable[Header] = (), *, language: str | None = None
) -> Decoded:
    """Return `body` in UTF-8 without a byte order mark; never raises.

    A byte that no charset explains becomes U+FFFD.
    Known by: byte order mark, first character, valid UTF-8, `Content-Type`, XML declaration, HTML
    `meta`, and at last the letters themselves, which `language` (a BCP 47 tag) helps to judge where
    the bytes name none.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            rest = body[len(mark) :]
            if codec != "utf-8" or _is_utf8(rest):
                return _from_wide(rest, codec)
            body = rest
    for start, codec in _STARTS:
        if start.match(body[:8]):
            return _from_wide(body, codec)
    declared = list(_read_declared(body, headers))
    if body.isascii():
        return _from_seven_bits(body, declared)
    if _is_utf8(body):
        return _from_utf8(body, declared)
    if _wide_share(body) > 0.75:
        return Decoded(
            body=b"".join(_from_piece(piece, declared, language) for piece in _ITEM.split(body)),
            charset="utf-8",
            doubt="some of its text is not in the charset of the rest",
        )
    return _from_narrow(body, declared, language)


def _from_wide(body: bytes, codec: str) -> Decoded:
    if codec == "utf-8":
        return Decoded(body=body, charset=codec)
    text = body.decode(codec, "replace")
    doubt = f"broken {codec}" if "\ufffd" in text else None
    return Decoded(body=text.encode("utf-8", "replace"), charset=codec, doubt=doubt)


def _from_seven_bits(body: bytes, declared: list[str]) -> Decoded:
    """Return ASCII as it is, but for the charsets that write everything in seven bits."""
    for codec in declared:
        if (codec.startswith("iso2022") and b"\x1b" in body) or (codec == "hz" and b"~{" in body):
            text = body.decode(codec, "replace")
            return Decoded(body=text.encode("utf-8", "replace"), charset=codec)
    return Decoded(body=body, charset="ascii")


def _from_utf8(body: bytes, declared: list[str]) -> Decoded:
    if any(codec not in {"utf-8", "ascii"} for codec in declared[:1]):
        doubt = f"it declares {declared[0]} and is UTF-8"
    else:
        doubt = None
    sample = b" ".join(_text_runs(body)).decode("utf-8", "ignore")
    if judge_text(sample) < 0.5 and judge_text(_undo_twice(sample)) > 0.9:
        body = _undo_twice(body.decode("utf-8", "replace")).encode("utf-8", "replace")
        doubt = "its text was encoded twice"
    return Decoded(body=body, charset="utf-8", doubt=doubt)


def _from_narrow(body: bytes, declared: list[str], language: str | None) -> Decoded:
    """Return bytes that are no UTF-8 by the declaration that stands, or by the letters."""
    codec, doubt = _choose_codec(body, declared, language)
    text = body.decode(codec, "replace")
    return Decoded(body=text.encode("utf-8", "replace"), charset=codec, doubt=doubt)


def _from_piece(piece: bytes, declared: list[str], language: str | None) -> bytes:
    if _is_utf8(piece) or _wide_share(piece) > 0.5:
        return piece.decode("utf-8", "replace").encode()
    narrow = [codec for codec in declared if codec != "utf-8"]
    return _from_narrow(piece, narrow, language).body


def _choose_codec(body: bytes, declared: list[str], language: str | None) -> tuple[str, str | None]:
    found = _LANGUAGE.search(body[:20_000])
    language = found[1].decode() if found else language
    sample = b" ".join(_text_runs(body))
    scores: dict[str, float] = {}
    for codec in declared:
        scores[codec] = _judge(sample, codec, language)
    best = max(scores, key=lambda codec: scores[codec], default=None)
    known = (language or "").split("-")[0].lower() in ALPHABETS
    believed, clearly = (0.98, 0.01) if known else (BELIEVED, CLEARLY)
    if best is not None and scores[best] >= believed:
        return best, None if best == declared[0] else f"it declares {declared[0]} and is {best}"
    for codec in DETECTED:
        if codec not in scores:
            scores[codec] = _judge(sample, codec, language)
    winner = max(scores, key=lambda codec: scores[codec])
    if best is not None and scores[best] > 0 and scores[winner] - scores[best] < clearly:
        return best, None if scores[best] >= BELIEVED else f"its charset is doubtful: {best}"
    if scores[winner] == 0:
        return "utf-8", "its charset is unknown"
    said = f"declares {declared[0]}" if declared else "declares no charset"
    return winner, f"it {said} and looks like {winner}"


def _judge(sample: bytes, codec: str, language: str | None) -> float:
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        text = sample.decode(codec, "replace")
        if text.count("\ufffd") * 50 > len(text):
            return 0.0
    return judge_text(text, language)


def _read_declared(body: bytes, headers: Iterable[Header]) -> Iterator[str]:
    """Yield the codecs that are declared and allowed, each once, the strongest first (RFC 7303)."""
    labels = [
        http_content_type_encoding(value)
        for name, value in headers
        if name.lower() == "content-type"
    ]
    head = body[:4096]
    labels += [
        found[1].decode() for found in (_DECLARATION.match(head), _META.search(head)) if found
    ]
    seen = set()
    for label in labels:
        codec = _find_codec(label) if label else None
        if codec is not None and codec not in seen:
            seen.add(codec)
            yield codec


def _find_codec(label: str) -> str | None:
    """Return the allowed codec that a declared label means as browsers read it, or None."""
    try:
        # resolve_encoding widens as WHATWG does: latin-1 to cp1252, gb2312 to gb18030.
        name = codecs.lookup(resolve_encoding(label) or label).name
    except (LookupError, ValueError):
        return None
    return name if name in _ALLOWED else None


_ALLOWED = frozenset(codecs.lookup(name).name for name in DECLARED)


def _is_utf8(body: bytes) -> bool:
    """Say whether `body` is UTF-8, a cut-off last character forgiven, without a copy of it all."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), 1 << 20):
            decoder.decode(body[start : start + (1 << 20)])
    except UnicodeDecodeError:
        return False
    return True


def _wide_share(body: bytes) -> float:
    """Return which share of the bytes beyond ASCII belongs to whole UTF-8 characters."""
    high = len(body.translate(None, bytes(range(128))))
    return sum(len(found[0]) for found in _WIDE.finditer(body)) / high if high else 1.0


def _text_runs(body: bytes) -> Iterator[bytes]:
    """Yield runs between tags that hold letters beyond ASCII, up to SAMPLE bytes.

    No charset in use has the bytes of `<` and `>` inside a character.
    """
    left = SAMPLE
    for found in re.finditer(rb"[^<>]+", body):
        if not found[0].isascii():
            yield found[0][:left]
            left -= len(found[0])
            if left <= 0:
                return


def _undo_twice(text: str) -> str:
    """Return `text` with UTF-8 that had been read as windows-1252 and encoded again set right."""
    return re.sub(r"[^\x00-\x7f]+", lambda run: _undo_run(run[0]), text)


def _undo_run(run: str) -> str:
    # windows-1252 as browsers have it: the five bytes it lacks stand for themselves.
    raw = bytearray()
    for letter in run:
        try:
            raw += letter.encode("cp1252")
        except UnicodeEncodeError:
            if ord(letter) > 0xFF:
                return run
            raw.append(ord(letter))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return run
