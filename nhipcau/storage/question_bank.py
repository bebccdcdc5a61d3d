"""The question bank, as request files say questions; nothing of who wrote them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import delete, select

from nhipcau.bot.language.vietnamese import fold
from nhipcau.model.question_bank import BankQuestion
from nhipcau.model.request_changes import DropBankQuestion, KeepBankQuestion
from nhipcau.model.request_queries import QuestionBank
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import insert_into
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.tables import question_bank


@answers_each(QuestionBank)
async def _bank(at: QueryContext, need: QuestionBank) -> Sequence[BankQuestion]:
    above = [unit.id for unit in at.tree.units if unit.holds(need.unit)]
    rows = await at.connection.execute(select(question_bank).where(question_bank.c.unit_id.in_(above)))
    found = [BankQuestion(row.id, at.tree.by_id[row.unit_id], json.loads(row.body)) for row in rows]
    return sorted(found, key=lambda question: (-len(question.unit.path), fold(question.text), question.id))


@writes_each(KeepBankQuestion)
async def _keep(at: ChangeContext, row: KeepBankQuestion) -> None:
    statement = insert_into(at.connection, question_bank).values(id=row.id, unit_id=row.unit_id, body=row.body)
    again = statement.on_conflict_do_update(index_elements=["id"], set_={"body": row.body})
    await at.connection.execute(again)
    record_audit(at, "question.keep", row.actor)


@writes_each(DropBankQuestion)
async def _drop(at: ChangeContext, row: DropBankQuestion) -> None:
    await at.connection.execute(delete(question_bank).where(question_bank.c.id == row.id))
    record_audit(at, "question.drop", row.actor)
