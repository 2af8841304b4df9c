"""An article is matched in languages that its page can hold only."""

from datetime import UTC, datetime

from monitor.model import Page
from monitor.prepare import Preparer

ROMANIAN = ("Chinezi la Iași", "Poliția chineză patrulează împreună cu jandarmii la Iași, iarna.")


def test_words_of_a_language_that_is_not_shown_do_not_count(preparer: Preparer) -> None:
    title, text = ROMANIAN
    assert preparer.matcher.match(title, text).matches
    assert not preparer.matcher.match(title, text, shown={"en", "hu"}).matches
    assert preparer.matcher.match(title, text, shown={"en", "ro"}).matches


def test_page_in_another_language_is_read_in_the_languages_that_it_shows(
    preparer: Preparer,
) -> None:
    title, text = ROMANIAN
    filler = "<p>They said that it was more than they had, but some will not have it.</p>"

    def flag(lead: str) -> bool:
        body = f"<html>{lead}<body><h1>{title}</h1><p>{text * 3}</p>{filler * 6}</body></html>"
        page = Page(
            url="https://paper.example/1",
            final_url="https://paper.example/1",
            status=200,
            headers=(),
            body=body.encode(),
            wire_body=body.encode(),
            fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
        )
        analysis = preparer.prepare(page).analysis
        return bool(analysis and analysis.matches)

    small = "<p>Nu este, dar mai sunt și fost despre sau când fără unde către după.</p>"
    assert not flag("")
    assert flag(f"<head><title>{title}</title></head>{small}")
