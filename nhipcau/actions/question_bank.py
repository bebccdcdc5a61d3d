"""The question bank: keep a question, change it, delete it. Each unit keeps its own; units below ask them too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.bot.language.vietnamese import fold
from nhipcau.model.changes import Change
from nhipcau.model.question_bank import BankQuestion
from nhipcau.model.request_changes import DropBankQuestion, KeepBankQuestion

#: Questions of one unit.
MOST_QUESTIONS = 300


def keep(actor: Actor, described: Mapping[str, Any], known: Sequence[BankQuestion], id: str) -> list[Change] | Refusal:
    """Keep a question for the actor's unit; one of the same words there is replaced. `known`: what the bank holds."""
    own = [question for question in known if question.unit.id == actor.unit.id]
    same = next((question.id for question in own if fold(question.text) == fold(str(described["text"]))), None)
    if same is None and len(own) >= MOST_QUESTIONS:
        return Refusal("console.questions.full", {"most": MOST_QUESTIONS})
    return [_kept(actor, same or id, actor.unit.id, described)]


def change(actor: Actor, question: BankQuestion, described: Mapping[str, Any]) -> list[Change] | Refusal:
    """Give it other words or choices; requests that have asked it stay as they are."""
    return _refuse(actor, question) or [_kept(actor, question.id, question.unit.id, described)]


def drop(actor: Actor, question: BankQuestion) -> list[Change] | Refusal:
    """Delete it from the bank."""
    return _refuse(actor, question) or [DropBankQuestion(question.id, actor.id)]


def _refuse(actor: Actor, question: BankQuestion) -> Refusal | None:
    return None if actor.unit.holds(question.unit) else Refusal("console.questions.of_above")


def _kept(actor: Actor, id: str, unit_id: int, described: Mapping[str, Any]) -> KeepBankQuestion:
    # a condition names other questions of its request
    alone = {name: value for name, value in described.items() if name != "when"}
    return KeepBankQuestion(id, unit_id, json.dumps(alone, ensure_ascii=False), actor.id)
