"""keywords.yaml: what is accepted, and every mistake with line, value and cure (FAULTS D8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.keywords import read_keywords
from monitor.errors import ConfigError
from monitor.model.rules import Condition, Example, Weights, Window

GOOD = """\
version: 1
home: [CN]
weights: {title: 3}
concepts:
  lighthouse:
    any: [Lanterna]
    en: [lighthouse*, "*beacon*"]
    sr: [svetionik*]
    except: {en: [lighthouse cinema]}
  keeper: {includes: [lighthouse, $person], nb: [vokter*]}
  fog: {}
languages:
  de:
    fog: [nebel*]
    keeper: {terms: [wärter*], except: [tierwärter*]}
topics:
  lights:
    title: Lights
    alert: off
    report at: 10
    mention at: 4
    report needs: 3 sentences
    rules:
      - name: pair
        near: [lighthouse, {any: [keeper, fog], not: [$home]}]
        within: 12 words or 40 characters, same sentence
        ordered: on
        and: $abroad
        not: [fog]
        in: [title, lead]
        not in title: [fog, {all: [fog, keeper]}]
        score: 6.5
        tag: night
      - {name: later, any: fog, score: 1, after strong hit: on, at most: 3}
      - {name: penalty, all: [fog, keeper], score: -3}
    examples:
      report: ["The lighthouse keeper left"]
      none: [{title: A title, text: A text}]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "keywords.yaml"
    path.write_text(text, "utf-8")
    return path


def problems_of(folder: Path, text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(ConfigError) as error:
        read_keywords(write(folder, text))
    return [(one.line, one.problem, one.cure) for one in error.value.problems]


def test_every_key_of_the_form_is_read(tmp_path: Path) -> None:
    keywords = read_keywords(write(tmp_path, GOOD))
    assert keywords.home == ("CN",)
    assert keywords.weights == Weights(title=3, lead=1.5, body=1)
    lighthouse, keeper, fog = keywords.concepts
    assert lighthouse.terms == {
        "any": ("Lanterna",),
        "en": ("lighthouse*", "*beacon*"),
        "sr": ("svetionik*",),
    }
    assert lighthouse.except_terms == {"en": ("lighthouse cinema",)}
    assert lighthouse.lines["en", "*beacon*"] == 7
    assert keeper.includes == ("lighthouse", "$person")
    assert keeper.terms == {"no": ("vokter*",), "de": ("wärter*",)}
    assert keeper.except_terms == {"de": ("tierwärter*",)}
    assert fog.terms == {"de": ("nebel*",)}
    topic = keywords.topics[0]
    assert (topic.id, topic.title, topic.alert) == ("lights", "Lights", False)
    assert (topic.report_at, topic.mention_at, topic.sentences_needed) == (10, 4, 3)
    assert topic.examples.report == (Example(title="The lighthouse keeper left", line=37),)
    assert topic.examples.none == (Example(title="A title", text="A text", line=38),)


def test_every_key_of_a_rule_is_read(tmp_path: Path) -> None:
    pair, later, penalty = read_keywords(write(tmp_path, GOOD)).topics[0].rules
    assert pair.near == ("lighthouse", Condition(any=("keeper", "fog"), not_=("$home",)))
    assert pair.within == Window(words=12, characters=40, span="same sentence")
    assert (pair.ordered, pair.and_, pair.not_) == (True, ("$abroad",), ("fog",))
    assert (pair.zones, pair.score, pair.tag) == (("title", "lead"), 6.5, "night")
    assert pair.not_in_title == ("fog", Condition(all=("fog", "keeper")))
    assert pair.line == 24
    assert (later.after_strong, later.at_most, later.any) == (True, 3, ("fog",))
    assert (penalty.score, penalty.all) == (-3, ("fog", "keeper"))


@pytest.mark.parametrize(
    ("old", "new", "line", "problem", "cure"),
    [
        ("version: 1", "version: 2", 1, "unknown version 2", "write 'version: 1'"),
        ("version: 1\n", "", None, "'version' is missing", "version: 1"),
        ("home: [CN]", "hom: [CN]", 2, "unknown key 'hom'", "did you mean 'home'?"),
        ("home: [CN]", "home: [China]", 2, "unknown country 'China'", "CN"),
        ("{title: 3}", "{title: x}", 3, "the weight of title must be a number", "number"),
        ("{title: 3}", "{head: 3}", 3, "unknown key 'head'", "lead"),
        ("    en: [lig", "    eng: [lig", 7, "unknown language 'eng'", "did you mean"),
        ("[Lanterna]", "Lanterna", 6, "must be a list, but is 'Lanterna'", "square brackets"),
        ("[Lanterna]", "[110]", 6, "a term must be text, but is 110", '"110"'),
        ("[Lanterna]", "[(a]", 6, "opens a bracket that is not closed", "add ')'"),
        ("[Lanterna]", "[a|b]", 6, "'|' outside brackets", "(one|other)"),
        ("[Lanterna]", "[a*b]", 6, "star in its middle", "before or behind"),
        ("[Lanterna]", "['…']", 6, "no letter or digit", "remove it"),
        ("[lighthouse, $person]", "[lighthose]", 10, "unknown concept 'lighthose'", "lighthouse"),
        ("[lighthouse, $person]", "[$persn]", 10, "unknown concept '$persn'", "$person"),
        ("[lighthouse, $person]", "[keeper]", 10, "includes itself: keeper → keeper", "circle"),
        ("  keeper: {inc", "  Keeper: {inc", 10, "'Keeper' may hold small letters", "rename"),
        ("    fog: [nebel*]", "    fgo: [nebel*]", 14, "unknown concept 'fgo'", "fog"),
        ("    fog: [nebel*]\n", "", 11, "'fog' has no terms", "list terms"),
        ("  lights:", "  Lights On:", 17, "'Lights On' may hold small letters", "title"),
        ("    title: Lights\n", "", 17, "has no title", "add 'title: …'"),
        ("alert: off", "alert: never", 19, "'alert' is 'never'", "on or off"),
        ("    report at: 10\n", "", 17, "'report at' is missing", "report at"),
        ("    mention at: 4\n", "", 17, "'mention at' is missing", "mention at"),
        ("mention at: 4", "mention at: 40", 21, "is 40 and 'report at' is 10", "fewer"),
        ("report at: 10", "report at: ten", 20, "'report at' must be a number", "number"),
        ("needs: 3 sentences", "needs: a lot", 22, "'report needs' is 'a lot'", "2 sentences"),
        ("      - name: pair", "      - nme: pair", 24, "unknown key 'nme'", "name"),
        ("        score: 6.5\n", "", 24, "'pair' has no score", "score"),
        ("score: 6.5", "score: high", 32, "the score must be a number, but is 'high'", "number"),
        ("score: 6.5", "score: 0\n        tga: x", 33, "unknown key 'tga'", "tag"),
        ("        near:", "        any: fog\n        near:", 24, "'any' and 'near'", "keep one"),
        ("12 words or 40 ch", "12 wrds or 40 ch", 26, "12 wrds or", "12 words"),
        ("12 words or 40 characters", "900 words", 26, "900 words", "at most 100 words"),
        ("within: 12 words or 40 characters,", "not:", 24, "without 'within'", "within"),
        ("and: $abroad", "and: $abrod", 28, "unknown concept '$abrod'", "$abroad"),
        ("not: [fog]", "not: []", 29, "'not' is empty", "remove"),
        ("in: [title, lead]", "in: [titel]", 30, "unknown 'in' 'titel'", "title"),
        ("at most: 3", "at most: 0", 34, "'at most' is 0", "1 to 50"),
        ("name: later", "name: pair", 34, "'pair' stands already in line 24", "another name"),
        ("score: -3}", "score: -3, tag: x}", 35, "the penalty 'penalty' has", "remove"),
        ("any: fog, sc", "any: fog, within: 3 words, sc", 34, "without 'near'", "near"),
        ('["The lighthouse keeper left"]', "[12]", 37, "example must be text, but is 12", '"12"'),
        ("{title: A title, text: A text}", "{titel: A}", 38, "unknown key 'titel'", "title"),
    ],
)  # fmt: skip
def test_mistake_is_told_with_line_value_and_cure(
    tmp_path: Path, old: str, new: str, line: int | None, problem: str, cure: str
) -> None:
    assert old in GOOD
    found = problems_of(tmp_path, GOOD.replace(old, new, 1))
    assert any(
        told_line == (line or told_line) and problem in told and cure in told_cure
        for told_line, told, told_cure in found
    ), found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("[CN]", "[xx]").replace("score: 6.5", "score: x").replace("nebel*", "(")
    assert [line for line, _, _ in problems_of(tmp_path, text)] == [2, 14, 32]


@pytest.mark.parametrize(
    "text",
    [
        "version: 1",
        "[]",
        "text",
        "version: 1\nconcepts: 3\ntopics: [a]\n",
        "version: 1\nconcepts:\n",
    ],
)
def test_file_that_holds_nothing_to_watch_is_refused(tmp_path: Path, text: str) -> None:
    assert problems_of(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nversion: 1\n",
        "a: &x [1]\nb: *x\n",
        "a: !!python/object:os.system x\n",
        "[" * 3000,
        "\t- a\n",
        "version: 1\nconcepts: {a: {en: [no: yes]}}\n",
    ],
)
def test_hostile_file_is_a_problem_and_no_surprise(tmp_path: Path, text: str) -> None:
    """FAULTS D8."""
    assert problems_of(tmp_path, text)


def test_deep_nesting_of_conditions_is_refused(tmp_path: Path) -> None:
    inner = "fog"
    for _ in range(8):
        inner = "{any: [" + inner + "]}"
    found = problems_of(tmp_path, GOOD.replace("and: $abroad", f"and: {inner}"))
    assert any("nested more than" in problem for _, problem, _ in found)


def test_missing_file_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_keywords(tmp_path / "none.yaml")


def test_cache_gives_the_same_keywords(tmp_path: Path) -> None:
    path, cache = write(tmp_path, GOOD), tmp_path / "cache"
    first = read_keywords(path, cache=cache)
    assert len(list(cache.iterdir())) == 1
    assert read_keywords(path, cache=cache) == first


def test_cache_is_left_alone_when_the_file_changes(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = read_keywords(write(tmp_path, GOOD), cache=cache)
    second = read_keywords(write(tmp_path, GOOD.replace("Lanterna", "Lanthorn")), cache=cache)
    assert second.version != first.version
    assert second.concepts[0].terms["any"] == ("Lanthorn",)


@pytest.mark.parametrize("damage", [b"", b"{}", b"garbage\n{}", b"\x80\x04K*."])
def test_damaged_cache_is_passed_over(tmp_path: Path, damage: bytes) -> None:
    path, cache = write(tmp_path, GOOD), tmp_path / "cache"
    first = read_keywords(path, cache=cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage)
    assert read_keywords(path, cache=cache) == first


def test_changed_byte_in_the_cache_is_noticed(tmp_path: Path) -> None:
    path, cache = write(tmp_path, GOOD), tmp_path / "cache"
    first = read_keywords(path, cache=cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"Lanterna", b"Nothing_"))
    assert read_keywords(path, cache=cache) == first


def test_cache_is_for_its_owner_alone(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    read_keywords(write(tmp_path, GOOD), cache=cache)
    assert cache.stat().st_mode & 0o077 == 0
    assert all(kept.stat().st_mode & 0o077 == 0 for kept in cache.iterdir())


def test_file_with_mistakes_is_not_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with pytest.raises(ConfigError):
        read_keywords(write(tmp_path, GOOD.replace("[CN]", "[xx]")), cache=cache)
    assert not cache.exists()


def test_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    assert read_keywords(write(tmp_path, GOOD), cache=blocked / "cache").concepts


def test_form_in_the_description_is_accepted(tmp_path: Path, root: Path) -> None:
    """What monitor/match/README.md shows is what the reader takes."""
    readme = (root / "monitor" / "match" / "README.md").read_text("utf-8")
    shown = readme.split("```yaml\n")[1].split("```")[0]
    shown = shown.replace("includes: [china, psb-city, $person]", "includes: [china, $person]")
    keywords = read_keywords(write(tmp_path, shown))
    assert [topic.id for topic in keywords.topics] == ["overseas-stations"]


def test_every_key_is_described(root: Path) -> None:
    from monitor.config.keywords import TOP_KEYS
    from monitor.config.keywords_topics import RULE_KEYS, TOPIC_KEYS
    from monitor.config.keywords_windows import SPANS
    from monitor.model.rules import ENTITY_CONCEPTS

    readme = (root / "monitor" / "match" / "README.md").read_text("utf-8")
    for key in (*TOP_KEYS, *TOPIC_KEYS, *RULE_KEYS, *SPANS, *ENTITY_CONCEPTS.values()):
        assert key in readme, key
