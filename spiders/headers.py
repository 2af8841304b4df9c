"""Reading headers as they were received."""

from __future__ import annotations

from monitor.model import Header


def header_value(headers: tuple[Header, ...], name: str) -> str:
    """Return the values of a header joined with commas (RFC 9110, 5.3); empty without it.

    `name` is in small letters.
    """
    return ", ".join(value for each, value in headers if each.lower() == name)
