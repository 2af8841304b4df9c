"""Keywords about birds and lighthouses, and pages that hold them."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.extract.page_text import PageText
from monitor.prepare import Preparer
from monitor.sieve import FirstLook
from tests.backfill.planting import as_page

KEYWORDS = """
version: 1
concepts:
  word: {any: [saltmarsh]}
  phrase: {any: [quiet harbour master]}
  beginning: {any: [windmill*]}
  inner: {any: ["*feuerschiff*"]}
  chinese: {any: [海燕]}
  rare-chinese: {any: [𠮷鳥]}
  alphabets: {any: [маяковый, φάροι]}
  french: {fr: [phares]}
  romeo: {any: [pelican], except: {it: [pelican romeo]}}
  gap: {any: [lantern ...2 keeper]}
  kestrel: {any: [kestrel, 红隼]}
  plover: {any: [plover, 千鸟]}
  otter: {any: [otter]}
  badger: {any: [badger]}
  weasel: {any: [weasel]}
  heron: {any: [heron]}
  egret: {any: [egret]}
  thrush: {any: [thrush]}
  wagtail: {any: [wagtail]}
  gannet: {any: [gannet]}
  puffin: {any: [puffin]}
  ibis: {any: [ibis]}
  crane: {any: [crane]}
  stork: {any: [stork]}
  siskin: {any: [siskin]}
  dunnock: {any: [dunnock, red dunnock]}
  finch: {any: [finch]}
  linnet: {any: [linnet]}
  swift: {any: [swift]}
  robin: {any: [robin]}
  jackdaw: {any: [jackdaw]}
  magpie: {any: [magpie]}
  snipe: {any: [snipe]}
  godwit: {any: [godwit]}
  tern: {any: [tern ...2 skua]}
  auk: {any: [auk]}
  grouse: {any: [grouse, 雷雀]}
  rail: {any: [rail, 秧雀]}
topics:
  words:
    title: Words
    report at: 1
    mention at: 1
    rules:
      - name: any
        any: [word, phrase, beginning, inner, chinese, rare-chinese, alphabets, french, romeo, gap]
        score: 1
  line:
    title: Two in one sentence
    report at: 1
    mention at: 1
    rules: [{name: line, near: [kestrel, plover], within: same sentence, score: 1}]
  close:
    title: Two within three words
    report at: 1
    mention at: 1
    rules: [{name: close, near: [otter, badger], within: 3 words, score: 1}]
  close-with-part:
    title: A distance in a part of a condition
    report at: 1
    mention at: 1
    rules:
      - name: part
        near: [{near: [otter, weasel], within: 1 words}, stork]
        within: 2 words
        score: 1
  anywhere:
    title: Two on one page
    report at: 1
    mention at: 1
    rules: [{name: anywhere, any: [heron], and: [egret], score: 1}]
  following:
    title: One in the sentence behind the other
    report at: 1
    mention at: 1
    rules: [{name: following, near: [thrush, wagtail], within: next sentence, score: 1}]
  points:
    title: Only both together count enough
    report at: 3
    mention at: 3
    rules:
      - {name: gannet, any: [gannet], score: 1}
      - {name: puffin, any: [puffin], score: 1}
  either:
    title: Either of two pairs, beside a third
    report at: 1
    mention at: 1
    rules:
      - name: either
        near: [{any: [ibis, crane]}, stork]
        within: same sentence
        score: 1
  ordered:
    title: One before the other, within three words
    report at: 1
    mention at: 1
    rules:
      - {name: ordered, near: [siskin, dunnock], ordered: true, within: 3 words, score: 1}
  nested:
    title: Two beside each other, and a third in their sentence
    report at: 1
    mention at: 1
    rules:
      - name: nested
        near: [{near: [finch, linnet], within: 0 words}, swift]
        within: same sentence
        score: 1
  three:
    title: Three in two sentences
    report at: 1
    mention at: 1
    rules:
      - {name: three, near: [robin, jackdaw, magpie], within: next sentence, score: 1}
  near-gap:
    title: A term with a gap, and another one near
    report at: 1
    mention at: 1
    rules: [{name: near-gap, near: [tern, auk], within: 1 words, score: 1}]
  wide:
    title: Two within one word or nine characters
    report at: 1
    mention at: 1
    rules: [{name: wide, near: [grouse, rail], within: 1 words or 9 characters, score: 1}]
  paragraph:
    title: Two within three words, of one sentence or of two
    report at: 1
    mention at: 1
    rules: [{name: paragraph, near: [snipe, godwit], within: "3 words, same paragraph", score: 1}]
"""

# Prose, no paragraph twice: a page with little may be read as a single line, and of one with much
# no scripts are read.  None of its words tells of any language.
PROSE = "".join(
    f"<p>Zarnu koplet vendrim {day} oskapu tirlon, miruk velapso brintak oluma kestrop nalvi"
    f" dorumek, falint zobar ekimul trasno peluvik hargam sintolu {2000 + day}.</p>"
    for day in range(1, 13)
)


def frame(body: str, *, head: str = "", title: str = "Other news") -> str:
    """Return a page with enough prose to have lines, and not enough to do without scripts."""
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head>"
        f"<body><article>{PROSE}{body}</article></body></html>"
    )


class Look:
    """A first look that is asked about bodies of pages."""

    def __init__(self, look: FirstLook) -> None:
        self.first_look = look

    def rules_out(self, body: str, *, head: str = "", title: str = "Other news") -> bool:
        """Say whether a page with this in it is ruled out."""
        return self.rules_out_source(frame(body, head=head, title=title))

    def rules_out_source(self, source: str) -> bool:
        """Say whether a page of this source alone is ruled out."""
        return self.first_look.rules_out(PageText(as_page(source)))


def is_flagged(preparer: Preparer, source: str) -> bool:
    """Say whether a page of this source matches once it is extracted."""
    analysis = preparer.prepare(as_page(source)).analysis
    return bool(analysis and analysis.matches)


def script(code: str, kind: str = "") -> str:
    """Return a script."""
    return f'<script type="{kind}">{code}</script>' if kind else f"<script>{code}</script>"


def words(number: int) -> str:
    """Return so many words that no topic asks for."""
    return " ".join(_OTHERS[:number])


_OTHERS: Sequence[str] = [f"zwil{'aeiou'[place % 5]}m" for place in range(40)]
