"""Whether a page can be opened in a browser here; without loading anything of it."""

from __future__ import annotations

import importlib.util
import os
import shutil

USUAL = (
    "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome",
)  # fmt: skip


def find_chromium(configured: str | None) -> str | None:
    """Return the path of a Chromium: the one that was configured, else one of the usual."""
    if configured is not None:
        return configured if os.access(configured, os.X_OK) else None
    return next((path for path in map(shutil.which, USUAL) if path is not None), None)


def why_no_browser(configured: str | None) -> str | None:
    """Return one sentence with the cure when no page can be opened in a browser; else None."""
    if importlib.util.find_spec("scrapy_playwright") is None:
        return (
            "it needs a browser, and the part that opens one is not installed: run"
            " './stationwatch install browser'"
        )
    if find_chromium(configured) is not None:
        return None
    if configured is not None:
        return (
            f"it needs a browser, and {configured!r} is none: correct browser under [network] in"
            " settings.toml"
        )
    return (
        "it needs a browser, and there is no Chromium: install one (Debian: apt install chromium),"
        " or name its path as browser under [network] in settings.toml"
    )
