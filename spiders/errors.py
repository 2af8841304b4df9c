"""Why a request did not bring a page; raised inside a crawl and turned into values at its border.

`spiders.failures` says what each comes to. Those of the network itself are in `spiders.wire`.
"""

from __future__ import annotations


class RobotsForbids(Exception):
    """robots.txt has a rule against it."""


class RobotsUnreachable(Exception):
    """robots.txt could not be had, which forbids everything for the time being (RFC 9309)."""


class HostHeld(Exception):
    """The host asked to be left alone, or has not answered again and again."""

    def __init__(self, reason: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


class BrowserFailed(Exception):
    """The browser crashed, hung, or could not be started."""


class BrowserMissing(BrowserFailed):
    """There is no browser here."""


class NoCapture(Exception):
    """An archive answered with something else than a capture."""


class TooManyRedirects(Exception):
    """More redirects than are followed, or a circle of them."""
