"""What is read off a text in many scripts: skeletons, days, numbers, kinds of event, places."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.match.places import country_terms
from monitor.stories.dates import find_days
from monitor.stories.gazetteer import Gazetteer
from monitor.stories.kinds import STAGES, find_kinds, read_kinds
from monitor.stories.skeleton import skeleton
from monitor.stories.words import count_terms, find_names, find_numbers

SHIPPED = (
    "en it es pt fr de nl hu hr sr el ro cs sk pl sv da no fi bg uk ru tr zh ja ko id ar sl ca"
)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(country_terms())


@pytest.mark.parametrize(
    "spellings",
    [
        "Frankfurt Франкфурт Φρανκφούρτη フランクフルト 프랑크푸르트 فرانكفورت",
        "Zagreb Загреб Ζάγκρεμπ",
        "Rotterdam Роттердам ロッテルダム 로테르담 روتردام",
        "Amsterdam Амстердам Άμστερνταμ アムステルダム 암스테르담 أمستردام",
        "Brooklyn Бруклин ブルックリン 브루클린",
        "Novak Новак Нόвак",
    ],
)
def test_name_has_one_skeleton_in_every_script(spellings: str) -> None:
    bones = {skeleton(word) for word in spellings.split()}
    assert len(bones) <= 2, bones
    assert all(len(each) >= 3 for each in bones)


def test_han_has_no_skeleton() -> None:
    assert skeleton("福州") == ""


@pytest.mark.parametrize(
    "written",
    [
        "on 18 December 2024",
        "Dec. 18, 2024",
        "18. Dezember 2024",
        "18 de diciembre de 2024",
        "18 décembre 2024",
        "18 grudnia 2024",
        "18 декабря 2024 года",
        "18 Δεκεμβρίου 2024",
        "2024年12月18日",
        "2024년 12월 18일",
        "18.12.2024",
        "2024-12-18",
        "18 Aralık 2024",
        "18. joulukuuta 2024",
    ],
)
def test_day_is_read_in_any_language(written: str) -> None:
    assert date(2024, 12, 18) in find_days(written, None)


def test_day_without_year_is_the_nearest_one() -> None:
    assert find_days("on 28 December", date(2025, 1, 3)) == (date(2024, 12, 28),)
    assert find_days("on 28 December", None) == ()


def test_impossible_day_is_none() -> None:
    assert find_days("31.02.2024, 45 March 2024", date(2024, 3, 1)) == ()


def test_numbers_are_one_however_grouped() -> None:
    assert (
        find_numbers("20 000 people")
        == find_numbers("20,000 people")
        == find_numbers("20.000 Menschen")
        == frozenset({"20000"})
    )


def test_clocks_years_and_small_numbers_do_not_count() -> None:
    assert find_numbers("At 14:32 in 2024 two of 7 men") == frozenset()


@pytest.mark.parametrize("language", SHIPPED.split())
def test_kinds_are_told_in_every_language(language: str) -> None:
    missing = [kind for kind, stems in read_kinds().items() if language not in stems]
    assert missing == []
    assert set(STAGES) <= set(read_kinds())


@pytest.mark.parametrize(
    ("language", "title", "kind"),
    [
        ("en", "Two arrested over secret office", "arrest"),
        ("de", "Mann gesteht Betrieb einer Station", "plea"),
        ("pl", "Sąd skazał mężczyznę", "verdict"),
        ("fi", "Asema suljettiin Helsingissä", "closure"),
        ("ja", "男を逮捕", "arrest"),
        ("ko", "경찰, 사무실 압수수색", "search"),
        ("ar", "السفارة تنفي الاتهامات", "denial"),
        ("zh", "警方展开调查", "inquiry"),
        ("sr", "Почела истрага", "inquiry"),
    ],
)
def test_kind_of_event_is_read_from_a_headline(language: str, title: str, kind: str) -> None:
    from monitor.text.serbian import to_latin

    assert kind in find_kinds(to_latin(title) if language == "sr" else title, [language])


def test_place_is_found_with_its_country_in_every_script(gazetteer: Gazetteer) -> None:
    for language, text in (
        ("pl", "W Zagrzebiu i we Frankfurcie"),
        ("ru", "во Франкфурте"),
        ("ja", "フランクフルトで"),
        ("ar", "في فرانكفورت"),
    ):
        assert "DE" in {place.code for place in gazetteer.find(text, [language])}, language


def test_word_in_small_letters_is_no_place(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("they polish the turkey", ["en"]) == []


def test_title_of_office_is_no_name() -> None:
    names = find_names("", "He met the Party there. The party said that Marta Kovacs left.")
    assert set(names) == {"marta", "kovacs"}


def test_function_words_are_no_terms() -> None:
    assert set(count_terms("", "and that which would have been said", "en")) <= {"been"}


@pytest.mark.parametrize("text", ["350 people", "٣٥٠ شخصا", "۳۵۰ نفر", "৩৫০ জন", "３５０人"])
def test_number_is_one_in_the_digits_of_any_script(text: str) -> None:
    assert find_numbers(text) == {"350"}
