"""Letters beyond ASCII by language, and the legacy charsets each language was written in: data.

Only letters that are frequent in running text: they tell a right reading from a wrong one, so a
rare letter in the list would do harm. The charsets are Python codecs that cover what the labels of
the WHATWG Encoding Standard mean on real pages (`iso-8859-1` means windows-1252, and so on).
"""

from __future__ import annotations

_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_KOI = ("cp1251", "koi8-u", "koi8-r", "iso8859-5")
_WEST = ("cp1252", "iso8859-15")
_CENTRAL = ("cp1250", "iso8859-2")
_BALTIC = ("cp1257",)

# language → (letters in lower case, charsets, the usual one first)
SINGLE_BYTE: dict[str, tuple[str, tuple[str, ...]]] = {
    "de": ("äöüß", _WEST),
    "fr": ("àâçèéêëîïôùûœ", _WEST),
    "es": ("áéíñóúü", _WEST),
    "pt": ("áâãàçéêíóôõú", _WEST),
    "it": ("àèéìòù", _WEST),
    "ca": ("àçèéíïòóúü·", _WEST),
    "nl": ("éëïèöü", _WEST),
    "sv": ("åäöé", _WEST),
    "da": ("æøåé", _WEST),
    "is": ("áðéíóúýþæö", _WEST),
    "cs": ("áčďéěíňóřšťúůýž", _CENTRAL),
    "sk": ("áäčďéíľňóôšťúýž", _CENTRAL),
    "pl": ("ąćęłńóśźż", _CENTRAL),
    "hu": ("áéíóöőúüű", _CENTRAL),
    "hr": ("čćđšž", _CENTRAL),
    "ro": ("ăâîșțşţ", _CENTRAL),
    "tr": ("çğıİöşüâî", ("cp1254", "iso8859-9")),
    "lt": ("ąčęėįšųūž", _BALTIC),
    "lv": ("āčēģīķļņšūž", _BALTIC),
    "et": ("äõöüšž", _BALTIC),
    "ru": (_CYRILLIC + "ё", _KOI),
    "uk": ("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", _KOI),
    "bg": ("абвгдежзийклмнопрстуфхцчшщъьюя", _KOI),
    "sr": ("абвгдђежзијклљмнњопрстћуфхцчџш", _KOI),
    "mk": ("абвгдѓежзѕијклљмнњопрстќуфхцчџш", _KOI),
    "el": ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊ", ("cp1253", "iso8859-7")),
    "he": ("אבגדהוזחטיךכלםמןנסעףפץצקרשת", ("cp1255",)),
    "ar": ("ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءآأؤإئ،؟", ("cp1256", "iso8859-6")),
    "fa": ("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنهویآئ،؟", ("cp1256",)),
    "vi": ("ăâđêôơưàèìòùáéíóúãõ\u0300\u0301\u0303\u0309\u0323", ("cp1258",)),
    "th": ("กขคงจฉชซญฎฐณดตถทธนบปผฝพฟภมยรลวศษสหอฮะัาำิีึืุูเแโใไ็่้์ๆ", ("cp874",)),
}

MULTI_BYTE: tuple[str, ...] = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")

# Labels that pages write and Python either does not know or reads more narrowly than browsers do
# (https://encoding.spec.whatwg.org/#names-and-labels).
LABELS: dict[str, str] = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso8859-9": "cp1254",
    "latin5": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "iso-8859-8": "cp1255",
    "iso-8859-8-i": "cp1255",
    "x-cp1251": "cp1251",
    "win-1251": "cp1251",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
    "x-euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "windows-949": "cp949",
}
