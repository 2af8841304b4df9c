"""Turn the plain name of a country into the forms that a language's texts write.

CLDR gives nominatives. The rules are coarse on purpose: a name counts only where it begins with a
capital, so a stem may be short. What they get wrong is written out in `data/countries/`.
"""

from __future__ import annotations

_VOWELS = frozenset("aeiouyáéíóúýàèìòùâêîôûãõäëïöüåæøąęěůőűαεηιουωάέήίόύώаеиоуыэюяієїё")
_CUT_VOWEL = frozenset({"hr", "sl", "cs", "sk", "pl", "uk", "ru", "ro"})
_SUFFIXED = frozenset({"hu", "tr", "fi"}) | _CUT_VOWEL
_SHORTEST_STEM = 4


def build_forms(language: str, name: str) -> tuple[str, ...]:
    """Return the forms of `name` in the term syntax of keywords.yaml, the plain one first.

    Names of several words come back unchanged: their first word inflects too, and guessing both
    would find more than countries.
    """
    if " " in name or "-" in name:
        return (name,)
    if language in {"de", "sv", "da", "no", "nl"}:
        return (name,) if name.endswith("s") else (name, name + "s")
    if language == "el":
        return _greek(name)
    if language in _SUFFIXED:
        return tuple(dict.fromkeys((name, *_stems(language, name))))
    return (name,)


def _stems(language: str, name: str) -> tuple[str, ...]:
    if language == "hu" and name[-1] in "ae":
        return (name[:-1] + {"a": "á", "e": "é"}[name[-1]] + "*",)
    cuts = "i" if language == "fi" else _VOWELS if language in _CUT_VOWEL else ""
    cut = name[:-1] if name[-1] in cuts else name
    return (cut + "*",) if len(cut) >= _SHORTEST_STEM else ()


def _greek(name: str) -> tuple[str, ...]:
    if name.endswith(("α", "η", "ά", "ή")):
        return (name, name + "ς")
    if name.endswith(("ς",)):
        return (name, name[:-1])
    return (name,)
