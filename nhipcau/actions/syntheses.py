"""Decisions of the office about kept syntheses: who drafts, writes, checks, signs, and takes back.

The figures and the document of what is decided here are made afterwards (`operations/kept_syntheses.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from nhipcau.actions.decision import Actor, NewId, Refusal
from nhipcau.actions.permissions import RIGHTS, may
from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Unit
from nhipcau.insight.synthesis.own_words import MAX_CHARS
from nhipcau.model.changes import Change
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisAct, SynthesisState, WhoSigns, digest_of
from nhipcau.model.people import Role
from nhipcau.model.scope import OFFICE
from nhipcau.model.synthesis import MAX_TOPICS, Layout
from nhipcau.model.synthesis_changes import DropSynthesis, KeepSynthesis


def draft(
    actor: Actor,
    unit: Unit,
    period: Period,
    layout: Layout,
    language: str,
    today: date,
    new_id: NewId,
    topics: Sequence[str] = (),
) -> list[Change] | Refusal:
    """A new draft, on `topics` alone if there are any. That there is none yet of this unit, period, layout and topics
    is checked when it is written."""
    if not (may(actor, RIGHTS["syntheses.draft"].roles) and actor.unit.holds(unit)):
        return Refusal("syntheses.not_yours")
    if period.first > today:
        return Refusal("syntheses.ahead")
    if len(set(topics)) > MAX_TOPICS:
        return Refusal("syntheses.many_topics", {"n": MAX_TOPICS})
    new = KeptSynthesis(
        new_id("id"),
        unit,
        period.text,
        layout,
        language,
        SynthesisState.DRAFT,
        revision=1,
        words={},
        changed=today,
        topics=tuple(sorted(set(topics))),
    )
    return [KeepSynthesis(new, 0, SynthesisAct.DRAFT, actor.id)]


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody wrote in one place."""

    place: str
    #: Masked; "": nothing stands there any more.
    words: str
    #: Digest of what they saw there.
    seen: str


def write(actor: Actor, kept: KeptSynthesis, wordings: Sequence[Wording], today: date) -> list[Change] | Refusal:
    """Put sentences into their places. What was checked has to be checked again."""
    if refused := _refuse_changing(actor, kept, SynthesisAct.WRITE):
        return refused
    # what somebody only had before them is not written by them, whoever changed it meanwhile
    written = [each for each in wordings if digest_of(each.words) != each.seen]
    changed = [each for each in written if each.words != kept.words.get(each.place, "")]
    for each in changed:
        now = kept.words.get(each.place, "")
        if each.seen != digest_of(now):
            return Refusal("syntheses.written_meanwhile", {"words": now or "–"})
        if len(each.words) > MAX_CHARS:
            return Refusal("syntheses.too_long", {"n": MAX_CHARS})
    if not changed:
        return []
    words = {**kept.words, **{each.place: each.words for each in changed}}
    words = {place: text for place, text in words.items() if text}
    return [_next(actor, kept, SynthesisAct.WRITE, today, words=words, state=SynthesisState.DRAFT)]


def refresh(actor: Actor, kept: KeptSynthesis, today: date) -> list[Change] | Refusal:
    """Count every figure anew; the sentences stay."""
    if refused := _refuse_changing(actor, kept, SynthesisAct.REFRESH):
        return refused
    return [_next(actor, kept, SynthesisAct.REFRESH, today, state=SynthesisState.DRAFT)]


def check(
    actor: Actor, kept: KeptSynthesis, seen: int, waiting: int, differing: int, today: date
) -> list[Change] | Refusal:
    """Say that it is ready to be signed. `seen`: the revision that was read; `waiting`: places nobody has written for;
    `differing`: figures that are others now."""
    if refused := _refuse_changing(actor, kept, SynthesisAct.CHECK):
        return refused
    if kept.state is SynthesisState.CHECKED:
        return []
    if seen != kept.revision:
        return Refusal("syntheses.changed_meanwhile")
    if waiting:
        return Refusal("syntheses.waiting", {"n": waiting})
    if differing:
        return Refusal("syntheses.differing", {"n": differing})
    return [_next(actor, kept, SynthesisAct.CHECK, today, state=SynthesisState.CHECKED)]


def sign(actor: Actor, kept: KeptSynthesis, who: WhoSigns, seen: int, today: date) -> list[Change] | Refusal:
    """Sign what was checked; it goes up to the units above. Leaders sign; a coordinator only where the unit has no
    leader; nobody signs what they drafted where the unit has somebody else who can."""
    if _is_within(actor, kept, SynthesisAct.SIGN) and kept.state is SynthesisState.SIGNED and seen == kept.revision - 1:
        # the same form sent twice
        return []
    if refused := refuse_signing(actor, kept, who):
        return refused
    if seen != kept.revision:
        return Refusal("syntheses.changed_meanwhile")
    return [_next(actor, kept, SynthesisAct.SIGN, today, state=SynthesisState.SIGNED, signed=today)]


def refuse_signing(actor: Actor, kept: KeptSynthesis, who: WhoSigns) -> Refusal | None:
    """Why this person can't sign it now; None: they can."""
    if not _is_within(actor, kept, SynthesisAct.SIGN):
        return Refusal("syntheses.not_yours")
    if kept.state is not SynthesisState.CHECKED:
        return Refusal("syntheses.signed" if kept.state is SynthesisState.SIGNED else "syntheses.not_checked")
    if actor.role == Role.COORDINATOR and who.has_leader:
        return Refusal("syntheses.leader_signs")
    if who.is_own and who.has_other and actor.id != OFFICE:
        return Refusal("syntheses.another_signs")
    return None


def take_back(actor: Actor, kept: KeptSynthesis, who: WhoSigns, seen: int, today: date) -> list[Change] | Refusal:
    """Make it a draft again. What a leader has signed, a leader takes back."""
    if not _is_within(actor, kept, SynthesisAct.TAKE_BACK):
        return Refusal("syntheses.not_yours")
    if kept.state is SynthesisState.DRAFT:
        return []
    if kept.state is SynthesisState.SIGNED and actor.role == Role.COORDINATOR and who.has_leader:
        return Refusal("syntheses.leader_signs")
    if seen != kept.revision:
        return Refusal("syntheses.changed_meanwhile")
    return [_next(actor, kept, SynthesisAct.TAKE_BACK, today, state=SynthesisState.DRAFT, signed=None)]


def delete(actor: Actor, kept: KeptSynthesis, seen: int) -> list[Change] | Refusal:
    """Delete a draft, with its sentences."""
    if refused := _refuse_changing(actor, kept, SynthesisAct.DELETE):
        return refused
    if seen != kept.revision:
        return Refusal("syntheses.changed_meanwhile")
    return [DropSynthesis(kept.id, kept.revision, actor.id)]


def _is_within(actor: Actor, kept: KeptSynthesis, act: SynthesisAct) -> bool:
    return may(actor, RIGHTS[f"syntheses.{act}"].roles) and actor.unit.holds(kept.unit)


def _refuse_changing(actor: Actor, kept: KeptSynthesis, act: SynthesisAct) -> Refusal | None:
    if not _is_within(actor, kept, act):
        return Refusal("syntheses.not_yours")
    return Refusal("syntheses.signed") if kept.state is SynthesisState.SIGNED else None


def _next(actor: Actor, kept: KeptSynthesis, act: SynthesisAct, today: date, **values: object) -> KeepSynthesis:
    new = replace(kept, revision=kept.revision + 1, changed=today, **values)  # type: ignore[arg-type]
    return KeepSynthesis(new, kept.revision, act, actor.id)
