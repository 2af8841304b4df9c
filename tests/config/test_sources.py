"""sources.yaml: the list that ships, a person's own over it, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.files import shipped_file
from monitor.config.reader import Document, read_document
from monitor.config.sources import read_sources
from monitor.errors import Problem
from monitor.model import SectionLinks, Source

SHIPPED = """\
version: 1
sources:
- id: herald
  outlet: The Herald
  kind: feed
  url: https://herald.example.org/rss
  country: IE
  language: en
  class: public
  publisher: Herald Group
- id: posta
  outlet: Posta
  kind: section
  url: https://posta.example.org/news
  links: {selector: "h2 a"}
"""


def document(folder: Path, text: str, name: str = "sources.yaml") -> Document:
    (folder / name).write_text(text, encoding="utf-8")
    return read_document(folder / name, file=name)


def overlay(folder: Path, own: str | None) -> tuple[dict[str, Source], tuple[Problem, ...]]:
    shipped = document(folder, SHIPPED, "shipped.yaml")
    found, problems = read_sources(shipped, None if own is None else document(folder, own))
    return {source.id: source for source in found}, problems


def test_shipped_list_is_read_with_every_field(tmp_path: Path) -> None:
    sources, problems = overlay(tmp_path, None)
    assert problems == ()
    assert sources["herald"] == Source(
        id="herald",
        kind="feed",
        url="https://herald.example.org/rss",
        outlet="The Herald",
        country="IE",
        language="en",
        publisher="Herald Group",
        source_class="public",
    )
    assert sources["posta"].links == SectionLinks(selector="h2 a")


def test_own_list_changes_switches_off_and_adds(tmp_path: Path) -> None:
    own = """\
sources:
- id: herald
  url: https://herald.example.org/atom
  every: 10 minutes
  publisher:
- {id: posta, enabled: false}
- {id: neu, outlet: Neu, kind: sitemap, url: "https://neu.example.org/sitemap.xml"}
"""
    sources, problems = overlay(tmp_path, own)
    assert problems == ()
    assert list(sources) == ["herald", "posta", "neu"]
    herald = sources["herald"]
    assert (herald.url, herald.every) == ("https://herald.example.org/atom", 600)
    assert (herald.outlet, herald.publisher) == ("The Herald", None)
    assert not sources["posta"].enabled
    assert sources["neu"].kind == "sitemap"


def test_replace_leaves_the_shipped_list_out_even_a_broken_one(tmp_path: Path) -> None:
    own = "replace: true\nsources:\n- {id: a, outlet: A, kind: feed, url: 'https://a.example/'}\n"
    sources, problems = overlay(tmp_path, own)
    assert (list(sources), problems) == (["a"], ())
    broken = document(tmp_path, "version: 7\n", "shipped.yaml")
    found, problems = read_sources(broken, document(tmp_path, own))
    assert ([source.id for source in found], problems) == (["a"], ())


A = "sources:\n- id: a\n  outlet: A\n  kind: feed\n  url: https://a.example/\n"


@pytest.mark.parametrize(
    ("own", "line", "said", "cure"),
    [
        (A + "  contry: IE\n", 6, "unknown key 'contry'", "did you mean 'country'?"),
        (A + "  source_class: ngo\n", 6, "unknown key 'source_class'", "mean 'class'"),
        (A + "  country: Hungary\n", 6, "unknown country 'Hungary'", "write 'HU'"),
        (A + "  country: Magyarország\n", 6, "unknown country 'Magyarország'", "write 'HU'"),
        (A + "  country: uk\n", 6, "unknown country 'uk'", "write 'GB'"),
        (A + "  country: UK\n", 6, "unknown country 'UK'", "write 'GB'"),
        (A + "  country: XX\n", 6, "unknown country 'XX'", "two letters"),
        (A + "  language: Hungarian\n", 6, "unknown language 'Hungarian'", "write 'hu'"),
        (A + "  language: zh-Hant\n", 6, "unknown language 'zh-Hant'", "write 'zh'"),
        (A + "  class: goverment\n", 6, "unknown class 'goverment'", "use independent, state"),
        (A + "  class: indpendent\n", 6, "unknown class 'indpendent'", "'independent'"),
        (A + "  every: often\n", 6, "'often' is no span of time", "15 minutes"),
        (A + "  every: 5 seconds\n", 6, "too short", "from 1 minute to 31 days"),
        (A + "  every: 15\n", 6, "'every' must be text, but is 15", '"15"'),
        (A + "  links: {selector: a}\n", 6, "'links' says nothing for a feed", "kind: section"),
        (A + "  links: {selecter: a}\n", 6, "unknown key 'selecter'", "'selector'"),
        (A + "  enabled: NO\n", 6, "'enabled' must be true or false, but is 'NO'", "write true"),
        (A + "- id: a\n", 6, "the id 'a' stands here a second time", "line 2"),
        (A.replace("kind: feed", "kind: rss"), 4, "unknown kind 'rss'", "write 'feed'"),
        (A.replace("kind: feed", "kind: sitmap"), 4, "unknown kind 'sitmap'", "'sitemap'"),
        (A.replace("id: a", "id: A B!"), 2, "the id 'A B!'", "write 'a-b'"),
        (A.replace("https://a.example/", "a.example"), 5, "'a.example' is no web", "https://"),
        (A.replace("https://a", "ftp://a"), 5, "no web address", "https://"),
        (A.replace("https://a", "https://me:pw@a"), 5, "user name or password", "before '@'"),
        (A.replace("https://a.example/", "'https://a.example/a b'"), 5, "no web", "browser"),
        ("sources:\n- id: heralt\n  enabled: false\n", 2, "'heralt' has no kind and no url", "id"),
        ("sources:\n- kind: feed\n", 2, "the key 'id' is missing", "add it"),
        ("sources: herald\n", 1, "'sources' must be a list", "square brackets"),
        ("version: 2\n", 1, "unknown version 2", "write 1"),
    ],
)
def test_mistake_is_told_with_line_and_cure(
    tmp_path: Path, own: str, line: int, said: str, cure: str
) -> None:
    _, problems = overlay(tmp_path, own)
    assert [(one.file, one.line, said in one.problem, cure in one.cure) for one in problems] == [
        ("sources.yaml", line, True, True)
    ], problems


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    own = A + "  country: XX\n- id: b\n  kind: feed\n  url: x\n  language: xx-yy-zz\n"
    _, problems = overlay(tmp_path, own)
    assert [one.line for one in problems] == [6, 9, 10]


def test_list_that_ships_is_without_fault_and_covers_the_press(root: Path) -> None:
    sources, problems = read_sources(read_document(shipped_file("sources.yaml")))
    assert problems == ()
    assert len(sources) > 100
    assert len({source.url for source in sources}) == len(sources)
    assert len({source.country for source in sources}) > 30


def test_unknown_kind_hides_no_other_mistake_of_the_list(tmp_path: Path) -> None:
    own = (
        "sources:\n- id: a\n  outlet: A\n  kind: rrs\n  url: https://a.example/\n"
        "- id: a\n  outlet: B\n  kind: feed\n  url: https://b.example/\n- id: c\n  kind: feed\n"
    )
    sources, problems = overlay(tmp_path, own)
    assert [(one.line, one.problem) for one in problems] == [
        (4, "unknown kind 'rrs'"),
        (6, "the id 'a' stands here a second time"),
        (10, "the source 'c' has no url and no outlet"),
    ]
    assert problems[0].cure == "write 'feed'"
    assert "c" not in sources


def test_source_that_cannot_be_read_is_not_told_twice(tmp_path: Path) -> None:
    """What it lacks may stand in the line that could not be read."""
    own = "sources:\n- id: new\n  kind: rrs\n  utl: https://a.example/\n  outlet: A\n"
    _, problems = overlay(tmp_path, own)
    assert [one.line for one in problems] == [3, 4]
