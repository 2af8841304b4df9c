"""Commands that regroup stories by hand: stories merge, split, move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.find import show_story, stories_app
from monitor.cli.options import DATA, Config, Data
from monitor.cli.output import Output

if TYPE_CHECKING:
    from monitor.jobs.watch import Watch

StoryId = Annotated[str, typer.Argument(metavar="STORY", help="As `stories` shows it.")]
IntoId = Annotated[str, typer.Argument(metavar="INTO", help="The story that stays.")]
ArticleIds = Annotated[
    list[str], typer.Argument(metavar="ARTICLE…", help="As `stories --json` shows them.")
]


def register(app: typer.Typer) -> None:
    """Do nothing: these commands stand under `stories`, which is registered already."""


@stories_app.command("merge")
def merge(story: StoryId, into: IntoId, data: Data = DATA, config: Config = None) -> None:
    """Put every article of STORY into the story INTO; what comes later follows."""
    from monitor.wiring import open_watch, read_config

    with open_watch(data, read_config(config, data)) as watch, watch.storage.transaction():
        watch.storage.orders.merge(story, into, commit=watch.storage.next_commit())
        settle(watch, into)


@stories_app.command("split")
def split(story: StoryId, articles: ArticleIds, data: Data = DATA, config: Config = None) -> None:
    """Take articles out of STORY into a story of their own."""
    from monitor.wiring import open_watch, read_config

    with open_watch(data, read_config(config, data)) as watch, watch.storage.transaction():
        commit = watch.storage.next_commit()
        settle(watch, watch.storage.orders.split(story, articles, commit=commit), story)


@stories_app.command("move")
def move(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Its id.")],
    into: IntoId,
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Put one article into the story INTO."""
    from monitor.wiring import open_watch, read_config

    with open_watch(data, read_config(config, data)) as watch, watch.storage.transaction():
        before = watch.storage.stories.find_by_article(article)
        watch.storage.orders.move(article, into, commit=watch.storage.next_commit())
        settle(watch, into, *((before.id,) if before is not None and before.id != into else ()))


def settle(watch: Watch, *story_ids: str) -> None:
    """Count the reports of changed stories anew, and show those that still have articles."""
    from monitor.grouping import settle_reports

    out = Output(as_json=False)
    for story_id in story_ids:
        story = settle_reports(watch.storage, story_id)
        if story.articles:
            show_story(out, story)
