"""Make a worker's first page as fast as its second."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.extract.article import extract_article
from monitor.model import Page

_PAGE = b"""<!doctype html><html lang="en"><head><title>Warm up</title></head>
<body><article><h1>Warm up</h1><p>Published on the 3rd of sometime, around noon.</p>
<p>A first paragraph that is long enough to be taken for the text of an article, no doubt.</p>
</article></body></html>"""


def warm_up() -> None:
    """Import and run everything once; call it in a worker before its first page.

    The first date in words costs dateparser 1.5 to 3 s in a process (MEASURED.md).
    """
    extract_article(
        Page(
            url="https://example.org/warm-up",
            final_url="https://example.org/warm-up",
            status=200,
            headers=(),
            body=_PAGE,
            wire_body=_PAGE,
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )
