"""Changes a kept synthesis: what was decided is counted and written as a document outside of any transaction, since
that takes a second or two, and saved only if nobody has changed it meanwhile; else it is decided again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from nhipcau.actions.decision import Refusal
from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.language.periods import read_period
from nhipcau.handlers.situation import Office as Installation
from nhipcau.insight.synthesis.chart import Picture
from nhipcau.insight.synthesis.figures import UnknownFigure, figure_text
from nhipcau.insight.synthesis.own_words import with_words
from nhipcau.insight.synthesis.parts import Synthesis
from nhipcau.insight.synthesis.refreshing import picture_in
from nhipcau.insight.synthesis.stored import from_json, to_json
from nhipcau.model.changes import Change
from nhipcau.model.kept_syntheses import COUNTING, KeptSynthesis, SynthesisAct, SynthesisState, WhoSigns
from nhipcau.model.scope import Scope
from nhipcau.model.synthesis_changes import KeepSynthesis
from nhipcau.model.synthesis_queries import SynthesisIn, SynthesisSigners
from nhipcau.operations.commit import Committer, apply
from nhipcau.operations.synthesis import Office, document_of, drawn, synthesis_of
from nhipcau.privacy.atomic_files import store_file
from nhipcau.storage import run_queries
from nhipcau.storage.database import ChangedMeanwhile, Connection
from nhipcau.storage.registry import QueryContext

#: Times somebody else may be quicker.
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Known:
    """What a decision about one synthesis is made from."""

    kept: KeptSynthesis
    #: As it was counted last, without anybody's sentences.
    counted: Synthesis
    who: WhoSigns
    #: How many figures are others now; counted for CHECK only.
    differing: int
    installation: Installation
    today: date

    @property
    def waiting(self) -> int:
        """Places that wait for a person."""
        return len(with_words(self.counted, self.kept.words).open_parts)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where syntheses are changed."""

    committer: Committer
    #: The folder of documents.
    documents: Path

    async def draft(
        self, decide: Callable[[Installation, date], Sequence[Change] | Refusal]
    ) -> KeptSynthesis | Refusal:
        """The new draft. Refused too where there is one of this unit, period and layout."""
        async with self.committer.database.reading() as connection:
            installation = await self.committer.office(connection)
        decided = decide(installation, self._today(installation))
        if isinstance(decided, Refusal):
            return decided
        try:
            (made,) = [
                change for change in await self._save(installation, decided) if isinstance(change, KeepSynthesis)
            ]
        except ChangedMeanwhile:
            return Refusal("syntheses.is_there")
        return made.synthesis

    async def change(
        self,
        scope: Scope,
        id: str,
        person_id: str,
        act: SynthesisAct,
        decide: Callable[[Known], Sequence[Change] | Refusal],
    ) -> KeptSynthesis | Refusal | None:
        """The synthesis after what was decided; None: there is none of this id in the scope, or it is deleted now."""
        for _ in range(_TRIES):
            async with self.committer.database.reading() as connection:
                known = await self._known(connection, scope, id, person_id, act)
            if known is None:
                return None
            decided = decide(known)
            if isinstance(decided, Refusal):
                return decided
            if not decided:
                return known.kept
            try:
                saved = await self._save(known.installation, decided)
            except ChangedMeanwhile:
                continue
            return next((change.synthesis for change in saved if isinstance(change, KeepSynthesis)), None)
        return Refusal("syntheses.changed_meanwhile")

    async def _known(
        self, connection: Connection, scope: Scope, id: str, person_id: str, act: SynthesisAct
    ) -> Known | None:
        installation = await self.committer.office(connection)
        now = self.committer.now()
        at = QueryContext(connection, self.committer.sealer, installation.tree, now, {}, installation.zone)
        found, signers = SynthesisIn(scope, id), SynthesisSigners(scope, id, person_id)
        answers = await run_queries.answer(at, [found, signers])
        kept, who = answers[found], answers[signers]
        if kept is None or who is None:
            return None
        office = Office(connection, installation.tree, at.today, installation.zone)
        counted = await counted_as_kept(office, kept)
        t = texts(kept.language)
        differing = await _differing(office, counted, t) if act is SynthesisAct.CHECK else 0
        return Known(kept, counted, who, differing, installation, at.today)

    async def _save(self, installation: Installation, decided: Sequence[Change]) -> list[Change]:
        """Count, write the documents, then save. Raises ChangedMeanwhile."""
        saved = [
            await self._written(installation, change) if isinstance(change, KeepSynthesis) else change
            for change in decided
        ]
        async with self.committer.transaction() as context:
            await apply(context, saved)
        return saved

    async def _written(self, installation: Installation, change: KeepSynthesis) -> KeepSynthesis:
        kept, today = change.synthesis, self._today(installation)
        t = texts(kept.language)
        try:
            counted = from_json("" if change.act in COUNTING else kept.body)
            picture = await asyncio.to_thread(self._picture_of, kept)
        except (ValueError, OSError):
            # to be counted anew, or another version has counted it, or its file is lost
            async with self.committer.database.reading() as connection:
                office = Office(connection, installation.tree, today, installation.zone)
                counted = await _counted(office, kept, t)
            picture = await drawn(counted, t)
        data = await asyncio.to_thread(_document, kept, counted, picture, t)
        name = await asyncio.to_thread(store_file, self.documents, data, "docx", today)
        return replace(change, synthesis=replace(kept, body=to_json(counted), file=name))

    def _picture_of(self, kept: KeptSynthesis) -> Picture | None:
        """The chart of its document as it is: drawing it takes longer than all the rest."""
        return picture_in((self.documents / kept.file).read_bytes())

    def _today(self, installation: Installation) -> date:
        moment: datetime = self.committer.now()
        return moment.astimezone(installation.zone).date()


def _document(kept: KeptSynthesis, counted: Synthesis, picture: Picture | None, t: Texts) -> bytes:
    """The document, with people's sentences in it."""
    is_signed = kept.state is SynthesisState.SIGNED
    return document_of(with_words(counted, kept.words), kept.layout, t, None, picture, is_signed=is_signed).data


async def counted_as_kept(office: Office, kept: KeptSynthesis) -> Synthesis:
    """As it was counted last; counted anew where another version has counted it."""
    try:
        return from_json(kept.body)
    except ValueError:
        return await _counted(office, kept, texts(kept.language))


async def _counted(office: Office, kept: KeptSynthesis, t: Texts) -> Synthesis:
    period = read_period(kept.period, office.today)
    assert period is not None, kept.period
    return await synthesis_of(office, kept.unit, period, t, kept.topics)


async def _differing(office: Office, counted: Synthesis, t: Texts) -> int:
    """How many of its figures are others now."""
    names = sorted({name for figure in counted.figures for name in figure.query.periods})
    periods = [period for name in names if (period := read_period(name, office.today))]
    facts = await office.facts(counted.unit, periods, counted.topics_chosen)
    number = 0
    for figure in counted.figures:
        try:
            number += figure_text(figure.query, facts, t) != figure.text
        except UnknownFigure:
            number += 1
    return number
