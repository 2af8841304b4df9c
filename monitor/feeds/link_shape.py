"""Which links of a page lead to articles, judged by address, text and place on the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from monitor.feeds.html_links import PageLink
from monitor.urls import same_site

ENOUGH = 4.0  # from this score on a link is an article's
FEWEST = 3  # addresses of one pattern that speak for each other

# The numbers below were set on the addresses of real articles of 46 countries against the menus
# around them; README.md has the figures.
_DATE = re.compile(
    r"(?:^|[/_.-])(?:19|20)\d\d[/_.-]?(?:0?[1-9]|1[0-2])(?:[/_.-]?(?:0?[1-9]|[12]\d|3[01]))?(?=[/_.-]|$)"
)
_DATE_PART = re.compile(r"(?:19|20)\d\d(?:-\d\d){0,2}|\d\d?")
_LONG_NUMBER = re.compile(r"(?i)(?<!\d)\d{5,}(?!\d)|(?<![a-z\d])[a-z]{0,3}\d{4,}(?![a-z\d])")
_HEX = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}|(?<![a-z0-9])(?=[a-z]*\d)[0-9a-f]{12,}(?![a-z0-9])")
_FILE = re.compile(
    r"(?i)\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|m4a|avi|zip|css|js|xml|rss|json|ics|docx?|xlsx?|apk)$"
)
_PAGE_FILE = re.compile(r"(?i)\.(?:s?html?|php|aspx?|jsp|htm|cms|ece|amp)$")
_WORD = re.compile(r"[^\W\d_]{2,}")

# Path segments of what is not an article, in the languages of the press that is watched.
_ELSEWHERE = frozenset({
    "tag", "tags", "tagged", "topic", "topics", "thema", "themen", "temas", "tema", "tagy",
    "stichwort", "keyword", "keywords", "label", "labels", "author", "authors", "autor",
    "autori", "autoren", "auteur", "auteurs", "autore", "autores", "autorzy", "szerzo", "avtor",
    "journalist", "category", "categories", "kategorie", "kategorija", "kategoria", "kategori",
    "categoria", "categorie", "rubrik", "rubrika", "section", "sections", "sekcja", "login",
    "signin", "sign-in", "sign-up", "signup", "register", "registration", "anmelden", "account",
    "konto", "profile", "profil", "user", "users", "subscribe", "subscription", "subscriptions",
    "abo", "abonnement", "abonnements", "abos", "pretplata", "predplatne", "elofizetes",
    "newsletter", "newsletters", "search", "suche", "recherche", "busca", "buscar", "ricerca",
    "hledat", "kereses", "cerca", "pretraga", "szukaj", "sok", "contact", "contacts", "kontakt",
    "contacto", "contatti", "contatto", "about", "about-us", "uber-uns", "ueber-uns",
    "qui-sommes-nous", "chi-siamo", "quienes-somos", "o-nama", "o-nas", "rolunk", "impressum",
    "imprint", "impresum", "impresszum", "privacy", "privacy-policy", "datenschutz", "terms",
    "tos", "agb", "legal", "cookies", "cookie-policy", "cookie-settings", "gdpr", "rss", "feed",
    "feeds", "sitemap", "archive", "archives", "archiv", "arhiva", "arhiv", "shop", "store",
    "boutique", "jobs", "job", "stellenmarkt", "careers", "karriere", "advertise", "advertising",
    "advertisement", "anuncie", "werbung", "mediadaten", "oglasavanje", "events", "event",
    "calendar", "weather", "wetter", "meteo", "vremenska-prognoza", "pocasi", "idojaras",
    "horoscope", "horoskop", "horoskopy", "crossword", "games", "puzzles", "spiele", "quiz",
    "tv-programm", "tv-program", "lottery", "lotto", "page", "pages", "seite", "pagina",
    "stranica", "wp-content", "wp-login", "wp-admin", "cdn-cgi", "help", "hilfe", "faq",
    "support", "app", "apps", "mobile", "epaper", "e-paper", "podcasts", "video-channels",
    "members", "mypage", "settings", "share", "sharer", "intent", "bookmark", "print", "edit",
    "reply", "comment", "coupon", "coupons", "gutscheine", "gutschein", "deals", "comments",
})  # fmt: skip
_ELSEWHERE_FIRST = frozenset(
    ["authors", "author", "tag", "tags", "topic", "topics", "search", "user", "users", "people"]
)
# Parts of a page by tag, id or class: menus and the like, and lists of articles.
_FURNITURE = re.compile(
    r"(?:^|[-_])(?:nav|navbar|navigation|menu|menubar|submenu|header|footer|breadcrumbs?|social|share|"
    r"sharing|cookie|consent|language|lang|login|toolbar|pagination|pager|tags?|byline|authors?|"
    r"copyright|skip|subscribe|newsletter|ads?|advert|promo|partner|partners|banner)(?:$|[-_])"
)
_CARD = re.compile(
    r"(?:^|[-_])(?:article|teaser|card|story|stories|headline|title|entry|post|news|item|list|feed|"
    r"lead|main|content|summary)(?:$|[-_])"
)


def choose_article_links(links: Iterable[PageLink], url: str) -> list[PageLink]:
    """Return those of `links`, in their order, that look like links to articles of the site.

    Judged together: several links to one address share their best text, and addresses of one
    pattern speak for each other. `url` is the page's own.
    """
    own = [link for link in links if same_site(link.url, url) and is_candidate(link.url, url)]
    best: dict[str, float] = {}
    for link in own:
        best[link.url] = max(best.get(link.url, -9.0), score_place(link) + score_text(link.text))
    scores = {address: score + score_address(address) for address, score in best.items()}
    patterns = Counter(find_pattern(a) for a, score in scores.items() if score >= ENOUGH - 1)
    return [
        link for link in own if scores[link.url] + _lift(find_pattern(link.url), patterns) >= ENOUGH
    ]


def _lift(pattern: str, patterns: Counter[str]) -> float:
    return 1.0 if patterns[pattern] >= FEWEST else 0.0


def is_candidate(address: str, page: str) -> bool:
    """Say whether an address may be an article's at all: no file, no tag, search or account."""
    parts = urlsplit(address)
    path = parts.path.rstrip("/")
    if not path and not parts.query:
        return False
    if _FILE.search(path) or page.rstrip("/").startswith(address.rstrip("/") + "/"):
        return False
    segments = [segment.lower() for segment in unquote(path).split("/") if segment]
    if segments and all(_DATE_PART.fullmatch(segment) for segment in segments):
        return False  # the archive of a day or month
    if segments and _PAGE_FILE.sub("", segments[-1]) in _ELSEWHERE:
        return False
    return not any(segment in _ELSEWHERE_FIRST for segment in segments[:2])


def score_address(address: str) -> float:
    """Return how much an address looks like an article's: dates, numbers, a headline in it."""
    parts = urlsplit(address)
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    last = _PAGE_FILE.sub("", segments[-1]) if segments else ""
    score = 0.0
    if _DATE.search(path):
        score += 2.5
    if _LONG_NUMBER.search(last) or _LONG_NUMBER.search(parts.query) or _HEX.search(path):
        score += 2
    elif len(segments) > 1 and _LONG_NUMBER.search(path):
        score += 1.5
    score += _score_slug(segments, last)
    if segments and _PAGE_FILE.search(segments[-1]):
        score += 0.5
    if any(segment.lower() in _ELSEWHERE for segment in segments[:-1]):
        score -= 1.5
    return score


def _score_slug(segments: Sequence[str], last: str) -> float:
    """Return what the words of the address's last long part are worth."""
    words = max((len(_WORD.findall(part)) for part in (last, *segments[-2:-1])), default=0)
    if not last.isascii() and len(last) >= 12:
        words = max(words, 4)
    return 2.5 if words >= 5 else 2.0 if words >= 4 else 1.0 if words == 3 else 0.0


def score_text(text: str) -> float:
    """Return how much a link's text looks like a headline: many words, or many characters."""
    wide = sum(letter > "\u2e80" for letter in text)  # Chinese, Japanese, Korean
    if wide >= 10 or (wide < 4 and len(text) >= 40):
        return 2.5
    if wide >= 6 or (wide < 4 and len(text) >= 24 and text.count(" ") >= 3):
        return 1.5
    if len(text) < 3:
        return -0.5
    return 0.0


def score_place(link: PageLink) -> float:
    """Return what a link's place is worth: headings and cards against menus and footers."""
    score = 1.5 if link.headline else 0.0
    near = link.around[:24]
    if any(name == "article" for name in near):
        score += 1.0
    elif any(_CARD.search(name) for name in near[:12]):
        score += 0.5
    if any(name in {"nav", "footer"} or _FURNITURE.search(name) for name in near[:16]):
        score -= 2.0 if not link.headline else 0.5
    return score


def find_pattern(address: str) -> str:
    """Return an address with its particulars taken out, equal for articles of one system."""
    parts = urlsplit(address)
    shapes = []
    for segment in parts.path.split("/"):
        if re.fullmatch(r"\d+", segment):
            shapes.append("9" * min(len(segment), 5))
        elif len(segment) > 18 or re.search(r"\d{4,}", segment):
            shapes.append("*")
        else:
            shapes.append("a" if "-" in segment else segment.lower())
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    return f"{parts.hostname}{'/'.join(shapes)}?{'&'.join(names)}"
