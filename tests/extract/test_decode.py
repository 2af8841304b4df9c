"""The charset that the bytes bear out wins over the one that a page claims (FAULTS C11)."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.decode import declared_charsets, decode, find_codec
from tests.extract.pages import STORIES, Layout, Story, render

BY_LANGUAGE = {story.language: story for story in STORIES}
CASES = [
    ("de", "cp1252"),
    ("de", "iso8859-15"),
    ("cs", "cp1250"),
    ("cs", "iso8859-2"),
    ("ru", "cp1251"),
    ("ru", "koi8-r"),
    ("zh", "gb18030"),
    ("zh", "gbk"),
    ("ja", "shift_jis"),
    ("ja", "euc-jp"),
    ("ko", "euc-kr"),
    ("ko", "cp949"),
    ("ar", "cp1256"),
]


def in_charset(language: str, charset: str, label: str) -> tuple[bytes, str]:
    page = render(BY_LANGUAGE[language], Layout(charset=label))
    body = page.encode(charset, "xmlcharrefreplace")
    return body, body.decode(charset)


@pytest.mark.parametrize(("language", "charset"), CASES)
@pytest.mark.parametrize("label", ["", "utf-8", "iso-8859-1", "no-such-charset"])
def test_legacy_page_is_read_right_whatever_it_declares(
    language: str, charset: str, label: str
) -> None:
    body, true = in_charset(language, charset, label)
    assert decode(body).text == true


@pytest.mark.parametrize(("language", "charset"), CASES)
def test_legacy_page_is_read_right_whatever_the_header_says(language: str, charset: str) -> None:
    body, true = in_charset(language, charset, charset)
    assert decode(body, charset="utf-8").text == true
    assert decode(body, charset="windows-1252").text == true


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1", "gb2312", "euc-kr", "windows-1251"])
def test_utf_8_stays_utf_8_whatever_it_declares(story: Story, label: str) -> None:
    page = render(story, Layout(charset=label))
    found = decode(page.encode(), charset=label)
    assert found.text == page
    assert found.encoding == "utf-8"


@pytest.mark.parametrize(
    ("mark", "charset"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_mark_wins_over_every_claim(mark: bytes, charset: str) -> None:
    page = render(BY_LANGUAGE["ru"], Layout(charset="windows-1251"))
    assert decode(mark + page.encode(charset), charset="koi8-r").text == page


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_seen_by_its_zeros(charset: str) -> None:
    page = render(BY_LANGUAGE["de"])
    assert decode(page.encode(charset)).text == page


def test_iso_2022_jp_is_seen_by_its_escapes() -> None:
    page = render(BY_LANGUAGE["ja"], Layout(charset="iso-2022-jp"))
    assert "魚市場" in decode(page.encode("iso2022_jp", "xmlcharrefreplace")).text


@pytest.mark.parametrize("escape", ["\x1b", "\x1b[1m", "\x1b$", "\x1b$A"])
def test_escapes_alone_are_no_iso_2022_jp(escape: str) -> None:
    page = render(BY_LANGUAGE["ja"]).replace("</article>", f"{escape}</article>")
    found = decode(page.encode())
    assert (found.text, found.encoding) == (page, "utf-8")


def test_utf_8_cut_in_mid_character_loses_only_that() -> None:
    body = render(BY_LANGUAGE["ja"]).encode()
    cut = body[: body.index("議会".encode()) + 4]
    found = decode(cut)
    assert found.encoding == "utf-8"
    assert found.text[:-4] in body.decode()


def test_pasted_legacy_bytes_in_utf_8_are_read_as_windows_1252() -> None:
    body = (
        render(BY_LANGUAGE["de"])
        .encode()
        .replace(b"</article>", b"\x84Zitat\x93 \xfcber</article>")
    )
    text = decode(body).text
    assert "„Zitat“ über" in text
    assert "Prüfung" in text


def test_utf_7_is_never_used() -> None:
    """A charset that browsers refuse, since it hides markup from filters."""
    body = b'<html><meta charset="utf-7"><p>+ADw-script+AD4-</p></html>'
    assert "+ADw-" in decode(body, charset="utf-7").text
    assert find_codec("utf-7") is None


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        ("latin1", "cp1252"),
        ("gb2312", "gb18030"),
        ("euc-kr", "cp949"),
        ("Shift_JIS", "cp932"),
        ("tis-620", "cp874"),
        ("base64", None),
        ("idna", None),
        ("", None),
        ("\ud800", None),
        ("x" * 10_000, None),
    ],
)
def test_labels_mean_what_browsers_read_into_them(label: str, codec: str | None) -> None:
    assert find_codec(label) == codec


def test_header_comes_before_meta() -> None:
    body = b'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">'
    assert declared_charsets(body, "windows-1251") == ["windows-1251", "koi8-r"]


@given(st.binary(max_size=3000), st.text(max_size=20))
def test_any_bytes_become_text(body: bytes, charset: str) -> None:
    assert isinstance(decode(body, charset=charset).text, str)
