"""Text of which extraction makes one line, or one word, whatever blocks stand in it (FAULTS G)."""

from __future__ import annotations

import pytest

from monitor.prepare import Preparer
from tests.glance.pages import PROSE, Look, is_flagged

JOINED = (
    "<q>kestrel <li>zwam</li><dt>zwam</dt>plover</q>",
    "<pre>feuer<tr> schiff</pre>",
    "<p><code><div>lantern </div><pre>keeper</pre></code></p>",
    "<p>lantern <span><section>x</section><div> keeper</div></span></p>",
    "<pre>&lt;salt<code class=suggest-links class=header>zwom</code><center>marsh",
    "<pre><section><center>kestrel</center><ul>plover</pre>",
    "<pre>feuer<q> </q><section class=comment>zwam</section>schiff</pre>",
    "<blockquote>feuer<div class=menu>x</div>schiff</blockquote>",
    "<article><table><p>kestrel</p><main>plover</main>",
    "<div><b>zwam</b> <section><i>zwim kestrel</i> </section><li>plover </li></div>",
    "<article><s>海<h2>燕</h2></s></article>",
    "<ul><li><br>feuer <x-y></x-y>schiff</li><li>zwam zwem</li></ul>",
    "<ul><li><br><b></b>feuer<td></td><font> schiff<em> </li><li>zwam zwem</li></ul>",
)
SHORT = (
    "<div>zwam <header>kestrel</header><li>plover",
    "<article><s>海<h2>燕",
    "<li><div>kestrel </li><p>plover",
    "<div>海<x-y></x-y>zwam<li>燕zwam",
    "<li><div>zwam</div>kestrel </li><details>plover",
    "<div>zwam.<summary>kestrel</summary><dl>plover",
    "<pre><span>kestrel </pre><pre>plover",
    "<details>zwam<header> kestrel</header><dd>plover",
    "<blockquote><div>海</div><li>燕",
)


@pytest.mark.parametrize("body", JOINED)
def test_text_of_one_element_is_one_line(preparer: Preparer, look: Look, body: str) -> None:
    source = f"<html><body>{body}{PROSE}</body></html>"
    assert is_flagged(preparer, source)
    assert not look.rules_out_source(source)


@pytest.mark.parametrize("body", SHORT)
def test_page_with_next_to_nothing_is_one_line(preparer: Preparer, look: Look, body: str) -> None:
    assert is_flagged(preparer, body)
    assert not look.rules_out_source(body)


@pytest.mark.parametrize("begin", ["<table>", "<table><tbody>"])
def test_text_of_a_table_without_rows_is_little_prose(
    preparer: Preparer, look: Look, begin: str
) -> None:
    """trafilatura finds nothing in it, however much it is, and makes one line of the article."""
    source = f"<article><p>kestrel</p>{begin}<p>plover</p>{PROSE}</table></article>"
    assert is_flagged(preparer, source)
    assert not look.rules_out_source(source)
    rows = source.replace(begin, "<table><tr><td>")
    assert not is_flagged(preparer, rows)
    assert look.rules_out_source(rows)


@pytest.mark.parametrize(
    "body",
    [
        "<blockquote>zwam</blockquote><p>kestrel</p><p>plover</p>",
        "<p>kestrel</p><blockquote>zwam</blockquote><p>plover</p>",
        "<p>kestrel <q>zwam</q></p><p>plover</p>",
        "<p><b>kestrel</b></p><p><span>plover</span></p>",
        "<table><tr><td>kestrel</td></tr></table><p>plover</p>",
        "<ul><li>kestrel</li><li>plover</li></ul>",
        "<ul><li>salt <b>marsh</b></li></ul>",
    ],
)
def test_other_text_keeps_its_lines(preparer: Preparer, look: Look, body: str) -> None:
    source = f"<html><body>{body}{PROSE}</body></html>"
    assert not is_flagged(preparer, source)
    assert look.rules_out_source(source)


def test_page_with_little_more_keeps_its_lines(look: Look) -> None:
    """`<p>` after `<p>`: one line of a page with next to nothing only."""
    body = "<p>kestrel</p><p>plover</p>"
    assert not look.rules_out_source(body)
    assert look.rules_out_source(body + PROSE)
