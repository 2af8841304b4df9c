"""Read what countries, their peoples, cities and bodies are called in thirty languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from babel import Locale

from monitor.errors import ConfigError
from monitor.match.data_lines import build_problem, read_lines, split_terms
from monitor.match.inflection import build_forms

PlaceKind = Literal["name", "people", "city", "body", "acronym", "outlet"]

_FOLDER = Path(__file__).parent / "data" / "countries"
_PARTS: tuple[PlaceKind, ...] = ("name", "people", "city", "body")
_OUTLET = "--"
_PLAIN_LOCALES = "en it es pt fr de nl hu hr el ro cs sk pl sv da fi bg uk ru tr ja ko id ar sl ca"
# Languages whose CLDR names are read, and the locales that spell them.
_LOCALES: dict[str, tuple[str, ...]] = {
    **{code: (code,) for code in _PLAIN_LOCALES.split()},
    "no": ("nb",),
    "sr": ("sr_Latn",),
    "zh": ("zh", "zh_Hant"),
}
# Members and observers of the United Nations, Taiwan and Kosovo. Dependencies share their words
# with other places ("Jersey", "Man", "Réunion") and host no report of their own.
_STATES_TEXT = """
    AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF
    CG CH CI CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD
    GE GH GM GN GQ GR GT GW GY HK HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KI KM KN
    KP KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MR MT MU MV MW
    MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PS PT PW PY QA RO RS RU RW SA SB SC
    SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US
    UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW
"""
_STATES = frozenset(_STATES_TEXT.split())
# Names that are everyday words or given names in the language, even with a capital.
_EVERYDAY: dict[str, frozenset[str]] = {
    "en": frozenset({"Jordan", "Chad", "Georgia", "Dominica", "Grenada"}),
    **dict.fromkeys(("hr", "sr", "sl", "sk", "cs"), frozenset({"Mali", "Togo"})),
    "bg": frozenset({"Мали"}),
    "uk": frozenset({"Малі", "Чад"}),
    "ru": frozenset({"Чад"}),
    "tr": frozenset({"Mali", "Mısır", "Katar", "Fas", "Çad", "Umman"}),
    "fi": frozenset({"Turkki"}),
    "pt": frozenset({"Peru", "Malta"}),
    "id": frozenset({"Mali", "Oman", "Togo"}),
    "zh": frozenset({"马里"}),
    "ja": frozenset({"タイ", "マリ", "チリ", "チャド", "ペルー", "ガーナ", "インド"}),
    "ko": frozenset({"수단", "오만", "인도", "가나", "말리", "차드", "이란"}),
    "ar": frozenset({"مالي", "النيجر", "عمان", "عُمان", "تشاد", "غانا", "كوبا", "بنما", "مالطا"}),
}
_ACRONYM_LENGTH = 6
# Here the adjective of a country is written with a capital, and without it is another word
# ("polish", "almanak").
_CAPITAL_PEOPLES = frozenset({"en", "nl", "tr", "id"})
# Languages whose cities take the `s` that their countries take.
_GENITIVE_S = frozenset({"de", "sv", "da", "no", "nl"})


@dataclass(frozen=True, kw_only=True)
class PlaceTerm:
    """One literal that stands for a country, in the term syntax of keywords.yaml (`*` ends a stem).

    `language` is `any` or a primary subtag (`zh` in either script, `sr` in either script);
    `code` is ISO 3166-1 alpha-2. `outlet` terms stand for no country (code `--`): they mute a
    people or city beside them ("Madrid-based group", "a Spanish NGO").
    """

    language: str
    literal: str
    code: str
    kind: PlaceKind


def country_terms() -> Iterable[PlaceTerm]:
    """Yield every literal that stands for a country, a people, a city or a national body."""
    written = {path.stem: list(_read_file(path)) for path in sorted(_FOLDER.glob("*.yaml"))}
    for terms in written.values():
        yield from terms
    for language in _LOCALES:
        known = {t.literal for t in written.get(language, ())}
        yield from (t for t in _cldr_terms(language) if t.literal not in known)


def _cldr_terms(language: str) -> Iterator[PlaceTerm]:
    """Yield the plain names of a language with their regular forms.

    A stem that another country's name begins with stays a plain name: Niger, Guinea.
    """
    names = dict(_cldr_names(language))
    folded = {name.casefold(): code for name, code in names.items()}
    for name, code in names.items():
        if name in _EVERYDAY.get(language, ()):
            continue
        for form in build_forms(language, name):
            stem = form.rstrip("*").casefold()
            if form.endswith("*") and any(
                other.startswith(stem) and owner != code for other, owner in folded.items()
            ):
                continue
            yield PlaceTerm(language=language, literal=form, code=code, kind="name")


def _cldr_names(language: str) -> Iterator[tuple[str, str]]:
    for locale in _LOCALES[language]:
        for code, name in Locale.parse(locale).territories.items():
            if code in _STATES:
                yield name.split(" (")[0].split("（")[0], code


def _read_file(path: Path) -> Iterator[PlaceTerm]:
    for number, code, value in read_lines(path):
        parts = value.split(";")
        if len(parts) > len(_PARTS) or (code not in _STATES and code != _OUTLET):
            raise ConfigError([build_problem(path, number, f"{code}: {value}")])
        kinds = ("outlet",) if code == _OUTLET else _PARTS
        for kind, part in zip(kinds, parts, strict=False):
            for literal in _add_genitives(split_terms(part), kind=kind, language=path.stem):
                held = _hold_capital(literal, kind=kind, language=path.stem)
                yield PlaceTerm(language=path.stem, literal=held, code=code, kind=kind)


def _add_genitives(literals: Iterable[str], *, kind: PlaceKind, language: str) -> Iterator[str]:
    """Yield the literals, and each plain city with the `s` of its genitive: Belgrads gator."""
    for literal in dict.fromkeys(literals):
        yield literal
        if kind == "city" and language in _GENITIVE_S and literal.isalpha():
            yield from build_forms(language, literal)[1:]


def _hold_capital(literal: str, *, kind: PlaceKind, language: str) -> str:
    """Return the literal as a term matched with its capitals, where another word has none."""
    if literal.startswith("="):
        return literal
    bare = literal.rstrip("*")
    acronym = len(bare) <= _ACRONYM_LENGTH and bare.isupper() and bare.isascii()
    people = kind == "people" and language in _CAPITAL_PEOPLES
    return "=" + literal if acronym or people else literal
