"""HTML that works in mail: escaped by the template, styles inlined, nothing loaded from outside.

Everything from outside comes in as text and is escaped; no HTML of a page is ever passed through,
so there is nothing to sanitise. The page forbids itself every request (a Content-Security-Policy
in the file, for a digest that is opened in a browser).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import css_inline
import jinja2
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def _inliner() -> css_inline.CSSInliner:
    # At-rules stay in the head for clients that know dark mode and narrow screens.
    return css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True
    )


@cache
def _style() -> Markup:
    return Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))  # noqa: S704  # our own


def render_html(template: str, context: dict[str, Any]) -> str:
    """Return the page that `template` makes of `context`, every value of which is escaped."""
    page = _environment().get_template(template).render(style=_style(), **context)
    return _inliner().inline(page)
