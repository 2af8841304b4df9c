"""Small words tell which languages a page could hold; where they do not, all are possible."""

from monitor.text.shown_languages import find_shown_languages, small_words

ENGLISH = (
    "The ferry that was to leave at noon did not, and they had to wait for more than two hours with"
    " all of their bags after some of the crew went home; there will be another one, it was said"
)
HUNGARIAN = (
    "A komp nem indult el délben, és az utasok már több mint két órát vártak, mert a személyzet egy"
    " része hazament; most azt mondják, hogy lesz még egy járat, de csak este, ami sokaknak nem jó"
)


def find(*texts: str, declared: str | None = None) -> frozenset[str]:
    found = find_shown_languages({word for text in texts for word in text.split()}, declared)
    assert found is not None
    return found


def test_page_in_one_language_shows_that_one() -> None:
    assert {"en"} == find(ENGLISH) & {"en", "ro", "hu", "es", "fr", "de", "pl", "tr"}


def test_page_in_two_languages_shows_both() -> None:
    assert {"en", "hu"} <= find(ENGLISH, HUNGARIAN)


def test_claimed_language_is_possible() -> None:
    assert "tr" not in find(ENGLISH)
    assert "tr" in find(ENGLISH, declared="tr-TR")


def test_relatives_of_what_is_shown_are_possible() -> None:
    czech = (
        "to by se ale dá říct že už je po všem protože jsou až za ním nebo také před ním jen jako"
    )
    assert "sk" in find(czech)


def test_languages_in_scripts_of_their_own_are_always_possible() -> None:
    assert {"zh", "ja", "ko", "ar", "el", "ru", "uk", "bg"} <= find(ENGLISH)


def test_page_with_few_small_words_tells_nothing() -> None:
    assert find_shown_languages({"Peking", "patrols", "Split", "again"}, "en") is None
    assert find_shown_languages(set(), None) is None


def test_serbian_is_shown_in_both_alphabets() -> None:
    cyrillic = "је на се да су за од не како који али или само после пре био сам има већ још"
    assert {"hr", "sr"} <= find(cyrillic)
    assert {"hr", "sr"} <= find(
        "je na se su za od kako koji ali ili samo nakon prije bio već još jer te"
    )


def test_every_small_word_has_letters_only() -> None:
    assert all(word.isalpha() and len(word) > 1 for word in small_words())
