"""The commonest words of each language: a term that finds one of them finds nearly every text.

Without domain knowledge.
"""

from __future__ import annotations

from functools import cache

from monitor.text.normal import normalise_word

_WORDS = {
    "en": "the of and to in a is that for it on was with as at by from be have has he not are but",
    "zh": "的 是 在 了 和 有 不 人 我 他 这 中 大 为 上 个 国 说 时 地 也 对 年 会",
    "it": "il la di che e in un per è una non con sono si da del i le al ha come della nel anche",
    "es": "el la de que y en un por con no una su para es al lo como más del los las se ha o",
    "pt": "o a de que e em um por com não uma para é ao os as se na do da mais no",
    "fr": "le la de et les des en un que une dans qui pour du est par au sur ne pas il a plus se",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch",
    "nl": "de het een van en in is dat op te zijn met voor niet aan er om ook als bij door",
    "hu": "a az és hogy nem is egy van volt meg ez azt csak de már mint szerint",
    "hr": "i u je na se da su za od s a o ne kako koji bi iz to će što",
    "sr": "i u je na se da su za od a o ne kako koji bi iz to će što sa",
    "el": "και το να του η της με που την από για είναι στο τα δεν θα ότι στην",
    "ro": "de și în a la cu pe nu o un că din care pentru este mai au s-a fi",
    "cs": "a v se na je že o to s z do i ve pro za jako po by ale však",
    "sk": "a v sa na je že o to s z do i vo pre za ako po by ale však",
    "pl": "i w na z się do nie to że jest o po za od jak przez dla przy ale",
    "sv": "och i att det som en på är av för med till den har de inte om ett han",
    "da": "og i at det er en til på som af for med den de har ikke et om",
    "no": "og i det er på som en til av for å med at den har de ikke et om",
    "fi": "ja on ei että se oli hän mutta myös kun ovat joka mukaan niin",
    "bg": "на и в да се за от е с не по че са ще като до при към",
    "uk": "в і на не що з у та до за про як від для є це по",
    "ru": "в и на не что с по он как из за от о это для к а у",
    "tr": "ve bir bu da de için ile olarak çok olan daha gibi kadar",
    "ja": "の に は を た が で て と し れ さ る な も い か",
    "ko": "이 그 저 것 수 등 및 한 할 있다 있는 했다 는 은 을 를",
    "id": "yang dan di dengan untuk dari pada itu dalam ini tidak ke akan juga",
    "ar": "في من على أن إلى عن مع هذا التي الذي كان ما لا",
    "sl": "in je v na se da so za z ki bi pa iz o kot tudi po",
    "ca": "el la de que i en un per amb no una els les del es ha al més",
}


@cache
def common_words(language: str) -> frozenset[str]:
    """Return the commonest words of a language in normal form; of all of them for `any`."""
    if language == "any":
        return frozenset(word for name in _WORDS for word in common_words(name))
    return frozenset(filter(None, map(normalise_word, _WORDS.get(language, "").split())))
