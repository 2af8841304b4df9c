"""A checked keywords.yaml kept under the hash of its bytes: see `monitor.config.kept`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from monitor.config.kept import find_kept, keep
from monitor.model.rules import Keywords

# The number is the form's; a change of the values in monitor.model.rules changes it.
KIND = "keywords-3"


def find_cached(folder: Path, digest: str) -> Keywords | None:
    """Return the keywords kept for a file with that hash, or None."""
    try:
        keywords = _adapter().validate_python(_thaw(find_kept(folder, KIND, digest)))
    except (ValueError, ValidationError, RecursionError, KeyError, TypeError):
        return None
    return keywords if keywords.version == digest else None


def keep_cached(folder: Path, keywords: Keywords) -> None:
    """Keep the keywords; a folder that cannot be written is no error."""
    keep(folder, KIND, keywords.version, _freeze(keywords))


def _adapter() -> TypeAdapter[Keywords]:
    return TypeAdapter(Keywords)


def _freeze(keywords: Keywords) -> Any:
    """Return plain values; the lines of terms become lists, because JSON keys are text."""
    plain: Any = TypeAdapter(Keywords).dump_python(keywords, mode="python")
    for concept in plain["concepts"]:
        concept["lines"] = [[*key, line] for key, line in concept["lines"].items()]
    return plain


def _thaw(plain: Any) -> Any:
    for concept in plain["concepts"]:
        concept["lines"] = {(language, term): line for language, term, line in concept["lines"]}
    return plain
