"""trafilatura, with its expressions answered sooner and its options read once; the same texts.

It asks some ten XPath expressions of each page, most of them only of names, classes and ids.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import import_module

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document, Extractor

from monitor.extract.quick_justext import quicken_justext
from monitor.extract.selectors import quicken

# Where it keeps those that are asked of whole pages; what another version does not have is left.
LISTS = (
    "BODY_XPATH",
    "DISCARD_IMAGE_ELEMENTS",
    "OVERALL_DISCARD_XPATH",
    "RAW_TREE_PRUNE_XPATH",
    "REMOVE_COMMENTS_AND_LISTS_XPATH",
    "TEASER_DISCARD_XPATH",
)
CLEANING = "BASIC_CLEAN_XPATH"


def read_text(root: HtmlElement, *, quick: bool) -> str:
    """Return what trafilatura takes for the text, a paragraph a line; may be empty.

    It works on a copy of the tree and never sees a URL. Comments off; metadata is read elsewhere.
    `quick` takes half the time.  Raises what hostile trees make it raise.
    """
    found = bare_extraction(root, options=_read_options(quick=quick))
    return (found.text or "") if isinstance(found, Document) else ""


@cache
def _read_options(*, quick: bool) -> Extractor:
    """Return the options of a mode: they are read anew out of a file of settings each time."""
    quicken_expressions()
    with suppress(ImportError):  # it comes with trafilatura, and another version may do without
        quicken_justext()
    return Extractor(output_format="python", fast=quick, recall=quick, comments=False)


@cache
def quicken_expressions() -> int:
    """Put what answers sooner in the place of trafilatura's expressions, and return how many."""
    done = 0
    expressions = import_module("trafilatura.xpaths")
    for name in LISTS:
        found = getattr(expressions, name, [])
        found[:] = [quicken(expression) for expression in found]
        done += len(found)
    cleaning = import_module("trafilatura.baseline")
    if hasattr(cleaning, CLEANING):
        setattr(cleaning, CLEANING, quicken(getattr(cleaning, CLEANING)))
        done += 1
    return done
