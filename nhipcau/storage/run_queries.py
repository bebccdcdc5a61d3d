"""Answers what decide asks for: one call a kind for a whole batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model import queries
from nhipcau.model.queries import Query
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import (
    answers,
    contact_routes,
    inbound,
    invites,
    issues,
    lessons_done,
    people,
    reports,
    requests,
    review_figures,
    rules,
    running_counts,
)


@dataclass(frozen=True, slots=True)
class QueryContext:
    """What every answer needs."""

    connection: AsyncConnection
    sealer: Sealer
    tree: Tree
    now: datetime
    #: Contact id → (channel, address) of the doors of this batch.
    doors: Mapping[int, tuple[str, str]]
    zone: ZoneInfo


async def answer(loading: QueryContext, needs: Sequence[Query[Any]]) -> dict[Query[Any], Any]:
    """Every need with what was found. Needs are hashable; equal ones are loaded once."""
    by_kind: dict[type, list[Any]] = defaultdict(list)
    for need in dict.fromkeys(needs):
        by_kind[type(need)].append(need)
    found: dict[Query[Any], Any] = {}
    for kind, some in by_kind.items():
        found |= await _KINDS[kind](loading, some)
    return found


async def _invites(at: QueryContext, needs: Sequence[queries.FindInvite]) -> dict[Any, Any]:
    found = await invites.find_invites(at.connection, at.tree, [n.code for n in needs], at.now)
    return {n: found.get(n.code) for n in needs}


async def _requests(at: QueryContext, needs: Sequence[queries.FindRequest]) -> dict[Any, Any]:
    found = await requests.find_for(at.connection, at.sealer, at.tree, needs, at.doors)
    return {n: found.get(n) for n in needs}


async def _open(at: QueryContext, needs: Sequence[queries.OpenRequests]) -> dict[Any, Any]:
    found = await requests.open_for(at.connection, at.tree, [n.person_id for n in needs])
    return {n: found.get(n.person_id, []) for n in needs}


async def _learned(at: QueryContext, needs: Sequence[queries.LessonsDone]) -> dict[Any, Any]:
    found = await lessons_done.learned_by(at.connection, [n.person_id for n in needs])
    return {n: found.get(n.person_id, frozenset()) for n in needs}


Answering = Callable[[QueryContext, Any], Awaitable[Any]]


def _each(answer_one: Answering) -> Callable[[QueryContext, Sequence[Any]], Awaitable[dict[Any, Any]]]:
    """Screens of coordinators and "mine" are rare and scoped differently each: one statement a need."""

    async def answer_all(at: QueryContext, needs: Sequence[Any]) -> dict[Any, Any]:
        return {need: await answer_one(at, need) for need in needs}

    return answer_all


async def _mine(at: QueryContext, need: queries.MyReports) -> Any:
    return await reports.my_reports(at.connection, at.sealer, at.tree, need.mark, need.code)


async def _inbox(at: QueryContext, need: queries.Inbox) -> Any:
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


async def _report_in(at: QueryContext, need: queries.ReportIn) -> Any:
    found = await reports.reports_in(at.connection, at.tree, need.path, code=need.code, whole=True, practice=False)
    return found[0] if found else None


async def _count(at: QueryContext, need: queries.CountReports) -> Any:
    return await reports.count_in(at.connection, need.path, need.states)


async def _way_back(at: QueryContext, need: queries.WayBack) -> Any:
    return await reports.has_way_back(at.connection, at.sealer, need.code)


async def _around(at: QueryContext, need: queries.ReportAround) -> Any:
    return await reports.report_around(at.connection, at.tree, need.path, need.code)


async def _issues(at: QueryContext, need: queries.Issues) -> Any:
    return await issues.issues_in(at.connection, at.tree, need.path, states=need.states)


async def _issue_in(at: QueryContext, need: queries.IssueIn) -> Any:
    found = await issues.issues_in(at.connection, at.tree, need.path, code=need.code)
    return found[0] if found else None


async def _area_issues(at: QueryContext, need: queries.AreaIssues) -> Any:
    return await issues.issues_of_area(at.connection, at.tree, need.area_id)


async def _my_issues(at: QueryContext, need: queries.MyIssues) -> Any:
    return await issues.my_issues(at.connection, at.sealer, at.tree, need.mark)


async def _readers(at: QueryContext, need: queries.AreaReaders) -> Any:
    return await people.count_readers(at.connection, need.path)


async def _audience(at: QueryContext, need: queries.CountAudience) -> Any:
    return await requests.count_audience(at.connection, need.audience)


async def _talk(at: QueryContext, need: queries.FindTalk) -> Any:
    return await inbound.talk_of(at.connection, at.sealer, need.person_id)


async def _reach(at: QueryContext, need: queries.ForecastAudience) -> Any:
    today = at.now.astimezone(at.zone).date()
    return await requests.reach(at.connection, need.audience, at.now, today, need.budget)


async def _doors(at: QueryContext, need: queries.ContactChannels) -> Any:
    ways = (await contact_routes.ways_of(at.connection, [need.person_id])).get(need.person_id, [])
    return [way.channel for way in ways]


async def _requests_of(at: QueryContext, need: queries.RequestsOf) -> Any:
    return await requests.requests_of(
        at.connection, at.tree, need.path, need.kinds, need.states, asked=need.asked, most=200
    )


async def _rules_of(at: QueryContext, need: queries.RulesOf) -> Any:
    return await rules.active(at.connection, at.tree, need.path, need.kinds)


async def _notices(at: QueryContext, need: queries.NoticesFor) -> Any:
    return await requests.notices_for(at.connection, at.tree, need.person)


async def _board(at: QueryContext, need: queries.Board) -> Any:
    return await running_counts.board(at.connection, at.tree, need.request_id)


async def _answers(at: QueryContext, need: queries.Answers) -> Any:
    return await answers.answers_of(at.connection, at.tree, need.request_id, need.path)


async def _tally(at: QueryContext, need: queries.PollTally) -> Any:
    return await running_counts.tally(at.connection, need.request.id, need.request.form, texts=need.texts)


async def _network(at: QueryContext, need: queries.Network) -> Any:
    return await people.network(at.connection, at.tree, need.path)


async def _coordinators(at: QueryContext, need: queries.UnitCoordinators) -> Any:
    found = await people.coordinators(at.connection, at.tree, need.path)
    phones = await people.phone_numbers(at.connection, at.sealer, found)
    return [f"{p.name} ({phones[p.id]})" if p.id in phones else p.name for p in found if p.name]


async def _held(at: QueryContext, need: queries.PersonalData) -> Any:
    return await people.personal_data_of(at.connection, at.sealer, at.tree, need.person_id, at.zone)


async def _review(at: QueryContext, need: queries.ReviewOf) -> Any:
    today = at.now.astimezone(at.zone).date()
    return await review_figures.review_of(at.connection, at.tree, need.unit, need.period, today, at.zone)


async def _trend(at: QueryContext, need: queries.TrendOf) -> Any:
    return await review_figures.trend_of(at.connection, need.path, at.now.astimezone(at.zone).date())


_KINDS: dict[type, Callable[[QueryContext, Any], Awaitable[dict[Any, Any]]]] = {
    queries.FindInvite: _invites,
    queries.FindRequest: _requests,
    queries.OpenRequests: _open,
    queries.MyReports: _each(_mine),
    queries.Inbox: _each(_inbox),
    queries.ReportIn: _each(_report_in),
    queries.AreaReaders: _each(_readers),
    queries.CountAudience: _each(_audience),
    queries.FindTalk: _each(_talk),
    queries.ForecastAudience: _each(_reach),
    queries.ContactChannels: _each(_doors),
    queries.RequestsOf: _each(_requests_of),
    queries.RulesOf: _each(_rules_of),
    queries.NoticesFor: _each(_notices),
    queries.Board: _each(_board),
    queries.Answers: _each(_answers),
    queries.PollTally: _each(_tally),
    queries.Network: _each(_network),
    queries.UnitCoordinators: _each(_coordinators),
    queries.PersonalData: _each(_held),
    queries.LessonsDone: _learned,
    queries.CountReports: _each(_count),
    queries.WayBack: _each(_way_back),
    queries.ReportAround: _each(_around),
    queries.Issues: _each(_issues),
    queries.IssueIn: _each(_issue_in),
    queries.AreaIssues: _each(_area_issues),
    queries.MyIssues: _each(_my_issues),
    queries.ReviewOf: _each(_review),
    queries.TrendOf: _each(_trend),
}
