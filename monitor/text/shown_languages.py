"""Which languages a page could hold, told from its source: the small words that every text needs.

    words of a page ─ small words of each language ─ languages shown

A language whose small words stand nowhere on a page cannot be its article's, whatever a short
stretch of it is taken for: "political", in English, is no inflection of the Romanian `poliți*`.
Without domain knowledge.
"""

from __future__ import annotations

from collections.abc import Set
from functools import cache
from typing import Final

from monitor.text.language import LANGUAGES, RELATED, primary
from monitor.text.normal import normalise_word

ENOUGH: Final = 5
"""Different small words that show a language."""

CLEAR: Final = 8
"""Where no language has so many, nothing is said: the page is too short, or written in codes."""

_WORDS = {
    "en": (
        "the of and to that for it on was with as at from by be have has he not are but his they"
        " this which or had were been their who said will would more than about after into also its"
        " when there she her one all out up can over other new some could him them what two first"
    ),
    "it": (
        "il lo gli che di una uno del dello dei degli delle nel nella nei nelle al alla ai agli "
        "alle dal dalla dai con su sul sulla sono stato stata anche ma più come dopo tra fra "
        "questo questa suo sua loro ha hanno era essere quando perché dove contro secondo "
        "ancora già molto tutti anni ogni cui"
    ),
    "es": (
        "el los las del al que por con una uno su sus para como más pero fue son ha han este "
        "esta estos entre sobre también desde hasta cuando sin porque donde ser muy todo todos "
        "años dos lo le les ya según ante durante contra otros hay era después esa ese está "
        "están"
    ),
    "pt": (
        "do da dos das um uma em no na nos nas ao aos que por pelo pela com para como mais mas "
        "foi são tem este esta esse essa entre sobre também desde até quando sem porque onde "
        "ser muito todos anos dois já segundo ele ela seu sua não os pelos depois contra ainda "
        "está"
    ),
    "fr": (
        "le les des du une un que qui dans pour par sur au aux pas plus est sont avec ce cette "
        "ces se son sa ses leur leurs il elle ils ont été être mais ou comme après entre depuis "
        "sans aussi tout tous deux ans fait selon contre encore même dont avait était chez nous "
        "vous"
    ),
    "de": (
        "der die das und den dem des von zu zum zur mit sich auf für ist nicht ein eine einen "
        "einer einem eines auch als bei nach aus um wird werden wurde haben hatte sind sein "
        "seine ihre dass wie oder aber noch nur vor über mehr durch gegen kann zwischen sie wir "
        "habe diese"
    ),
    "nl": (
        "het een van dat op te zijn met voor niet aan er om ook als bij door naar uit over maar "
        "nog wordt worden werd heeft hebben had was waren hij zij ze die dit deze wel geen meer "
        "dan tot tegen tussen omdat zich onder volgens jaar wie wat waar kan"
    ),
    "hu": (
        "az és hogy nem egy van volt meg ez azt csak de már mint szerint is el ki ha vagy lesz "
        "lett kell több majd sem most után ami aki ezt amely pedig így ezek azok voltak vannak "
        "mert ellen között miatt amikor valamint illetve alatt számára évben eddig"
    ),
    "hr": (
        "je na se da su za od ne kako koji koja koje bi iz to će što ali ili kao nije samo sve "
        "nakon prije pre posle poslije bio bila bilo biti ovo ova ovaj taj do po pri oko protiv "
        "između već još sam smo ima jer kada kad gdje gde njegov njihov te dok bez је на се да "
        "су за од не како који која које би из то ће шта али или као није само све после пре "
        "била био било бити ово овај до по око против између већ још има јер када где"
    ),
    "ro": (
        "și în la cu pe nu un că din care pentru este mai au fi fost sunt să sau prin despre "
        "după către între acest această aceste unui unei lui ei lor ce cum dar doar fără până "
        "când unde cele cel cea ale al ai asupra avea ani încă însă fiind potrivit acesta"
    ),
    "cs": (
        "se na ze to do ve pro za jako po by ale však jeho jejich který která které kteří byl "
        "byla bylo byly jsou jsem nebo při podle před mezi až jen ještě také už když kdy kde co "
        "tak ani proti pouze být má mají mohou tento tato toho tím roku let protože"
    ),
    "sk": (
        "sa na zo to do vo pre za ako po by ale jeho ich ktorý ktorá ktoré ktorí bol bola bolo "
        "boli sú som alebo pri podľa pred medzi až len ešte aj už keď kde čo tak ani proti iba "
        "byť má majú môžu tento táto toho tým roku rokov pretože si od"
    ),
    "pl": (
        "na się do nie to że jest po za od jak przez dla przy ale jego ich który która które "
        "którzy był była było były są oraz lub przed między aż tylko jeszcze także już gdy "
        "gdzie co tak ani przeciwko jako ma mają może ten tego tym roku lat ponieważ czy we ze"
    ),
    "sv": (
        "och att det som en av är på den till med har de inte om ett han hon var vi men ska kan "
        "från vid efter eller under när mot mellan också sin sina blev bli blir hade där mer än "
        "nu alla deras denna detta dessa utan upp sedan enligt över"
    ),
    "da": (
        "og det er til på som af den med har de ikke om et han hun var vi men skal kan fra ved "
        "efter eller under når mod mellem også sin sine blev blive bliver havde der mere nu "
        "alle deres denne dette disse uden op siden ifølge over hvor"
    ),
    "no": (
        "og det er på som til av den med har de ikke om et han hun var vi men skal kan fra ved "
        "etter eller under når mot mellom også sin sine ble bli blir hadde der mer nå alle "
        "deres denne dette disse uten opp siden ifølge over hvor"
    ),
    "fi": (
        "ja on ei että se oli hän mutta myös kun ovat joka mukaan niin kuin ole olla ollut tai "
        "sen ne jos vain vielä jo ennen jälkeen kanssa hänen heidän siitä tämä tämän nämä joita "
        "jotka jossa koska vuonna vuoden noin yli sitä ettei voi"
    ),
    "tr": (
        "ve bir bu da de için ile olarak çok olan daha gibi kadar ne var ancak ama sonra önce "
        "göre her hem ya ise değil oldu olduğu olduğunu oldukları tarafından kendi onun bunun "
        "en iki yeni eden yapılan etti diye üzere karşı ayrıca"
    ),
    "id": (
        "yang dan di dengan untuk dari pada itu dalam ini tidak ke akan juga oleh sebagai ada bisa"
        " para atau saat telah sudah karena mereka kepada tersebut lebih antara setelah menjadi"
        " secara bahwa namun seorang masih hanya kami kita dia adalah lagi"
    ),
    "sl": (
        "je na se da so za ki bi pa iz kot tudi po od ne ni bil bila bilo bili sta ali pri med "
        "pred proti več ter že ko lahko samo svoje njegov njihov kjer če zaradi tem ta to vse "
        "brez kako sem smo ima imajo leta letu"
    ),
    "ca": (
        "el els les del dels al als que per amb una un no és ha han aquest aquesta aquests "
        "entre sobre també des fins quan sense perquè on ser molt tots anys dos seu seva seus "
        "segons durant contra altres hi era després ja però més com ho"
    ),
}
# Words on pages of any language: codes of languages, parts of names, and of code.
_NAMES_AND_CODE = (
    "en es it de fr pt nl hu hr ro cs sk pl sv da no fi tr id sl ca el bg uk ru ja ko ar la "
    "le du di del della van von der den al los las les san dos das var let do if in is as at "
    "on by to or and not new this that for with from he be an am me my we us so go up all can "
    "has min max non per pro como come data die man alle era sin son fin met over op si na te "
    "ve ser bis hat nu au ou ai il et un se su sa"
)
_ANYWHERE = frozenset(_NAMES_AND_CODE.split())


@cache
def small_words() -> dict[str, frozenset[str]]:
    """Return, for each small word as it may be written, the languages that it tells of.

    A word that English has too tells of English only; one that stands anywhere of none.
    """
    english = frozenset(_WORDS["en"].split())
    told: dict[str, set[str]] = {}
    for language, listed in _WORDS.items():
        for word in listed.split():
            plain = normalise_word(word)
            if plain in _ANYWHERE or (language != "en" and plain in english):
                continue
            for form in (word, plain):
                told.setdefault(form, set()).add(language)
                told.setdefault(form.capitalize(), set()).add(language)
    return {form: frozenset(languages) for form, languages in told.items()}


def find_shown_languages(
    words: Set[str], declared: str | None, *, margin: int = 0
) -> frozenset[str] | None:
    """Return the languages that words of a page show; None where nothing can be told.

    `declared` is the language that the source claims: it is among them, and so are relatives, and
    languages without small words here (in scripts of their own, and rare ones).  With a margin, so
    many words more or less would rule out no further language.
    """
    known = small_words()
    found: dict[str, set[str]] = {}
    for form in words & known.keys():
        for language in known[form]:
            found.setdefault(language, set()).add(form.lower())
    if max(map(len, found.values()), default=0) < CLEAR + margin:
        return None
    shown = {language for language, forms in found.items() if len(forms) >= ENOUGH - margin}
    shown |= LANGUAGES & {primary(declared)}
    related = {each for language in shown for each in RELATED.get(language, ())}
    return frozenset(shown | related | (LANGUAGES - _WORDS.keys()))
