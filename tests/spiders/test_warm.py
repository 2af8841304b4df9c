"""After the warm-up nothing is loaded any more: no file, no module, no connection (C9)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from spiders.workers import child_environment

PROGRAM = """
import json, sys
from spiders.warm import build_page
from spiders.work import FeedWork, PageWork, WorkerSetup
from spiders.zygote import build_job

job = build_job(WorkerSetup(arguments={"keywords": "keywords.yaml"}))
loaded, seen = set(sys.modules), []

def note(event, found):
    if event == "open" or event.startswith(("socket.", "subprocess.")):
        seen.append([event, str(found[0])])

sys.addaudithook(note)
TEXTS = {
    "en": "The mayor opened the new bridge over the river on Tuesday, 5 May 2026.",
    "it": "Il sindaco ha inaugurato martedì il nuovo ponte sul fiume, il 5 maggio 2026.",
    "hu": "A polgármester kedden avatta fel az új hidat a folyó felett, 2026. május 5-én.",
    "sr": "Градоначелник је у уторак отворио нови мост преко реке, 5. маја 2026.",
    "ru": "Мэр во вторник открыл новый мост через реку, 5 мая 2026 года.",
    "el": "Ο δήμαρχος εγκαινίασε την Τρίτη τη νέα γέφυρα, 5 Μαΐου 2026.",
    "ar": "افتتح رئيس البلدية الجسر الجديد فوق النهر يوم الثلاثاء 5 مايو 2026.",
    "zh": "市长星期二为河上新桥揭幕，2026年5月5日，许多居民前来参加。",
    "ja": "市長は火曜日、川に架かる新しい橋を開通させた。2026年5月5日。",
    "ko": "시장은 화요일 강 위의 새 다리를 개통했다. 2026년 5월 5일.",
}
for text in TEXTS.values():
    for many in (1, 15):
        page = build_page(f"<time>{text}</time>" + f"<p>{text}</p>" * many, text)
        job.do(PageWork(page=page))
rss = "<rss><channel>" + "".join(
    f"<item><title>{text}</title><link>https://example.org/{language}</link>"
    f"<pubDate>{text}</pubDate></item>"
    for language, text in TEXTS.items()
) + "</channel></rss>"
job.do(FeedWork(body=rss.encode(), kind="feed", url="https://example.org/feed"))
print(json.dumps({"seen": seen, "modules": sorted(set(sys.modules) - loaded)}))
"""


def test_worker_opens_and_loads_nothing_after_its_warm_up(root: Path) -> None:
    """What is loaded late is loaded by every worker, out of a page's time and memory."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=root,
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=280,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"seen": [], "modules": []}
