"""[archives] of settings.toml: where backfills look, and how fast."""

from __future__ import annotations

from pydantic import Field, field_validator

from monitor.config.validation import StrictModel, WrongValue
from monitor.model import ArchiveSettings


class ArchivesForm(StrictModel):
    """[archives]: the archive of captures, Common Crawl's news, the search."""

    captures: str = ArchiveSettings.captures
    requests_a_minute: float = Field(default=ArchiveSettings.requests_a_minute, gt=0, le=6000)
    ccnews: str = ArchiveSettings.ccnews
    gdelt: str = ArchiveSettings.gdelt

    @field_validator("captures", "gdelt")
    @classmethod
    def _is_address(cls, written: str) -> str:
        if not written.startswith(("http://", "https://")):
            raise WrongValue(
                f"{written[:80]!r} is no address", 'write one like "https://web.archive.org"'
            )
        return written.rstrip("/")


def build_archives(form: ArchivesForm) -> ArchiveSettings:
    """Return the settings as the program holds them."""
    return ArchiveSettings(**form.model_dump())
