"""Alerts as people read them, and what hostile pages can do to any message: nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from lxml import html as lxml_html

from monitor.model.matches import Level
from monitor.model.stories import ChangeKind
from monitor.render import alert as alert_module
from monitor.render import digest as digest_module
from monitor.render.alert import render_alert
from monitor.render.digest import render_digest
from monitor.render.notice import render_notice
from tests.render.hostile import BAD_LINKS, HOSTILE, MARKER
from tests.render.messages import html_of, one
from tests.render.samples import (
    AR,
    EN,
    NOW,
    TOPICS,
    ZH,
    digest,
    mail_channel,
    owed,
    subscriber,
    watch,
)

ALLOWED_TAGS = {
    "html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "th", "div",
    "p", "b", "a", "h1", "h2", "h3", "h4", "ul", "li", "span", "br", "bdi",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {
    "lang", "dir", "class", "style", "href", "rel", "role", "align", "valign", "width", "border",
    "cellpadding", "cellspacing", "aria-hidden", "scope", "charset", "name", "content",
    "http-equiv",
}  # fmt: skip


def check_inert(page: str) -> None:
    """D5: text only; no element, attribute or address but our own, and nothing to load."""
    tree = lxml_html.document_fromstring(page)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            pytest.fail(f"a comment or instruction: {element!r}")
        assert element.tag in ALLOWED_TAGS, element.tag
        for name, value in element.attrib.items():
            assert name in ALLOWED_ATTRIBUTES, (element.tag, name)
            assert "url(" not in value.lower() or name == "href"
            if name == "href":
                assert re.match(r"https?://", value), value
    for style in tree.iter("style"):
        assert "url(" not in style.text_content()
        assert "@import" not in style.text_content()
    assert not re.search(r"<(script|img|link|iframe|form|svg|object|base)\b", page)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_inert_in_every_form(name: str) -> None:
    bad = HOSTILE[name]
    alert = owed("bad", (bad, f"{bad} police {bad}", "police"), others=1)
    article = replace(alert.story.articles[0], outlet=bad, title=bad, language="en")
    hit = replace(alert.matches[0].hits[0], rule=bad, note=bad)
    alert = replace(
        alert,
        story=replace(alert.story, articles=(article, *alert.story.articles[1:]), title=bad),
        matches=(replace(alert.matches[0], hits=(hit,)),),
    )
    reader = subscriber(name=bad or "x")
    for message in (
        render_alert([alert], reader, topics={"overseas-stations": bad}),
        render_alert([alert, owed("other")], reader, topics={"overseas-stations": bad}),
        render_digest(
            digest(
                [alert],
                state=watch(
                    suppressed={bad: 1},
                    sources_failed=(replace(watch().sources_failed[0], name=bad, why=bad),),
                ),
            ),
            reader,
        ),
    ):
        assert "plain text" not in message.text.splitlines()[0]
        check_inert(html_of(message))
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]",
                             message.text)  # fmt: skip
        assert len(message.subject.splitlines()) == 1
        json.dumps(dict(message.payload)).encode("ascii")


@pytest.mark.parametrize("url", BAD_LINKS)
def test_address_that_is_none_is_shown_and_not_clickable(url: str) -> None:
    message = one(url=url or " ")
    check_inert(html_of(message))
    assert "href" not in html_of(message)


def test_alert_says_what_where_why_and_links_whole() -> None:
    message = one(sample=EN, others=4)
    assert message.subject == (
        "New: Budapest opens inquiry into unofficial police station (Hungary)"
    )
    for form in (message.text, re.sub(r"<[^>]+>", " ", html_of(message))):
        for words in (
            "The Danube Courier",
            "English",
            "4 articles, 4 independent reports, first: The Danube Courier",
            "20 November 2026",
            "21 November 2026, 04:00",
            "named outright",
            "score 16; a report needs 10",
            "https://news.example.org/one/article-with-a-rather-long-address-2026",
            "https://copy1.example.net/one",
            "probably the same story",
            "Times are in Europe/Zagreb",
        ):
            assert words in " ".join(form.split()), words
    assert "*overseas police service station*" in " ".join(message.text.split())
    assert 'class="mark"' in html_of(message)
    assert message.references == (owed("one").story.id,)


def test_alert_is_the_same_every_time() -> None:
    assert one() == one()


@pytest.mark.parametrize(
    ("sample", "language", "direction"), [(ZH, "zh", "ltr"), (AR, "ar", "rtl"), (EN, "en", "ltr")]
)
def test_title_carries_its_language_and_direction(
    sample: tuple[str, str, str], language: str, direction: str
) -> None:
    tree = lxml_html.document_fromstring(html_of(one(sample=sample, language=language)))
    [title] = tree.cssselect("h1.title") if hasattr(tree, "cssselect") else tree.findall(".//h1")
    assert title.text_content() == sample[0]
    assert (title.get("lang"), title.get("dir")) == (language, direction)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ChangeKind.FIRST_REPORT, "New: "),
        (ChangeKind.NEW_COUNTRY, "Grown: "),
        (ChangeKind.CORRECTION, "Corrected: "),
    ],
)
def test_subject_begins_with_what_happened(kind: ChangeKind, words: str) -> None:
    assert one(kind=kind).subject.startswith(words)


def test_unsubscribe_address_is_offered_where_configured() -> None:
    url = "https://example.org/u?id=7"
    message = one(subscriber(channel=mail_channel(unsubscribe_url=url)))
    assert message.unsubscribe_url == url
    assert url in message.text
    assert url in html_of(message)
    assert one().unsubscribe_url is None


def test_alert_whose_rendering_fails_goes_out_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise RuntimeError("the template is broken")

    monkeypatch.setattr(alert_module, "render_html", fail)
    monkeypatch.setattr(digest_module, "render_html", fail)
    title = "Title\r\nBcc: x\u202e"
    alert = owed("one", (title, "text", "text"))
    message = render_alert([alert], subscriber(), topics=TOPICS)
    assert message.id == alert.id
    assert message.html is None
    assert "Title[U+000D][U+000A]Bcc: x[U+202E]" in message.text
    assert alert.url in message.text
    assert message.payload["data"]["count"] == 1
    plain = render_digest(digest(), subscriber())
    assert plain.html is None
    assert "3 stories" in plain.text or "4 stories" in plain.text


def test_nothing_to_alert_is_refused() -> None:
    with pytest.raises(ValueError, match="there is none"):
        render_alert([], subscriber())


def test_mention_alert_says_that_it_is_less_than_a_report() -> None:
    message = one(level=Level.MENTION, score=5.0)
    assert "score 5; a report needs 10" in message.text
    assert message.subject.startswith("Mention: ")
    assert "first mention" in message.text
    assert message.html is not None
    assert "first mention" in message.html
    assert "first report" not in message.text + message.html


def test_gathering_says_of_each_alert_what_it_is() -> None:
    """Those in the short list as well: a mention, a correction or a new country is no report."""
    kinds = [ChangeKind.NEW_COUNTRY, ChangeKind.CORRECTION, ChangeKind.FOLLOW_UP]
    alerts = [owed(f"new {number}", EN) for number in range(6)]
    alerts += [owed(str(kind), EN, kind=kind) for kind in kinds]
    alerts.append(owed("mention", EN, level=Level.MENTION))
    message = render_alert(alerts, subscriber(), topics=TOPICS)
    assert message.subject == "10 alerts within a short time"
    assert message.html is not None
    lines = message.text.splitlines()
    for label in ("Grown: new country", "Corrected", "Grown: follow-up", "Mention"):
        assert sum(line.startswith(f"- [{label.upper()}]") for line in lines) == 1
        assert message.html.count(f">{label}</span>") == 1


def test_alarm_is_set_in_type() -> None:
    message = render_notice(
        "alarm",
        subscriber(),
        message_id="a-1",
        headline="mail\r\nBcc: x cannot be sent",
        lines=("One.", f"<img src=http://{MARKER}>"),
        now=NOW,
    )
    check_inert(html_of(message))
    assert message.subject == "Stationwatch: mail Bcc: x cannot be sent"


def test_webhook_and_mail_count_the_same_articles() -> None:
    """A weak join is "probably the same story": it stands in the list and counts as nothing."""
    sent = render_alert([owed("a", EN, others=4)], subscriber())
    told = sent.payload["data"]["alerts"][0]["story"]
    assert (told["articles"], told["publishers"]) == (4, 4)
    assert "4 articles, 4 independent reports" in sent.text
    assert "probably the same story" in sent.text
