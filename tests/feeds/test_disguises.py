"""Pages with status 200 that are not what was expected (FAULTS C15)."""

from __future__ import annotations

import pytest

from monitor.feeds.reading import Disguise
from tests.feeds.samples import RSS, read
from tests.feeds.test_sections import ENGLISH

ARTICLE = (
    "<p>" + "The captcha on the log in page asks: are you a robot? Access denied, they say. " * 40
)


def page(title: str, body: str) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"


PAGES: dict[str, tuple[str, Disguise]] = {
    "log-in form": (page("Members", "<form><input type='password' name=p></form>"), Disguise.LOGIN),
    "log-in title": (page("Log in - The Herald", "<form></form>"), Disguise.LOGIN),
    "log-in in Croatian": (page("Herald", "Prijavite se za nastavak čitanja"), Disguise.LOGIN),
    "bot check": (
        page("Just a moment...", "<div id='cf-chl-widget'></div>Checking your browser"),
        Disguise.CAPTCHA,
    ),
    "captcha": (page("", "<div class='g-recaptcha'></div>"), Disguise.CAPTCHA),
    "captcha in Chinese": (page("安全验证", "请完成安全验证"), Disguise.CAPTCHA),
    "consent": (
        page("Herald", "<h2>We value your privacy</h2>We and our partners store data. Accept all"),
        Disguise.CONSENT,
    ),
    "consent in German": (page("Herald", "<button>Alle akzeptieren</button>"), Disguise.CONSENT),
    "blocked by the state": (
        page("Внимание", "Доступ к информационному ресурсу ограничен на основании закона"),
        Disguise.BLOCKED,
    ),
    "blocked by the server": (page("403 Forbidden", "<h1>Forbidden</h1>nginx"), Disguise.BLOCKED),
    "parked": (page("herald.example", "This domain is for sale! Buy this domain"), Disguise.PARKED),
    "parked by script": (
        page("herald.example", "<script src='//img.sedoparking.com/x.js'></script>"),
        Disguise.PARKED,
    ),
    "soft 404": (page("Page not found | Herald", ENGLISH), Disguise.NOT_FOUND),
    "soft 404 in Hungarian": (page("Herald", "Az oldal nem található"), Disguise.NOT_FOUND),
    "article": (page("Robots", ARTICLE), Disguise.WEB_PAGE),
    "nothing": ("", Disguise.EMPTY),
    "white space": (" \n ", Disguise.EMPTY),
    "other XML": ("<?xml version='1.0'?><note><to>x</to></note>", Disguise.OTHER_XML),
    "SOAP": ("<s:Envelope xmlns:s='http://x'><s:Body/></s:Envelope>", Disguise.OTHER_XML),
    "plain text": ("Service unavailable, try later", Disguise.UNKNOWN),
    "picture": ("\x89PNG\r\n", Disguise.UNKNOWN),
    "JSON of an API": ('{"error": "not found"}', Disguise.UNKNOWN),
}


@pytest.mark.parametrize("name", PAGES)
def test_page_in_place_of_a_feed_is_named(name: str) -> None:
    text, disguise = PAGES[name]
    reading = read(text)
    assert reading.entries == ()
    assert reading.disguise is disguise
    assert reading.problem is not None
    assert disguise.value in reading.problem


def test_consent_page_is_known_by_where_it_ended() -> None:
    reading = read(page("Herald", ARTICLE), url="https://consent.herald.example/?next=/rss")
    assert reading.disguise is Disguise.CONSENT


def test_page_in_place_of_a_feed_offers_the_feeds_it_names() -> None:
    reading = read(ENGLISH)
    assert reading.disguise is Disguise.WEB_PAGE
    assert [feed.url for feed in reading.feeds] == ["https://herald.example/rss.xml"]
    assert reading.problem is not None
    assert "try https://herald.example/rss.xml" in reading.problem


def test_section_that_became_a_log_in_page_is_named() -> None:
    text, _ = PAGES["log-in form"]
    reading = read(text, "section")
    assert reading.disguise is Disguise.LOGIN
    assert reading.problem is not None


def test_feed_about_captchas_is_a_feed() -> None:
    text = RSS.replace("Third story", "Just a moment: are you a robot? Access denied")
    assert read(text).disguise is None
    assert len(read(text).entries) == 3
