"""The four sites of the demo's press: names, ways of listing pages, and the words around a text."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import SourceKind


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """One site. `charset` is what its pages are written in, which only the page itself says."""

    id: str
    name: str
    kind: SourceKind
    country: str
    listing: str
    source_class: str = "independent"
    charset: str = "utf-8"


OUTLETS = (
    Outlet(
        id="courier",
        name="The Harbour Courier",
        kind="feed",
        country="IE",
        listing="/rss.xml",
    ),
    Outlet(
        id="wire",
        name="Meridian Newswire",
        kind="feed",
        country="CH",
        listing="/feeds/world.atom",
    ),
    Outlet(
        id="faro",
        name="El Faro de Alnera",
        kind="sitemap",
        country="ES",
        listing="/news-sitemap.xml",
    ),
    Outlet(
        id="rheinblick",
        name="Rheinblick",
        kind="section",
        country="DE",
        listing="/nachrichten",
    ),
)

# Pages that show how a fetch can end otherwise: path, and why it is there.
BROKEN = "/live/broken"
DRIPPING = "/live/ticker"
FORBIDDEN = "/intern/entwurf"
GONE = "/archiv/verschwunden"
ODD_PAGES = {
    "courier": ((BROKEN, "Live: council meeting"),),
    "wire": ((DRIPPING, "Ticker: markets, minute by minute"),),
    "rheinblick": (
        (FORBIDDEN, "Entwurf: Haushalt des kommenden Jahres im Überblick"),
        (GONE, "Ein Beitrag, den es im Archiv der Redaktion nicht mehr gibt"),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words that stand around a text in one language."""

    menu: tuple[str, ...]
    cookies: str
    accept: str
    more: str
    share: str
    rights: str


WORDS = {
    "en": Words(
        menu=("Home", "Ireland", "World", "Business", "Sport", "Weather", "Puzzles"),
        cookies="We and our 214 partners use cookies to measure visits and to show advertising.",
        accept="Accept all",
        more="More stories",
        share="Share this article",
        rights="All rights reserved. Terms. Privacy. Contact the newsroom.",
    ),
    "it": Words(
        menu=("Prima pagina", "Mondo", "Economia", "Cultura", "Sport", "Meteo"),
        cookies="Usiamo i cookie per misurare le visite e per mostrare la pubblicità.",
        accept="Accetta tutto",
        more="Leggi anche",
        share="Condividi",
        rights="Riproduzione riservata. Note legali. Contatti.",
    ),
    "hu": Words(
        menu=("Címlap", "Világ", "Gazdaság", "Kultúra", "Sport", "Időjárás"),
        cookies="Sütiket használunk a látogatások mérésére és a hirdetések megjelenítésére.",
        accept="Elfogadom",
        more="Kapcsolódó cikkek",
        share="Megosztás",
        rights="Minden jog fenntartva. Impresszum. Adatvédelem.",
    ),
    "hr": Words(
        menu=("Naslovnica", "Svijet", "Gospodarstvo", "Kultura", "Sport", "Vrijeme"),
        cookies="Koristimo kolačiće za mjerenje posjeta i prikaz oglasa.",
        accept="Prihvati sve",
        more="Pročitajte još",
        share="Podijeli",
        rights="Sva prava pridržana. Impressum. Zaštita podataka.",
    ),
    "es": Words(
        menu=("Portada", "España", "Internacional", "Economía", "Deportes", "El tiempo"),
        cookies="Usamos cookies para medir las visitas y mostrar publicidad.",
        accept="Aceptar todo",
        more="Te puede interesar",
        share="Compartir",
        rights="Todos los derechos reservados. Aviso legal. Contacto.",
    ),
    "zh": Words(
        menu=("首頁", "國際", "兩岸", "財經", "體育", "天氣"),
        cookies="本網站使用 Cookie 以統計瀏覽次數並顯示廣告。",
        accept="全部接受",
        more="延伸閱讀",
        share="分享",
        rights="版權所有。使用條款。聯絡我們。",
    ),
    "de": Words(
        menu=("Start", "Politik", "Wirtschaft", "Panorama", "Sport", "Wetter"),
        cookies="Wir verwenden Cookies, um Besuche zu zählen und Werbung zu zeigen.",
        accept="Alle annehmen",
        more="Mehr zum Thema",
        share="Teilen",
        rights="Alle Rechte vorbehalten. Impressum. Datenschutz.",
    ),
    "fr": Words(
        menu=("Accueil", "International", "Société", "Économie", "Sports", "Météo"),
        cookies="Nous utilisons des cookies pour mesurer l'audience et afficher des publicités.",
        accept="Tout accepter",
        more="À lire aussi",
        share="Partager",
        rights="Tous droits réservés. Mentions légales. Contact.",
    ),
    "cs": Words(
        menu=("Titulní strana", "Svět", "Ekonomika", "Kultura", "Sport", "Počasí"),
        cookies="Používáme cookies k měření návštěvnosti a zobrazování reklamy.",
        accept="Přijmout vše",
        more="Související články",
        share="Sdílet",
        rights="Všechna práva vyhrazena. Kontakt. Ochrana údajů.",
    ),
}
