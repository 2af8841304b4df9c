"""Host countries: inflected names in thirty languages, ambiguous words, and which place counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from monitor.errors import ConfigError
from monitor.match import places
from monitor.match.countries import PlaceHit, country_terms, find_countries
from monitor.match.data_lines import read_lines
from monitor.match.inflection import build_forms
from monitor.match.matcher import Matcher
from monitor.model.matches import Passage
from monitor.model.rules import Concept, Examples, Keywords, Rule, Topic

DATA = Path(places.__file__).parent / "data"


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """Flag every text that holds the word `signal`, so that only countries are asked."""
    concept = Concept(name="signal", terms={"any": ("signal", "信号", "신호")}, lines={})
    rule = Rule(name="signal", score=10, any=("signal",))
    topic = Topic(id="t", title="T", rules=(rule,), report_at=10, mention_at=4, examples=Examples())
    keywords = Keywords(version="t", concepts=(concept,), topics=(topic,), home=("CN", "HK", "MO"))
    return Matcher.load(keywords)


INFLECTED = [
    ("hu", "A signal Magyarországon hallatszott", "HU"),
    ("hu", "A signal Olaszországból jött", "IT"),
    ("hr", "Signal je u Hrvatskoj", "HR"),
    ("hr", "Signal je poslan iz Mađarske", "HU"),
    ("sr", "Signal je u Srbiji", "RS"),
    ("sr", "Сигнал signal у Србији", "RS"),
    ("ru", "Это signal в Сербии", "RS"),
    ("ru", "Это signal из Нидерландов", "NL"),
    ("uk", "Це signal у Нідерландах", "NL"),
    ("uk", "Це signal в Угорщині", "HU"),
    ("bg", "Това е signal в България", "BG"),
    ("pl", "To signal na Węgrzech", "HU"),
    ("pl", "To signal we Włoszech", "IT"),
    ("pl", "To signal w Niemczech", "DE"),
    ("cs", "To je signal v Nizozemsku", "NL"),
    ("cs", "To je signal v Praze", "CZ"),
    ("sk", "To je signal v Rakúsku", "AT"),
    ("sl", "To je signal na Hrvaškem", "HR"),
    ("fi", "Tämä signal kuului Unkarissa", "HU"),
    ("fi", "Tämä signal kuului Ruotsissa", "SE"),
    ("el", "Το signal στην Ελλάδα", "GR"),
    ("el", "Το signal της Ουγγαρίας", "HU"),
    ("ro", "Un signal din Ungaria", "HU"),
    ("tr", "Bu signal Macaristan'da duyuldu", "HU"),
    ("de", "Das Signal signal kam aus Ungarn", "HU"),
    ("nl", "Het signal kwam uit Hongarije", "HU"),
    ("sv", "En signal från Sverige", "SE"),
    ("da", "Et signal fra Danmarks hovedstad", "DK"),
    ("no", "Et signal fra Norge", "NO"),
    ("fr", "Un signal venu de Hongrie", "HU"),
    ("it", "Un signal dalla Croazia", "HR"),
    ("es", "Una signal de Países Bajos", "NL"),
    ("pt", "Um signal vindo do Brasil", "BR"),
    ("ca", "Un signal d'Itàlia", "IT"),
    ("id", "Ada signal dari Belanda", "NL"),
    ("ar", "هناك signal في المجر", "HU"),
    ("ar", "هناك signal بإيطاليا", "IT"),
    ("zh", "匈牙利的信号", "HU"),
    ("zh", "義大利的信号", "IT"),
    ("ja", "オランダからの信号", "NL"),
    ("ko", "헝가리에서 온 신호", "HU"),
    ("en", "A signal came from the Dutch coast", "NL"),
    ("sv", "En signal hördes på Belgrads gator", "RS"),
    ("da", "Et signal fra Prags politi", "CZ"),
    ("no", "Et signal fra Beograds gater", "RS"),
    ("sv", "En signal från kazakisk polis", "KZ"),
    ("pl", "To signal maltańskiej policji", "MT"),
    ("cs", "To je signal černohorské policie", "ME"),
    ("fi", "Tämä signal tuli kyproslaisilta poliiseilta", "CY"),
    ("hu", "A signal a máltai rendőrségtől jött", "MT"),
    ("ru", "Это signal боснийской полиции", "BA"),
    ("uk", "Це signal еквадорської поліції", "EC"),
    ("el", "Το signal της κυβέρνησης του Μαυροβουνίου", "ME"),
    ("es", "Una signal de la policía chipriota", "CY"),
    ("ca", "Un signal de la policia maltesa", "MT"),
    ("tr", "Bu signal Boşnak polisinden geldi", "BA"),
    ("ar", "هناك signal من الشرطة القبرصية", "CY"),
]


@pytest.mark.parametrize(("language", "text", "country"), INFLECTED)
def test_inflected_country_is_named(
    matcher: Matcher, language: str, text: str, country: str
) -> None:
    assert country in matcher.match(text, "", language=language).countries


NO_COUNTRY = [
    ("sk", "Mali sme signal od rána"),  # had, not Mali
    ("hr", "Dobili smo mali signal"),  # small
    ("en", "The signal scared a turkey"),  # the bird
    ("en", "Jordan sent the signal"),  # a given name
    ("pt", "Comemos peru depois do signal"),  # the bird
    ("hu", "Azt írja, hogy a signal magyarázatra szorul"),  # writes; explanation
    ("tr", "Bu signal almanın yolu"),  # taking
    ("ro", "O signal de sărbătoare"),  # holiday, not Serb
    ("it", "Un signal serbato nel serbatoio"),  # kept in the tank
    ("ja", "タイトルの信号"),  # title, not Thailand
    ("ar", "هذا مجرد signal"),  # merely, not Hungary
    ("hu", "A signal erősebb lett"),  # became, not Latvian
    ("ru", "Гавань и signal"),  # a harbour, not Havana
    ("es", "Una macedonia con signal"),  # a fruit salad
    ("tr", "Kabul eden signal"),  # accepting, not the city
    ("de", "Die Malteser gaben das signal"),  # the ambulance service
]


@pytest.mark.parametrize(("language", "text"), NO_COUNTRY)
def test_word_that_only_looks_like_a_country_is_none(
    matcher: Matcher, language: str, text: str
) -> None:
    assert matcher.match(text, "", language=language).countries == ()


def test_china_and_hong_kong_are_never_hosts(matcher: Matcher) -> None:
    found = matcher.match("A signal from China and Hong Kong reached Lisbon", "", language="en")
    assert found.countries == ("PT",)


def test_longer_name_covers_a_shorter_one(matcher: Matcher) -> None:
    said = matcher.match("A signal from London, Ontario and Porto Alegre", "", language="en")
    assert "PT" not in said.countries


def test_niger_is_not_nigeria(matcher: Matcher) -> None:
    assert matcher.match("A signal in Niger", "", language="en").countries == ("NE",)
    assert matcher.match("A signal in Nigeria", "", language="en").countries == ("NG",)


def test_seat_of_an_organisation_is_no_host(matcher: Matcher) -> None:
    text = "The Madrid-based rights group Safeguard Defenders said the signal came from Dublin."
    assert matcher.match("A signal", text, language="en").countries == ("IE",)


def test_list_of_countries_names_all_of_them(matcher: Matcher) -> None:
    text = "A signal was heard. It was heard in Croatia, Serbia, Romania and Italy too."
    found = matcher.match("A signal", text, language="en").countries
    assert set(found) == {"HR", "RS", "RO", "IT"}


def test_country_of_the_passage_comes_before_one_far_away() -> None:
    title, text = "T", "The sign was in Spain. " + "Nothing. " * 20 + "He once saw Japan."
    starts = [0, 23 + 9 * 20]
    sentences = [("text", 0, 22), *[("text", 23 + 9 * n, 31 + 9 * n) for n in range(20)]]
    sentences.append(("text", starts[1], len(text)))
    hits = [
        PlaceHit(code="JP", kind="name", field="text", start=text.index("Japan"), end=len(text)),
        PlaceHit(code="ES", kind="name", field="text", start=16, end=21),
    ]
    passage = Passage(field="text", start=4, end=8, text="sign", rule="r")
    found = find_countries(hits, title=title, text=text, passages=[passage], sentences=sentences)
    assert found == ("ES",)


def test_no_place_gives_no_country() -> None:
    assert find_countries([], title="", text="", passages=[], sentences=[]) == ()


def test_name_without_capital_is_no_place() -> None:
    hits = [PlaceHit(code="TR", kind="name", field="title", start=0, end=6)]
    spans = [("title", 0, 6)]
    asked = {"text": "", "passages": [], "sentences": spans}
    assert find_countries(hits, title="turkey", **asked) == ()
    assert find_countries(hits, title="Turkey", **asked) == ("TR",)


def test_every_language_names_every_state() -> None:
    """CLDR gives the names; a word that is also an everyday word is left out on purpose."""
    named: dict[str, set[str]] = {}
    for term in country_terms():
        if term.kind == "name":
            named.setdefault(term.language, set()).add(term.code)
    languages = set(named) - {"any"}
    assert len(languages) >= 29
    assert {
        one: len(codes) for one, codes in named.items() if one in languages and len(codes) < 185
    } == {}


# Here the name of the country is its adjective too, or CLDR's name with a capital finds it.
_NAME_SERVES = {"zh", "ja", "ko", "id", "tr", "any"}
_HOSTS_TEXT = """
    IT ES PT FR DE NL GB IE HU HR RS RO CZ SK AT GR SE FI DK NO UA PL RU TR BE CH BA ME MK AL XK EE
    LV LT IS LU CY MT GE AM BY BG KZ UZ KG TJ MN BR AR CL PE EC CO MX VE BO PA CU NG ZA TZ KE ZM AO
    MZ ET UG GH EG MA KH TH VN LA MM MY SG ID PH PK NP BD AF AE SA QA KW OM IQ IR IL JO LB SY
"""
_HOSTS = frozenset(_HOSTS_TEXT.split())


def test_every_language_names_the_people_of_every_host_country() -> None:
    """`the Maltese police` is a place abroad wherever `in Malta` is one."""
    named: dict[str, set[str]] = {}
    for term in country_terms():
        if term.kind == "people":
            named.setdefault(term.language, set()).add(term.code)
    missing = {
        language: sorted(_HOSTS - codes)
        for language, codes in named.items()
        if language not in _NAME_SERVES
    }
    assert {language: codes for language, codes in missing.items() if codes} == {}


@pytest.mark.parametrize(
    "path", sorted(DATA.glob("*/*.yaml")), ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_data_file_reads_the_same_as_yaml(path: Path) -> None:
    """The files are read line by line for speed; they must be what YAML says they are."""
    as_yaml = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    assert as_yaml == {key: value for _, key, value in read_lines(path)}


def test_broken_data_line_is_refused_with_its_place(tmp_path: Path) -> None:
    broken = tmp_path / "xx.yaml"
    broken.write_text("# a comment\nHU Budapest\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"xx\.yaml:2: 'HU Budapest' cannot be read"):
        list(read_lines(broken))


def test_unknown_country_in_the_data_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en.yaml").write_text("QQ: Nowhere\n", encoding="utf-8")
    monkeypatch.setattr(places, "_FOLDER", tmp_path)
    with pytest.raises(ConfigError, match=r"en\.yaml:1"):
        list(country_terms())


@pytest.mark.parametrize(
    ("language", "name", "form"),
    [
        ("hu", "Ausztria", "Ausztriá*"),
        ("hu", "Irán", "Irán*"),
        ("pl", "Polska", "Polsk*"),
        ("fi", "Brasilia", "Brasilia*"),
        ("de", "Spanien", "Spaniens"),
        ("el", "Ιταλία", "Ιταλίας"),
        ("tr", "Japonya", "Japonya*"),
    ],
)
def test_forms_of_a_name_hold_the_usual_ending(language: str, name: str, form: str) -> None:
    assert form in build_forms(language, name)


def test_name_of_several_words_is_left_as_it_is() -> None:
    assert build_forms("pl", "Stany Zjednoczone") == ("Stany Zjednoczone",)
