"""The texts that the demo's press prints, and what must be flagged of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from monitor.config.reader import StrictModel, raise_problems, read_document, validate

ARTICLES = Path(__file__).with_name("articles.yaml")


class ExpectForm(StrictModel):
    """What must be flagged of a text."""

    topic: str
    countries: tuple[str, ...]


class TextForm(StrictModel):
    """One text as articles.yaml holds it."""

    id: str
    outlet: str
    language: str
    hours: int
    author: str
    title: str
    section: str
    text: str
    expect: ExpectForm | None = None
    copy_of: str | None = None
    because: str = ""


class TextsForm(StrictModel):
    """The whole of articles.yaml."""

    articles: tuple[TextForm, ...]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the demo must flag: where it stands, the topic, the countries.

    `copy_of` is the URL of the page that this one repeats; one of the two is the first.
    """

    url: str
    title: str
    language: str
    topic: str
    countries: tuple[str, ...]
    copy_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text, dated, with its paragraphs and the path it is printed at."""

    id: str
    outlet: str
    language: str
    author: str
    title: str
    section: str
    paragraphs: tuple[str, ...]
    published: datetime
    topic: str | None = None
    countries: tuple[str, ...] = ()
    copy_of: str | None = None
    because: str = ""

    @property
    def path(self) -> str:
        """Return the path of its page."""
        return f"/{self.published:%Y/%m/%d}/{self.id}"


def read_texts(now: datetime) -> tuple[Text, ...]:
    """Return the texts, newest first, dated in the hours before `now`."""
    form, problems = validate(TextsForm, read_document(ARTICLES))
    raise_problems(problems)
    assert form is not None
    texts = [_build(one, now) for one in form.articles]
    return tuple(sorted(texts, key=lambda text: text.published, reverse=True))


def _build(form: TextForm, now: datetime) -> Text:
    expect = form.expect
    return Text(
        id=form.id,
        outlet=form.outlet,
        language=form.language,
        author=form.author,
        title=form.title,
        section=form.section,
        paragraphs=tuple(form.text.strip().split("\n")),
        published=now.replace(microsecond=0) - timedelta(hours=form.hours),
        topic=expect.topic if expect else None,
        countries=expect.countries if expect else (),
        copy_of=form.copy_of,
        because=form.because,
    )
