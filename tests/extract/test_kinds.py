"""What is no web page is told by its bytes."""

from __future__ import annotations

import pytest

from monitor.extract import extract_article
from monitor.extract.kinds import declared_charset, find_other_kind
from monitor.model import Outcome
from tests.extract.pages import ENGLISH, make_page, render


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7\n...", "a PDF file"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\xff\xd8\xff\xe0", "an image"),
        (b"GIF89a", "an image"),
        (b"PK\x03\x04", "an archive or office document"),
        (b"\x1f\x8b\x08", "a compressed file"),
        (b"\x00\x00\x00\x20ftypmp42", "a film"),
        (b'{"items": [{"title": "x"}]}', "data in JSON"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "a feed"),
        (b'<rss version="2.0"><channel/></rss>', "a feed"),
        (b'<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"/>', "a feed"),
        (b'<?xml version="1.0"?><urlset xmlns="x"></urlset>', "a sitemap"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg></svg>', "an image"),
        (bytes(range(1, 32)) * 20, "binary data"),
    ],
)
def test_other_kinds_are_not_articles(body: bytes, kind: str) -> None:
    assert find_other_kind(make_page(body)) == kind
    found = extract_article(make_page(body))
    assert found.outcome is Outcome.NOT_AN_ARTICLE
    assert found.reason == f"the body is {kind}, not a web page"


@pytest.mark.parametrize(
    "label", ["application/json", "image/png", "text/plain", "application/pdf"]
)
def test_page_with_a_wrong_label_is_still_a_page(label: str) -> None:
    page = make_page(render(ENGLISH), headers=(("content-TYPE", f"{label}; charset=utf-8"),))
    assert find_other_kind(page) is None
    assert extract_article(page).article is not None


def test_label_is_believed_where_the_bytes_say_nothing() -> None:
    page = make_page(b"a,b\n1,2\n", headers=(("Content-Type", "text/csv"),))
    assert find_other_kind(page) == "a table"


def test_xhtml_with_an_xml_declaration_is_a_page() -> None:
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + render(ENGLISH)
    article = extract_article(make_page(body)).article
    assert article is not None
    assert ENGLISH.paragraphs[0] in article.text


def test_utf_16_page_is_not_binary() -> None:
    article = extract_article(make_page(render(ENGLISH).encode("utf-16-le"))).article
    assert article is not None
    assert ENGLISH.paragraphs[0] in article.text


def test_charset_is_read_from_the_header() -> None:
    page = make_page(b"", headers=(("Content-Type", 'text/html; Charset="koi8-r"'),))
    assert declared_charset(page) == "koi8-r"
    assert declared_charset(make_page(b"")) is None
