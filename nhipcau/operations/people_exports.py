"""Taking a list of people out: entered into the register of what is asked about people's data, and into the audit."""

from __future__ import annotations

from nhipcau.model.data_requests import DataRequest, RightKind
from nhipcau.model.scope import OFFICE
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import data_requests
from nhipcau.storage.audit import record_audit


async def record_people_export(context: OperationContext, number: int, why: str, actor: str = OFFICE) -> None:
    """How many people are taken out, and why (`masked_note`); before anything leaves."""
    today, id = context.today, new_id("data_request")
    entry = DataRequest(id, RightKind.EXPORT, today, note=why, number=number, answered=today, done=today)
    await data_requests.add(context.connection, entry)
    record_audit(context, "export.people", actor, number)
