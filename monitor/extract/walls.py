"""Pages that show something else in place of their article, though the status is 200 (FAULTS C15).

Only short pages are judged, by what the page is called and by marks that nothing else bears: a
false alarm on a real article would hide it, while a wall that is missed still has its text matched.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from monitor.extract.blocks import Blocks
from monitor.extract.extraction import Wall
from monitor.extract.facts import PageFacts
from monitor.extract.visible import prose_length
from monitor.model import Page

# More running text than this is an article, whatever its headline says.
LONGEST_WALL = 1500

_CHALLENGE_TITLE = re.compile(
    r"^(?:just a moment|attention required|checking your browser|one more step|security check|"
    r"pardon our interruption|access denied|access to this page has been denied|robot check|"
    r"are you a (?:robot|human)|verify(?:ing)? (?:that )?you are (?:a )?human|please wait|"
    r"ddos-guard|request rejected|the request is blocked|403 forbidden|error 1020|"
    r"client challenge|human verification|vercel security checkpoint)",
    re.IGNORECASE,
)
_CHALLENGE_MARK = re.compile(
    r"cf-challenge|cf_chl_|challenge-platform|px-captcha|perimeterx|datadome|geo\.captcha-delivery|"
    r"g-recaptcha|h-captcha|hcaptcha\.com|_incapsula_|distil_r_captcha|ddos-guard|sucuri_cloudproxy|"
    r"awswafcaptcha|aws-waf-token|kasada|qrator",
    re.IGNORECASE,
)
_CONSENT_HOST = re.compile(
    r"^(?:consent|myprivacy|privacy|cmp|guce|gdpr)\.|\.consent\.|^consent-", re.IGNORECASE
)
_CONSENT_PATH = re.compile(
    r"/(?:consent|privacy-?(?:gate|wall)|cookie-?(?:consent|wall)|gdpr|tcf|cmp)(?:/|\?|$|\.)",
    re.IGNORECASE,
)
# Words by which consent walls head themselves; "consent" alone also heads news of treaties.
_CONSENT_TITLE = re.compile(
    r"cookie|privacy|before you continue|datenschutz|privatsphäre|vie privée|confidentialité|"
    r"privacidad|privacidade|privacitat|adatvéd|sütik|kolačić|soukromí|súkromi|prywatnoś|"
    r"integritetspolicy|personvern|privatliv|yksityisyy|eväste|confidențialit|απόρρητ|"
    r"поверителн|конфиденциальн|конфіденційн|приватнос|gizlilik|çerez|zasebnost|privasi|"
    r"プライバシー|クッキー|개인정보|쿠키|隐私|隱私|الخصوصية|ملفات تعريف الارتباط",
    re.IGNORECASE,
)
_SHORT_CONSENT = 600
_LOGIN_PATH = re.compile(
    r"/(?:login|log-in|signin|sign-in|auth|account/(?:login|signin)|anmelden|connexion|accedi|"
    r"iniciar-sesion|logowanie|inloggen|register|registration|paywall|subscribe)(?:/|$|\.|\?)",
    re.IGNORECASE,
)
# How sites in the watched languages name a page that is not there.
_NOT_FOUND = re.compile(
    r"\b(?:error )?404\b|page (?:not found|cannot be found|does(?:n.t| not) exist|unavailable)|"
    r"(?:couldn.t|can.t|cannot) find (?:the|that|this) page|not found$|no longer available|"
    r"article (?:not found|has been removed|introuvable)|page (?:introuvable|non trouvée)|"
    r"seite (?:wurde )?nicht gefunden|nicht mehr verfügbar|pagina non trovata|"
    r"página no encontrada|pàgina no trobada|página não encontrada|pagina niet gevonden|"
    r"nem található|stranica nije pronađena|sadržaj nije dostupan|stran ni (?:bila )?najdena|"
    r"страница (?:није пронађена|не найдена)|страницата не (?:е намерена|съществува)|"
    r"сторінк[уа] не знайдено|stránka (?:nenalezena|nebola nájdená|nebyla nalezena)|"
    r"strona nie (?:została znaleziona|istnieje)|nie znaleziono strony|"
    r"sidan (?:hittades inte|kunde inte hittas)|siden (?:blev ikke fundet|findes ikke|finnes ikke)|"
    r"sivua ei löy(?:dy|tynyt)|pagina nu (?:a fost găsită|există)|η σελίδα δεν βρέθηκε|"
    r"sayfa bulunamadı|halaman tidak ditemukan|ページが見つかりません|お探しのページ|"
    r"페이지를 찾을 수 없|页面不存在|頁面不存在|找不到(?:页面|頁面|网页|網頁)|页面未找到|"
    r"الصفحة غير موجودة",
    re.IGNORECASE,
)
_PARKED = re.compile(
    r"(?:domain|website)(?: name)? (?:is|may be|could be) (?:for sale|parked)|buy this domain|"
    r"this domain (?:is for sale|has expired|name has been registered)|domain parking|"
    r"diese domain (?:steht|ist) zum? verkauf|sedoparking|parkingcrew|bodis\.com|hugedomains|"
    r"dan\.com/buy-domain|afternic\.com|этот домен продается|域名出售",
    re.IGNORECASE,
)


def find_wall(page: Page, facts: PageFacts, blocks: Blocks, root: HtmlElement) -> Wall | None:
    """Return what the page shows in place of its article, or None."""
    if prose_length(blocks) > LONGEST_WALL or facts.node.get("articleBody"):
        return None
    headline = _headline(facts)
    is_article = bool(facts.node) or facts.meta("og:type").lower() == "article"
    if not is_article and (_CHALLENGE_TITLE.search(headline) or _bears_challenge(root, blocks)):
        return Wall.CHALLENGE
    named = not is_article and prose_length(blocks) < _SHORT_CONSENT
    if _is_consent(page, headline if named else ""):
        return Wall.CONSENT
    if _is_login(page, root):
        return Wall.LOGIN
    if _NOT_FOUND.search(headline) and not is_article:
        return Wall.SOFT_404
    words = " ".join(block.text for block in blocks[:40])[:4000]
    return Wall.PARKED if not is_article and _PARKED.search(f"{headline} {words}") else None


def is_sent_home(page: Page) -> bool:
    """Tell whether the server sent us from an article's URL to a front page."""
    asked, got = _path(page.url), _path(page.final_url or page.url)
    return len(asked) > 12 and got in {"", "/"} and not urlsplit(page.final_url).query


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _headline(facts: PageFacts) -> str:
    return " | ".join([facts.title[:200], *(text[:200] for text in facts.headings[:2])])


def _bears_challenge(root: HtmlElement, blocks: Blocks) -> bool:
    """Tell whether a nearly empty page carries the marks of a robot check."""
    if sum(len(block.text) for block in blocks) > 600:
        return False
    marks = [
        value[:300]
        for element in root.iter("script", "div", "iframe", "form", "input")
        for value in (element.get("id"), element.get("class"), element.get("src"), element.text)
        if value
    ]
    return any(_CHALLENGE_MARK.search(mark) for mark in marks[:2000])


def _is_consent(page: Page, headline: str) -> bool:
    """Tell whether the page asks for consent: by where it stands, or by its name."""
    try:
        parts = urlsplit(page.final_url or page.url)
        asked = urlsplit(page.url)
    except ValueError:
        return False
    moved = (parts.netloc, parts.path) != (asked.netloc, asked.path)
    if moved and (_CONSENT_HOST.search(parts.netloc) or _CONSENT_PATH.search(parts.path)):
        return True
    return _CONSENT_TITLE.search(headline) is not None


def _is_login(page: Page, root: HtmlElement) -> bool:
    """Tell whether we were sent to a page that asks for a password."""
    asked, got = _path(page.url), _path(page.final_url or page.url)
    if asked == got or not _LOGIN_PATH.search(got):
        return False
    return any((e.get("type") or "").lower() == "password" for e in root.iter("input"))
