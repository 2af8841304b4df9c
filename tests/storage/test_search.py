from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.connection import Connection
from storage.database import Storage
from storage.folding import build_query, fold
from tests.storage.building import Desk, HeldClock, make_article

TEXTS = {
    "zh": ("中国海外警察服务站", "报告说，这些站点侵犯人权。中国政府否认。"),
    "zh-Hant": ("警察局關閉", "臺北的報導。"),
    "el": ("Αστυνομικό τμήμα", "Παραβίαση των ανθρώπινων δικαιωμάτων στην Αθήνα."),
    "hr": ("Kineska policijska postaja u Zagrebu", "Đorđe je rekao da je učinak mali."),
    "pl": ("Łódź: posterunek zamknięty", "Władze miasta."),
    "tr": ("İstanbul'da karakol", "Işık söndü."),
    "de": ("Große Straße", "Die Polizeidienststelle in der Straße."),
    "ru": ("Китайский полицейский участок", "Ёлка у здания."),
    "ar": ("مركز شرطة صيني", "أُغلق المَركز أمس."),
    "ko": ("중국 비밀경찰서", "인권 단체의 보고서."),
    "ja": ("海外警察拠点", "東京のレストラン。"),
    "th": ("สถานีตำรวจจีน", "ในกรุงเทพ"),
    "vi": ("Đồn cảnh sát", "Tại Hà Nội."),
    "hu": ("Kínai rendőrőrs", "Budapesten két cím."),
}


@pytest.fixture
def archive(desk: Desk) -> dict[str, str]:
    """Return the language of each article by its id."""
    found = {}
    for language, (title, text) in TEXTS.items():
        stored = desk.flag(make_article(language, title=title, text=text, language=language))
        found[stored.id] = language
    return found


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("人权", {"zh"}),
        ("警", {"zh", "zh-Hant", "ja"}),
        ("海外警察", {"zh", "ja"}),
        ("警察服务站", {"zh"}),
        ("服务 人权", {"zh"}),
        ("權", set()),
        ("ανθρωπινων", {"el"}),
        ("ΑΘΉΝΑ", {"el"}),
        ("dorde ucinak", {"hr"}),
        ("zagrebu", {"hr"}),
        ("lodz", {"pl"}),
        ("ISTANBUL", {"tr"}),
        ("isik", {"tr"}),
        ("strasse", {"de"}),
        ("STRASSE", {"de"}),
        ("polizeidienst*", {"de"}),
        ("елка", {"ru"}),
        ("участок", {"ru"}),
        ("المركز", {"ar"}),
        ("인권", {"ko"}),
        ("비밀경찰서", {"ko"}),
        ("レストラン", {"ja"}),
        ("ﾚｽﾄﾗﾝ", {"ja"}),
        ("ตำรวจ", {"th"}),
        ("don canh sat", {"vi"}),
        ("ha noi", {"vi"}),
        ('"hà nội"', {"vi"}),
        ("rendorors", {"hu"}),
        ('"rendőrőrs két"', set()),
        ("két kínai", {"hu"}),
        ("nowhere", set()),
    ],
)
def test_words_are_found_in_every_script(
    desk: Desk, archive: dict[str, str], query: str, languages: set[str]
) -> None:
    hits = desk.storage.search.find(query)
    assert {archive[hit.article_id] for hit in hits} == languages


def test_hit_carries_the_original_and_its_story(desk: Desk) -> None:
    story, _ = desk.tell(make_article(title="Café at the café", text="Naïve."))
    (hit,) = desk.storage.search.find("cafe naive")
    assert (hit.title, hit.text, hit.story_id) == ("Café at the café", "Naïve.", story.id)
    assert desk.storage.search.find("cafe", limit=0) == ()


def test_title_weighs_more_than_text(desk: Desk) -> None:
    desk.flag(make_article(1, title="Another thing", text="A harbour, " + "and more " * 50))
    title = desk.flag(make_article(2, title="The harbour", text="Something else " + "so " * 50))
    assert desk.storage.search.find("harbour")[0].article_id == title.id


@pytest.mark.parametrize(
    "query",
    [
        "", " ", '"', '""', '"""', "*", "* *", "AND", "OR", "NOT", "NEAR(a b)", "a AND", "(", ")",
        "title:", "title:x", "-", "^a", "a^", "{a b}", "a:b", "a+b", "'; DROP TABLE articles; --",
        "\x00", "\ud800", "🙂", "a\x00b", "%", "_", "人*", "«»", "“", "\u202e", "+" * 5000,
    ],
)  # fmt: skip
def test_no_query_is_an_error(desk: Desk, archive: dict[str, str], query: str) -> None:
    found = {archive[hit.article_id] for hit in desk.storage.search.find(query)}
    assert found == ({"zh"} if query == "人*" else set())


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_any_text_is_a_query(query: str) -> None:
    raw = Connection(__import__("sqlite3").connect(":memory:"), path=__import__("pathlib").Path())
    raw.execute("CREATE VIRTUAL TABLE words USING fts5 (text)")
    raw.execute("INSERT INTO words (text) VALUES ('')")
    match = build_query(query)
    if match is not None:
        sql = "SELECT rowid FROM words WHERE words MATCH :match"
        assert raw.read_rows(sql, {"match": match}) == []  # as SQLite understood it: no word here
    raw.close()


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200))
def test_any_text_is_found_by_its_own_words(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    clock = HeldClock()
    with Storage.create(tmp_path_factory.mktemp("search") / "var", clock) as storage:
        stored = Desk(storage, clock).flag(make_article(title="", text=text))
        if build_query(text) is not None:
            assert [hit.article_id for hit in storage.search.find(text)] == [stored.id]
