"""`topics`: how sure the suggestions of topics are that learn from coordinators, and beginning anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import Json, command, print_result, spoken

if TYPE_CHECKING:
    from nhipcau.context import AppContext

app = Family()
topics_app = Family(no_args_is_help=True)
app.add_typer(topics_app, name="topics")


@command(topics_app, "check")
async def check(parts: AppContext, as_json: Json = False) -> None:
    """From how many reports topics are learned, and how often a suggestion about the next one would have been right."""
    from nhipcau.operations.topic_suggestions import try_out

    async with parts.database.reading() as connection:
        tried = await try_out(connection)
    t, few = spoken(), "cli.topics.none" if not tried.learned else "cli.topics.unsure"
    facts = {"learned": tried.learned, "suggested": tried.suggested, "right": tried.right}
    print_result(as_json, facts, t("cli.topics.tried" if tried.suggested else few, **facts))


@command(topics_app, "reset")
async def reset(parts: AppContext, as_json: Json = False) -> None:
    """Forget what was learned; the topics that were set stay."""
    from nhipcau.cli.transaction import writing
    from nhipcau.storage.audit import record_audit
    from nhipcau.storage.taught_topics import forget_taught

    async with writing(parts) as transaction:
        number = await forget_taught(transaction.connection)
        record_audit(transaction.context, "topic.reset")
    print_result(as_json, {"forgotten": number}, spoken()("cli.topics.reset", n=number))
