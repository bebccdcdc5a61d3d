"""Syntheses that are kept: the office's own sentences and figures, which no row joins to a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisAct, SynthesisState, WhoSigns
from nhipcau.model.people import PersonState, Role
from nhipcau.model.scope import Access, Scope
from nhipcau.model.synthesis import Layout, SignedBelow
from nhipcau.model.synthesis_changes import DropSynthesis, KeepSynthesis
from nhipcau.model.synthesis_queries import Syntheses, SynthesisIn, SynthesisSigners
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.audit import record_audit, seals_of
from nhipcau.storage.database import ChangedMeanwhile, wipe_after_commit
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.tables import people, syntheses, units
from nhipcau.storage.units import within


@writes_each(KeepSynthesis)
async def keep(at: ChangeContext, row: KeepSynthesis) -> None:
    """Raises ChangedMeanwhile where somebody has changed it meanwhile, or made the same one."""
    new = row.synthesis
    values = {
        "state": new.state,
        "revision": new.revision,
        "words": json.dumps(dict(new.words), ensure_ascii=False, sort_keys=True),
        "body": new.body,
        "file": new.file,
        "changed": new.changed,
        "signed": new.signed,
    }
    if row.seen == 0:
        what = {"unit_id": new.unit.id, "period": new.period, "layout": new.layout, "topics": ",".join(new.topics)}
        if await at.connection.scalar(select(syntheses.c.id).filter_by(**what)):
            raise ChangedMeanwhile(new.id)
        key = {"id": new.id, **what}
        drafter = _drafter(at.sealer, new.id, row.actor)
        await at.connection.execute(insert(syntheses).values(**key, **values, language=new.language, drafter=drafter))
    else:
        as_seen = (syntheses.c.id == new.id, syntheses.c.revision == row.seen)
        if (await at.connection.execute(update(syntheses).where(*as_seen).values(**values))).rowcount != 1:
            raise ChangedMeanwhile(new.id)
    record_audit(at, f"synthesis.{row.act}", row.actor)


@writes_each(DropSynthesis)
async def drop(at: ChangeContext, row: DropSynthesis) -> None:
    """Raises as `keep`."""
    as_seen = (syntheses.c.id == row.id, syntheses.c.revision == row.seen)
    if (await at.connection.execute(delete(syntheses).where(*as_seen))).rowcount != 1:
        raise ChangedMeanwhile(row.id)
    wipe_after_commit(at.connection)
    record_audit(at, f"synthesis.{SynthesisAct.DELETE}", row.actor)


def _drafter(sealer: Sealer, id: str, person_id: str) -> str:
    return seals_of(sealer).handle(f"synthesis|{id}|{person_id}")


# ------------------------------------------------------------------ reading

_LISTED = [column for column in syntheses.c if column.name != "body"]


async def syntheses_in(connection: AsyncConnection, scope: Scope, tree: Tree) -> list[KeptSynthesis]:
    """Of the units of this scope, without their bodies: the newest period first, then by unit."""
    statement = (
        select(*_LISTED)
        .join(units, units.c.id == syntheses.c.unit_id)
        .where(within(scope, Access.FIGURES))
        .order_by(syntheses.c.period.desc(), units.c.path, syntheses.c.topics, syntheses.c.layout)
    )
    return [_read(tree, row) for row in await connection.execute(statement)]


async def synthesis_in(connection: AsyncConnection, scope: Scope, tree: Tree, id: str) -> KeptSynthesis | None:
    statement = (
        select(syntheses)
        .join(units, units.c.id == syntheses.c.unit_id)
        .where(within(scope, Access.FIGURES), syntheses.c.id == id)
    )
    row = (await connection.execute(statement)).first()
    return _read(tree, row, row.body) if row else None


async def signed_below(
    connection: AsyncConnection, scope: Scope, tree: Tree, period: str
) -> tuple[list[SignedBelow], bool]:
    """Signed syntheses of this period of units below the scope's own, one a unit; and whether there is any below at
    all, signed or not, of any period: only then does anybody wait for them."""
    listed = await syntheses_in(connection, scope, tree)
    found = [kept for kept in listed if kept.unit.path != scope.path and not kept.topics]
    signed: dict[int, SignedBelow] = {}
    for kept in found:
        if kept.period == period and kept.state is SynthesisState.SIGNED and kept.signed:
            signed.setdefault(kept.unit.id, SignedBelow(kept.unit, kept.signed, kept.words))
    return sorted(signed.values(), key=lambda each: each.unit.code), bool(found)


def _read(tree: Tree, row: Row[Any], body: str = "") -> KeptSynthesis:
    return KeptSynthesis(
        id=row.id,
        unit=tree.by_id[row.unit_id],
        period=row.period,
        layout=Layout(row.layout),
        language=row.language,
        state=SynthesisState(row.state),
        revision=row.revision,
        words=json.loads(row.words),
        changed=row.changed,
        signed=row.signed,
        topics=tuple(row.topics.split(",")) if row.topics else (),
        file=row.file,
        body=body,
    )


@answers_each(Syntheses)
async def _syntheses(at: QueryContext, need: Syntheses) -> Sequence[KeptSynthesis]:
    return await syntheses_in(at.connection, need.scope, at.tree)


@answers_each(SynthesisIn)
async def _synthesis(at: QueryContext, need: SynthesisIn) -> KeptSynthesis | None:
    return await synthesis_in(at.connection, need.scope, at.tree, need.id)


@answers_each(SynthesisSigners)
async def _signers(at: QueryContext, need: SynthesisSigners) -> WhoSigns | None:
    """None: there is no such synthesis in the scope."""
    statement = (
        select(syntheses.c.unit_id, syntheses.c.drafter)
        .join(units, units.c.id == syntheses.c.unit_id)
        .where(within(need.scope, Access.FIGURES), syntheses.c.id == need.id)
    )
    row = (await at.connection.execute(statement)).first()
    if row is None:
        return None
    here = select(people.c.role, func.count()).where(
        people.c.unit_id == row.unit_id,
        people.c.state == PersonState.CONSENTED,
        people.c.id != need.person_id,
        people.c.role.in_((Role.LEADER, Role.COORDINATOR)),
    )
    others = {role: int(number) for role, number in await at.connection.execute(here.group_by(people.c.role))}
    return WhoSigns(
        is_own=row.drafter == _drafter(at.sealer, need.id, need.person_id),
        has_leader=bool(others.get(Role.LEADER)),
        has_other=bool(others.get(need.scope.role)),
    )
