"""Page → article, without a network: text, title, author, dates, canonical URL.

Hostile bytes belong in a worker with limits on time and memory: `extract_article` bounds what it
hands to the parsers, yet only the worker's limits are a promise.
"""

from monitor.extract.article import extract_article
from monitor.extract.extraction import Extraction, Wall
from monitor.extract.warm import warm_up

__all__ = ["Extraction", "Wall", "extract_article", "warm_up"]
