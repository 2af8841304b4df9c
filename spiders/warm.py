"""Small pages and a feed that make whatever is loaded late load early, before workers are forked.

What a library loads at its first use (stop lists, language models, the date parser) would otherwise
be loaded again by every worker, out of its time and into memory of its own. Without domain
knowledge: the texts speak of the weather.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from monitor.model import Entry, Page

TEXTS = (
    "Rain fell over the whole country on Friday and the rivers rose; the weekend will be dry.",
    "Venerdì ha piovuto in tutto il paese e i fiumi sono cresciuti; il fine settimana sarà secco.",
    "Pénteken az egész országban esett az eső, és a folyók megáradtak; a hétvége száraz lesz.",
    "U petak je padala kiša u cijeloj zemlji i rijeke su porasle; vikend će biti suh i sunčan.",
    "El viernes llovió en todo el país y los ríos crecieron; el fin de semana será seco.",
    "Am Freitag regnete es im ganzen Land und die Flüsse stiegen; das Wochenende wird trocken.",
    "Vendredi il a plu dans tout le pays et les rivières ont monté; le week-end sera sec.",
    "W piątek w całym kraju padał deszcz i rzeki wezbrały; weekend będzie suchy i słoneczny.",
    "V pátek pršelo v celé zemi a řeky stouply; víkend bude suchý a slunečný všude.",
    "Vineri a plouat în toată țara și râurile au crescut; sfârșitul săptămânii va fi uscat.",
    "Cuma günü bütün ülkede yağmur yağdı ve nehirler yükseldi; hafta sonu kuru olacak.",
    "В пятницу по всей стране шёл дождь, и реки поднялись; выходные будут сухими.",
    "У п'ятницю по всій країні йшов дощ, і річки піднялися; вихідні будуть сухими.",
    "В петък валя дъжд в цялата страна и реките се покачиха; уикендът ще бъде сух.",
    "У петак је падала киша у целој земљи и реке су порасле; викенд ће бити сув.",
    "Την Παρασκευή έβρεξε σε όλη τη χώρα και τα ποτάμια ανέβηκαν· το Σαββατοκύριακο θα έχει ήλιο.",
    "هطل المطر يوم الجمعة في أنحاء البلاد وارتفعت مياه الأنهار، وستكون عطلة نهاية الأسبوع جافة.",
    "روز جمعه در سراسر کشور باران بارید و رودخانه‌ها بالا آمدند؛ آخر هفته خشک خواهد بود.",
    "ביום שישי ירד גשם בכל הארץ והנהרות עלו; סוף השבוע יהיה יבש ושטוף שמש.",
    "星期五全国各地下雨，河水上涨；周末天气将转为干燥晴朗，气温略有回升。",
    "星期五全國各地下雨，河水上漲；週末天氣將轉為乾燥晴朗，氣溫略有回升。",
    "金曜日は全国で雨が降り、川の水位が上がりました。週末は乾燥した晴れになるでしょう。",
    "금요일에 전국에 비가 내려 강물이 불었고, 주말은 건조하고 맑을 것으로 보입니다.",
    "ฝนตกทั่วประเทศในวันศุกร์และระดับน้ำในแม่น้ำสูงขึ้น สุดสัปดาห์นี้อากาศจะแห้ง",
    "Thứ Sáu trời mưa trên khắp cả nước và nước sông dâng cao; cuối tuần trời sẽ khô ráo.",
    "शुक्रवार को पूरे देश में बारिश हुई और नदियाँ चढ़ गईं; सप्ताहांत सूखा रहेगा।",
)
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Weather</title>
<item><title>Rain</title><link>https://example.org/1</link><description>&lt;p&gt;Rain&lt;/p&gt;
</description><pubDate>Fri, 01 Mar 2024 10:00:00 +0100</pubDate></item>
<item><title>Sun</title><link>https://example.org/2</link><pubDate>{date}</pubDate></item>
</channel></rss>"""


def warm_up(preparer: Any, read: Callable[..., Any]) -> str:
    """Prepare a page in each language and read a feed; return the version of the rules."""
    version = ""
    preparer = getattr(preparer, "unfiltered", preparer)
    for at, text in enumerate(TEXTS):
        # The first page is longer than one sentence, the others make the extractor fall back.
        body = text * (12 if at == 0 else 1)
        page = build_page(f"<p class='date'>1 March 2024, 10:0{at % 10}</p><p>{body}</p>", text)
        version = preparer.prepare(page, Entry(url=page.url, title=text), None).rules_version
    for date in ("1 mars 2024", "2024. március 1., péntek", "1. ožujka 2024.", "2024年3月1日"):
        feed = FEED.format(date=date).encode()
        read(feed, kind="feed", url="https://example.org/feed", headers=(), links=None)
    links = build_page(
        "".join(f"<p><a href='/2024/03/{at}/rain'>{text}</a></p>" for at in "12"), ""
    )
    read(links.body, kind="section", url="https://example.org/news", headers=(), links=None)
    return version


def build_page(content: str, title: str) -> Page:
    """Return a page that looks like an article."""
    body = (
        f"<!doctype html><html><head><title>{title}</title></head><body><main><article>"
        f"<h1>{title}</h1>{content}</article></main></body></html>"
    ).encode()
    return Page(
        url="https://example.org/1",
        final_url="https://example.org/1",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=body,
        wire_body=body,
        fetched_at=datetime(2024, 3, 1, 12, tzinfo=UTC),
    )
