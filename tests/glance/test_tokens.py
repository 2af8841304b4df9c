"""What is a tag, a comment, a script or a title's text: told as the HTML standard has it.

(13.2.5, Tokenization.)  Each page is ruled out without the term, and not where extraction reads it.
"""

from __future__ import annotations

import random

import pytest

from monitor.extract.tree import parse
from tests.glance.pages import Look, script
from tests.glance.sources import as_source

# In these the term is text, or the parts of it come together.
SHOWN = [
    "<!-->{}",
    "<!--->{}",
    "<!-->{}<!-- x -->",
    "<!---->{}",
    "<!-- x --!>{}",
    "<!-- x --!>{} -->",
    "<!-- x --!> zwam -->{}<!-- x -->",
    "<!-- <!-->{} -->",
    "<!-- <!--->{} -->",
    "<!--[if IE]> x <!-->{}<![endif]-->",
    "<!-- x ->{}-->{}",
    "<![CDATA[ x ]]>{}",
    "<![CDATA[ > {} ]]>",
    "<svg><![CDATA[ > {} ]]></svg>",
    "<![if !IE]>{}<![endif]>",
    "</>{}",
    "</ x>{}",
    "</3 x>{}",
    "<?x y?>{}",
    "<? x > {} ?>",
    "<!x>{}",
    "<script/>{}</script>",
    "<script src='x'/>{}</script>",
    "<script async/><p>{}</p></script>",
    "<style/>{}</style>",
    "<title/>{}</title>",
    "<script>a</scripty>b</script>{}",
    "<script>'</script'</script>{}",
    "<script><!-- <script> </script> --></script>{}",
    "<script><!-- <script> </script></script>{}",
    "<script><!-- <scripty> </script>{}</script>",
    "<script><!-- --> <script> </script>{}</script>",
    "<script><!--> <script> </script>{}</script>",
    "<script><!---> <script> </script>{}</script>",
    "<script><!-- <script> --> </script>{}</script>",
    "<script><!-- x </script>{}",
    "<style>a</stylex>b</style>{}",
    "<style><!-- <style> </style>{}",
    "<title>x</titley>x</title>{}",
    "<title>{}<b>x</b></title>",
    "<title>x<!-- {} --></title>",
    "<title>x<b>{}</title>",
    "<title>x < {}</title>",
    "<title>{}",
    "<svg><title>{}</title></svg>",
]
# In these it is not: in a comment, in a script, in an attribute.
UNSEEN = [
    "<!--{}",
    "<!-- {} -->",
    "<!--->x<!-- {} -->",
    "<!-- --!x {} -->",
    "<!-- <!-- {} -->",
    "<!-- --\u00a0> {} -->",
    "<![CDATA[ {} ]]>",
    "</ {}>",
    "<script src=x/>{}</script>",
    "<script a=/>{}</script>",
    "<script / >{}</script>",
    "<script><!-- <script> </script>{}</script>",
    "<script><!-- <script> </script>{} --></script>",
    "<script><!-- <script> <script> </script>{}</script>",
    "<script>a</scripty>{}</script>",
    "<script>a</script{}></script>",
    "<script>a</script x='{}'>b",
    "<style>a</stylex>{}</style>",
    "<script>{}",
    "<style>{}",
    "<!-- x -- > {}",
]


@pytest.mark.parametrize("source", SHOWN)
def test_text_behind_an_odd_construct_is_read(look: Look, source: str) -> None:
    assert look.rules_out(source.replace("{}", "marsh"))
    assert not look.rules_out(source.replace("{}", "saltmarsh"))
    assert not look.rules_out(source.replace("{}", " saltmarsh "))


@pytest.mark.parametrize("source", UNSEEN)
def test_what_no_reader_sees_is_ruled_out(look: Look, source: str) -> None:
    assert look.rules_out(source.replace("{}", " saltmarsh "))


@pytest.mark.parametrize("source", [*SHOWN, *UNSEEN])
def test_list_of_what_is_shown_is_what_the_parser_shows(source: str) -> None:
    """Without this the two tests above could say anything."""
    parsed = parse(f"<html><body><p>{source.replace('{}', ' saltmarsh ')}</p></body></html>")
    assert parsed is not None
    shown = "".join(
        text
        for each in parsed.root.iter()
        for text in ((each.text if each.tag not in ("script", "style") else ""), each.tail)
        if text
    )
    assert ("saltmarsh" in shown) == (source in SHOWN)


@pytest.mark.parametrize(
    "inside",
    [
        "<!-->",
        "<!--->",
        "<!-- x --!>",
        "<![CDATA[ x ]]>",
        "</>",
        "</ x>",
        "<?x?>",
        "<!x>",
        "<script/></script>",
        "<script src='x'/>",
        "<script>a</scripty></script>",
        "<script><!-- <script> </script> --></script>",
    ],
)
def test_word_goes_on_behind_an_odd_construct(look: Look, inside: str) -> None:
    assert not look.rules_out(f"<p>salt{inside}marsh</p>")
    assert not look.rules_out(f"<p>kestrel {inside} plover</p>")
    assert look.rules_out(f"<p>salt {inside} marsh</p>")
    assert look.rules_out(f"<p>kestrel</p>{inside}<p>plover</p>")


def test_string_in_a_script_that_goes_on_is_read(look: Look) -> None:
    prose = "Zarnu koplet vendrim oskapu tirlon miruk. Velapso brintak {} oluma nalvi dorumek." * 5
    for code in (
        '<script><!-- <script> </script> a = "{}" --></script>',
        '<script>a = "</scripty>"; b = "{}"</script>',
        '<script>a = "{}"',
    ):
        source = code.replace("{}", prose)
        assert look.rules_out(source.replace("{}", "marsh"))
        assert not look.rules_out(source.replace("{}", "saltmarsh"))


@pytest.mark.parametrize(
    "title",
    [
        "salt<b>marsh</b>",
        "salt<!-- x -->marsh",
        "salt&lt;b&gt;marsh",
        "salt&lt;b>marsh",
        "salt<b&gt;marsh",
        "salt&amp;lt;b&amp;gt;marsh",
        "salt&lt;&#98;&gt;marsh",
        "quiet harbour<br>master",
        "quiet<b> harbour </b>master",
    ],
)
def test_markup_in_a_title_is_read_as_text_and_as_markup(look: Look, title: str) -> None:
    assert not look.rules_out("", title=title)
    assert look.rules_out("", title=title.replace("salt", "silt").replace("quiet", "quite"))
    assert not look.rules_out("", title="a <saltmarsh> b")
    assert not look.rules_out("", title="a &lt;saltmarsh> b")


def test_title_with_markup_counts_beside_what_scripts_carry(look: Look) -> None:
    code = script(f'var a = "{"Zarnu koplet vendrim oskapu tirlon. " * 5} Egret."')
    assert not look.rules_out(code, title="he<b>ron</b>")
    assert look.rules_out(code, title="he<b>rons</b>")


_TOKENS = (
    "<script> </script> </script </script&nbsp; <script <!-- --> --!> - ! > < -- <!--> <!---> x /"
    ' </scripty> </SCRIPT> <SCRIPT/> " </title> </style> <b> <!'
).replace("&nbsp;", "\u00a0")
TOKENS = [*_TOKENS.split(" "), " ", "\n", "</script "]


@pytest.mark.parametrize("name", ["script", "style", "title"])
def test_end_of_an_element_is_where_the_parser_has_it(look: Look, name: str) -> None:
    from monitor.glance import skipping  # once it is compiled

    chance = random.Random(5)
    for _ in range(2_000):
        drawn = "".join(chance.choices(TOKENS, k=chance.randrange(1, 14)))
        before = f"<html><body><p>a<{name}>"
        source = f"{before}{drawn}</{name}>zwam"
        letters = as_source(source)
        if name == "script":
            end = skipping.find_end_of_script(letters, len(before))
        else:
            tag = skipping.STYLE_END if name == "style" else skipping.TITLE_END
            end = skipping.find_end_tag(letters, len(before), tag)
        parsed = parse(source)
        assert parsed is not None
        # At the end of all the parser adds what it takes a tag cut short for.
        read = parsed.root.findtext(f".//{name}") or ""
        written = source.encode()[len(before) : end].decode()
        assert read == written or end == len(letters), drawn


def test_end_of_a_comment_is_where_the_parser_has_it(look: Look) -> None:
    from monitor.glance import skipping  # once it is compiled

    chance = random.Random(6)
    tokens = ["<!--", "-->", "--!>", "-", "!", ">", "<", "--", "<!-->", "<!--->", "x", "<!", " "]
    for _ in range(2_000):
        drawn = "".join(chance.choices(tokens, k=chance.randrange(10)))
        before = "<html><body><p>a<!--"
        source = f"{before}{drawn}-->zwam"
        rest = source[skipping.skip_comment(as_source(source), len(before)) :]
        parsed = parse(source)
        assert parsed is not None
        if "<" not in rest:
            assert "".join(parsed.root.itertext()) == f"a{rest}", drawn
