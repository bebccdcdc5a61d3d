"""Once a month, for each area: the issues reported from there that were answered. Called by the scheduler."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import RunCommand, choice
from nhipcau.handlers.reports.feedback_messages import issue_state
from nhipcau.handlers.screens import short_title, unit_name
from nhipcau.handlers.situation import Office
from nhipcau.model.issues import Issue
from nhipcau.model.scope import Scope
from nhipcau.operations.notify import NEWS, push
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import issues, people, shared_values
from nhipcau.storage.audit import record_audit

#: Time of the month's first working day.
_SEND_TIME = time(9)
#: Issues in one message, and characters of an answer.
_MAX_ISSUES, _MAX_ANSWER_CHARS = 5, 120


def is_due(office: Office, now: datetime) -> str:
    """The month whose news are due, as "2026-11"; "" before its time on the next month's first working day."""
    local = now.astimezone(office.zone)
    first = local.date().replace(day=1)
    if local < datetime.combine(office.calendar.next_working(first), _SEND_TIME, office.zone):
        return ""
    return f"{first - timedelta(days=1):%Y-%m}"


async def tell(context: OperationContext, month: str) -> int:
    """Send the news of a month, once; returns the number of messages."""
    if not await shared_values.claim_fact(
        context.connection, f"news.{month}", context.now.isoformat(timespec="seconds")
    ):
        return 0
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    by_area: dict[int, list[Issue]] = defaultdict(list)
    for issue in await issues.answered_in(context.connection, Scope.office(), context.tree, first, last):
        for area in issue.areas:
            by_area[area.id].append(issue)
    count = 0
    for id, found in sorted(by_area.items()):
        area = context.tree.by_id[id]
        count += await push(
            context,
            await people.collaborators(context.connection, context.sealer, context.tree, area),
            partial(_message, area, first, found),
            NEWS,
        )
    if count:
        record_audit(context, "news.tell", number=count)
    return count


def _message(area: Unit, month: date, found: Sequence[Issue], t: Texts) -> Message:
    lines = [t("news.head", area=unit_name(area.name), month=month.month)]
    for issue in found[:_MAX_ISSUES]:
        answer = short_title(issue.answer, _MAX_ANSWER_CHARS)
        state = issue_state(issue.state, t)
        lines.append(t("news.line", statement=issue.statement, state=state, answer=answer))
    if len(found) > _MAX_ISSUES:
        lines.append(t("news.more", n=len(found) - _MAX_ISSUES))
    return Message("\n".join(lines), (choice(t("menu.baocao"), RunCommand(Command.REPORT)),))
