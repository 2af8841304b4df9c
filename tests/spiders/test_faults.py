"""Servers whose feeds are hostile or broken, each beside a good one that must not notice.

FAULTS C9 to C11, C13 to C15 on a real server; the same bytes in every variation are read in
`tests/feeds`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.model import Look
from spiders.workers import WorkerHost
from tests.fakes.site import Reply, Site, redirect
from tests.spiders.crawling import Crawled, crawl, look_at, settings

XML = '<?xml version="1.0" encoding="utf-8"?>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def item(name: str, title: str = "The ferry is late", text: str = "So it is.") -> str:
    return (
        f"<item><title>{title}</title><link>/{name}</link><guid>{name}</guid>"
        f"<description>{text}</description></item>"
    )


def rss(*items: str, head: str = "", declared: str = XML) -> str:
    return f'{declared}{head}<rss version="2.0"><channel>{"".join(items)}</channel></rss>'


def replies(site: Site) -> dict[str, Reply]:
    leak = site.url("/leak")
    cut = rss(*(item(f"cut{n}", text="x" * 500) for n in range(20))).encode()
    russian = rss(item("ru", "Паром опоздал, сообщает газета"), declared="<?xml version='1.0'?>")
    chinese = rss(item("zh", "轮渡晚点,港口发布公告,旅客等待"), declared="<?xml version='1.0'?>")
    poison = ("&#99999999999;", "&#xD800;", "\x00", "&undefined;", "<![CDATA[", "]]>", "</item>")
    texts = {
        "good": rss(item("good")),
        "laughs": rss(
            item("laughs", "&l9;"),
            item("after"),
            head=f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>',
        ),
        "quadratic": rss(
            item("quadratic", "&a;" * 20_000),
            head=f'<!DOCTYPE rss [<!ENTITY a "{"B" * 50_000}">]>',
        ),
        "file": rss(
            item("file", "&x; late"),
            head='<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        ),
        "net": rss(item("net", "&x; late"), head=f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{leak}">]>'),
        "dtd": rss(item("dtd"), head=f'<!DOCTYPE rss SYSTEM "{leak}">'),
        "parameter": rss(
            item("parameter"), head=f'<!DOCTYPE rss [<!ENTITY % x SYSTEM "{leak}"> %x;]>'
        ),
        "poisoned": rss(
            *(item(f"bad{n}", f"Late {bad} ferry") for n, bad in enumerate(poison)), item("whole")
        ),
        "comments": rss(item("comments", text="&lt;!--" * 60_000), item("behind")),
        "deep": rss("<a>" * 50_000, item("deep")),
        "login": "<html><title>Sign in</title><form><input type=password></form></html>",
        "captcha": "<html><title>Just a moment...</title><div id=cf-challenge></div></html>",
        "parked": "<html><title>x</title><p>This domain is for sale. Buy this domain.</p></html>",
        "missing": "<html><title>404 Page not found</title><p>Page not found</p></html>",
        "consent": "<html><title>Before you continue</title><p>We use cookies</p></html>",
        "nothing": "",
    }
    made = {
        name: Reply(body=text.encode("utf-8", "replace"), content_type="application/rss+xml")
        for name, text in texts.items()
    }
    made["wrong"] = Reply(
        body=russian.encode("cp1251"), content_type="application/rss+xml; charset=utf-8"
    )
    made["wide"] = Reply(
        body=chinese.encode("utf-16"), content_type="application/rss+xml; charset=iso-8859-1"
    )
    made["absent"] = Reply(body=chinese.encode("gb18030"), content_type="text/xml")
    made["cut"] = Reply(body=cut, cut=len(cut) * 3 // 4, content_type="application/rss+xml")
    made["consent"] = replace(made["consent"], content_type="text/html")
    return made


@pytest.fixture(scope="module")
def crawled(host: WorkerHost, site: Site) -> Crawled:
    site.forget()
    tasks = []
    for name, reply in replies(site).items():
        site.route("/feed", reply, host=f"{name}.test")
        language = {"wrong": "ru", "wide": "zh", "absent": "zh"}.get(name)
        url = site.url("/feed", host=f"{name}.test")
        tasks.append(look_at(url, name=name, language=language))
    site.route("/feed", redirect("/account/login"), host="walled.test")
    site.route("/account/login", body=replies(site)["login"].body)
    tasks.append(look_at(site.url("/feed", host="walled.test"), name="walled"))
    site.route("/leak", body=b"leaked")
    return crawl(host, tasks, fetch=settings(feed_seconds=30.0, source_deadline=20.0))


def titles(look: Look) -> list[str]:
    return [entry.title for entry in look.entries]


def paths(look: Look) -> set[str]:
    return {entry.url.rpartition("/")[2] for entry in look.entries}


@pytest.mark.parametrize(
    "name",
    ["good", "laughs", "quadratic", "file", "net", "dtd", "parameter", "poisoned", "comments"],
)
def test_hostile_feed_offers_what_is_in_it(crawled: Crawled, name: str) -> None:
    """C9, C13, C14."""
    look = crawled.looks[name]
    whole = {"laughs": "after", "poisoned": "whole", "comments": "behind"}.get(name, name)
    assert whole in paths(look), look.problem
    assert all(len(title) <= 2000 for title in titles(look))


def test_nothing_is_opened_for_a_feed(crawled: Crawled, site: Site) -> None:
    """C9: no file, no connection."""
    assert "/leak" not in site.paths
    said = " ".join(title for look in crawled.looks.values() for title in titles(look))
    assert "root:" not in said
    assert "leaked" not in said


def test_poisoned_items_cost_themselves_at_most(crawled: Crawled) -> None:
    """C13."""
    assert len(paths(crawled.looks["poisoned"])) >= 6


def test_feed_cut_off_gives_what_came_before_the_break(crawled: Crawled) -> None:
    """C10."""
    look = crawled.looks["cut"]
    assert look.salvaged
    assert {f"cut{n}" for n in range(14)} <= paths(look)
    assert "ended early" in (look.problem or "")


@pytest.mark.parametrize(
    ("name", "word"), [("wrong", "Паром опоздал"), ("wide", "轮渡晚点"), ("absent", "轮渡晚点")]
)
def test_words_are_read_whatever_charset_is_declared(
    crawled: Crawled, name: str, word: str
) -> None:
    """C11."""
    assert any(word in title for title in titles(crawled.looks[name]))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("login", "login"),
        ("walled", "login"),
        ("captcha", "captcha"),
        ("parked", "parked"),
        ("missing", "not-found"),
        ("consent", "consent"),
        ("nothing", "nothing at all"),
    ],
)
def test_what_comes_instead_of_a_feed_is_named(crawled: Crawled, name: str, said: str) -> None:
    """C15: status 200, and no feed; the last good validators are not replaced."""
    look = crawled.looks[name]
    assert said in (look.disguise or "")
    assert said in (look.problem or "")
    assert look.validators.etag is None
    assert look.entries == ()


def test_every_source_was_answered_for(crawled: Crawled) -> None:
    assert crawled.done is not None
    assert len(crawled.looks) == len(crawled.sources_done) == 21
