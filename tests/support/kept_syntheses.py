"""Kept syntheses in a world: drafted, written and signed as the console does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select

from nhipcau.actions import syntheses as actions
from nhipcau.actions.decision import Actor, Refusal
from nhipcau.actions.syntheses import Wording
from nhipcau.bot.language.periods import read_period
from nhipcau.insight.synthesis.own_words import with_words, writing_places
from nhipcau.insight.synthesis.stored import from_json
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisAct, digest_of
from nhipcau.model.scope import Scope
from nhipcau.model.synthesis import Layout
from nhipcau.operations.kept_syntheses import Known, Workshop
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import tables
from nhipcau.storage.syntheses import synthesis_in
from nhipcau.storage.units import load_tree
from tests.support.world import World

Result = KeptSynthesis | Refusal | None


def workshop(world: World) -> Workshop:
    return Workshop(world.committer, world.parts.settings.documents)


async def actor_of(world: World, role: str, unit: str) -> Actor:
    """Somebody of this role who has joined in this unit; "office": the command line."""
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
    of = tree.by_code[unit]
    if role == "office":
        return Actor.office(of)
    rows = await world.rows(
        select(tables.people.c.id).where(tables.people.c.unit_id == of.id, tables.people.c.role == role)
    )
    return Actor(rows[0].id if rows else f"nobody-{role}-{unit}", of, role)


async def drafted(world: World, actor: Actor, unit: str, period: str = "2026-10") -> KeptSynthesis:
    kept = await draft(world, actor, unit, period)
    assert isinstance(kept, KeptSynthesis), kept
    return kept


async def draft(
    world: World, actor: Actor, unit: str, period: str = "2026-10", topics: tuple[str, ...] = ()
) -> KeptSynthesis | Refusal:
    wanted = read_period(period, date(2030, 1, 1))
    assert wanted is not None
    return await workshop(world).draft(
        lambda office, today: actions.draft(
            actor, office.tree.by_code[unit], wanted, Layout.STATE, "vi", today, new_id, topics
        )
    )


async def change(
    world: World, actor: Actor, id: str, act: SynthesisAct, decide: Callable[[Known], Any]
) -> KeptSynthesis | Refusal | None:
    return await workshop(world).change(Scope(actor.role, actor.unit.path), id, actor.id, act, decide)


async def write(world: World, actor: Actor, kept: KeptSynthesis, **words: str) -> Result:
    """`words`: place, with "_" for its stop → what is written; what is seen there is what `kept` had."""
    wordings = [
        Wording(place.replace("_", "."), text, digest_of(kept.words.get(place.replace("_", "."), "")))
        for place, text in words.items()
    ]
    return await change(
        world, actor, kept.id, SynthesisAct.WRITE, lambda known: actions.write(actor, known.kept, wordings, known.today)
    )


async def fill(world: World, actor: Actor, kept: KeptSynthesis, text: str = "Không có.") -> KeptSynthesis:
    """Write something wherever somebody is waited for."""
    counted = from_json(kept.body)
    places = [each.place for part in counted.parts for each in writing_places(part, kept.words) if each.asked]
    done = await write(world, actor, kept, **{place.replace(".", "_"): f"{place}: {text}" for place in places})
    assert isinstance(done, KeptSynthesis), done
    assert with_words(counted, done.words).open_parts == ()
    return done


async def refresh(world: World, actor: Actor, kept: KeptSynthesis) -> Result:
    return await change(
        world, actor, kept.id, SynthesisAct.REFRESH, lambda known: actions.refresh(actor, known.kept, known.today)
    )


async def check(world: World, actor: Actor, kept: KeptSynthesis) -> Result:
    return await change(
        world,
        actor,
        kept.id,
        SynthesisAct.CHECK,
        lambda known: actions.check(actor, known.kept, kept.revision, known.waiting, known.differing, known.today),
    )


async def sign(world: World, actor: Actor, kept: KeptSynthesis) -> Result:
    return await change(
        world,
        actor,
        kept.id,
        SynthesisAct.SIGN,
        lambda known: actions.sign(actor, known.kept, known.who, kept.revision, known.today),
    )


async def take_back(world: World, actor: Actor, kept: KeptSynthesis) -> Result:
    return await change(
        world,
        actor,
        kept.id,
        SynthesisAct.TAKE_BACK,
        lambda known: actions.take_back(actor, known.kept, known.who, kept.revision, known.today),
    )


async def delete(world: World, actor: Actor, kept: KeptSynthesis) -> Result:
    return await change(
        world, actor, kept.id, SynthesisAct.DELETE, lambda known: actions.delete(actor, known.kept, kept.revision)
    )


async def signed(world: World, drafter: Actor, signer: Actor, unit: str, period: str = "2026-10") -> KeptSynthesis:
    """The whole way."""
    kept = await fill(world, drafter, await drafted(world, drafter, unit, period))
    for step in (check(world, drafter, kept),):
        found = await step
        assert isinstance(found, KeptSynthesis), found
        kept = found
    done = await sign(world, signer, kept)
    assert isinstance(done, KeptSynthesis), done
    return done


async def kept_now(world: World, id: str) -> KeptSynthesis | None:
    async with world.parts.database.reading() as connection:
        return await synthesis_in(connection, Scope.office(), await load_tree(connection), id)


def data_of(world: World, kept: KeptSynthesis) -> bytes:
    return (world.parts.settings.documents / kept.file).read_bytes()
