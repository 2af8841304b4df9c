"""D3, D4: what is hidden is shown, and nothing begins a line of its own."""

from __future__ import annotations

import email
import email.policy
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.mime import build_mail
from monitor.model.delivery import Message
from monitor.render.clean import header, is_web_link, one_line, shown_link, visible
from tests.render.hostile import BAD_LINKS, HOSTILE
from tests.render.samples import NOW


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Žič ü 中文 عربي", "Žič ü 中文 عربي"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\u200bb", "a[U+200B]b"),
        ("a\u200eb\u200f", "a[U+200E]b[U+200F]"),
        ("a\x00b", "a[U+0000]b"),
        ("a\u3164b", "a[U+3164]b"),
        ("Sta\u00adtion", "Station"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian is written with it
        ("क\u094d\u200dष", "क\u094d\u200dष"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("pol\u200cice", "pol[U+200C]ice"),
        ("line\u2028two", "line\ntwo"),
    ],
)
def test_hidden_characters_are_shown_and_spelling_is_kept(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_visible_text_hides_nothing(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown or "\u200c" in shown or "\u200d" in shown
    assert not any(character in shown for character in "\x00\u202e\u200b\u2066\ufeff\u2028")
    shown.encode("utf-8")


@given(st.text(), st.integers(5, 300))
def test_one_line_is_one_line_of_at_most_that_length(text: str, longest: int) -> None:
    line = one_line(text, longest=longest)
    assert len(line) <= longest
    assert len(line.splitlines()) <= 1
    assert line == line.strip()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_title_stays_inside_its_header(name: str) -> None:
    """D4: exactly the intended headers."""
    mail = build(HOSTILE[name])
    parsed = email.message_from_bytes(mail, policy=email.policy.default)
    assert sorted(parsed.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
         "Content-Type", "Content-Transfer-Encoding"]
    )  # fmt: skip
    assert parsed["To"] == "officer@example.org"
    assert " ".join(str(parsed["Subject"]).split()) == header(HOSTILE[name])
    assert max(map(len, mail.split(b"\r\n"))) <= 998


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_title_stays_inside_its_header(title: str) -> None:
    """D4."""
    parsed = email.message_from_bytes(build(title), policy=email.policy.default)
    assert parsed.get_all("Bcc") is None
    assert len(parsed.keys()) == 9
    # A folded run of blanks may come back as one; nothing else changes.
    assert " ".join(str(parsed["Subject"]).split()) == header(title)


@pytest.mark.parametrize(
    "words",
    [
        "Полиция закрыла тайный участок в Новограде, сообщил министр",
        "A rendőrség bezárta az irodát Újváros főterén, közölte a miniszter",
        "警方 关闭 新城 的 秘密 站点",
        "أغلقت الشرطة مكتبا سريا في المدينة",
    ],
)
def test_no_space_of_a_long_title_is_lost(words: str) -> None:
    """D4: where the lines of a header end, two words ran together."""
    for filler in range(60):
        title = f"{'x' * filler} {words} {words} {words}"
        parsed = email.message_from_bytes(build(title), policy=email.policy.default)
        assert str(parsed["Subject"]) == header(title)
        assert max(map(len, build(title).split(b"\r\n"))) <= 78
        assert max(map(len, re.findall(rb"=\?.*?\?=", build(title))), default=0) <= 75


def test_encoded_word_in_a_title_is_not_decoded_by_the_reader() -> None:
    """A title could bring its hidden characters past the cleaning that way."""
    mail = build("=?utf-8?q?=E2=80=AEgpj=2Eexe?=")
    parsed = email.message_from_bytes(mail, policy=email.policy.default)
    assert "\u202e" not in parsed["Subject"]
    assert "E2=80=AE" in parsed["Subject"]


def build(title: str) -> bytes:
    message = Message(
        id="0b5f4a9c-3f0f-4f65-9d57-1d2f3c4b5a69",
        kind="alert",
        subscriber="duty",
        subject=title,
        text=title,
        created_at=NOW,
    )
    return build_mail(message, sender="watch@example.org", to="officer@example.org").as_bytes()


@pytest.mark.parametrize("url", BAD_LINKS[:-2])
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    assert not is_web_link(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example.org/a?b=c&d=%20#e",
        "http://example.org:8080/",
        "https://xn--bcher-kva.example/",
        "https://bücher.example/straße?q=é",
    ],
)
def test_web_address_is_a_link_and_shown_whole(url: str) -> None:
    assert is_web_link(url)
    path = url.split("/", 3)[3]
    assert shown_link(url).endswith(path)


def test_look_alike_host_is_shown_as_the_browser_asks_for_it() -> None:
    assert shown_link("https://еxample.org/login") == "https://xn--xample-2of.org/login"
