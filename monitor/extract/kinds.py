"""What a body is when it is no web page: told by its first bytes, which say more than its label."""

from __future__ import annotations

import re

from monitor.model import Page

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG\r\n", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF87a", "an image"),
    (b"GIF89a", "an image"),
    (b"\x00\x00\x01\x00", "an image"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
    (b"8BPS", "an image"),
    (b"RIFF", "an image, sound or film"),
    (b"ID3", "a sound recording"),
    (b"\xff\xfb", "a sound recording"),
    (b"OggS", "a sound recording or film"),
    (b"fLaC", "a sound recording"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"FLV\x01", "a film"),
    (b"PK\x03\x04", "an archive or office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"{\\rtf", "an office document"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"\x28\xb5\x2f\xfd", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|div|p|article|script)\b", re.IGNORECASE
)
_XML_ROOT = re.compile(
    rb"<(?:\w+:)?(?P<root>rss|feed|rdf|urlset|sitemapindex|opml|svg|kml|wsdl|error|listbucketresult)"
    rb"[\s>:]",
    re.IGNORECASE,
)
_XML_KINDS = {
    b"rss": "a feed",
    b"feed": "a feed",
    b"rdf": "a feed",
    b"urlset": "a sitemap",
    b"sitemapindex": "a sitemap",
    b"svg": "an image",
}
_TYPES: tuple[tuple[str, str], ...] = (
    ("application/pdf", "a PDF file"),
    ("image/", "an image"),
    ("audio/", "a sound recording"),
    ("video/", "a film"),
    ("font/", "a font"),
    ("application/json", "data in JSON"),
    ("application/ld+json", "data in JSON"),
    ("text/css", "a style sheet"),
    ("text/javascript", "a script"),
    ("application/javascript", "a script"),
    ("text/csv", "a table"),
    ("text/calendar", "a calendar"),
)
_HEAD = 2048


def content_type(page: Page) -> str:
    """Return the media type that the headers declare, in lower case, without parameters."""
    value = next((v for name, v in page.headers if name.lower() == "content-type"), "")
    return value.partition(";")[0].strip().lower()


def declared_charset(page: Page) -> str | None:
    """Return the charset that the HTTP header declares, or None."""
    if page.charset:
        return page.charset
    value = next((v for name, v in page.headers if name.lower() == "content-type"), "")
    found = re.search(r"""charset\s*=\s*["']?([\w.:-]{2,40})""", value, re.IGNORECASE)
    return found[1] if found else None


def find_other_kind(page: Page) -> str | None:
    """Return what the body is, in words for a person, where it is no web page; else None.

    A label is believed only where the first bytes do not look like a page.
    """
    head = page.body[:_HEAD]
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[4:8] == b"ftyp":
        return "a film"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = _kind_of_text(text)
    if kind or _HTML.search(text):
        return kind
    declared = content_type(page)
    for prefix, name in _TYPES:
        if declared.startswith(prefix):
            return name
    if text[:1] in {b"{", b"["} and b'"' in text[:200]:
        return "data in JSON"
    return "binary data" if _is_binary(head) else None


def _kind_of_text(text: bytes) -> str | None:
    """Return the kind of an XML document that is no web page."""
    if not text.startswith(b"<"):
        return None
    root = _XML_ROOT.search(text)
    page = _HTML.search(text)
    if root is None or (page is not None and page.start() < root.start()):
        return None
    if text[:5].lower() != b"<?xml" and root.start() > 0:
        return None
    return _XML_KINDS.get(root["root"].lower(), "data in XML")


def _is_binary(head: bytes) -> bool:
    """Tell whether too many bytes are control characters for any charset but UTF-16."""
    if not head or head.startswith(_MARKS):
        return False
    zeros = head.count(0)
    if zeros and max(head[::2].count(0), head[1::2].count(0)) > 0.7 * (len(head) // 2):
        return False
    controls = sum(byte < 9 or 13 < byte < 27 or byte == 127 for byte in head)
    return controls > 0.05 * len(head)
