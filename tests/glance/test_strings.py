"""What scripts carry: every string that extraction could read is read (FAULTS G)."""

from __future__ import annotations

import json

import pytest

from tests.glance.pages import Look, script

BEFORE = "Zarnu koplet vendrim oskapu tirlon miruk velapso brintak. "
BEHIND = " Oluma nalvi dorumek falint zobar ekimul trasno peluvik." * 20
LD = "application/ld+json"


def prose(text: str) -> str:
    """Return a text that is prose to a reader of scripts, with something in its midst."""
    return f"{BEFORE}Zwam {text} zwem.{BEHIND}"


def as_code(value: object, *, ascii_only: bool = True) -> str:
    return f"window.data = {json.dumps({'a': [1, value]}, ensure_ascii=ascii_only)};"


def is_read(look: Look, code: str, kind: str = "") -> bool:
    return not look.rules_out(script(code, kind))


@pytest.mark.parametrize(
    "text", ["saltmarsh", "海燕", "маяковый", "𠮷鳥", "sáltmarsh", "Saltmarsh's"]
)
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "as it is"])
@pytest.mark.parametrize("depth", range(5))
def test_term_is_found_in_a_string_of_strings(
    look: Look, text: str, ascii_only: bool, depth: int
) -> None:
    value = prose(text)
    for _ in range(depth):
        value = json.dumps({"title": "A page", "body": value, "n": 1}, ensure_ascii=ascii_only)
    assert is_read(look, as_code(value, ascii_only=ascii_only))
    assert is_read(look, as_code(value, ascii_only=ascii_only), LD)
    assert not is_read(look, as_code(value.replace("marsh", "fen")[:60]))


@pytest.mark.parametrize("depth", range(1, 6))
def test_term_is_found_in_a_string_beside_much_code(look: Look, depth: int) -> None:
    """What is around it is no prose, so the strings within are looked at one by one."""
    value = prose("saltmarsh")
    for _ in range(depth):
        value = json.dumps({"body": value, "n": [{"a": number} for number in range(200)]})
    assert is_read(look, as_code(value))
    assert not is_read(look, as_code(value.replace("saltmarsh", "marsh")))


@pytest.mark.parametrize(
    "written",
    [
        r"\u0073altmarsh",
        r"salt\u006darsh",
        r"salt\u006Darsh",
        r"\\u0073altmarsh",
        r"\\\\u0073altmarsh",
        r"salt\u00admarsh",
        r"salt\u200bmarsh",
        r"\"saltmarsh\"",
        r"\\\"saltmarsh\\\"",
        r"\nsaltmarsh\n",
        r"\tsaltmarsh\r\n",
        r"\\nsaltmarsh\\n",
        r"\/saltmarsh\/",
        r"salt<b>marsh</b>",
        r"salt\u003cb\u003emarsh\u003c/b\u003e",
        r"salt\u003Cb class='x'\u003Emarsh",
        r"salt<!-- x -->marsh",
        r"salt&shy;marsh",
        r"salt&#109;arsh",
        r"s&aacute;ltmarsh",
        r"\u0026#115;altmarsh",
        r"&nbsp;saltmarsh",
        r"\ud842\udfb7鳥",
        r"\uD842\uDFB7\u9ce5",
        r"\\ud842\\udfb7\\u9ce5",
        r"\u6d77\u71d5",
        r"\u043c\u0430\u044f\u043a\u043e\u0432\u044b\u0439",
        r"\u043c\u0430яковый",
        r"quiet harbour\nmaster",
        r"quiet\u00a0harbour\u2003master",
        r"quiet <b>harbour</b> master",
    ],
)
@pytest.mark.parametrize("kind", ["", LD])
def test_term_is_found_as_a_string_may_be_written(look: Look, written: str, kind: str) -> None:
    code = f'{{"a": "{prose(written)}"}}'
    assert is_read(look, code, kind)


@pytest.mark.parametrize(
    "written",
    [
        r"salt\nmarsh",
        r"salt marsh",
        r"salt\u0020marsh",
        r"saltmarshes",
        r"salt<p>marsh".replace("<p>", " <p> "),
        r"s\u006fltmarsh",
    ],
)
def test_what_is_no_term_in_a_string_is_ruled_out(look: Look, written: str) -> None:
    assert not is_read(look, f'{{"a": "{prose(written)}"}}')


@pytest.mark.parametrize(
    "code",
    [
        pytest.param('a = "A saltmarsh."', id="too short"),
        pytest.param(f'a = "b(c d e f); {prose("saltmarsh")} {{g;h=1;i=2;j=3}}"', id="code"),
        pytest.param(f'a = "{"zwam-" * 20}saltmarsh-{"zwem-" * 20}"', id="one long word"),
        pytest.param(f'a = "{prose("saltmarsh").replace(".", ",")}"', id="no end of a sentence"),
    ],
)
def test_string_that_is_no_prose_is_ruled_out(look: Look, code: str) -> None:
    assert not is_read(look, code)


def test_short_string_of_claims_is_read(look: Look) -> None:
    for kind in (LD, "APPLICATION/LD+JSON", "x; application/ld+json", "application/ld&#43;json"):
        assert is_read(look, '{"headline": "saltmarsh"}', kind)
        assert is_read(look, '{"headline": "海燕!!"}', kind)
    assert not is_read(look, '{"headline": "saltmarsh"}')
    assert not is_read(look, '{"headline": "saltmarsh"}', "application/json")


def test_markup_in_a_string_is_read_where_paragraphs_show_it(look: Look) -> None:
    html = "<p>saltmarsh</p><p>zwam</p><div class=x>{}</div>" * 3
    assert is_read(look, f'a = "{html}"')
    assert is_read(look, f'a = "{html}"'.replace("<", r"\u003c").replace(">", r"\u003e"))
    assert is_read(look, f'a = "{html}"'.replace("<", r"\u003C"))
    assert is_read(look, f'a = "{html}"'.replace("<", r"\\u003c"))
    assert not is_read(look, f'a = "{html}"'.replace("<p>", "<q>").replace("</p>", "</q>"))


def test_strings_are_lines_of_their_own(look: Look) -> None:
    assert is_read(look, f'["{prose("kestrel plover")}"]')
    assert not is_read(look, f'["{prose("kestrel")}", "{prose("plover")}"]')
    assert not is_read(look, f'["{prose("kestrel")}"]')
    assert look.rules_out(f"{script(as_code(prose('kestrel')))}<p>plover</p>")


def test_title_in_claims_and_text_elsewhere_count_together(look: Look) -> None:
    claim = script('{"headline": "heron"}', LD)
    assert not look.rules_out(claim + script(as_code(prose("egret"))))
    assert not look.rules_out(claim + script('{"articleBody": "an egret"}', LD))


def test_string_never_closed_is_read_to_the_end_of_its_script(look: Look) -> None:
    assert is_read(look, f'a = "{prose("saltmarsh")}')
    assert is_read(look, f'a = "b", c", d "{prose("saltmarsh")}"')
    assert is_read(look, f'{prose("saltmarsh")}", "c"')


def test_escaped_mark_outside_of_strings_hides_nothing(look: Look) -> None:
    assert is_read(look, rf'a = /\"/; b = "{prose("saltmarsh")}"')
    assert is_read(look, rf'a = \"{prose("saltmarsh")}\"; b = "c"')
    assert is_read(look, rf'a = "\\"; b = "{prose("saltmarsh")}"')
    assert is_read(look, rf'a = "{prose("saltmarsh")}\\"; b = "c"')


@pytest.mark.parametrize(
    "source",
    [
        "<script>a</script><p>saltmarsh",
        "<script>a</SCRIPT><p>saltmarsh",
        "<script>a</script\n><p>saltmarsh",
        "<script>a</script/><p>saltmarsh",
        "<script>a</script x><p>saltmarsh",
        "<script></script><p>saltmarsh",
        "<script/><p>saltmarsh",
        "<script src=x></script><p>saltmarsh",
        "<script>'<script>'</script><p>saltmarsh",
        "<script><!-- x --></script><p>saltmarsh",
        "<script><!-- </script><p>saltmarsh",
        "<style>a</style><p>saltmarsh",
        "<style><!-- </style><p>saltmarsh",
        "<style>'</script>'</style><p>saltmarsh",
        "<noscript><p>saltmarsh</noscript>",
        "<template><p>saltmarsh</template>",
        "<textarea><p>saltmarsh</textarea>",
        "<iframe><p>saltmarsh</iframe>",
    ],
)
def test_page_goes_on_behind_a_script(look: Look, source: str) -> None:
    assert not look.rules_out(source)
