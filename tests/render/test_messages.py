"""Alerts and digests as people read them, and what hostile pages can do to them: nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from lxml import html as lxml_html

from monitor.model.delivery import Message, Subscriber
from monitor.model.digest import DayCount, SourceTrouble
from monitor.model.matches import Level
from monitor.model.pages import Outcome
from monitor.model.stories import ChangeKind
from monitor.render import alert as alert_module
from monitor.render import digest as digest_module
from monitor.render.alert import render_alert
from monitor.render.digest import render_digest
from monitor.render.names import country_name, language_name, say_published
from monitor.render.notice import render_notice
from monitor.render.picture import DAYS, draw_history
from monitor.render.watch import view_watch
from tests.render.hostile import BAD_LINKS, HOSTILE, MARKER
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


def one(reader: Subscriber | None = None, **changes: Any) -> Message:
    return render_alert([owed("one", **changes)], reader or subscriber(), topics=TOPICS)


def html_of(message: Message) -> str:
    assert message.html is not None
    return message.html


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


def test_digest_holds_everything_and_its_sums_agree() -> None:
    message = render_digest(digest(), subscriber())
    flat = " ".join(re.sub(r"<[^>]+>", " ", html_of(message)).split())
    for words in (
        "Daily digest, Saturday, 21 November 2026",
        "3 new reports, 1 story grown, 1 mention",
        "214 of 216 sources answered",
        "Overseas police stations",
        "United Arab Emirates",
        "Also mentioned",
        "Grenzland Kurier",
        "the certificate has expired",
        "nothing new for 9 days",
        "the same text under another address",
        "1,204",
        "500 Internal Server Error",
        "21 November 2026, 06:40",
    ):
        assert words in flat, words
        assert words in " ".join(message.text.split()), words
    rows = re.findall(r"(?m)^  ([a-z ]+?) {2,}([\d,]+)$", message.text)
    counts = {name: int(figure.replace(",", "")) for name, figure in rows}
    outcomes = sum(counts.get(str(outcome), 0) for outcome in Outcome)
    assert outcomes == digest().watch.pages
    assert "do not add up" not in message.text


def test_digest_of_a_quiet_day_says_so_and_why_it_can_be_believed() -> None:
    quiet = watch(deliveries_failed=())
    message = render_digest(digest([], state=quiet), subscriber())
    assert message.subject.endswith("nothing new")
    assert "Nothing new today: no report on what you follow" in message.text
    assert "The watch itself is well" in message.text


@pytest.mark.parametrize(
    ("state", "warning"),
    [
        ({"pages": 9}, "The figures do not add up"),
        ({"sources_asked": 3}, "2 of 3 sources could not be read"),
        ({"sources_asked": 0, "sources_failed": ()}, "No source was asked"),
        ({"canary_problem": "mail was refused"}, "did not come through: mail was refused"),
        ({"canary_at": NOW - timedelta(days=3)}, "No test report has come through since"),
        ({"not_running": (date(2026, 11, 19),)}, "did not run on 19 November 2026"),
    ],
)
def test_silence_that_cannot_be_believed_is_not_called_well(
    state: dict[str, Any], warning: str
) -> None:
    """P9: silence is what an adversary wants."""
    found = watch(**{"deliveries_failed": (), **state})
    message = render_digest(digest([], state=found), subscriber())
    flat = " ".join(message.text.split())
    assert warning in flat
    assert "The watch itself is well" not in flat
    assert "something may have been missed" in flat
    assert warning in " ".join(html_of(message).split())


def test_weekly_digest_says_week() -> None:
    message = render_digest(
        digest([], digest_every="week", state=watch(deliveries_failed=())), subscriber()
    )
    assert message.subject.startswith("Weekly digest")
    assert "Nothing new this week" in message.text


def test_many_troubles_are_cut_and_counted() -> None:
    rows = tuple(replace(watch().sources_failed[0], name=f"Source {n}") for n in range(90))
    message = render_digest(digest([], state=watch(sources_failed=rows)), subscriber())
    assert "and 65 more" in message.text


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (None, "not given"),
        (datetime(2026, 11, 20, tzinfo=UTC), "20 November 2026"),
        (datetime(2026, 11, 20, 13, 5, tzinfo=UTC), "20 November 2026, 14:05"),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), "not believable"),
        (datetime(1900, 1, 1, tzinfo=UTC), "not believable"),
        (NOW + timedelta(days=30), "not believable"),
    ],
)
def test_date_that_cannot_be_is_shown_as_a_claim(moment: datetime | None, words: str) -> None:
    """B4."""
    assert say_published(moment, "Europe/Zagreb", now=NOW).startswith(words)
    message = one(published=moment)
    assert message.html is not None


@pytest.mark.parametrize(
    ("code", "name"),
    [("HU", "Hungary"), ("hr", "Croatia"), ("ZZ9", "ZZ9"), (None, "country not known")],
)
def test_country_has_its_name(code: str | None, name: str) -> None:
    assert country_name(code) == name


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("zh-Hant", "Chinese (Traditional)"),
        ("sr-Cyrl", "Serbian (Cyrillic)"),
        ("xx-broken-tag", "xx-broken-tag"),
        (None, "language not known"),
    ],
)
def test_language_has_its_name(tag: str | None, name: str) -> None:
    assert language_name(tag) == name


def test_picture_has_a_bar_for_each_day_and_says_the_same_in_words() -> None:
    until = date(2026, 11, 21)
    history = [
        DayCount(day=until, topic="overseas-stations", reports=4),
        DayCount(day=until - timedelta(days=29), topic="overseas-stations", reports=1),
        DayCount(day=until - timedelta(days=30), topic="overseas-stations", reports=99),
        DayCount(day=until, topic="joint-patrols", reports=2),
        DayCount(day=until, topic="joint-patrols", reports=2),
    ]
    first, second = draw_history(history, until=until, topics=TOPICS)
    assert len(first.counts) == len(first.heights) == len(first.sparkline) == DAYS
    assert first.counts[0] == 1
    assert first.heights[-1] == max(first.heights) == second.heights[-1]
    assert 0 < first.heights[0] < first.heights[-1]
    assert first.sentence == "5 reports in 30 days; the latest on 21 Nov, the most on 21 Nov (4)."
    assert second.counts[-1] == 4


def test_picture_of_nothing_says_nothing_was_reported() -> None:
    rows = draw_history((), until=date(2026, 11, 21), topics=TOPICS)
    assert [row.sentence for row in rows] == ["No report in 30 days."] * 2
    assert all(set(row.heights) == {0} for row in rows)


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


def test_warnings_of_a_digest_say_what_they_mean() -> None:
    days = tuple(date(2026, 11, day) for day in range(1, 14))
    view = view_watch(watch(not_running=days[:3], canary_problem="no page came"), zone="UTC")
    assert view.warnings[0].startswith(
        "The watch did not run on 1 November 2026, 2 November 2026 and 3 November 2026;"
    )
    assert "Real reports may be missing" in "".join(view.warnings)
    many = view_watch(watch(not_running=days), zone="UTC").warnings[0]
    assert "(and 3 more days)" in many
    one = view_watch(watch(not_running=days[:1]), zone="UTC").warnings[0]
    assert "on 1 November 2026;" in one


def test_list_of_troubles_that_is_cut_names_the_command_with_all() -> None:
    troubles = tuple(SourceTrouble(name=f"Outlet {n}", why="no answer") for n in range(30))
    *_, last = view_watch(watch(sources_failed=troubles), zone="UTC").failed
    assert last.name == "and 5 more"
    outage = view_watch(watch(sources_failed=troubles, sources_asked=40), zone="UTC").failed
    assert [len(outage), outage[-1].name] == [6, "and 25 more"], "one reason, said often enough"
    assert "stationwatch status --all" in last.why


def test_webhook_and_mail_count_the_same_articles() -> None:
    """A weak join is "probably the same story": it stands in the list and counts as nothing."""
    sent = render_alert([owed("a", EN, others=4)], subscriber())
    told = sent.payload["data"]["alerts"][0]["story"]
    assert (told["articles"], told["publishers"]) == (4, 4)
    assert "4 articles, 4 independent reports" in sent.text
    assert "probably the same story" in sent.text


def test_topic_without_a_report_is_a_sentence_and_no_empty_picture() -> None:
    sent = render_digest(digest(state=watch(history=())), subscriber())
    assert "No report in 30 days." in sent.text
    assert "|" + " " * DAYS not in sent.text
    assert 'class="chart"' not in (sent.html or "")
    assert 'class="chart"' in (render_digest(digest(), subscriber()).html or "")
