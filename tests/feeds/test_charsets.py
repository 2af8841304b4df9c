"""Text comes out right, whatever charset its bytes are in and declare (FAULTS C11)."""

from __future__ import annotations

import codecs

import pytest

from monitor.feeds.decode import decode_to_utf8
from tests.feeds.samples import read, rss

TEXTS = {
    "ru": (
        "Полиция закрыла центр услуг в Будапеште, сообщает газета. Министр заявил, что провер"
        "ка продолжается и её результаты объявят в пятницу."
    ),
    "uk": (
        "Поліція закрила центр послуг у Києві, повідомляє газета. Міністр сказав, що перевірк"
        "а триває, а її підсумки оголосять у п'ятницю."
    ),
    "sr": (
        "Полиција је затворила центар за услуге у Београду, јавља лист. Министар каже да ће р"
        "езултати провере бити објављени у петак."
    ),
    "ar": (
        "أغلقت الشرطة مركز الخدمات في المدينة، وقالت الصحيفة إن الوزير أكد أن التحقيق مستمر و"
        "أن نتائجه ستعلن يوم الجمعة."
    ),
    "he": (
        "המשטרה סגרה את מרכז השירות בעיר, כך מדווח העיתון. השר אמר כי הבדיקה נמשכת ותוצאותיה "
        "יפורסמו ביום שישי."
    ),
    "el": (
        "Η αστυνομία έκλεισε το κέντρο εξυπηρέτησης στην Αθήνα, γράφει η εφημερίδα. Ο υπουργό"
        "ς είπε ότι ο έλεγχος συνεχίζεται."
    ),
    "th": ("ตำรวจปิดศูนย์บริการในเมือง หนังสือพิมพ์รายงานว่ารัฐมนตรีกล่าวว่าการตรวจสอบยังดำเนินต่อไป"),
    "zh-Hans": ("警方关闭了该市的服务站，报纸报道说，部长表示调查仍在继续，结果将于星期五公布。"),
    "zh-Hant": ("警方關閉了該市的服務站，報紙報導說，部長表示調查仍在繼續，結果將於星期五公布。"),
    "ja": (
        "警察は市内のサービスセンターを閉鎖したと新聞が報じた。大臣は調査を続けると述べ、"
        "結果は金曜日に発表される。"
    ),
    "ko": (
        "경찰은 시내의 서비스 센터를 폐쇄했다고 신문이 보도했다. 장관은 조사가 "
        "계속되고 있으며 결과는 금요일에 발표된다고 말했다."
    ),
    "hu": (
        "A rendőrség bezárta a szolgáltató központot a városban, írja az újság. A miniszter s"
        "zerint a vizsgálat folyik, és pénteken közlik az eredményt; több űrhajó is érkezett."
    ),
    "hr": (
        "Policija je zatvorila središte za usluge u gradu, pišu novine. Ministar kaže da prov"
        "jera traje i da će ishod biti objavljen u četvrtak; đaci šute."
    ),
    "cs": (
        "Policie uzavřela středisko služeb ve městě, píší noviny. Ministr řekl, že prověrka t"
        "rvá a její výsledek bude zveřejněn v pátek; žluťoučký kůň."
    ),
    "pl": (
        "Policja zamknęła ośrodek usług w mieście, pisze gazeta. Minister powiedział, że kont"
        "rola trwa, a jej wynik będzie ogłoszony w piątek; źdźbło też."
    ),
    "tr": (
        "Polis şehirdeki hizmet merkezini kapattı, gazete yazıyor. Bakan, incelemenin sürdüğü"
        "nü ve sonucun cuma günü açıklanacağını söyledi; İstanbul'da ışık."
    ),
    "fr": (
        "La police a fermé le centre de services de la ville, écrit le journal. Le ministre a"
        " déclaré que l'enquête se poursuivait, où qu'elle mène."
    ),
}
CHARSETS = {
    "ru": ["windows-1251", "koi8-r", "iso-8859-5", "cp866"],
    "uk": ["windows-1251", "koi8-u"],
    "sr": ["windows-1251", "iso-8859-5"],
    "ar": ["windows-1256", "iso-8859-6"],
    "he": ["windows-1255"],
    "el": ["windows-1253", "iso-8859-7"],
    "th": ["tis-620"],
    "zh-Hans": ["gb18030", "gb2312"],
    "zh-Hant": ["big5"],
    "ja": ["shift_jis", "euc-jp", "iso-2022-jp"],
    "ko": ["euc-kr"],
    "hu": ["windows-1250", "iso-8859-2"],
    "hr": ["windows-1250", "iso-8859-2"],
    "cs": ["windows-1250"],
    "pl": ["windows-1250", "iso-8859-2"],
    "tr": ["windows-1254"],
    "fr": ["windows-1252", "iso-8859-15"],
}
PAIRS = [(language, charset) for language, charsets in CHARSETS.items() for charset in charsets]
WRONG = ["utf-8", "iso-8859-1", "windows-1252", "us-ascii", "windows-1251", "big5", "x-unknown"]
SEVEN_BITS = {"iso-2022-jp"}


def feed(language: str, *, declared: str | None) -> str:
    text = rss(
        f"<item><title>{TEXTS[language]}</title><link>/a</link></item>",
        head=f"<language>{language}</language>",
    )
    prolog = "" if declared is None else f'<?xml version="1.0" encoding="{declared}"?>'
    return prolog + text.partition("?>")[2]


def title_of(body: bytes, content_type: str | None = None, language: str | None = None) -> str:
    headers = (("Content-Type", content_type),) if content_type else ()
    [entry] = read(body, headers=headers, language=language).entries
    return entry.title


@pytest.mark.parametrize(("language", "charset"), PAIRS)
def test_declared_charset_is_used(language: str, charset: str) -> None:
    body = feed(language, declared=charset).encode(charset)
    assert title_of(body) == TEXTS[language]


@pytest.mark.parametrize(("language", "charset"), PAIRS)
def test_charset_of_the_header_is_used(language: str, charset: str) -> None:
    body = feed(language, declared=None).encode(charset)
    assert title_of(body, f"text/xml; charset={charset}") == TEXTS[language]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(("language", "charset"), [p for p in PAIRS if p[1] not in SEVEN_BITS])
def test_wrongly_declared_charset_is_seen_through(language: str, charset: str, wrong: str) -> None:
    body = feed(language, declared=wrong).encode(charset)
    assert title_of(body) == TEXTS[language]
    assert title_of(body, f"application/rss+xml; charset={wrong}") == TEXTS[language]


@pytest.mark.parametrize(("language", "charset"), [p for p in PAIRS if p[1] not in SEVEN_BITS])
def test_charset_that_nothing_declares_is_found(language: str, charset: str) -> None:
    body = feed(language, declared=None).encode(charset)
    assert title_of(body) == TEXTS[language]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("wrong", ["iso-8859-1", "windows-1251", "shift_jis", "utf-16", "utf-7"])
def test_utf8_is_utf8_whatever_it_declares(language: str, wrong: str) -> None:
    body = feed(language, declared=wrong).encode()
    assert title_of(body, f"text/xml; charset={wrong}") == TEXTS[language]


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", None])
def test_byte_order_mark_or_wide_characters_win_over_what_is_declared(
    charset: str, declared: str | None
) -> None:
    body = feed("ru", declared=declared).encode(charset)
    assert title_of(body, "text/xml; charset=windows-1252") == TEXTS["ru"]


def test_byte_order_mark_of_utf8_before_other_bytes_is_passed_over() -> None:
    body = codecs.BOM_UTF8 + feed("ru", declared="windows-1251").encode("windows-1251")
    assert title_of(body) == TEXTS["ru"]


def test_utf7_is_not_decoded() -> None:
    """UTF-7 hides markup from whatever reads ASCII."""
    body = (
        feed("fr", declared="utf-7")
        .replace("La police", "+ADw-script+AD4- La police")
        .encode("utf-8")
    )
    assert "+ADw-script+AD4-" in title_of(body, "text/xml; charset=utf-7")


def test_text_that_was_encoded_twice_is_set_right() -> None:
    text = feed("ru", declared="utf-8").encode().decode("latin-1").encode()
    assert title_of(text) == TEXTS["ru"]


def test_item_in_another_charset_than_the_rest_is_read() -> None:
    good = [
        f"<item><link>/{n}</link><title>{TEXTS['ru']}</title></item>".encode() for n in range(8)
    ]
    other = f"<item><link>/x</link><title>{TEXTS['uk']}</title></item>".encode("windows-1251")
    body = b'<?xml version="1.0" encoding="utf-8"?><rss><channel>' + b"".join(
        [*good[:4], other, *good[4:]]
    )
    reading = read(body + b"</channel></rss>")
    assert [entry.title for entry in reading.entries].count(TEXTS["ru"]) == 8
    assert reading.entries[4].title == TEXTS["uk"]
    assert reading.notes


def test_few_broken_bytes_in_utf8_do_not_change_the_rest() -> None:
    body = (
        feed("ru", declared="utf-8")
        .encode()
        .replace("Полиция".encode(), "Полици".encode() + b"\xd1")
    )
    assert title_of(body).endswith(TEXTS["ru"].removeprefix("Полиция"))


def test_language_of_the_source_helps_where_the_feed_names_none() -> None:
    body = feed("hr", declared=None).replace("<language>hr</language>", "").encode("windows-1250")
    assert title_of(body, language="hr") == TEXTS["hr"]


@pytest.mark.parametrize(
    "label",
    ["hex", "zip", "bz2", "rot13", "idna", "punycode", "unicode_escape", "raw_unicode_escape",
     "undefined", "mbcs", "x" * 5000, "\x00", "utf-8\x00", "../../etc/passwd", ""],
)  # fmt: skip
def test_charset_that_is_none_is_passed_over(label: str) -> None:
    body = feed("ru", declared=None).encode()
    assert title_of(body, f"text/xml; charset={label}") == TEXTS["ru"]
    declared = f'<?xml version="1.0" encoding="{label}"?>'.encode() + body
    assert title_of(declared) == TEXTS["ru"]


def test_decoded_bytes_are_utf8_whatever_comes() -> None:
    for step in range(1, 60):
        body = bytes((at * step) % 256 for at in range(2000))
        text = decode_to_utf8(body).body.decode("utf-8")
        plain = "".join(chr(byte) for byte in body if byte < 0x80)
        assert [c for c in text if c.isascii()] == list(plain)
