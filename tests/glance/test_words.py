"""Words however they are written: what extraction could read as one is never missed (FAULTS G)."""

from __future__ import annotations

import pytest

from tests.glance.pages import Look, script, words

CYRILLIC_A = "\u0430"  # the Cyrillic letter that looks like an a


@pytest.mark.parametrize(
    "text",
    [
        "saltmarsh",
        "SALTMARSH",
        "Sáltmàrsh",
        "Sa\u0301ltmarsh",
        "saltmarsh's",
        "saltmarsh\u2019s",
        "(saltmarsh)",
        "mud-saltmarsh/fen",
        "l'saltmarsh",
        "d\u2019saltmarsh",
        "salt\u00admarsh",
        "salt\u200bmarsh",
        "salt\u2060marsh",
        "salt\ufeffmarsh",
        "\u202esaltmarsh",
        "\uff53\uff41\uff4c\uff54\uff4d\uff41\uff52\uff53\uff48",
        f"s{CYRILLIC_A}ltm{CYRILLIC_A}rsh",
        f"<b>s{CYRILLIC_A}</b>ltmarsh",
        "s\u03b1ltmarsh",
        "маяковый",
        "МАЯКОВЫЙ",
        "маякo\u0432ый",
        "\u03c6\u03ac\u03c1o\u03b9",
        "海燕",
        "群海燕飛",
        "saltmarsh海",
        "海saltmarsh海",
        "한saltmarsh",
        "〇saltmarsh",
        "𠮷鳥",
        "Nordseefeuerschiffe",
        "feuerschifeuerschiff",
        "windmills",
        "feuerschiff",
    ],
)
def test_term_is_found_as_it_may_be_written(look: Look, text: str) -> None:
    assert not look.rules_out(f"<p>Zwam {text} zwem.</p>")
    assert not look.rules_out("", title=f"Zwam {text} zwem")


@pytest.mark.parametrize(
    "text",
    [
        "saltmarshes",
        "xsaltmarsh",
        "salt marsh",
        "salt-marsh",
        "salt.marsh",
        "salt<p>marsh",
        "salt<h2>marsh",
        "salt</p><p>marsh",
        "salt&nbsp;marsh",
        "salt&#32;marsh",
        "salt&lt;marsh",
        "salt\n\tmarsh",
        "海 x 燕",
        "sawindmill",
        "маяк",
        "saltm4rsh",
        '<b title="saltmarsh">x</b>',
        "<b saltmarsh>x</b>",
        "<saltmarsh-x>x</saltmarsh-x>",
        "<!-- saltmarsh -->",
        "<style>saltmarsh</style>",
    ],
)
def test_what_is_no_term_is_ruled_out(look: Look, text: str) -> None:
    assert look.rules_out(f"<p>Zwam {text} zwem.</p>")


@pytest.mark.parametrize(
    "inside",
    [
        "<b></b>",
        "<b>",
        "</b>",
        "</b><i>",
        "<em></em><i></i>",
        "<wbr>",
        "<!-- x -->",
        "<!-- > x -->",
        "<!-- saltmarsh --><!-- x -->",
        '<a title="a > b">',
        "<a title='a > b'>",
        "<span title=x>",
        "<x-y>",
        "&shy;",
        "&#173;",
        "&#xAD;",
        "&#8203;",
        "&ZeroWidthSpace;",
        "&zwnj;",
        "<script>x</script>",
        "<style>x</style>",
        "<button>Share</button>",
        "<button>Share this now</button>",
        "<i hidden>zwam</i>",
        '<i hidden="">zwam</i>',
        '<b aria-hidden="true">zwam</b>',
        '<b style="display:none">zwam</b>',
        "<b style='visibility: HIDDEN'>zwam</b>",
        "<svg><text>a drawing</text></svg>",
        "<math><mi>x</mi></math>",
        "<audio>zwam</audio>",
        "<video>zwam</video>",
        "<object>zwam</object>",
        "<label>zwam</label>",
        "<select><option>zwam</select>",
        "<i></i><button>a</button><i></i>",
        "<i hidden>a<b>b</b>c</i>",
    ],
)
def test_word_is_found_around_what_is_dropped_from_it(look: Look, inside: str) -> None:
    assert not look.rules_out(f"<p>Zwam salt{inside}marsh zwem.</p>")
    assert not look.rules_out(f"<p>Zwam sal{inside}tmarsh zwem.</p>")
    assert not look.rules_out(f"<p>Zwam nordfeuer{inside}schiffe zwem.</p>")
    assert not look.rules_out(f"<p>海{inside}燕</p>")


def test_word_is_found_around_several_dropped_elements(look: Look) -> None:
    button = "<button>zwam</button>"
    assert not look.rules_out(f"<p>sa{button}lt{button}mar{button}sh</p>")
    assert not look.rules_out(f"<p>sa<b></b>lt{button}mar<b>sh</b></p>")
    assert not look.rules_out(f"<p>{button.join('saltmarsh')}</p>")
    assert not look.rules_out(f"<p>sa{button}lt<i hidden>m</i>mar<!-- x -->sh</p>")


def test_word_is_found_whichever_of_many_elements_are_dropped(look: Look) -> None:
    """Each of nine elements in one word is dropped or stays, every other one, or three together."""
    stays, goes = "<button>{}</button>", "<button>zwam</button>"
    every_other = "".join(goes + stays.format(letter) for letter in "saltmarsh")
    assert not look.rules_out(f"<p>{every_other}</p>")
    assert not look.rules_out(f"<p>s{goes * 3}a{goes * 3}ltma{goes * 3}rsh{goes * 3}</p>")
    other_word = "".join(goes + stays.format(letter) for letter in "saltmash")
    assert look.rules_out(f"<p>{other_word}</p>")


def test_part_beside_what_may_be_dropped_is_near_only_where_it_stands(look: Look) -> None:
    far = "zwam " * 20
    assert look.rules_out(f"<p>otter<button>x</button>y {far} badger</p>")
    assert not look.rules_out("<p>otter<button>x</button>y zwam badger</p>")


@pytest.mark.parametrize("letters", [30, 200, 2_000])
@pytest.mark.parametrize("times", [2, 5, 9, 40])
def test_word_is_found_around_long_dropped_elements(look: Look, letters: int, times: int) -> None:
    button = f"<button>{'zwam' * (letters // 4)}</button>"
    many = f"x{button}" * times
    assert look.rules_out(f"<p>{many}x</p>")
    for before in ("", many):
        assert not look.rules_out(f"<p>{before}, salt{button}marsh,{many}x</p>")
        assert not look.rules_out(f"<p>{before}, sa{button}lt{button}mar{button}sh,{many}x</p>")
    spaced = f"<button>{'zwam ' * (letters // 5)}</button>"
    many = f"x{spaced}" * times
    assert look.rules_out(f"<p>{many}feuer{spaced}x{many}schiff</p>")
    assert not look.rules_out(f"<p>{many}feuer{spaced}schiff{many}x</p>")
    assert not look.rules_out(f"<p>{many}fe{spaced}uer{spaced}sch{spaced}iff{many}x</p>")


@pytest.mark.parametrize(
    "text",
    [
        "<q>salt<pre>marsh",
        "feuer<q><summary></summary><header>schiff",
        "海<blockquote><tr>&nbsp;燕",
        "salt<h1 class=x></h1></li>marsh",
        "salt <code>marsh</code>",
        "<s>salt&nbsp;<center></center>marsh",
        "海&shy;<abbr></h3>(x)燕",
    ],
)
def test_word_is_found_though_blocks_and_space_stand_in_it(look: Look, text: str) -> None:
    """As extraction was seen to put such words together, with tags that end nothing."""
    assert not look.rules_out(f"<div>Zwam {text} zwem.</div>")
    other = text.replace("marsh", "mars").replace("schiff", "zwam").replace("燕", "熊")
    assert look.rules_out(f"<div>Zwam {other} zwem.</div>")


def test_what_is_dropped_may_also_stay(look: Look) -> None:
    assert not look.rules_out("<p>zwam<button>saltmarsh</button>zwem</p>")
    assert not look.rules_out("<p>salt<button>marsh</button></p>")
    assert not look.rules_out("<p><span class=x>salt</span>marsh</p>")


def test_letters_of_a_dropped_element_belong_to_no_word_far_from_it(look: Look) -> None:
    assert look.rules_out("<p>salt zwam <button>x</button> zwem marsh</p>")
    assert look.rules_out("<p>salt <button>x</button> marsh</p>")


@pytest.mark.parametrize(
    "text",
    [
        "&#115;altmarsh",
        "&#x73;altmarsh",
        "&#X73;altmarsh",
        "&#0000115;altmarsh",
        "salt&#109arsh",
        "salt&#109;&#97;rsh",
        "salt&#x6D;arsh",
        "s&aacute;ltmarsh",
        "&scaron;altmarsh",
        "salt&Mfr;arsh",
        "s&aacuteltmarsh",
        "s&Aacuteltmarsh",
        "&sc;altmarsh &#115altmarsh",
        "&amp;saltmarsh",
        "&saltmarsh;",
        "&saltmarsh",
        "&notsaltmarsh saltmarsh;",
        "&#x6d77;&#29141;",
        "&#134071;鳥",
        "&#154;altmarsh",
        "&quot;saltmarsh&quot;",
        "&#34;saltmarsh&#34;",
        "&nbspsaltmarsh&nbsp",
        "AT&Tsaltmarsh saltmarsh",
        "&#;saltmarsh",
        "&#x;saltmarsh",
        "&#;&#115;altmarsh",
        "&;saltmarsh",
        "& saltmarsh &",
        "salt&#x110000;marsh saltmarsh",
        "".join(f"&#{ord(letter)};" for letter in "saltmarsh"),
        "".join(f"&#x{ord(letter):x};" for letter in "маяковый"),
    ],
)
def test_term_is_found_behind_references(look: Look, text: str) -> None:
    assert not look.rules_out(f"<p>Zwam {text} zwem.</p>")
    assert not look.rules_out("", title=f"Zwam {text} zwem")
    assert not look.rules_out("", head=f'<meta property="og:title" content="Zwam {text} zwem">')


@pytest.mark.parametrize(
    "twice", ["&amp;#115;altmarsh", "s&amp;aacute;ltmarsh", "&amp;scaron;altmarsh"]
)
def test_references_are_resolved_twice_in_titles_only(look: Look, twice: str) -> None:
    assert not look.rules_out("", title=twice)
    assert not look.rules_out(f"<h1>{twice}</h1>")
    assert not look.rules_out("", head=f'<meta content="{twice}">')
    assert look.rules_out(f"<p>{twice}</p>")


@pytest.mark.parametrize(
    "tag",
    [
        '<meta property="og:title" content="{}">',
        "<meta content='{}' name=description>",
        "<META CONTENT='{}'>",
        '<meta name="x"content="{}">',
        '<meta a=b content = "{}" c>',
        "<meta content={}>",
        "<meta/content='{}'/>",
        "<meta\ncontent\n=\n'{}'>",
    ],
)
def test_claim_in_the_head_counts(look: Look, tag: str) -> None:
    assert not look.rules_out("", head=tag.format("saltmarsh"))
    assert look.rules_out("", head=tag.format("marsh"))
    assert look.rules_out(
        "", head=tag.replace("content", "x").replace("CONTENT", "x").format("saltmarsh")
    )


def test_claims_are_lines_of_their_own(look: Look) -> None:
    assert look.rules_out("", head='<meta content="kestrel"><meta content="plover">')
    assert not look.rules_out("", head='<meta content="kestrel plover">')


# Ten small words and more of a language show it.
ENGLISH = (
    "<p>The keepers of the old light said that it was for them and not for him to say what had"
    " been done with it, as they were there by then, but he would have his way from the first, and"
    " there was all the more to be said about it when the others had come into it after that.</p>"
)
FRENCH = (
    "<p>Le gardien est dans la tour avec les autres pour un an, et il ne sait pas que cette nuit"
    " ils ont été vus par ceux du port, mais sur son cahier tout est noté depuis deux ans.</p>"
)


def test_term_of_a_language_counts_unless_the_page_shows_only_others(look: Look) -> None:
    assert look.rules_out(f"{ENGLISH}<p>phares</p>")
    assert not look.rules_out(f"{ENGLISH}{FRENCH}<p>phares</p>")
    assert not look.rules_out("<p>phares</p>")


def test_term_of_a_declared_language_counts(look: Look) -> None:
    source = f"<html {{}}><title>x</title>{ENGLISH}<p>phares {words(3)}</p>"
    assert look.rules_out_source(source.format(""))
    assert not look.rules_out_source(source.format("lang=fr"))
    assert not look.rules_out_source(source.format('class="x" lang="fr-CA"'))


def test_small_words_in_references_and_tags_show_no_language_too_few(look: Look) -> None:
    """Words cut by tags are no small words: French may be written so, and English beside it."""
    cut = FRENCH.replace(" ", " <b></b>")
    assert not look.rules_out(f"{FRENCH}{ENGLISH}<p>phares</p>")
    assert not look.rules_out(f"{cut}<p>phares</p>")


def test_written_angles_are_no_tags_in_a_text(look: Look) -> None:
    assert not look.rules_out("<p>&lt;saltmarsh&gt;</p>")
    assert not look.rules_out("<p>5 < saltmarsh > 3</p>")


def test_exception_of_a_language_hides_nothing(look: Look) -> None:
    assert not look.rules_out("<p>pelican romeo</p>")


def test_words_of_the_source_of_a_script_are_no_words_of_the_page(look: Look) -> None:
    assert look.rules_out(script("var saltmarsh = saltmarsh || {};"))
