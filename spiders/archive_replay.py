"""A capture as an archive serves it → the page that was captured."""

from __future__ import annotations

from dataclasses import replace

from monitor.model import Header, Page
from spiders.archive import read_capture
from spiders.errors import NoCapture

ORIGINAL = "x-archive-orig-"
OF_THE_ARCHIVE = frozenset({
    "memento-datetime", "link", "content-location", "date", "server", "transfer-encoding",
    "connection", "vary", "cache-control", "content-length", "content-encoding",
    "content-security-policy", "server-timing", "permissions-policy",
})  # fmt: skip
"""Headers that speak of the capture and its way here, not of what was captured."""


def uncover(page: Page) -> Page:
    """Return the page that was captured: its address, its time, its headers.

    An archive leads to the nearest capture it has, so the final address says which one came.
    Raises NoCapture where that is none: what was asked for says nothing of what came.
    """
    captured = read_capture(page.final_url)
    if captured is None:
        raise NoCapture("the archive gave a page that is no capture")
    return replace(
        page,
        url=captured.url,
        final_url=captured.url,
        fetched_at=captured.at,
        headers=tuple(original_headers(page.headers)),
        wire_body=page.body,
    )


def original_headers(headers: tuple[Header, ...]) -> list[Header]:
    """Return the headers as the site had sent them; those of codings that are undone are gone."""
    found = [
        (name[len(ORIGINAL) :], value)
        for name, value in headers
        if name.lower().startswith(ORIGINAL)
    ]
    known = {name.lower() for name, _ in found} | OF_THE_ARCHIVE
    found += [
        (name, value)
        for name, value in headers
        if name.lower() not in known and not name.lower().startswith("x-")
    ]
    undone = {"content-encoding", "transfer-encoding", "content-length"}
    return [(name, value) for name, value in found if name.lower() not in undone]
