"""`signals`: what grew beyond chance in a week."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import CommandFailed, Json, UnitName, WrongUse, command, find_unit, print_result, spoken

if TYPE_CHECKING:
    from nhipcau.context import AppContext
    from nhipcau.model.signals import Rise, SignalState

app = Family()


@command(app)
async def signals(
    parts: AppContext,
    period: Annotated[str, typer.Option("--period")] = "",
    unit: UnitName = "",
    as_json: Json = False,
) -> None:
    """What grew beyond chance in a week, by topic and place."""
    from nhipcau.bot.language.periods import read_period, week_of
    from nhipcau.insight.signals.process import NotComputed
    from nhipcau.model.scope import Scope
    from nhipcau.scheduler.daily_signals import look
    from nhipcau.storage import signals as stored
    from nhipcau.storage.units import load_tree

    today = datetime.now(UTC).astimezone(parts.settings.zone).date()
    wanted = read_period(period, today) if period else week_of(today)
    if wanted is None or "W" not in wanted.text:
        raise WrongUse("cli.signals.week", value=period)
    if wanted.first > today:
        raise WrongUse("cli.period_ahead", value=wanted.text)
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
    scope = Scope.office(find_unit(tree, unit) if unit else None)
    try:
        everywhere = await look(parts.database, min(wanted.last, today))
    except NotComputed as failed:
        raise CommandFailed("cli.signals.failed", why=str(failed)) from None
    found = [rise for rise in everywhere if stored.is_within(scope, tree, rise)]
    async with parts.database.reading() as connection:
        known = await stored.states(connection, found)
    t = spoken()
    lines = [_line(rise, stored.place_names(tree, rise)[0]) for rise in found] or [t("cli.signals.none")]
    print_result(as_json, [_body(rise, wanted.text, known.get(rise)) for rise in found], *lines)


def _line(rise: Rise, where: str) -> str:
    t = spoken()
    facts = {"topic": t(f"topic.{rise.topic}"), "where": where, "n": rise.count, "low": rise.low, "high": rise.high}
    return t("cli.signals.line", **facts, units=len(rise.units), since=f"{rise.since:%d/%m/%Y}", p=f"{rise.p:.1g}")


def _body(rise: Rise, period: str, state: SignalState | None) -> dict[str, Any]:
    return {
        "topic": rise.topic,
        "unit": rise.place,
        "level": str(rise.level),
        "period": period,
        "count": rise.count,
        "expected": rise.expected,
        "low": rise.low,
        "high": rise.high,
        "p": rise.p,
        "q": rise.q,
        "units_reporting": len(rise.units),
        "since": rise.since.isoformat(),
        "state": str(state or "new"),
    }
