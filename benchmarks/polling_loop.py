"""What a person would write first: a loop of requests and feedparser over a list of feeds.

Run by benchmarks.polling.  Every feed in turn, each page that its links lead to, a regular
expression over trafilatura's text, and a mail.  No conditional requests, no robots.txt, no delays,
and what it has seen is in memory only.
"""

from __future__ import annotations

import argparse
import re
import smtplib
import time
from email.message import EmailMessage

import feedparser  # type: ignore[import-untyped,import-not-found,unused-ignore]
import requests  # type: ignore[import-untyped,import-not-found,unused-ignore]
import trafilatura

from benchmarks.simulated_news import make_outlets, path_of

EVERY = 900.0
TOPIC = re.compile(r"\b(China|Chinese)\b.{0,80}\bpolice stations?\b", re.IGNORECASE | re.DOTALL)


def send_if_flagged(url: str, mail_port: int) -> None:
    """Fetch a page, and mail it when it is on the topic."""
    try:
        page = requests.get(url, timeout=60).content
    except requests.RequestException:
        return
    text = trafilatura.extract(page) or ""
    if TOPIC.search(text):
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = "New report", "a@example.org", "b@example.org"
        mail.set_content(f"{url}\n\n{text}")
        with smtplib.SMTP("127.0.0.1", mail_port, timeout=30) as server:
            server.send_message(mail)


def look(url: str, seen: set[str], mail_port: int) -> None:
    """Read one feed, and go through what is new."""
    try:
        body = requests.get(url, timeout=30).content
    except requests.RequestException:
        return
    for entry in feedparser.parse(body).entries:
        link = entry.get("link", "")
        if link and link not in seen:
            seen.add(link)
            send_if_flagged(link, mail_port)


def main() -> None:
    """Go on for ever."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("sources", "press", "mail"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    outlets = make_outlets(options.sources, 0)
    bases = {outlet.number: f"http://{outlet.address}:{options.press}" for outlet in outlets}
    seen = {
        bases[each.number] + path_of(each, article) for each in outlets for article in each.shown(0)
    }
    while True:
        began = time.monotonic()
        for outlet in outlets:
            look(f"{bases[outlet.number]}/feed", seen, options.mail)
        print(f"round of {time.monotonic() - began:.0f} s", flush=True)
        time.sleep(max(0.0, EVERY - (time.monotonic() - began)))


if __name__ == "__main__":
    main()
