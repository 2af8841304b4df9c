from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.text.language import identify, languages_for, primary

# One sentence of the kind that stands in a newspaper, for each language that keywords ship for.
SENTENCES = {
    "en": "The ministry said on Tuesday that the office would be closed by the end of the month.",
    "zh-Hans": "外交部发言人周二表示，该办事处将于月底前关闭。",
    "zh-Hant": "外交部發言人週二表示，該辦事處將於月底前關閉。",
    "it": "Il ministero ha detto martedì che l'ufficio sarà chiuso entro la fine del mese.",
    "es": "El ministerio dijo el martes que la oficina se cerrará antes de fin de mes.",
    "pt": "O ministério disse na terça-feira que o escritório será fechado até ao fim do mês.",
    "fr": "Le ministère a déclaré mardi que le bureau serait fermé avant la fin du mois.",
    "de": "Das Ministerium teilte am Dienstag mit, dass das Büro bis Ende des Monats schließt.",
    "nl": "Het ministerie zei dinsdag dat het kantoor voor het einde van de maand dicht moet.",
    "hu": "A minisztérium kedden közölte, hogy az irodát a hónap végéig bezárják.",
    "hr": "Ministarstvo je u utorak priopćilo da će se ured zatvoriti do kraja mjeseca.",
    "sr-Cyrl": "Министарство је у уторак саопштило да ће канцеларију затворити до краја месеца.",
    "sr-Latn": "Ministarstvo je u utorak saopštilo da će ured posle nedelju dana biti zatvoren.",
    "el": "Το υπουργείο ανακοίνωσε την Τρίτη ότι το γραφείο θα κλείσει ως το τέλος του μήνα.",
    "ro": "Ministerul a anunțat marți că biroul va fi închis până la sfârșitul lunii.",
    "cs": "Ministerstvo v úterý oznámilo, že kancelář bude do konce měsíce uzavřena.",
    "sk": "Ministerstvo v utorok oznámilo, že kancelária bude do konca mesiaca zatvorená.",
    "pl": "Ministerstwo poinformowało we wtorek, że biuro zostanie zamknięte do końca miesiąca.",
    "sv": "Departementet sade på tisdagen att kontoret ska stängas före månadens slut.",
    "da": "Ministeriet oplyste tirsdag, at kontoret bliver lukket inden udgangen af måneden.",
    "no": "Departementet opplyste tirsdag at kontoret skal stenges før utgangen av måneden.",
    "fi": "Ministeriö kertoi tiistaina, että toimisto suljetaan kuun loppuun mennessä.",
    "bg": "Министерството съобщи във вторник, че офисът ще бъде затворен до края на месеца.",
    "uk": "Міністерство повідомило у вівторок, що офіс буде закрито до кінця місяця.",
    "ru": "Министерство сообщило во вторник, что офис будет закрыт до конца месяца.",
    "tr": "Bakanlık salı günü ofisin ay sonuna kadar kapatılacağını açıkladı.",
    "ja": "外務省は火曜日、月末までに事務所を閉鎖すると発表した。",
    "ko": "외교부는 화요일 사무소를 이달 말까지 폐쇄한다고 밝혔다.",
    "id": "Kementerian mengatakan pada hari Selasa bahwa kantor itu akan ditutup akhir bulan ini.",
    "ar": "أعلنت الوزارة يوم الثلاثاء أن المكتب سيغلق قبل نهاية الشهر.",
    "sl": "Ministrstvo je v torek sporočilo, da bodo urad zaprli do konca meseca.",
    "ca": "El ministeri va dir dimarts que l'oficina es tancarà abans de final de mes.",
}


@pytest.mark.parametrize(("language", "sentence"), SENTENCES.items())
def test_sentence_is_known_for_its_language(language: str, sentence: str) -> None:
    assert identify(sentence) == language


@pytest.mark.parametrize("declared", ["en", "zz", "", "x" * 1000])
@pytest.mark.parametrize("language", ["hu", "ja", "ru"])
def test_wrong_declaration_is_not_believed(language: str, declared: str) -> None:
    assert identify(SENTENCES[language], declared=declared) == language


@pytest.mark.parametrize(("declared", "found"), [("sr", "sr-Latn"), ("hr", "hr"), ("bs", "bs")])
def test_declaration_decides_between_close_relatives(declared: str, found: str) -> None:
    assert identify("Policija je otvorila stanicu u centru grada.", declared=declared) == found


@pytest.mark.parametrize("text", ["", "   ", "12 34", "…?!", "\x00\ud800", "🙂🙂"])
def test_text_without_letters_has_no_language(text: str) -> None:
    assert identify(text) is None


def test_hong_kong_page_in_characters_that_both_scripts_share_is_traditional() -> None:
    assert identify("中文", declared="zh-HK") == "zh-Hant"


def test_relatives_are_read_with_each_other() -> None:
    assert {"hr", "sr", "bs", "sl"} <= set(languages_for(SENTENCES["hr"], "hr"))
    assert {"da", "no"} <= set(languages_for(SENTENCES["da"], "da"))


def test_words_in_another_script_bring_its_language() -> None:
    assert "zh" in languages_for("The sign said 警察服务站 in red, the neighbours said.", "en")
    assert "ja" in languages_for("The word こうばん stands for it, the neighbours said.", "en")


def test_text_in_two_languages_is_read_in_both() -> None:
    mixed = " ".join([SENTENCES["de"]] * 6) + "\n" + " ".join([SENTENCES["hu"]] * 6)
    found = identify(mixed)
    assert {"de", "hu"} <= set(languages_for(mixed, found))


def test_second_language_in_another_alphabet_is_read_too() -> None:
    mixed = SENTENCES["ru"] * 3 + "\n" + SENTENCES["en"] * 3
    assert {"ru", "en"} <= set(languages_for(mixed, identify(mixed)))


@pytest.mark.parametrize(
    ("tag", "first"),
    [("pt-BR", "pt"), ("zh_TW", "zh"), ("nb-NO", "no"), ("EN", "en"), (None, None), ("", None)],
)
def test_primary_subtag_is_taken_from_a_tag(tag: str | None, first: str | None) -> None:
    assert primary(tag) == first


@pytest.mark.shared
def test_labelled_titles_and_texts_are_known(shared: Path) -> None:
    lines = (shared / "labelled" / "match.jsonl").read_text("utf-8").splitlines()
    items = [json.loads(line) for line in lines]
    wrong = [
        (item["lang"], item["title"])
        for item in items
        for text in (item["title"], item["title"] + "\n" + item["text"])
        if item["lang"].split("-")[0] not in languages_for(text, identify(text))
    ]
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize(
    "hidden",
    [
        "ＴＨｅ　ｐｏｌｉｃｅ ｏｆ ｔｈｅ ｃｉｔｙ ｓａｉｄ that the streets were quiet",
        "Th\x00e pol\u200bice of the ci\u00adty sa\ud800id that the str\u200deets were qui\ufeffet",
    ],
    ids=["full width", "invisible"],
)
def test_disguised_letters_are_identified_as_what_they_show(hidden: str) -> None:
    assert identify(hidden) == "en"
