"""What takes some seconds and is made while the first pages are looked at: what grew, and a synthesis to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from nhipcau.actions import syntheses
from nhipcau.actions.decision import Actor, Refusal
from nhipcau.bot.language.periods import before, month_of
from nhipcau.bot.units.tree import Unit
from nhipcau.insight.synthesis.own_words import writing_places
from nhipcau.model.changes import Change
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisAct, digest_of
from nhipcau.model.scope import OFFICE, Scope
from nhipcau.model.synthesis import Layout
from nhipcau.operations.commit import Committer
from nhipcau.operations.kept_syntheses import Known, Workshop
from nhipcau.privacy.identifiers import new_id
from nhipcau.scheduler.daily_signals import look
from nhipcau.settings import Settings
from nhipcau.storage.signals import record_look


async def find_rises(committer: Committer, settings: Settings) -> None:
    """The look of this morning, told to nobody: whoever looks at the demonstration finds it there."""
    day = committer.now().astimezone(settings.zone).date() - timedelta(days=1)
    rises = await look(committer.database, day)
    async with committer.transaction() as work:
        await record_look(work.connection, work.tree, rises, day)


async def make_synthesis(committer: Committer, settings: Settings, unit: Unit, words: str) -> None:
    """That of last month, drafted, written and checked by the office, so that the coordinator may sign it."""
    workshop, actor = Workshop(committer, settings.documents), Actor.office(unit)
    scope, language = Scope.office(unit), settings.language
    made = await workshop.draft(
        lambda _, today: syntheses.draft(actor, unit, before(month_of(today)), Layout.STATE, language, today, new_id)
    )
    assert isinstance(made, KeptSynthesis), made

    def write(known: Known) -> Sequence[Change] | Refusal:
        places = [
            place for part in known.counted.parts for place in writing_places(part, known.kept.words) if place.asked
        ]
        wordings = [syntheses.Wording(place.place, words, digest_of("")) for place in places]
        return syntheses.write(actor, known.kept, wordings, known.today)

    def check(known: Known) -> Sequence[Change] | Refusal:
        return syntheses.check(actor, known.kept, known.kept.revision, known.waiting, known.differing, known.today)

    await workshop.change(scope, made.id, OFFICE, SynthesisAct.WRITE, write)
    await workshop.change(scope, made.id, OFFICE, SynthesisAct.CHECK, check)
