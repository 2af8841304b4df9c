"""Every form of term against texts, in scripts of every kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitor.match.matcher import Matcher
from tests.match.conftest import Find


@pytest.mark.parametrize(
    ("language", "term", "text", "found"),
    [
        ("en", "police station", "A police station here", ["police station"]),
        ("en", "police station", "A POLICE STATION here", ["POLICE STATION"]),
        ("en", "police station", "A police-station here", ["police-station"]),
        ("en", "police station", "A “police” station here", ["police” station"]),
        ("en", "police station", "A police\u00ad sta\u200btion", ["police\u00ad sta\u200btion"]),
        ("en", "police station", "the police, station to station", []),
        ("en", "police station", "said the police.\nStation one", []),
        ("en", "police station", "the police stations", []),
        ("en", "police station*", "the police stations", ["police stations"]),
        ("en", "station", "stationary", []),
        ("en", "station", "substation", []),
        ("en", "polic* station*", "policing stations", ["policing stations"]),
        ("en", "police ... station", "police service station", ["police service station"]),
        ("en", "police ... station", "police of the town station", []),
        ("en", "police ...4 station", "police of the town station", ["police of the town station"]),
        ("en", "police ... station", "police.\nA station", []),
        ("en", "a ... b ... c", "x a one b two c y", ["a one b two c"]),
        ("en", "=PRC", "the PRC said", ["PRC"]),
        ("en", "=PRC", "the prc said", []),
        ("en", "=US police", "US police and us police", ["US police"]),
        ("en", "China", "China's police", ["China"]),
        ("en", "co-operation", "cooperation, co-operation", ["co-operation", "cooperation"]),
        ("en", "illegal? outpost", "an illegal outpost; outpost", ["illegal outpost", "outpost"]),
        ("de", '*polizeistation*', "Geheimpolizeistationen", ["Geheimpolizeistationen"]),
        ("de", '*station', "Polizeistation Stationen", ["Polizeistation"]),
        ("de", "Außenstelle", "AUSSENSTELLE", ["AUSSENSTELLE"]),
        ("it", "stazion(e|i) di polizia", "le “stazioni di polizia” e", ["stazioni di polizia"]),
        ("fr", "poste de police", "les « poste de police »", ["poste de police"]),
        ("fr", "ambassade", "l'ambassade l’ambassade", ["ambassade"]),
        ("ro", "secție de poliție", "Secţie de „poliţie” chineză", ["Secţie de „poliţie"]),
        ("hu", "titkosrendőrség", "a (titkos)rendőrség", ["titkos)rendőrség"]),
        ("hu", "rendőr*", "rendőrök rendorok", ["rendorok", "rendőrök"]),
        ("tr", "Çin", "Çin'in polisi; cin ve cinayet çığ", ["Çin"]),
        ("tr", "Çin", "CIN POLISI çığ", ["CIN"]),
        ("tr", "Çin", "Cin polisi geldi ve gitti", ["Cin"]),
        ("es", "=comisaría", "la comisaria europea; la COMISARÍA", ["COMISARÍA"]),
        ("es", "comisaría", "la comisaria, sí", ["comisaria"]),
        ("el", "αστυνομία", "ΑΣΤΥΝΟΜΙΑ και αστυνομία", ["ΑΣΤΥΝΟΜΙΑ", "αστυνομία"]),
        ("ca", "col·legi", "col·legi coŀlegi collegi", ["col·legi", "coŀlegi", "collegi"]),
        ("ru", "полицейск* участ*", "полицейских участков", ["полицейских участков"]),
        ("ru", "чёрн*", "черный, чёрный", ["черный", "чёрный"]),
        ("ru", "полиция", "пoлиция", ["пoлиция"]),
        ("uk", "зв'язок", "зв’язок зв'язок", ["зв'язок", "зв’язок"]),
        ("sr", "policij* stanic*", "полицијске станице", ["полицијске станице"]),
        ("sr", "полициј* станиц*", "policijske stanice", ["policijske stanice"]),
        ("hr", "njegov*", "његова, нјегова", ["нјегова", "његова"]),
        ("zh", "海外警察局", "在海外警察局工作", ["海外警察局"]),
        ("zh", "海外警察局", "在海外「警察局」工作", ["海外「警察局"]),
        ("zh", "海外警察局", "在海外警(jǐng)察(chá)局工作", ["海外警(jǐng)察(chá)局"]),
        ("zh", "联合巡逻", "聯合巡邏", ["聯合巡邏"]),
        ("zh", "聯合巡邏", "联合巡逻", ["联合巡逻"]),
        ("zh", "警察 ... 站", "警察服务站", ["警察服务站"]),
        ("zh", "警察 ... 站", "警察在海外所设的服务站", []),
        ("zh", "警察 ... 站", "警察站", ["警察站"]),
        ("ja", "北京 ...2 (署名|調印)", "北京調印の協定", ["北京調印"]),
        ("en", "pol* ... *station", "the polstation", []),
        ("zh", "警察 站", "警察站 警察 站", ["警察 站", "警察站"]),
        ("zh", "=FBI", "被FBI探員逮捕", ["FBI"]),
        ("ja", "警察", "中国の警察が", ["警察"]),
        ("ja", "ガード", "ｶﾞｰﾄﾞ", ["ｶﾞｰﾄﾞ"]),
        ("ko", "경찰", "경찰은 비밀경찰서", ["경찰은"]),
        ("ko", '*경찰서', "비밀경찰서를", ["비밀경찰서를"]),
        ("ko", "비밀 경찰서", "비밀경찰서는 비밀 경찰서가", ["비밀 경찰서가", "비밀경찰서는"]),
        ("ko", "중국 경찰", "중국의 경찰이", ["중국의 경찰이"]),
        ("ar", "الشرطة", "والشرطة للشرطة بالشرطة", ["بالشرطة", "للشرطة", "والشرطة"]),
        ("ar", "الشرطة", "شرطة الشُّرْطَة الـشرطة", ["شرطة", "الشُّرْطَة", "الـشرطة"]),
        ("ar", "مركز شرطة", "مركزاً للشرطة", ["مركزاً للشرطة"]),
        ("ar", "شرطة", "شرطته مشرطة", []),
        ("fa", "پلیس چین", "پليس چين", ["پليس چين"]),
        ("id", "kantor polisi", "kantor polisi", ["kantor polisi"]),
        ("any", "Safeguard Defenders", "por Safeguard Defenders", ["Safeguard Defenders"]),
    ],
)  # fmt: skip
def test_term_finds_what_it_should(
    find: Find, language: str, term: str, text: str, found: list[str]
) -> None:
    assert find(term, text=text, language=language) == sorted(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a station", ["station"]),
        ("a power station", []),
        ("a power station and a station", ["station"]),
        ("a police power station", []),
        ("a police station", ["police station", "station"]),
        ("a fire power station", ["fire power station"]),
    ],
)
def test_exception_swallows_what_it_covers(find: Find, text: str, found: list[str]) -> None:
    terms = ("station", "police station", "fire power station")
    assert find(*terms, text=text, excepted=["power station"]) == found


def test_exception_that_is_longer_swallows_what_it_overlaps(find: Find) -> None:
    assert find(
        "china police", text="the china police station", excepted=["police station of"]
    ) == ["china police"]
    text = "the china police station of the town"
    assert find("china police", text=text, excepted=["police station of the"]) == []


def test_term_of_another_language_does_not_count(watch: Callable[..., Matcher]) -> None:
    matcher = watch(
        """
        version: 1
        concepts: {thing: {sv: [polis], any: [agora]}}
        topics:
          topic:
            title: Topic
            report at: 1
            mention at: 1
            rules: [{name: rule, any: [thing], score: 1}]
        """
    )
    assert not matcher.match("The polis of Athens was a small town in those days", "").matches
    assert matcher.match("The agora of Athens was a small place in those days", "").matches


def test_adjacent_zero_width_characters_belong_to_no_word(find: Find) -> None:
    """FAULTS D3."""
    assert find("police", text="\u200b\u202epolice\u202c\u200b") == ["police"]
