"""The process that crawls: started by `spiders.crawl` with the numbers of its pipes."""

from __future__ import annotations

import faulthandler
import logging
import resource
import sys

from monitor.errors import FrameError
from monitor.log import set_up_logging
from spiders.runner import run_crawl


def main() -> int:
    """Crawl, and return the exit status."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold pages
    set_up_logging(level="error")
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.ERROR)  # Scrapy sets its own logger to DEBUG
    try:
        return run_crawl(*map(int, sys.argv[1:4]))
    except FrameError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is nobody else to tell
        return 3


if __name__ == "__main__":
    sys.exit(main())
