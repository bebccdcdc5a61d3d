"""`audit list`: who of the office did what kind of thing to how many on which day. `verify-audit`: whether it holds."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import Json, WrongUse, command, print_result, spoken

if TYPE_CHECKING:
    from nhipcau.bot.language.catalogue import Texts
    from nhipcau.context import AppContext
    from nhipcau.privacy.audit_chain import Break

app = Family()
audit_app = Family(no_args_is_help=True)
app.add_typer(audit_app, name="audit")


@command(audit_app, "list")
async def audit_list(
    parts: AppContext,
    since: Annotated[str, typer.Option("--since")] = "",
    kind: Annotated[str, typer.Option("--kind")] = "",
    as_json: Json = False,
) -> None:
    """By day, person and kind."""
    from nhipcau.model.audit_kinds import AUDIT_KINDS
    from nhipcau.storage.audit import entries

    nouns = sorted({each.partition(".")[0] for each in AUDIT_KINDS})
    if kind and kind not in {*AUDIT_KINDS, *nouns}:
        raise WrongUse("cli.usage.one_of", given="--kind", value=kind, choices=", ".join(nouns))
    await _seal_earlier_lines(parts)
    async with parts.database.reading() as connection:
        found = await entries(connection, _day(since), kind)
    rows = [{**asdict(entry), "day": entry.day.isoformat()} for entry in found]
    t = spoken()
    lines = [f"{entry.day}  {_who(entry.who, t):8}  {_what(entry.kind, entry.number, t)}" for entry in found]
    print_result(as_json, rows, *(lines or [t("cli.audit.none")]))


@command(app, "verify-audit")
async def verify_audit(parts: AppContext, as_json: Json = False) -> None:
    """Whether any line was edited, deleted, added or moved: exit status 1, and the first one."""
    from nhipcau.privacy.audit_chain import Break
    from nhipcau.storage.audit import verify

    await _seal_earlier_lines(parts)
    async with parts.database.reading() as connection:
        found = await verify(connection, parts.sealer)
    t = spoken()
    if isinstance(found, Break):
        print_result(as_json, {"holds": False, "day": found.day.isoformat(), "what": found.what}, _sentence(found, t))
        raise SystemExit(1)
    lines, days = found
    print_result(as_json, {"holds": True, "lines": lines, "days": days}, t("cli.audit.holds", lines=lines, days=days))


async def _seal_earlier_lines(parts: AppContext) -> None:
    """Those of a version before seals."""
    from nhipcau.storage.audit import is_unsealed, seal_earlier_lines

    async with parts.database.reading() as connection:
        if not await is_unsealed(connection):
            return
    async with parts.database.writing() as connection:
        await seal_earlier_lines(connection, parts.sealer)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse("cli.day", option="--since", value=text) from None


def _who(who: str, t: Texts) -> str:
    from nhipcau.model.scope import OFFICE

    return who if who and who != OFFICE else t("cli.audit.office" if who else "cli.audit.outside")


def _what(kind: str, number: int, t: Texts) -> str:
    # kinds of a later version, in a database put back from its backup, have no words here
    words = t(f"cli.audit.kind.{kind}") if t.has(f"cli.audit.kind.{kind}") else kind
    return words if number == 1 else f"{words} × {number}"


def _sentence(found: Break, t: Texts) -> str:
    facts: dict[str, Any] = {"day": found.day.isoformat(), "number": found.number}
    if found.line:
        facts["line"] = f"{_who(found.line.who, t)}, {_what(found.line.kind, found.line.number, t)}"
    return t(f"cli.audit.broken.{found.what}", **facts)
