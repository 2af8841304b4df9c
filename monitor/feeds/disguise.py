"""What a page really is that came, with status 200, where a feed or a list was expected."""

from __future__ import annotations

import re

from monitor.feeds.plain import clean_text, read_html_text, unescape
from monitor.feeds.reading import Disguise

HEAD = 300_000  # bytes that are looked at
SHORT = 2500  # characters of text: bot checks, log-ins and parked domains have fewer

_TITLE = re.compile(r"<(title|h1)[^>]{0,300}>(.{0,500}?)</\1", re.IGNORECASE | re.DOTALL)
_PASSWORD = re.compile(r"<input[^>]{0,500}type\s*=\s*[\"']?password", re.IGNORECASE)
_CONSENT_PLACE = re.compile(
    r"(?i)(?:^|[./_-])(consent|cookie-?wall|gdpr|privacy-?gate|cmp)(?:[./?_-]|$)"
)

# Each is looked for in the page's markup in small case; a short page with one of them is that.
_MARKS: tuple[tuple[Disguise, tuple[str, ...]], ...] = (
    (
        Disguise.CAPTCHA,
        ("cf-chl-", "challenges.cloudflare.com", "cdn-cgi/challenge-platform", "ddos-guard",
         "_incapsula_resource", "px-captcha", "datadome", "geo.captcha-delivery", "g-recaptcha",
         "h-captcha", "hcaptcha.com", "awswafcaptcha", "qrator", "sucuri_cloudproxy"),
    ),
    (
        Disguise.PARKED,
        ("sedoparking", "parkingcrew", "bodis.com", "hugedomains", "afternic", "dan.com/",
         "domainmarket", "above.com/marketplace", "parklogic", "voodoo.com"),
    ),
)  # fmt: skip
# Each is looked for in what a person reads, in small case; the same rule.
_WORDS: tuple[tuple[Disguise, tuple[str, ...]], ...] = (
    (
        Disguise.PARKED,
        ("domain is for sale", "domain may be for sale", "buy this domain", "domain is parked",
         "this domain has expired", "domain name has been registered", "domain steht zum verkauf",
         "ce domaine est à vendre", "dominio está en venta", "домен продается", "域名出售",
         "domena je na prodaju", "a domain eladó", "website coming soon"),
    ),
    (
        Disguise.CAPTCHA,
        ("just a moment", "checking your browser", "verify you are human", "are you a robot",
         "are you human", "not a robot", "enable javascript and cookies to continue",
         "unusual traffic", "confirm you are not", "подтвердите, что вы не робот", "安全验证",
         "人机验证", "bestätigen sie, dass sie kein roboter", "pardon our interruption"),
    ),
    (
        Disguise.BLOCKED,
        ("access denied", "403 forbidden", "you have been blocked", "request blocked",
         "not available in your country", "not available in your region",
         "unavailable for legal reasons", "has been blocked", "доступ ограничен",
         "доступ запрещен", "доступ к информационному ресурсу ограничен", "erişim engellen",
         "erişime engellen", "访问被拒绝", "您的访问被拦截", "pristup odbijen",
         "zugriff verweigert", "accès refusé", "acceso denegado", "hozzáférés megtagadva",
         "accesso negato", "تم حجب", "الموقع محجوب", "此网站无法访问"),
    ),
    (
        Disguise.NOT_FOUND,
        ("page not found", "404 not found", "error 404", "404 error", "cannot be found",
         "seite nicht gefunden", "page introuvable", "página no encontrada",
         "pagina non trovata", "stranica nije pronađena", "страница не найдена",
         "сторінку не знайдено", "stránka nenalezena", "az oldal nem található",
         "nie znaleziono strony", "η σελίδα δεν βρέθηκε", "sayfa bulunamadı", "页面不存在",
         "頁面不存在", "ページが見つかりません", "페이지를 찾을 수 없습니다", "الصفحة غير موجودة",
         "sivua ei löydy", "sidan kunde inte hittas", "siden blev ikke fundet"),
    ),
    (
        Disguise.CONSENT,
        ("before you continue", "we value your privacy", "we and our partners",
         "accept all cookies", "alle akzeptieren", "tout accepter", "accepter et continuer",
         "aceptar todo", "accetta e continua", "accetta tutti", "cookies akzeptieren",
         "zustimmen und weiter", "prihvati sve",
         "prihvaćam", "souhlasím", "przejdź do serwisu", "elfogadom",
         "akkoord gaan", "alles accepteren", "godkänn alla", "tümünü kabul et", "同意并继续"),
    ),
    (
        Disguise.LOGIN,
        ("log in to continue", "sign in to continue", "please log in", "please sign in",
         "melden sie sich an", "connectez-vous", "inicie sesión", "accedi per", "prijavite se",
         "войдите", "увійдіть", "zaloguj się", "přihlaste se", "jelentkezzen be", "请登录",
         "請登入", "ログインして", "로그인"),
    ),
)  # fmt: skip
_TITLES: tuple[tuple[Disguise, re.Pattern[str]], ...] = (
    (Disguise.NOT_FOUND, re.compile(r"\b404\b|not found")),
    (Disguise.BLOCKED, re.compile(r"\b403\b|\b451\b|forbidden|access denied")),
    (Disguise.LOGIN, re.compile(r"^(log ?in|sign ?in|anmelden|connexion|prijava|accedi|вход)\b")),
)


def unmask(body: bytes, url: str) -> Disguise:
    """Return what the UTF-8 page `body`, fetched from the final `url`, is instead of a list.

    Tells by the address it ended at, its title, and, where it has little text, by what that says:
    an article about captchas is not one.
    """
    if not body.strip():
        return Disguise.EMPTY
    markup = body[:HEAD].decode("utf-8", "replace")
    text = read_html_text(markup, 20_000).lower()
    title = " ".join(unescape(clean_text(found[1], 500)) for found in _TITLE.findall(markup)[:3])
    title = title.lower().strip()
    for disguise, pattern in _TITLES:
        if pattern.search(title):
            return disguise
    if len(text) < SHORT:
        found = _find_mark(markup.lower(), _MARKS) or _find_mark(f"{title} {text}", _WORDS)
        if found is not None:
            return found
        if _PASSWORD.search(markup):
            return Disguise.LOGIN
    if _CONSENT_PLACE.search(url[:500]):
        return Disguise.CONSENT
    return Disguise.WEB_PAGE


def _find_mark(text: str, marks: tuple[tuple[Disguise, tuple[str, ...]], ...]) -> Disguise | None:
    for disguise, words in marks:
        if any(word in text for word in words):
            return disguise
    return None
