"""Alerts, digests and watches to render: written for these tests, in several languages."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

from monitor.digest.build import build_digest
from monitor.digest.due import digest_id
from monitor.model.delivery import EmailChannel, FolderChannel, OwedAlert, Subscriber
from monitor.model.digest import (
    DayCount,
    Digest,
    DueDigest,
    FailedDelivery,
    SourceTrouble,
    WatchState,
)
from monitor.model.matches import Level, Match, Passage, RuleHit, TermHit
from monitor.model.pages import Outcome
from monitor.model.stories import Change, ChangeKind, Story, StoryArticle

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
TOPICS = {
    "overseas-stations": "Overseas police stations",
    "joint-patrols": "Joint patrols",
}
EN = (
    "Budapest opens inquiry into unofficial police station",
    "Hungarian officials said on Friday that they had begun an inquiry. Residents of the eighth"
    " district had reported a sign that named an overseas police service station of a Chinese"
    " county. The station had never been registered with the city. A spokesman said that nobody"
    " had been questioned so far.\nThe embassy called it a centre run by volunteers.",
    "overseas police service station",
)
ZH = (
    "布达佩斯调查海外警务服务站",
    "匈牙利官员周五表示，已对一处挂牌的海外警务服务站展开调查。当地居民称，该站从未登记。"
    "使馆称那里只有志愿者。",
    "海外警务服务站",
)
IT = (
    "Pattuglie miste a Fermignano: agenti cinesi accanto ai vigili",
    "Da lunedì quattro agenti cinesi affiancano la polizia locale in pattuglie congiunte nel"
    " centro storico. Il sindaco parla di un aiuto per i turisti.",
    "pattuglie congiunte",
)
AR = (
    "تحقيق في مركز شرطة صيني غير معلن في المدينة",
    "قالت البلدية يوم الجمعة إنها فتحت تحقيقا في مركز شرطة صيني يعمل من دون ترخيص منذ عامين.",
    "مركز شرطة صيني",
)


def uid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def subscriber(**changes: object) -> Subscriber:
    values: dict[str, object] = {
        "name": "duty",
        "channel": FolderChannel(),
        "time_zone": "Europe/Zagreb",
        **changes,
    }
    return Subscriber(**values)  # type: ignore[arg-type]


def mail_channel(**changes: object) -> EmailChannel:
    values: dict[str, object] = {
        "to": "officer@example.org",
        "sender": "Watch <watch@example.org>",
        "host": "localhost",
        "port": 25,
        **changes,
    }
    return EmailChannel(**values)  # type: ignore[arg-type]


def match(
    title: str,
    text: str,
    word: str,
    *,
    topic: str = "overseas-stations",
    level: Level = Level.REPORT,
    score: float = 16.0,
    rule: str = "named outright",
) -> Match:
    passages = []
    for field, whole in (("text", text), ("title", title)):
        at = whole.find(word)
        if at >= 0:
            end = at + len(word)
            term = TermHit(
                concept="overseas-station-phrase",
                listed=word,
                written=word,
                field=field,
                start=at,
                end=end,
            )
            passages.append(
                Passage(field=field, start=at, end=end, text=word, rule=rule, terms=(term,))
            )
    return Match(
        topic=topic,
        level=level,
        score=score,
        report_at=10.0,
        mention_at=4.0,
        hits=(RuleHit(rule=rule, score=score, zone="lead", passages=tuple(passages)),),
    )


def owed(
    name: str = "one",
    sample: tuple[str, str, str] = EN,
    *,
    kind: ChangeKind = ChangeKind.FIRST_REPORT,
    commit: int = 10,
    countries: tuple[str, ...] = ("HU",),
    language: str | None = "en",
    topic: str = "overseas-stations",
    level: Level = Level.REPORT,
    others: int = 0,
    url: str | None = None,
    published: datetime | None = datetime(2026, 11, 20, tzinfo=UTC),
    score: float = 16.0,
    attempts: int = 0,
    story: str | None = None,
) -> OwedAlert:
    title, text, word = sample
    link = url or f"https://news.example.org/{name}/article-with-a-rather-long-address-2026"
    articles = [
        StoryArticle(
            article_id=uid(f"article {name}"),
            url=link,
            title=title,
            outlet="The Danube Courier",
            country="HU",
            language=language,
            published=published,
            first_seen=NOW - timedelta(hours=3),
            publisher="Danube Media",
        )
    ]
    articles += [
        StoryArticle(
            article_id=uid(f"article {name} {n}"),
            url=f"https://copy{n}.example.net/{name}",
            title=f"{title} ({n})",
            outlet=f"Outlet {n}",
            country="AT",
            language="de",
            published=None,
            first_seen=NOW - timedelta(hours=2),
            weak=n == 3,
        )
        for n in range(1, others + 1)
    ]
    topics = (topic,)
    return OwedAlert(
        id=uid(f"alert {name} {kind}"),
        subscriber="duty",
        channel="folder",
        change=Change(
            id=uid(f"change {name} {kind}"),
            story_id=uid(f"story {story or name}"),
            article_id=uid(f"article {name}"),
            kind=kind,
            commit=commit,
            at=NOW - timedelta(hours=3),
        ),
        story=Story(
            id=uid(f"story {story or name}"),
            title=title,
            topics=topics,
            countries=countries,
            level=str(level),
            first_seen=NOW - timedelta(hours=3),
            articles=tuple(articles),
        ),
        article_id=uid(f"article {name}"),
        matches=(match(title, text, word, topic=topic, level=level, score=score),),
        title=title,
        text=text,
        url=link,
        created_at=NOW - timedelta(hours=3),
        attempts=attempts,
    )


def watch(**changes: object) -> WatchState:
    day = date(2026, 11, 21)
    values: dict[str, object] = {
        "since": NOW - timedelta(days=1),
        "until": NOW,
        "sources_asked": 216,
        "sources_failed": (
            SourceTrouble(name="Grenzland Kurier", why="the certificate has expired", since=NOW),
            SourceTrouble(name="Radio Sava", why="no answer in 30 s (3 times)"),
        ),
        "sources_silent": (
            SourceTrouble(
                name="Diáspora Hoy",
                why="nothing new for 9 days; it usually has something every 14 hours",
            ),
        ),
        "pages": 1204,
        "outcomes": {
            Outcome.NO_MATCH: 1102,
            Outcome.UNCHANGED: 61,
            Outcome.NEW: 4,
            Outcome.DUPLICATE: 22,
            Outcome.EXTRACTION_FAILED: 3,
            Outcome.FETCH_FAILED: 12,
        },
        "suppressed": {"the same text under another address": 22, "robots.txt forbids it": 5},
        "deliveries_failed": (
            FailedDelivery(
                what="Alert of 18 November",
                channel="webhook",
                why="500 Internal Server Error, 10 times in 75 h",
                at=NOW - timedelta(hours=9),
            ),
        ),
        "canary_at": NOW - timedelta(minutes=20),
        "history": tuple(
            DayCount(day=day - timedelta(days=n), topic=topic, reports=(n * 7 + k * 3) % 5 % 4)
            for n in range(30)
            for k, topic in enumerate(TOPICS)
            if (n + k) % 3 == 0
        ),
    }
    return WatchState(**{**values, **changes})  # type: ignore[arg-type]


def digest(
    alerts: list[OwedAlert] | None = None, *, state: WatchState | None = None, **changes: object
) -> Digest:
    reader = subscriber(**changes)
    day = date(2026, 11, 21)
    due = DueDigest(
        id=digest_id(reader.name, reader.digest_every, day),
        subscriber=reader.name,
        period=reader.digest_every,
        local_date=day,
        due_at=NOW,
    )
    if alerts is None:
        alerts = [
            owed("budapest", EN, others=4),
            owed("zh", ZH, language="zh", commit=11, kind=ChangeKind.INDEPENDENT_REPORT),
            owed("ar", AR, language="ar", commit=12, countries=("AE",)),
            owed("it", IT, language="it", commit=13, countries=("IT",), topic="joint-patrols"),
            owed("small", EN, commit=14, level=Level.MENTION, score=5.0),
        ]
    return build_digest(
        due,
        reader,
        alerts,
        after_commit=0,
        to_commit=20,
        watch=state or watch(),
        now=NOW,
        topics=TOPICS,
    )
