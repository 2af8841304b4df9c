"""The values that cross a border between rooms: frozen and keyword-only.

One file a subject: sources, pages, rules, matches, stories, delivery, runs.
Times are aware and in UTC; offsets are Python string indices (code points); ids are UUID strings.
"""

from monitor.model.delivery import (
    AlertState,
    Channel,
    Delivery,
    EmailChannel,
    FolderChannel,
    OwedAlert,
    Receipt,
    Subscriber,
    WebhookChannel,
)
from monitor.model.matches import (
    Analysis,
    Level,
    Match,
    Mention,
    NearMiss,
    Passage,
    RuleHit,
    SiteBlocks,
    TermHit,
)
from monitor.model.pages import (
    Article,
    ExtractionMethod,
    Fingerprint,
    Header,
    Outcome,
    Page,
    Prepared,
)
from monitor.model.rules import Concept, Examples, Keywords, Rule, Topic, Window
from monitor.model.runs import Run, RunKind
from monitor.model.sources import (
    Entry,
    Look,
    PendingEntry,
    SectionLinks,
    Source,
    SourceClass,
    SourceKind,
    SourceRhythm,
    Validators,
)
from monitor.model.stories import Change, ChangeKind, Story, StoryArticle

__all__ = [
    "AlertState",
    "Analysis",
    "Article",
    "Change",
    "ChangeKind",
    "Channel",
    "Concept",
    "Delivery",
    "EmailChannel",
    "Entry",
    "Examples",
    "ExtractionMethod",
    "Fingerprint",
    "FolderChannel",
    "Header",
    "Keywords",
    "Level",
    "Look",
    "Match",
    "Mention",
    "NearMiss",
    "Outcome",
    "OwedAlert",
    "Page",
    "Passage",
    "PendingEntry",
    "Prepared",
    "Receipt",
    "Rule",
    "RuleHit",
    "Run",
    "RunKind",
    "SectionLinks",
    "SiteBlocks",
    "Source",
    "SourceClass",
    "SourceKind",
    "SourceRhythm",
    "Story",
    "StoryArticle",
    "Subscriber",
    "TermHit",
    "Topic",
    "Validators",
    "WebhookChannel",
    "Window",
]
