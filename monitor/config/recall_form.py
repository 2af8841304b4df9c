"""[recall] of settings.toml: what a search elsewhere finds, held against the sources."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from monitor.config.durations import read_duration, read_seconds
from monitor.config.places import check_language
from monitor.config.validation import StrictModel, WrongValue
from monitor.model.settings import RecallSettings

DAY = 86400


class RecallForm(StrictModel):
    """[recall]: ask a search what it found, and compare. This reveals the subject to it."""

    search: Literal["google-news", "bing-news", "gdelt"] = "gdelt"
    every: str = "7 days"
    languages: tuple[str, ...] = Field(default=("en",), min_length=1, max_length=12)
    url: str | None = None

    @field_validator("every")
    @classmethod
    def _is_duration(cls, written: str) -> str:
        read_duration(written, least=DAY, most=90 * DAY)
        return written

    @field_validator("languages")
    @classmethod
    def _are_languages(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_language(one) for one in written)

    @field_validator("url")
    @classmethod
    def _is_address(cls, written: str | None) -> str | None:
        parts = urlsplit(written or "")
        if written is not None and not (parts.scheme in {"http", "https"} and parts.hostname):
            raise WrongValue(f"{written[:80]!r} is no address", "write it like https://…")
        return written


def build_recall(form: RecallForm | None) -> RecallSettings | None:
    """Return the check, or None where it is off."""
    if form is None:
        return None
    return RecallSettings(
        search=form.search,
        every=timedelta(seconds=read_seconds(form.every)),
        languages=form.languages,
        url=form.url,
    )
