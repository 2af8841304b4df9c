"""The three configuration files by name, and where those that ship lie."""

from __future__ import annotations

from pathlib import Path

KEYWORDS = "keywords.yaml"
SOURCES = "sources.yaml"
SETTINGS = "settings.toml"
NAMES = (KEYWORDS, SOURCES, SETTINGS)

# In a wheel, keywords.yaml lies beside this file; in a checkout, at the root. `spiders` brings its
# own sources.yaml in both.
BESIDE = Path(__file__).resolve().parent / "shipped"
ROOT = Path(__file__).resolve().parents[2]


def find_file(folder: Path, name: str) -> Path:
    """Return `name` in `folder` when it is there, else the one that ships."""
    own = folder / name
    return own if own.exists() else shipped_file(name)


def shipped_file(name: str) -> Path:
    """Return the path of a file that comes with the program, in a checkout as in a wheel."""
    if name == SOURCES:
        return ROOT / "spiders" / SOURCES
    beside = BESIDE / name
    return beside if beside.is_file() else ROOT / name
