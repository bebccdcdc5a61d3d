"""Strands of opinion of an issue (đa số, một bộ phận, cá biệt): write, change, delete; and mark an issue as latent.

All by coordinators of the unit that owns the issue, or of one above. Which opinions there are, and how many hold them,
a person judges: nothing here is counted.
"""

from __future__ import annotations

from datetime import date

from nhipcau.actions.decision import Actor, NewId, Refusal
from nhipcau.actions.permissions import may_change_issue, why_unchangeable
from nhipcau.model.changes import Change
from nhipcau.model.issue_changes import AddStrand, ChangeStrand, DeleteStrand, MarkLatent
from nhipcau.model.issues import Issue, Strand, StrandKind

#: Strands of one issue; with more, nobody reads them all.
MAX_STRANDS = 6


def add(actor: Actor, issue: Issue, kind: StrandKind, words: str, today: date, new_id: NewId) -> list[Change] | Refusal:
    if refused := refuse_adding(actor, issue):
        return refused
    if any((strand.kind, strand.words) == (kind, words) for strand in issue.strands):
        return Refusal("strand.same")
    return [AddStrand(Strand(new_id("id"), issue.code, kind, words, today), actor.id)]


def change(
    actor: Actor, issue: Issue, id: str, seen: str, kind: StrandKind, words: str, today: date
) -> list[Change] | Refusal:
    """`seen`: digest of the strand (`id`) as its writer saw it."""
    if refused := refuse_changing(actor, issue, id, seen):
        return refused
    now = strand_of(issue, id)
    if now is None or (now.kind, now.words) == (kind, words):
        return []
    return [ChangeStrand(Strand(id, issue.code, kind, words, today), now, actor.id)]


def delete(actor: Actor, issue: Issue, id: str, seen: str) -> list[Change] | Refusal:
    """`seen`: as in `change`."""
    if refused := refuse_changing(actor, issue, id, seen):
        return refused
    now = strand_of(issue, id)
    return [DeleteStrand(now, actor.id)] if now else []


def mark_latent(actor: Actor, issue: Issue, latent: bool) -> list[Change] | Refusal:
    """Mark what people think but have not said in public, or take the mark away."""
    if not may_change_issue(actor, issue):
        return why_unchangeable(issue)
    return [MarkLatent(issue.code, latent, actor.id)] if issue.latent is not latent else []


def refuse_adding(actor: Actor, issue: Issue) -> Refusal | None:
    """Why no strand can be added; None: one can."""
    if not may_change_issue(actor, issue):
        return why_unchangeable(issue)
    return Refusal("strand.full", {"n": MAX_STRANDS}) if len(issue.strands) >= MAX_STRANDS else None


def refuse_changing(actor: Actor, issue: Issue, id: str, seen: str = "") -> Refusal | None:
    """Why this strand can't be changed or deleted; None: it can. `seen` "": as it is now."""
    if not may_change_issue(actor, issue):
        return why_unchangeable(issue)
    strand = strand_of(issue, id)
    if strand is None:
        return Refusal("strand.gone")
    return Refusal("strand.changed_meanwhile") if seen and seen != strand.digest else None


def strand_of(issue: Issue, id: str) -> Strand | None:
    return next((strand for strand in issue.strands if strand.id == id), None)
