"""What the office does about an official answer: ask back."""

from __future__ import annotations

from nhipcau.actions.decision import Actor, NewId, Refusal
from nhipcau.model.answers import OfficialAnswer
from nhipcau.model.changes import Audit, Change
from nhipcau.model.request_changes import AddAnswerNote, AskBack
from nhipcau.model.requests import RequestState


def refuse(answer: OfficialAnswer) -> Refusal | None:
    """Why nobody can be asked about this answer."""
    if answer.request.state == RequestState.STOPPED:
        return Refusal("board.is_stopped", {"title": answer.request.title})
    if not answer.askable:
        return Refusal("askback.nobody", {"unit": answer.unit.name})
    return None


def ask_back(actor: Actor, answer: OfficialAnswer, words: str, name: str, new_id: NewId) -> list[Change] | Refusal:
    """Ask those who gave it. They read who asks: official answers carry the unit on purpose. `name`: of the actor."""
    if refused := refuse(answer):
        return refused
    note = AddAnswerNote(new_id("id"), answer.id, "office", "question", words, actor.unit.id)
    return [
        note,
        AskBack(answer.id, answer.request.id, answer.unit, words, actor.unit, name),
        Audit("answer.question", actor.id),
    ]
