"""Does what is due: opens, reminds of and closes requests, deletes expired data. The database says what is due; timers
only wake the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from nhipcau.actions.escalation import steps_due
from nhipcau.delivery.rate_limiter import WakeUp
from nhipcau.error_log import RepeatedErrorFilter, name_of
from nhipcau.metrics import LOOPS
from nhipcau.model.request_kinds import RequestKind
from nhipcau.operations import feedback, live_boards, monthly_news, recurring_requests, weekly_digest
from nhipcau.operations import requests as request_operations
from nhipcau.operations.commit import Committer
from nhipcau.operations.escalation import escalate
from nhipcau.operations.held_acts import release
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.atomic_files import delete_file, left_behind
from nhipcau.settings import Settings
from nhipcau.storage import (
    answers,
    audit,
    console_sessions,
    editable_messages,
    held_acts,
    outbox_upkeep,
    requests,
    retention,
    rules,
    weekly_budget,
)
from nhipcau.storage.audit import AuditContext, record_audit
from nhipcau.storage.database import is_passing
from nhipcau.storage.sealed_people import destroy_departed
from nhipcau.storage.talks import DRAFT_DAYS

log = structlog.get_logger()

#: Longest wait between two looks at the database, in seconds.
LOOK_SECONDS = 1.0
#: Seconds between sweeps.
SWEEP_SECONDS = 900.0
#: From this hour on people are asked once more.
_ASK_HOUR = 9
_DAYS_OF_A_MONTH = 30.5


class DueWork:
    """Does what is due. Several processes may run it: the state in each row makes sure that it is done once."""

    def __init__(self, committer: Committer, settings: Settings) -> None:
        self._committer = committer
        self._database, self._sealer, self._office = committer.database, committer.sealer, committer.office
        self._settings = settings
        self._now = committer.now
        self._swept = float("-inf")
        #: The month in which news were last sent or found sent.
        self._news_month = (0, 0)
        #: The day on which people were last asked once more whether something is settled.
        self._asked_on = date.min
        self._error_filter = RepeatedErrorFilter()
        self.wake_up = WakeUp()
        self.beat = time.monotonic()

    async def run(self) -> None:
        """Run until cancelled; errors of the database are logged and retried."""
        while True:
            self.beat = time.monotonic()
            wait = LOOK_SECONDS
            try:
                wait = min(LOOK_SECONDS, await self.tick())
            except Exception as error:
                if self._error_filter.should_log(error):
                    log.error("clock failed, will retry", **name_of(error))
                LOOPS.labels("clock", type(error).__name__).inc()
            await self.wake_up.wait(wait)

    async def tick(self) -> float:
        """Do everything that is due now. Returns the seconds until something may be due again."""
        now = self._now()
        async with self._database.reading() as connection:
            opening, closing = await requests.due(connection, now)
            running = await requests.running(connection)
            moments = [await requests.next_moment(connection), await rules.next_moment(connection)]
            moments.append(await held_acts.next_moment(connection))
            held = await held_acts.due(connection, now)
            due_rules = await rules.due(connection, now)
            new_week = await weekly_budget.any_waited(connection, now)
            followed = await editable_messages.any_board(connection)
        acts: list[Callable[[OperationContext], Awaitable[Any]]] = []
        acts += [partial(release, id=id) for id in held]
        acts += [partial(recurring_requests.fire, id=id) for id in due_rules]
        acts += [partial(request_operations.open_request, id=id) for id in opening]
        acts += [partial(request_operations.close, id=id) for id in closing]
        quiet = self._settings.quiet_hours.holds(now.astimezone(self._settings.zone))
        acts += [act for row in running if row["id"] not in closing for act in self._due_for_running(row, now, quiet)]
        if new_week and not quiet:
            acts.append(weekly_digest.release)
        if followed:
            acts.append(live_boards.follow)
        done = [await self._guarded(act) for act in acts]
        await self._tell_news(now)
        await self._ask_again(now)
        if time.monotonic() - self._swept > SWEEP_SECONDS:
            await self.sweep()
        coming = [moment for moment in moments if moment is not None]
        if not all(done):
            # what failed is still due: try it at the next look, not at once
            return LOOK_SECONDS
        return max(0.0, (min(coming) - self._now()).total_seconds()) if coming else LOOK_SECONDS

    async def _tell_news(self, now: datetime) -> None:
        """Send the monthly news; remembers the month, so that most calls do nothing."""
        local = now.astimezone(self._settings.zone)
        if self._news_month == (local.year, local.month):
            return
        async with self._database.reading() as connection:
            month = monthly_news.is_due(await self._office(connection), now)
        if month and await self._guarded(partial(monthly_news.tell, month=month)):
            self._news_month = (local.year, local.month)

    async def _ask_again(self, now: datetime) -> None:
        """Ask once more whether something is settled, each morning; remembers the day, so most calls do nothing."""
        local = now.astimezone(self._settings.zone)
        if self._asked_on < local.date() and local.hour >= _ASK_HOUR and await self._guarded(feedback.ask_again):
            self._asked_on = local.date()

    def _due_for_running(
        self, row: Mapping[str, Any], now: datetime, quiet: bool
    ) -> list[Callable[[OperationContext], Awaitable[Any]]]:
        """What is due for an open request, except closing it."""
        if row["kind"] == RequestKind.POLL and not self._sealer.has_poll_key(row["id"]):
            return [partial(request_operations.close_keyless, id=row["id"])]
        # in quiet hours make no reminder yet: the time left in it would be wrong in the morning
        if quiet and not row["urgent"]:
            return []
        acts: list[Callable[[OperationContext], Awaitable[Any]]] = []
        if step := due_reminder(row, now):
            acts.append(partial(_remind, id=row["id"], step=step))
        taken = len(requests.read_escalated(row["escalated"]))
        if row["escalates"] and (
            due := steps_due(RequestKind(row["kind"]), row["opens_at"], row["closes_at"], now, taken)
        ):
            acts.append(partial(escalate, id=row["id"], steps=due))
        return acts

    async def _guarded(self, act: Callable[[OperationContext], Awaitable[Any]]) -> bool:
        """Do one act; its errors are logged and don't stop the others. Returns whether it was done."""
        try:
            await self._in_transaction(act)
        except Exception as error:
            if is_passing(error):
                raise
            if self._error_filter.should_log(error):
                log.error("request failed, will retry", **name_of(error))
            return False
        return True

    async def _in_transaction(self, act: Callable[[OperationContext], Awaitable[Any]]) -> None:
        async with self._committer.transaction() as context:
            await act(context)
            context.after.wake_sender = True

    async def sweep(self) -> Swept:
        """Delete expired rows, keys, pictures and documents, and what a killed writer of a file left."""
        now = self._now()
        today = now.astimezone(self._settings.zone).date()
        settings = self._settings
        terms = retention.RetentionTerms(settings.follow_up_days, settings.report_months)
        rows, more = 0, retention.BATCH
        while more >= retention.BATCH:
            async with self._database.writing() as connection:
                more = await retention.sweep_batch(connection, now, today, terms)
            rows += more
        async with self._database.writing() as connection:
            await weekly_budget.forget(connection, today)
            rows += await console_sessions.forget_old(connection, now, today)
            await outbox_upkeep.reseal(connection, self._sealer, today, today - timedelta(days=DRAFT_DAYS - 1))
            ended = await retention.sweep_keys(connection, self._sealer.ring, today, terms)
            if ended:
                record_audit(AuditContext(connection, self._sealer, today), "key.destroy", number=len(ended))
            gone = await destroy_departed(connection, self._sealer)
        for name in ended:
            self._sealer.forget(name)
        rows += await self._sweep_audit(today)
        if rows or ended:
            await self._database.wipe()
        async with self._database.reading() as connection:
            lessons = [lesson for shelf in (await self._office(connection)).lessons.values() for lesson in shelf]
            lesson_pictures = {lesson.picture for lesson in lessons}
            pictures, documents = await retention.unused_files(
                connection, self._sealer, today, settings.photos, settings.documents, lesson_pictures
            )
        others = retention.kept_copies(settings.database_file, settings.data_dir)
        for folder in (settings.photos, settings.documents, settings.keys):
            others += await asyncio.to_thread(left_behind, folder)
        for path in (*pictures, *documents, *others):
            await asyncio.to_thread(delete_file, path)
        self._swept = time.monotonic()
        return Swept(rows, len(ended) + gone, len(pictures), len(documents))

    async def _sweep_audit(self, today: date) -> int:
        """Delete audit lines that have reached their term, and write down how far the chain has come."""
        oldest = today - timedelta(days=_DAYS_OF_A_MONTH * self._settings.audit_months)
        async with self._database.writing() as connection:
            deleted = await audit.cut_off(connection, self._sealer, oldest)
        async with self._database.reading() as connection:
            await audit.keep_head(connection, self._sealer)
        return deleted


@dataclass(frozen=True, slots=True)
class Swept:
    """Numbers of what a sweep has deleted."""

    rows: int
    keys: int
    pictures: int
    documents: int


def due_reminder(row: Mapping[str, Any], now: datetime) -> int:
    """Number of the reminder due now (1, 2), 0 if none; after a standstill only the last one is sent."""
    passed = request_operations.reminders_due(row["kind"], row["opens_at"], row["closes_at"], now)
    return passed if passed > row["reminders"] else 0


async def _remind(context: OperationContext, id: str, step: int) -> None:
    """Send a reminder, unless the question itself has reached nobody yet."""
    if not await answers.without_answer(context.connection, id) and await outbox_upkeep.has_unsent(
        context.connection, id
    ):
        return
    if await requests.take_reminder(context.connection, id, step):
        await request_operations.remind(context, id)
