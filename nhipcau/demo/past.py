"""Three months of the sample commune, played in a few seconds before anybody looks: the same conversations, operations
and actions as ever, under a clock that stands in the past."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from nhipcau.actions import issues as issue_actions
from nhipcau.actions import strands
from nhipcau.actions.decision import Actor, Refusal
from nhipcau.actions.opening import opening_time
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.yaml_file import read_yaml
from nhipcau.bot.messaging.messages import Message
from nhipcau.context import AppContext
from nhipcau.delivery.outgoing_message import message_of
from nhipcau.demo.office import Sample
from nhipcau.demo.past_reports import past_reports
from nhipcau.demo.people import NAME, SimulatedPhones
from nhipcau.handlers.requests.due_times import next_dues
from nhipcau.handlers.requests.written_request import content_in, form_of
from nhipcau.intake.transaction import Dispatcher
from nhipcau.model.changes import AddReportNote, Change
from nhipcau.model.issues import IssueState, StrandKind
from nhipcau.model.queries import IssueIn
from nhipcau.model.reports import Report, ReportState
from nhipcau.model.request_changes import MakeRule, OpenRequest
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Attachment, Audience, RequestContent
from nhipcau.model.scope import Scope
from nhipcau.office.request_file import read_described
from nhipcau.operations.commit import Committer, apply
from nhipcau.operations.operation_context import OperationContext
from nhipcau.operations.signals import TOLD
from nhipcau.privacy.identifiers import new_id
from nhipcau.scheduler.due_work import DueWork
from nhipcau.storage import contacts, outbox, run_queries
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.outbox import ClaimedDelivery
from nhipcau.storage.registry import QueryContext
from nhipcau.storage.report_import import add_reports
from nhipcau.storage.reports import reports_in
from nhipcau.storage.shared_values import set_fact

#: Days of the past.
DAYS = 91
#: Rounds in which everybody reads and answers once.
_ROUNDS = 30
_SEED = 20
_POLL_DAYS, _DUTY_DAYS, _NOTICE_DAYS = 23, 12, 9
#: People who are asked by the poll that is open: a sample, so that whoever tries a phone is not asked at once.
_SAMPLE = 12
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def past_words() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(files(__package__).joinpath("sample_past.yaml"))
    return found


class Past:
    def __init__(self, parts: AppContext, phones: SimulatedPhones, sample: Sample) -> None:
        self._parts, self._phones, self._sample = parts, phones, sample
        self._words = past_words()
        self._random = random.Random(_SEED)
        self._zone = parts.settings.zone
        self._t = texts(parts.settings.language)
        self._present = self._now = datetime.now(UTC)
        self._committer = Committer(parts.database, parts.sealer, parts.office, now=lambda: self._now)
        self._clock = DueWork(self._committer, parts.settings)
        self._answered = set[str]()
        #: By address of a simulated person.
        self._contacts: dict[str, int] = {}

    @property
    def today(self) -> date:
        return self._present.astimezone(self._zone).date()

    async def play(self) -> None:
        """All of it; the simulated people have joined then."""
        dispatch = Dispatcher(self._committer)
        listening = asyncio.create_task(self._phones.start(dispatch.submit))
        try:
            await self._join()
            await self._report()
            for week in range(DAYS // 7, 0, -1):
                await self._answer_reports(7 * week)
            for described in self._words["issues"]:
                await self._discuss(described)
            await self._poll(self._words["polls"]["closed"], _POLL_DAYS, days=3)
            await self._duty()
            await self._notice()
            await self._poll(self._words["polls"]["open"], 1, days=3, sample=_SAMPLE)
            self._now = self._present
            async with self._committer.transaction() as work:
                # what grew is looked at beside (`after.py`), and pushed to nobody who has just come to look
                await set_fact(work.connection, TOLD, (self.today - timedelta(days=1)).isoformat())
        finally:
            listening.cancel()

    # -------------------------------------------------- time and people

    def _go(self, days: int, hour: int = 9) -> None:
        """To this hour so many days ago."""
        self._now = datetime.combine(self.today - timedelta(days=days), time(hour), self._zone).astimezone(UTC)

    async def _live(self) -> None:
        """Everybody reads what waits and does what they do about it, until nothing waits for anybody."""
        for _ in range(_ROUNDS):
            read = await self._fetch()
            for address, message in read:
                await self._phones.send(address, message)
            await self._phones.settled()
            if not read:
                return

    async def _fetch(self) -> Sequence[tuple[str, Message]]:
        """What waits for the simulated people, recorded as delivered."""
        sealer, today = self._parts.sealer, self._now.astimezone(self._zone).date()
        found: list[tuple[str, ClaimedDelivery]] = []
        async with self._parts.database.reading() as connection:
            for address in self._addresses:
                if address not in self._contacts:
                    known = await contacts.find_contact(connection, sealer.lookup(NAME, address))
                    self._contacts |= {address: known} if known is not None else {}
                if address in self._contacts:
                    id = self._contacts[address]
                    rows, _ = await outbox.waiting(connection, sealer, id, self._now, quiet=False)
                    found += [(address, row) for row in rows]
        if not found:
            return []
        async with self._parts.database.writing() as connection:
            useless = await outbox.unwanted(connection, [row for _, row in found], self._now)
            wanted = [(address, row) for address, row in found if row not in useless]
            dropped = [(row, "expired") for row in useless]
            done = DeliveryResults(delivered=[row for _, row in wanted], dropped=dropped)
            await record_outcomes(connection, sealer, done, self._now, today)
        return [(address, message_of(row)) for address, row in wanted]

    @property
    def _addresses(self) -> list[str]:
        return [f"p{number}" for number in range(len(self._sample.cards))]

    async def _join(self) -> None:
        self._go(DAYS + 1)
        for address, code in zip(self._addresses, self._sample.cards, strict=True):
            await self._phones.join(address, code)
        await self._live()

    # -------------------------------------------------- reports and issues

    async def _report(self) -> None:
        """As if handed in on paper: without a tag, so no answer to them looks for anybody."""
        self._now = self._present
        async with self._committer.transaction() as work:
            unit = work.tree.by_code[self._sample.unit.code]
            cells = [each.name for each in work.tree.units if each.parent_id == unit.id]
            found = past_reports(self._words, unit.id, cells, self.today, self._random)
            await add_reports(work.connection, found)

    async def _answer_reports(self, days: int) -> None:
        """What the office noted about the reports of the week that began so many days ago."""
        first = self.today - timedelta(days=days)
        self._go(max(days - 8, 0))
        async with self._committer.transaction() as work:
            reports = await self._reports(work, first, first + timedelta(days=6))
            notes: list[Change] = []
            for report in reports:
                notes += self._notes(report)
            await apply(work, notes)

    def _notes(self, report: Report) -> list[Change]:
        if report.state is ReportState.NEW:
            return []
        found: list[Change] = [AddReportNote(new_id("id"), report.code, "office", ReportState.RECEIVED)]
        if words := self._words["answered"].get(report.state):
            kind = "answer" if report.state is ReportState.RECEIVED else report.state
            found.append(AddReportNote(new_id("id"), report.code, "office", kind, self._random.choice(words)))
        elif report.state is not ReportState.RECEIVED:
            found.append(AddReportNote(new_id("id"), report.code, "office", report.state))
        if report.state is ReportState.DONE and not self._answered and self._now > self._present - timedelta(days=9):
            self._answered.add(report.code)
            found.append(AddReportNote(new_id("id"), report.code, "area", "reply", self._words["replied"]))
        return found

    async def _reports(self, work: OperationContext, first: date, last: date) -> Sequence[Report]:
        unit = work.tree.by_code[self._sample.unit.code]
        return await reports_in(work.connection, Scope.office(unit), work.tree, since=first, until=last)

    async def _discuss(self, described: dict[str, Any]) -> None:
        """An issue: its reports put together, its strands written down, its state set."""
        days = int(described["day"])
        self._go(days)
        code = new_id("issue")
        async with self._committer.transaction() as work:
            found = await self._reports(work, self.today - timedelta(days=DAYS), self.today)
            about = [report for report in found if report.text in described["reports"]]
            actor = self._actor(work)
            await self._decide(work, issue_actions.open_issue(actor, about[0], code, described["statement"], new_id))
            issue = await self._issue(work, code)
            for report in about[1:]:
                await self._decide(work, issue_actions.merge(actor, report, issue, new_id))
            for kind, words in described.get("strands", {}).items():
                issue = await self._issue(work, code)
                today = self._now.astimezone(self._zone).date()
                await self._decide(work, strands.add(actor, issue, StrandKind(kind), words, today, new_id))
        self._go(max(days - 6, 1))
        async with self._committer.transaction() as work:
            issue, state = await self._issue(work, code), IssueState(described["state"])
            words = described.get("answer", "")
            await self._decide(work, issue_actions.change_issue(self._actor(work), issue, state, words, issue.state))
        await self._live()

    async def _issue(self, work: OperationContext, code: str) -> Any:
        at = QueryContext(work.connection, work.sealer, work.tree, self._now, {}, self._zone)
        query = IssueIn(Scope.office(), code)
        return (await run_queries.answer(at, [query]))[query]

    def _actor(self, work: OperationContext) -> Actor:
        """The coordinator whose phone the visitor holds."""
        return Actor(self._sample.coordinator_id, work.tree.by_code[self._sample.unit.code], "coordinator")

    @staticmethod
    async def _decide(work: OperationContext, decided: list[Change] | Refusal) -> None:
        assert not isinstance(decided, Refusal), decided
        await apply(work, decided)

    # -------------------------------------------------- what was asked

    def _content(self, kind: RequestKind, described: dict[str, Any], id: str) -> RequestContent:
        spec = read_described(described, kind, self._now, self._zone)
        return content_in(spec, form_of(spec, id, self._t), Attachment())

    def _whom(self, work: OperationContext, sample: int | None = None) -> Audience:
        return Audience((work.tree.by_code[self._sample.unit.code].path,), sample=sample)

    async def _ask(self, kind: RequestKind, described: dict[str, Any], length: timedelta, sample: int | None) -> None:
        id = new_id("request")
        async with self._committer.transaction() as work:
            actor = self._actor(work)
            content = self._content(kind, described, id)
            times = (self._now, self._now + length)
            await apply(work, [OpenRequest(id, actor.unit.id, content, self._whom(work, sample), *times, actor.id)])
        await self._clock.tick()
        await self._live()

    async def _poll(self, described: dict[str, Any], ago: int, *, days: int, sample: int | None = None) -> None:
        self._go(ago)
        length = timedelta(days=days)
        await self._ask(RequestKind.POLL, described, length, sample)
        if days < ago:
            self._now += length
            await self._clock.tick()
            await self._live()

    async def _duty(self) -> None:
        """Weekly, and due two days ago at the latest: none is open while somebody tries a phone."""
        self._go(_DUTY_DAYS)
        weekday = _WEEKDAYS[(self.today - timedelta(days=2)).weekday()]
        rule, length, id = f"week {weekday} 16:00", timedelta(days=1), new_id("request")
        async with self._committer.transaction() as work:
            content, actor = (
                self._content(RequestKind.DUTY, {**self._words["duty"], "every": rule}, id),
                self._actor(work),
            )
            (first,) = next_dues(rule, False, self._now, work.office, 1)
            opens = opening_time(RequestKind.DUTY, length, first.due)
            made = (int(length.total_seconds()), False, True, first.due, opens, actor.id)
            await apply(work, [MakeRule(id, actor.unit.id, content, self._whom(work), rule, *made)])
        while opens < self._present - length:
            self._now = opens
            await self._clock.tick()
            await self._live()
            self._now = opens + length
            await self._clock.tick()
            await self._live()
            opens += timedelta(days=7)

    async def _notice(self) -> None:
        self._go(_NOTICE_DAYS)
        await self._ask(RequestKind.NOTICE, self._words["notice"], timedelta(days=7), None)
