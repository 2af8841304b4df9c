"""Which texts may share a line: what could be in one sentence is never ruled out (FAULTS G)."""

from __future__ import annotations

import pytest

from tests.glance.pages import Look, frame, script

LONG_TEXT = "Zarnu koplet vendrim oskapu tirlon miruk velapso brintak oluma nalvi dorumek falint."


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<p>kestrel zwam plover</p>", id="one paragraph"),
        pytest.param("<p>plover zwam kestrel</p>", id="the other way round"),
        pytest.param("<p>kestrel<br>plover</p>", id="a break"),
        pytest.param("<p>kestrel <img src=x> plover</p>", id="a picture"),
        pytest.param("<p><a>kestrel</a> <b><i>plover</i></b></p>", id="inline elements"),
        pytest.param("<x-a>kestrel</x-a><x-b>plover</x-b>", id="elements of its own"),
        pytest.param("kestrel plover", id="no element around"),
        pytest.param("<p>kestrel <!-- <p> --> plover</p>", id="a comment with a tag"),
        pytest.param("<p>kestrel <script>'<p>'</script> plover</p>", id="a script"),
        pytest.param("<p>kestrel <style>p { top: 0 }</style> plover</p>", id="a style"),
        pytest.param("<p>kestrel <a title='</p><p>'>plover</a></p>", id="tags in an attribute"),
        pytest.param("<p>kestrel <a title=a'>b</a> plover</p><p>it's", id="a mark in a value"),
        pytest.param("<table><tr><td>kestrel<td>plover</table>", id="cells of a row"),
        pytest.param(
            "<table><tr><td><p>kestrel</p></td><td><div>plover</div></td></tr></table>",
            id="blocks in cells of a row",
        ),
        pytest.param(
            "<table><tr><td><ul><li>x<li>kestrel</ul></td><th><h2>y</h2><p>plover</p></th></table>",
            id="many blocks in cells of a row",
        ),
        pytest.param(
            "<table><tr><td><table><tr><td>kestrel</td></tr></table></td><td>plover</td></table>",
            id="a table in a cell, and the next cell",
        ),
        pytest.param(
            "<table><tr><td>x<table><tr><td>kestrel<tr><td>y</table>z</td><td>plover</table>",
            id="a row of a table in a cell, and the next cell",
        ),
        pytest.param("<td>kestrel</td><td>plover</td>", id="cells of no table"),
        pytest.param("<tr>kestrel</tr><tr>plover</tr>", id="rows of no table"),
        pytest.param("<tbody>kestrel</tbody><tbody>plover</tbody>", id="groups of no table"),
        pytest.param(
            "<table><tr><td>x</td></tr></table><td>kestrel</td><td>plover</td>",
            id="cells behind a table",
        ),
        pytest.param("<p>kestrel<ul><li>x</ul> plover</p>", id="behind a list"),
        pytest.param("<div>kestrel<div>advert</div>plover</div>", id="behind a box"),
        pytest.param("<div>kestrel<div>x</div><div>y</div>plover</div>", id="behind several boxes"),
        pytest.param(
            "<div>kestrel <b>x<div>y</div></b> plover</div>", id="behind a box in an element"
        ),
        pytest.param(
            "<ul><li>kestrel<ul><li>x</li></ul>plover</li></ul>", id="behind a list in a list"
        ),
        pytest.param("<p>kestrel<p>elsewhere</p> plover", id="behind a paragraph never closed"),
        pytest.param(
            "<div>kestrel<table><tr><td>x</table>plover</div>", id="behind a table in a box"
        ),
        pytest.param("<div>kestrel<h2>x</h2>plover</div>", id="behind a heading"),
        pytest.param("<p>kestrel</div> plover</p>", id="an end of nothing"),
        pytest.param("<p>kestrel</div></div></ul></table> plover</p>", id="ends of nothing"),
        pytest.param("<p>kestrel</section></footer> plover</p>", id="ends of parts of a page"),
        pytest.param("<div>kestrel<p>plover</p></div>", id="in front of a paragraph in a box"),
        pytest.param("<div>kestrel<ul><li>plover</ul></div>", id="in front of a list in a box"),
        pytest.param("kestrel<div>plover</div>", id="in front of a box"),
        pytest.param("<p>kestrel</p></footer><p>plover</p>", id="an end of nothing between"),
        pytest.param("<div>kestrel</div>plover", id="behind the end of a box"),
        pytest.param("<p>kestrel<aside>x</aside>plover</p>", id="a margin"),
        pytest.param("<p>kestrel<figure><p>x</p></figure>plover</p>", id="a figure"),
        pytest.param("<p>kestrel<video>for old browsers</video>plover</p>", id="a film"),
        pytest.param("<p>kestrel<button>Share</button>plover</p>", id="a button"),
        pytest.param("<h1><div>kestrel</div><div>plover</div></h1>", id="blocks in a heading"),
        pytest.param("<h1><p>kestrel<p>plover</h1>", id="paragraphs in a heading"),
        pytest.param(
            "<h1><table><tr><td>kestrel<tr><td>plover</table></h1>", id="rows in a heading"
        ),
        pytest.param("<select><option>kestrel plover</select>", id="a choice"),
        pytest.param("<select><option>kestrel<p>plover</select>", id="a paragraph in a choice"),
        pytest.param("<select>kestrel<div>x</div>plover</select>", id="boxes in a choice"),
        pytest.param("<p>kestrel &lt; plover</p>", id="a sign"),
        pytest.param("<p>kestrel < plover</p>", id="a sign as it is"),
        pytest.param("<p>kestrel</b></i> plover</p>", id="ends of elements never begun"),
        pytest.param("<p>kestrel <1> plover</p>", id="no tag"),
        pytest.param("<p>红隼，千鸟</p>", id="in Chinese"),
    ],
)
def test_texts_that_could_share_a_line_are_let_through(look: Look, body: str) -> None:
    assert not look.rules_out(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<p>kestrel</p><p>plover</p>", id="paragraphs"),
        pytest.param("<P>kestrel</P><P>plover</P>", id="capitals"),
        pytest.param("<div>kestrel</div><div>plover</div>", id="boxes"),
        pytest.param("<ul><li>kestrel</li><li>plover</li></ul>", id="items"),
        pytest.param("<dl><dt>kestrel</dt><dd>plover</dd></dl>", id="a list of terms"),
        pytest.param("<div><p>kestrel</p></div><div><p>plover</p></div>", id="paragraphs in boxes"),
        pytest.param(
            "<section><p>kestrel</p></section><nav><ul><li>plover</li></ul></nav>",
            id="parts of a page",
        ),
        pytest.param(
            "<select><option>kestrel</option><option>plover</option></select>", id="choices"
        ),
        pytest.param("<h2>kestrel</h2><p>plover</p>", id="a heading and a paragraph"),
        pytest.param("<h1>kestrel</h1><p>plover</p>", id="a title and a paragraph"),
        pytest.param("<table><tr><td>kestrel</td></tr><tr><td>plover</td></tr></table>", id="rows"),
        pytest.param(
            "<table><tr><td>kestrel</td></tr></table><table><tr><td>plover</td></tr></table>",
            id="tables",
        ),
        pytest.param(
            "<table><tbody><tr><td>kestrel</tbody><tbody><tr><td>plover</tbody></table>",
            id="groups of rows",
        ),
        pytest.param(
            "<table><tr><td><p>x</p></td></tr></table><p>kestrel</p><p>plover</p>",
            id="paragraphs behind a table",
        ),
        pytest.param(
            "<h1><div>x</div></h1><p>kestrel</p><p>plover</p>", id="paragraphs behind a heading"
        ),
        pytest.param(
            "<select><option>x</select><p>kestrel</p><p>plover</p>",
            id="paragraphs behind a choice",
        ),
        pytest.param(
            "<p title=\"<p>\">kestrel</p><p data-x='a>b'>plover</p>", id="angles in attributes"
        ),
        pytest.param("<p>kestrel</p><!-- a comment --><p>plover</p>", id="a comment between"),
    ],
)
def test_texts_of_different_blocks_are_ruled_out(look: Look, body: str) -> None:
    assert look.rules_out(body)
    together = body.replace("kestrel", "kestrel plover")
    assert not look.rules_out(together)


def bare(body: str) -> str:
    """Return a page with little prose."""
    return f"<html><body>{body}</body></html>"


TWO = "<p>kestrel</p><p>plover</p>"
# No prose, and more than what is read as one line whatever tags stand in it.
MENU = "<p>zwam zwem zwim</p>" * 130


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"<article>{TWO}</article>", id="an article"),
        pytest.param(f"<article><article>x</article>{TWO}</article>", id="an article in one"),
        pytest.param("<article><p>kestrel</p><ul><li>x<li>plover</ul></article>", id="a list"),
        pytest.param(f"<blockquote>{TWO}</blockquote>", id="a quotation"),
        pytest.param(f"<pre><div>x</div>{TWO}</pre>", id="written by columns"),
        pytest.param(f"<code>{TWO}</code>", id="code"),
        pytest.param(f"<q>{TWO}</q>", id="a short quotation"),
        pytest.param("<p><section>kestrel</section><main>plover</main></p>", id="a paragraph"),
        pytest.param("<p><b><div>kestrel</div><div>plover</div></b></p>", id="boxes in bold"),
        pytest.param(f"<article><div>x</article>{TWO}", id="an article that goes on"),
        pytest.param(f"<article><table><tr><td>x</article>{TWO}", id="a table that goes on"),
        pytest.param(f"<article>x{TWO}", id="an article that never ends"),
    ],
)
def test_element_of_a_page_with_little_prose_may_become_one_line(look: Look, body: str) -> None:
    assert not look.rules_out_source(bare(MENU + body))


def test_article_of_a_page_with_much_prose_is_not_one_line(look: Look) -> None:
    assert look.rules_out_source(frame(f"<article>{TWO}</article>"))
    assert look.rules_out_source(frame(TWO))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(TWO, id="paragraphs"),
        pytest.param(f"<article>x</article>{TWO}", id="behind an article"),
        pytest.param(f"<article/>x{TWO}", id="behind an article without contents"),
        pytest.param(f"<article><div><p>x</div></article>{TWO}", id="behind a box in one"),
        pytest.param(
            "<article><p>kestrel</article><article><p>plover</article>", id="in two articles"
        ),
        pytest.param(f"<p>x<div>y</div>{TWO}", id="behind a paragraph that a box ends"),
        pytest.param("<div>kestrel</div><p>y<b>x</b></p><div>plover</div>", id="in two boxes"),
        pytest.param(f"<div><article>x</div>{TWO}", id="an article that its box ends"),
    ],
)
def test_texts_of_a_page_with_little_prose_are_told_apart(look: Look, body: str) -> None:
    assert look.rules_out_source(bare(MENU + body))


def test_paragraph_that_comes_again_is_no_further_prose(look: Look) -> None:
    again = f"<p>{LONG_TEXT}</p>" * 40
    assert not look.rules_out_source(bare(f"{again}<article>{TWO}</article>"))


def test_prose_in_scripts_is_no_prose_of_the_page(look: Look) -> None:
    code = script(", ".join(f'"{LONG_TEXT} {number}"' for number in range(40)))
    assert not look.rules_out_source(bare(f"{code}<article>{TWO}</article>"))


def test_concepts_asked_for_anywhere_need_no_line(look: Look) -> None:
    assert not look.rules_out("<p>heron</p><p>egret</p>")
    assert look.rules_out("<p>heron</p>")
    assert look.rules_out("<p>egret</p>")


def test_concept_in_the_next_sentence_may_be_in_the_next_line(look: Look) -> None:
    assert not look.rules_out("<p>thrush.</p><p>wagtail.</p>")
    assert look.rules_out("<p>thrush.</p>")


def test_either_of_two_counts_where_it_shares_the_line(look: Look) -> None:
    assert not look.rules_out("<p>ibis stork</p>")
    assert not look.rules_out("<p>stork crane</p>")
    assert look.rules_out("<p>ibis crane</p>")
    assert look.rules_out("<p>stork</p><p>crane ibis</p>")


def test_points_of_several_rules_are_added(look: Look) -> None:
    assert not look.rules_out("<p>gannet</p><p>puffin</p>")
    assert look.rules_out("<p>gannet gannet</p>")
    assert look.rules_out("<p>puffin puffin</p>")


def test_titles_are_lines_of_their_own(look: Look) -> None:
    assert not look.rules_out("", title="kestrel and plover")
    assert look.rules_out("<p>plover</p>", title="kestrel")
    assert not look.rules_out("<h1>kestrel plover</h1>")


@pytest.mark.parametrize("title", ["title", "h1", "meta"])
def test_title_counts_beside_what_scripts_carry(look: Look, title: str) -> None:
    """The text may come from a script, and its title from the page."""
    code = script(f'var a = "{LONG_TEXT} Egret. {LONG_TEXT}";')
    written = {
        "title": {"title": "A heron", "body": code},
        "h1": {"body": f"<h1>A heron</h1>{code}"},
        "meta": {"head": '<meta property="og:title" content="A heron">', "body": code},
    }[title]
    assert not look.rules_out(written.pop("body"), **written)
    assert look.rules_out(f"<p>A heron</p>{code}")
    assert look.rules_out(f"<h2>A heron</h2>{code}")


@pytest.mark.parametrize(
    "claim",
    [
        '{"headline": "A heron"}',
        '{"@type": "NewsArticle", "alternativeHeadline" : ["A heron", "x"]}',
        '{"headline": {"@type": "Text", "@value": "A heron"}}',
        '{"headline": [{"name": "A heron"}]}',
        '{"name": "A heron"}',
        '{"he\\u0061dline": "A heron"}',
    ],
)
def test_headline_in_claims_counts_beside_what_is_shown(look: Look, claim: str) -> None:
    """It becomes the title, where no other is better."""
    claims = script(claim, "application/ld+json")
    assert not look.rules_out("<p>egret</p>", head=claims)
    assert look.rules_out("<p>wren</p>", head=claims)
    assert look.rules_out("<p>egret</p>", head=claims.replace("heron", "wren"))


def test_other_claims_are_no_titles(look: Look) -> None:
    claims = script('{"headline": "News", "description": "A heron"}', "application/ld+json")
    assert look.rules_out("<p>egret</p>", head=claims)


def test_title_in_meta_counts_beside_what_is_shown(look: Look) -> None:
    head = '<meta property="og:title" content="A heron">'
    assert not look.rules_out("<p>egret</p>", head=head)
    assert look.rules_out("<p>wren</p>", head=head)


@pytest.mark.parametrize("name", ["textarea", "iframe"])
@pytest.mark.parametrize("hidden", ["<!--", "<script>", "<style>", "<title>", "<p title='"])
def test_what_begins_in_raw_text_hides_no_text(look: Look, name: str, hidden: str) -> None:
    assert not look.rules_out(f"<{name}>{hidden}</{name}><p>saltmarsh</p>")
    assert not look.rules_out(f"<{name} a=b/>{hidden}</{name}><p>saltmarsh</p>")
    assert look.rules_out(f"<{name}>zwam</{name}><p>zwem</p>")
