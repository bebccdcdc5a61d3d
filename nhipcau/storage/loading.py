"""Answers what decide asks for: one call a kind for a whole batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units import Tree
from nhipcau.model import loads
from nhipcau.model.loads import Load
from nhipcau.privacy.seal import Sealer
from nhipcau.storage import answers, counts, doors, inbox, issues, lessons, people, reports, requests, review, rules


@dataclass(frozen=True, slots=True)
class Loading:
    """What every answer needs."""

    connection: AsyncConnection
    sealer: Sealer
    tree: Tree
    now: datetime
    #: Contact id → (channel, address) of the doors of this batch.
    doors: Mapping[int, tuple[str, str]]
    zone: ZoneInfo


async def answer(loading: Loading, needs: Sequence[Load[Any]]) -> dict[Load[Any], Any]:
    """Every need with what was found. Needs are hashable; equal ones are loaded once."""
    by_kind: dict[type, list[Any]] = defaultdict(list)
    for need in dict.fromkeys(needs):
        by_kind[type(need)].append(need)
    found: dict[Load[Any], Any] = {}
    for kind, some in by_kind.items():
        found |= await _KINDS[kind](loading, some)
    return found


async def _invites(at: Loading, needs: Sequence[loads.FindInvite]) -> dict[Any, Any]:
    found = await people.find_invites(at.connection, at.tree, [n.code for n in needs], at.now)
    return {n: found.get(n.code) for n in needs}


async def _requests(at: Loading, needs: Sequence[loads.FindRequest]) -> dict[Any, Any]:
    found = await requests.find_for(at.connection, at.sealer, at.tree, needs, at.doors)
    return {n: found.get(n) for n in needs}


async def _open(at: Loading, needs: Sequence[loads.OpenRequests]) -> dict[Any, Any]:
    found = await requests.open_for(at.connection, at.tree, [n.person_id for n in needs])
    return {n: found.get(n.person_id, []) for n in needs}


async def _learned(at: Loading, needs: Sequence[loads.Learned]) -> dict[Any, Any]:
    found = await lessons.learned_by(at.connection, [n.person_id for n in needs])
    return {n: found.get(n.person_id, frozenset()) for n in needs}


Answering = Callable[[Loading, Any], Awaitable[Any]]


def _each(answer_one: Answering) -> Callable[[Loading, Sequence[Any]], Awaitable[dict[Any, Any]]]:
    """Screens of coordinators and "mine" are rare and scoped differently each: one statement a need."""

    async def answer_all(at: Loading, needs: Sequence[Any]) -> dict[Any, Any]:
        return {need: await answer_one(at, need) for need in needs}

    return answer_all


async def _mine(at: Loading, need: loads.MyReports) -> Any:
    return await reports.my_reports(at.connection, at.sealer, at.tree, need.mark, need.code)


async def _inbox(at: Loading, need: loads.Inbox) -> Any:
    states = () if need.waiting else need.states
    return await reports.reports_in(
        at.connection,
        at.tree,
        need.path,
        states=states,
        waiting=need.waiting,
        by_day=need.by_day,
        whole=True,
        practice=False,
    )


async def _report_in(at: Loading, need: loads.ReportIn) -> Any:
    found = await reports.reports_in(at.connection, at.tree, need.path, code=need.code, whole=True, practice=False)
    return found[0] if found else None


async def _count(at: Loading, need: loads.CountReports) -> Any:
    return await reports.count_in(at.connection, need.path, need.states)


async def _way_back(at: Loading, need: loads.WayBack) -> Any:
    return await reports.has_way_back(at.connection, at.sealer, need.code)


async def _around(at: Loading, need: loads.ReportAround) -> Any:
    return await reports.report_around(at.connection, at.tree, need.path, need.code)


async def _issues(at: Loading, need: loads.Issues) -> Any:
    return await issues.issues_in(at.connection, at.tree, need.path, states=need.states)


async def _issue_in(at: Loading, need: loads.IssueIn) -> Any:
    found = await issues.issues_in(at.connection, at.tree, need.path, code=need.code)
    return found[0] if found else None


async def _area_issues(at: Loading, need: loads.AreaIssues) -> Any:
    return await issues.issues_of_area(at.connection, at.tree, need.area_id)


async def _my_issues(at: Loading, need: loads.MyIssues) -> Any:
    return await issues.my_issues(at.connection, at.sealer, at.tree, need.mark)


async def _readers(at: Loading, need: loads.AreaReaders) -> Any:
    return await people.count_readers(at.connection, need.path)


async def _audience(at: Loading, need: loads.CountAudience) -> Any:
    return await requests.count_audience(at.connection, need.audience)


async def _talk(at: Loading, need: loads.FindTalk) -> Any:
    return await inbox.talk_of(at.connection, at.sealer, need.person_id)


async def _reach(at: Loading, need: loads.CountReach) -> Any:
    today = at.now.astimezone(at.zone).date()
    return await requests.reach(at.connection, need.audience, at.now, today, need.budget)


async def _doors(at: Loading, need: loads.Doors) -> Any:
    ways = (await doors.ways_of(at.connection, [need.person_id])).get(need.person_id, [])
    return [way.channel for way in ways]


async def _requests_of(at: Loading, need: loads.RequestsOf) -> Any:
    return await requests.requests_of(
        at.connection, at.tree, need.path, need.kinds, need.states, asked=need.asked, most=200
    )


async def _rules_of(at: Loading, need: loads.RulesOf) -> Any:
    return await rules.active(at.connection, at.tree, need.path, need.kinds)


async def _notices(at: Loading, need: loads.NoticesFor) -> Any:
    return await requests.notices_for(at.connection, at.tree, need.person)


async def _board(at: Loading, need: loads.Board) -> Any:
    return await counts.board(at.connection, at.tree, need.request_id)


async def _answers(at: Loading, need: loads.Answers) -> Any:
    return await answers.answers_of(at.connection, at.tree, need.request_id, need.path)


async def _tally(at: Loading, need: loads.PollTally) -> Any:
    return await counts.tally(at.connection, need.request.id, need.request.form, texts=need.texts)


async def _network(at: Loading, need: loads.Network) -> Any:
    return await people.network(at.connection, at.tree, need.path)


async def _coordinators(at: Loading, need: loads.UnitCoordinators) -> Any:
    found = await people.coordinators(at.connection, at.tree, need.path)
    phones = await people.phones_of(at.connection, at.sealer, found)
    return [f"{p.name} ({phones[p.id]})" if p.id in phones else p.name for p in found if p.name]


async def _held(at: Loading, need: loads.Held) -> Any:
    return await people.held_about(at.connection, at.sealer, at.tree, need.person_id, at.zone)


async def _review(at: Loading, need: loads.ReviewOf) -> Any:
    today = at.now.astimezone(at.zone).date()
    return await review.review_of(at.connection, at.tree, need.unit, need.period, today, at.zone)


async def _trend(at: Loading, need: loads.TrendOf) -> Any:
    return await review.trend_of(at.connection, need.path, at.now.astimezone(at.zone).date())


_KINDS: dict[type, Callable[[Loading, Any], Awaitable[dict[Any, Any]]]] = {
    loads.FindInvite: _invites,
    loads.FindRequest: _requests,
    loads.OpenRequests: _open,
    loads.MyReports: _each(_mine),
    loads.Inbox: _each(_inbox),
    loads.ReportIn: _each(_report_in),
    loads.AreaReaders: _each(_readers),
    loads.CountAudience: _each(_audience),
    loads.FindTalk: _each(_talk),
    loads.CountReach: _each(_reach),
    loads.Doors: _each(_doors),
    loads.RequestsOf: _each(_requests_of),
    loads.RulesOf: _each(_rules_of),
    loads.NoticesFor: _each(_notices),
    loads.Board: _each(_board),
    loads.Answers: _each(_answers),
    loads.PollTally: _each(_tally),
    loads.Network: _each(_network),
    loads.UnitCoordinators: _each(_coordinators),
    loads.Held: _each(_held),
    loads.Learned: _learned,
    loads.CountReports: _each(_count),
    loads.WayBack: _each(_way_back),
    loads.ReportAround: _each(_around),
    loads.Issues: _each(_issues),
    loads.IssueIn: _each(_issue_in),
    loads.AreaIssues: _each(_area_issues),
    loads.MyIssues: _each(_my_issues),
    loads.ReviewOf: _each(_review),
    loads.TrendOf: _each(_trend),
}
