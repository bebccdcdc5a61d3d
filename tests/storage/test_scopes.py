"""Whatever the office asks, storage gives what the role may read of the scope's units, all of it and nothing else: said
by counting by hand over rows laid at random, for every role and every unit."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.language.periods import week_of
from nhipcau.bot.language.search_words import keys_in
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.issues import OPEN_ISSUE
from nhipcau.model.network_queries import CardOf, HeardOf, MemberIn, MembersOf, StatesOf
from nhipcau.model.office_queries import SavedReplies, Sections
from nhipcau.model.queries import (
    AnswerIn,
    Answers,
    AskedBefore,
    Board,
    CanReachReporter,
    CountAudience,
    CountReports,
    CountVouched,
    ForecastAudience,
    IssueIn,
    Issues,
    Network,
    NextReport,
    OfficeQuery,
    OutlineReach,
    PollGroups,
    PollTally,
    ReportIn,
    ReportTallyOf,
    RequestsOf,
    Responsible,
    ReviewOf,
    RisingWords,
    RulesOf,
    Signals,
    SimilarReports,
    TrendOf,
    WeeksOf,
)
from nhipcau.model.regroupings import RegroupingsOf
from nhipcau.model.report_filter import IssueHistory, ReportFilter, ReportList
from nhipcau.model.report_tallies import Heard
from nhipcau.model.reports import ReportState
from nhipcau.model.request_kinds import KINDS, RequestKind
from nhipcau.model.request_queries import AudienceOf, ClustersIn, CountUnasked, HeldSendings, RequestIn, RequestList
from nhipcau.model.requests import Audience, Request, RequestState
from nhipcau.model.scope import OFFICE, Access, Scope
from nhipcau.model.sendings import Sending
from nhipcau.model.synthesis_queries import Syntheses, SynthesisIn, SynthesisSigners
from nhipcau.model.training import TrainingOf
from nhipcau.model.waiting import ReportsWaiting, RequestsWaiting
from nhipcau.privacy.sealing import month_key
from nhipcau.storage import audiences, issues, running_counts, search_index, tables
from nhipcau.storage.answers import poll_answers_of, units_without_answer
from nhipcau.storage.registry import ANSWERERS, QueryContext
from nhipcau.storage.reports import picture_in
from nhipcau.storage.requests import read_requests
from nhipcau.storage.run_queries import answer
from nhipcau.storage.sealed_people import PersonDetails
from nhipcau.storage.units import add_units, load_tree
from tests.support.world import MORNING, World

pytestmark = pytest.mark.slow

#: One whose code begins another's, cells below a commune, and one whose code differs in case only.
_MORE = [
    ("X0604", "Xã Thất", "xã", "T20"),
    ("x06040", "Xã Thất Nhỏ", "xã", "T20"),
    ("C01", "Chi bộ Bản Một", "chi bộ", "X06040"),
    ("C02", "Chi bộ Bản Hai", "chi bộ", "X06040"),
    ("C03", "Tổ Một", "tổ", "C01"),
]
#: The contract, once more: what each role reads.
_READS = {
    OFFICE: set(Access),
    "coordinator": set(Access),
    "leader": {Access.FIGURES},
    "admin": {Access.NETWORK},
    "collaborator": set[Access](),
}
_FORM = Form("x", "x", (Question("q1", QuestionKind.TEXT, "Ý kiến?"), Question("q2", QuestionKind.YESNO, "Có không?")))
_TODAY = MORNING.date()
_EVERYBODY = Audience(("/T20/",))


@dataclass
class Laid:
    """Rows at random, and where each thing lies by what it is called."""

    tree: Tree
    chance: random.Random
    rows: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)
    counted: running_counts.CountChanges = field(default_factory=running_counts.CountChanges)
    reports: dict[str, Unit] = field(default_factory=dict)
    issues: dict[str, list[Unit]] = field(default_factory=dict)
    requests: dict[str, Unit] = field(default_factory=dict)
    polls: set[str] = field(default_factory=set)
    asked: dict[str, list[Unit]] = field(default_factory=dict)
    answered: dict[str, list[Unit]] = field(default_factory=dict)
    people: dict[str, Unit] = field(default_factory=dict)
    invited: dict[str, Unit] = field(default_factory=dict)
    sendings: dict[str, Unit] = field(default_factory=dict)
    signals: dict[str, Unit] = field(default_factory=dict)
    syntheses: dict[str, Unit] = field(default_factory=dict)

    def somewhere(self) -> Unit:
        return self.chance.choice(self.tree.units)

    def add(self, table: Any, **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)

    def given(self, id: str) -> int:
        """How many have answered this poll."""
        return len(self.asked[id]) if id in self.polls else 0


@pytest.fixture
async def office(office: World) -> World:
    """With more units."""
    async with office.parts.database.writing() as connection:
        await add_units(connection, [dict(zip(("code", "name", "kind", "parent"), u, strict=True)) for u in _MORE])
    return office


def lay_people(laid: Laid, world: World) -> None:
    sealer = world.parts.sealer
    sealer.people.make(f"p{n}" for n in range(20))
    for n in range(20):
        laid.people[f"p{n}"] = unit = laid.somewhere()
        who = {"role": "collaborator", "state": "consented"}
        named = sealer.seal_person(f"p{n}", astuple(PersonDetails(name="x")))
        laid.add(tables.people, id=f"p{n}", unit_id=unit.id, sealed=named, **who)
        door = {"channel": "web", "lookup": n.to_bytes(16), "sealed_address": b"x", "person_id": f"p{n}"}
        laid.add(tables.contacts, **door, since=MORNING)
        card = {"code": f"card-p{n}", "unit_id": unit.id, "role": "collaborator", "person_id": f"p{n}"}
        until = MORNING + timedelta(days=30)
        laid.add(tables.invites, **card, uses_left=1, expires_at=until, revoked=False, created_on=_TODAY)
    sealer.people.make(f"n{n}" for n in range(9))
    for n in range(9):
        laid.invited[f"n{n}"] = unit = laid.somewhere()
        named = sealer.seal_person(f"n{n}", astuple(PersonDetails(name="x")))
        laid.add(tables.people, id=f"n{n}", unit_id=unit.id, sealed=named, role="collaborator", state="invited")


def lay_sendings(laid: Laid) -> None:
    """What waits at the console, one of each unit."""
    for unit in laid.tree.units:
        laid.sendings[f"w{unit.code}"] = unit
        sending = Sending(f"w{unit.code}", RequestKind.POLL, {"title": "x"}, unit.code, "p1")
        act = {"id": f"a{unit.code}", "kind": "request", "subject": sending.id, "due_at": MORNING}
        laid.add(tables.held_acts, **act, body=sending.to_json(), undo="{}", undone=False)


def lay_reports(laid: Laid, world: World) -> None:
    """And the issues some of them are in."""
    for code in (f"VD-{n}" for n in range(8)):
        laid.issues[code] = [laid.somewhere()]
        what = {"statement": "x", "topic": "GT", "state": "open", "opened": _TODAY, "answered": _TODAY}
        laid.add(tables.issues, code=code, owner_unit_id=laid.issues[code][0].id, **what)
        went = {"day": _TODAY, "source_state": "open", "target_seen": "", "opened": False}
        laid.add(tables.regroupings, id=f"r{code}", act="split", source=code, target="VD-none", **went)
        laid.add(tables.strands, id=f"s{code}", issue=code, kind="part", text="x", day=_TODAY)
    for code in (f"PA-{n:07}" for n in range(16)):
        laid.reports[code] = area = laid.somewhere()
        issue = laid.chance.choice(["", "", *laid.issues])
        laid.issues.get(issue, []).append(area)
        tag = world.parts.sealer.report_tag(_TODAY, code, "m1")
        what = {"day": _TODAY, "topic": "GT", "mood": "quan_tam", "spread": 1, "urgency": "ky", "text": "x"}
        key = {"month": month_key(_TODAY), "tag": tag, "issue": issue, "state": "new", "section": "bT20", "due": _TODAY}
        laid.add(tables.reports, code=code, area_id=area.id, **what, **key)
        laid.add(tables.report_photos, name=f"{code}.jpg", report_code=code, place=0)


def lay_signals(laid: Laid) -> None:
    """One for each unit."""
    for n, unit in enumerate(laid.tree.units):
        laid.signals[unit.code] = unit
        level = "province" if unit.parent_id is None else "commune"
        days = dict.fromkeys(("since", "day", "told"), _TODAY)
        numbers = dict.fromkeys(("count", "expected", "low", "high", "p", "q"), 1)
        what = {"topic": "GT", "level": level, "place": unit.code, "units": unit.code, "state": "new"}
        laid.add(tables.signals, id=f"s{n}", **what, **days, **numbers, followed=False)


def lay_syntheses(laid: Laid) -> None:
    for n in range(6):
        laid.syntheses[f"k{n}"] = unit = laid.somewhere()
        what = {"layout": "state", "language": "vi", "state": "draft", "words": "{}", "body": "x", "file": "x"}
        row = {"id": f"k{n}", "unit_id": unit.id, "period": f"2026-{n + 1:02}", "revision": 1, "changed": _TODAY}
        laid.add(tables.syntheses, **row, **what, drafter="x")


def lay_sections(laid: Laid) -> None:
    """And a saved reply of each unit."""
    for unit in laid.tree.units:
        laid.add(tables.saved_replies, id=f"t{unit.code}", unit_id=unit.id, title="x", words="x")
        laid.add(tables.sections, id=f"b{unit.code}", unit_id=unit.id, name="Một cửa", closed=False)


def lay_requests(laid: Laid) -> None:
    """Closed ones, a rule beside each; those asked sit anywhere, and not only below whoever asks."""
    for n in range(10):
        id, kind = f"r{n}", ("poll", "rapid")[n % 2]
        laid.requests[id], laid.asked[id], laid.answered[id] = laid.somewhere(), [], []
        audience = json.dumps({"paths": ["/T20/"], "roles": [], "sample": None})
        what = {"kind": kind, "unit_id": laid.requests[id].id, "title": "x", "audience": audience}
        what["form"] = _FORM.to_json()
        laid.add(tables.requests, id=id, **what, state="closed", opens_at=MORNING, closes_at=MORNING)
        week = {"rule": "week fri 16:00", "seconds": 60, "due": MORNING, "next_at": MORNING, "state": "active"}
        laid.add(tables.rules, id=f"e{n}", **what, **week)
        for m in range(laid.chance.randrange(1, 6)):
            _lay_answer(laid, id, kind, m)


def _lay_answer(laid: Laid, id: str, kind: str, number: int) -> None:
    """Of official ones every second is given."""
    unit, given = laid.somewhere(), {"q1": "lời", "q2": "yes"}
    laid.asked[id].append(unit)
    laid.add(tables.participation, request_id=id, person_id=f"q{number}", unit_id=unit.id, state="answered")
    words = {"id": f"{id}-{number}", "request_id": id, "version": 1, "answers": json.dumps(given)}
    if kind == "poll":
        laid.polls.add(id)
        laid.add(tables.poll_answers, **words)
        running_counts.change(laid.counted, id, _FORM, given, 1)
    elif number % 2:
        laid.answered[id].append(unit)
        laid.add(tables.official_answers, **words, unit_id=unit.id, day=_TODAY, late=False)


async def lay(world: World, seed: int) -> Laid:
    async with world.parts.database.writing() as connection:
        laid = Laid(await load_tree(connection), random.Random(seed))
        lay_people(laid, world)
        lay_reports(laid, world)
        lay_signals(laid)
        lay_syntheses(laid)
        lay_sendings(laid)
        lay_sections(laid)
        lay_requests(laid)
        for table, rows in laid.rows.items():
            await connection.execute(insert(table), rows)
        await running_counts.apply_count_changes(connection, laid.counted)
        await search_index.make_anew(connection)
    return laid


Check = tuple[OfficeQuery[Any], Callable[[Any], Any], Any]


def expected(scope: Scope, laid: Laid, requests: dict[str, Request]) -> list[Check]:
    """Every query of the office in this scope, what is looked at of its answer, and what that must be."""
    reads, inside = _READS[scope.role], scope.holds
    scope_unit = laid.tree.by_path[scope.path]
    content, figures, network = (access in reads for access in Access)

    def those(what: dict[str, Unit], may: bool) -> set[str]:
        return {key for key, unit in what.items() if may and inside(unit)}

    def codes(found: Any) -> set[str]:
        return {row.code for row in found}

    def ids(found: Any) -> set[str]:
        return {row.id for row in found}

    mine, counted = those(laid.reports, content), len(those(laid.reports, figures))
    ours = {code for code, units in laid.issues.items() if figures and any(map(inside, units))}
    theirs = {id for id, units in laid.asked.items() if figures and any(map(inside, units))}
    people = len(those(laid.people, figures))
    shown = those(laid.requests, figures) | (theirs - laid.polls)
    invited = len(those(laid.invited, network))
    members = those(laid.people | laid.invited, network)
    answering = {unit.id for unit in _units_of(laid.people | laid.invited, scope, network)}
    closed = (RequestState.CLOSED,)
    clustered = those({unit.code: unit for unit in laid.tree.areas if laid.tree.cluster_of(unit)}, figures)
    checks: list[Check] = [
        (
            ReportsWaiting(scope, _TODAY, _TODAY, ("bT20",)),
            lambda w: (w.late, sum(w.by_state.values()), w.due_today, w.assigned),
            (len(mine),) * 4,
        ),
        (NextReport(scope), lambda q: q and (q.total, q.report.code in mine), (len(mine), True) if mine else None),
        (CountReports(scope, (ReportState.NEW,)), int, counted),
        (IssueHistory(scope, "VD-1"), lambda acts: [act.report for act in acts], []),
        *(
            (ReportList(scope, wanted), lambda page: (codes(page.reports), page.total), (mine, len(mine)))
            for wanted in (ReportFilter(), ReportFilter((keys_in("x"),)))
        ),
        (Issues(scope, OPEN_ISSUE), codes, ours),
        (RulesOf(scope, KINDS), ids, {f"e{id[1:]}" for id in those(laid.requests, figures)}),
        (CountAudience(scope, _EVERYBODY), int, people),
        (CountVouched(scope, _EVERYBODY), int, people),
        (OutlineReach(scope, _EVERYBODY), lambda o: (sum(app.people for app in o.windowed), o.some_full), (0, False)),
        (AskedBefore(scope, _EVERYBODY, Form("f", "?", ()), MORNING), bool, False),
        (ForecastAudience(scope, _EVERYBODY), lambda f: sum(n for _, n in f.by_channel) + f.unreached, people),
        (RequestsOf(scope, KINDS, closed), ids, those(laid.requests, figures)),
        (RequestsOf(scope, KINDS, closed, asked=True), ids, theirs),
        (
            MembersOf(scope),
            lambda page: ({m.id for m in page.members}, page.total),
            _and_number(members),
        ),
        (
            TrainingOf(scope, ("l1",)),
            lambda found: sum(training.joined for training in found.values()),
            len(those(laid.people, network)),
        ),
        (
            StatesOf(scope),
            lambda found: sum(sum(states.values()) for states in found.values()),
            len(members),
        ),
        (
            HeardOf(scope, _TODAY, _TODAY),
            lambda found: _with_reports(found, laid),
            _areas_of(laid.reports, laid, those(laid.reports, figures)),
        ),
        (RequestList(scope, KINDS, closed, 99), lambda rows: {row.request.id for row in rows}, shown),
        (HeldSendings(scope), lambda rows: {row.sending.id for row in rows}, those(laid.sendings, figures)),
        (ClustersIn(scope), lambda found: {u.code for units in found.values() for u in units}, clustered),
        (CountUnasked(scope, _EVERYBODY), dict, {"invited": invited} if invited else {}),
        (Network(scope), ids, members),
        (Responsible(scope, tuple(laid.tree.by_id)), set, answering),
        (Signals(scope), lambda found: {signal.rise.place for signal in found}, those(laid.signals, figures)),
        (WeeksOf(scope, "", None, _TODAY), lambda weeks: sum(week.reports for week in weeks), counted),
        (Syntheses(scope), ids, those(laid.syntheses, figures)),
        (SavedReplies(scope), ids, {f"t{u.code}" for u in laid.tree.units if content and u.holds(scope_unit)}),
        (Sections(scope), ids, {f"b{u.code}" for u in laid.tree.units if content and u.path == scope.path}),
        (ReportTallyOf(scope, _TODAY, _TODAY), lambda found: found.reports, counted),
        (RisingWords(scope), lambda words: {code for word in words for code in word.codes} <= mine, True),
        (TrendOf(scope), lambda trend: sum(topic.week for topic in trend.topics), counted),
        (ReviewOf(scope, week_of(_TODAY)), lambda r: (r.total.reports, r.total.joined), (counted, people)),
    ]
    ours_by_name = those(laid.people, network)
    for id in laid.people:
        checks += [
            (MemberIn(scope, id), lambda m: m and m.id, id if id in ours_by_name else None),
            (CardOf(scope, id), lambda card: card and card.code, f"card-{id}" if id in ours_by_name else None),
        ]
    for code in laid.reports:
        checks += [
            (ReportIn(scope, code), lambda r: r and r.code, code if code in mine else None),
            (CanReachReporter(scope, code), bool, code in mine),
            (SimilarReports(scope, code), _only(mine if code in mine else set()), True),
        ]
    checks += [(IssueIn(scope, code), lambda i: i and i.code, code if code in ours else None) for code in laid.issues]
    checks += [(RegroupingsOf(scope, code), ids, {f"r{code}"} & {f"r{c}" for c in ours}) for code in laid.issues]
    for id in laid.syntheses:
        may = id if id in those(laid.syntheses, figures) else None
        checks.append((SynthesisIn(scope, id), lambda kept: kept and kept.id, may))
        checks.append((SynthesisSigners(scope, id, "p0"), lambda who: who is not None, may is not None))
    official = {f"{id}-{2 * n + 1}": unit for id, units in laid.answered.items() for n, unit in enumerate(units)}
    for id, unit in official.items():
        may = id if content and inside(unit) else None
        checks.append((AnswerIn(scope, id), lambda answer: answer and answer.id, may))
    late = {(id, unit.code) for id, units in laid.asked.items() for unit in units if id not in laid.polls}
    late = {(id, unit) for id, unit in late if unit not in {u.code for u in laid.answered[id]} and figures}
    by_code = laid.tree.by_code
    missing = {
        id: {u for r, u in late if r == id and (inside(laid.requests[id]) or inside(by_code[u]))} for id, _ in late
    }
    numbers = {id: len(units) for id, units in missing.items() if units}
    checks.append((RequestsWaiting(scope, MORNING, MORNING), lambda rows: {r.id: r.missing for r in rows}, numbers))
    for id, request in requests.items():
        checks.append((RequestIn(scope, id), lambda r: r and r.id, id if id in shown else None))
        whom = ("/T20/",) if figures and inside(laid.requests[id]) else None
        checks.append((AudienceOf(scope, id), lambda a: a and a.paths, whom))
        asks = figures and inside(laid.requests[id])
        board = {unit.code for unit in laid.asked[id] if figures and (asks or inside(unit))}
        checks.append((Board(scope, request), lambda rows: {row.unit.code for row in rows}, board))
        own = asks and content and scope.path == laid.requests[id].path
        polled = laid.given(id)
        tally = (polled if asks else 0, polled if own else 0)
        checks.append((PollGroups(scope, request), lambda counts: [c.number for c in counts], [9] if asks else []))
        checks.append((PollTally(scope, request), lambda t: (t.base("q1"), len(t.texts.get("q1", ()))), tally))
        answers = sorted((u.code, content) for u in laid.answered[id] if figures and inside(u))
        checks.append((Answers(scope, id), lambda rows: sorted((r["_code"], "q1" in r) for r in rows), answers))
    return checks


def _and_number(ids: set[str]) -> tuple[set[str], int]:
    return ids, len(ids)


def _with_reports(found: Any, laid: Laid) -> set[str]:
    return {laid.tree.by_id[id].code for id, heard in found.items() if heard is Heard.REPORTED}


def _areas_of(reports: dict[str, Unit], laid: Laid, codes: set[str]) -> set[str]:
    """Communes these reports are about; what concerns the province itself is no commune's."""
    communes = {laid.tree.commune_of(reports[code]) for code in codes} & set(laid.tree.areas)
    return {unit.code for unit in communes if unit.parent_id is not None}


def _only(codes: set[str]) -> Callable[[Any], bool]:
    return lambda rows: {row.code for row in rows} <= codes


def _units_of(people: dict[str, Unit], scope: Scope, may: bool) -> list[Unit]:
    return [unit for unit in people.values() if may and scope.holds(unit)]


def scopes(tree: Tree) -> list[Scope]:
    """Coordinators of every unit; of the other roles some of each level."""
    some = [tree.by_code[code] for code in ("T20", "X06040", "C01")]
    units = {role: tree.units if role == "coordinator" else some for role in _READS}
    return [Scope(role, unit.path) for role in _READS for unit in units[role]]


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1,))])
async def test_every_query_gives_the_scope_and_the_role_their_own(office: World, seed: int) -> None:
    laid = await lay(office, seed)
    groups = [{"request_id": id, "name": "", "question": "q2", "option": "yes", "number": 9} for id in laid.requests]
    async with office.parts.database.writing() as connection:
        await connection.execute(insert(tables.poll_groups), groups)
    async with office.parts.database.reading() as connection:
        at = QueryContext(connection, office.parts.sealer, laid.tree, MORNING, {}, office.parts.settings.zone)
        requests = await read_requests(connection, laid.tree, list(laid.requests))
        for scope in scopes(laid.tree):
            checks = expected(scope, laid, requests)
            assert {type(query) for query, _, _ in checks} == {k for k in ANSWERERS if issubclass(k, OfficeQuery)}
            found = await answer(at, [query for query, _, _ in checks])
            wrong = [(query, look(found[query]), must) for query, look, must in checks if look(found[query]) != must]
            assert wrong == [], scope


async def test_exports_pictures_and_the_clock_keep_to_a_scope_too(office: World) -> None:
    laid = await lay(office, 7)
    tree = laid.tree
    async with office.parts.database.reading() as connection:
        for scope in scopes(tree):
            content, figures, _ = (access in _READS[scope.role] for access in Access)
            for code, area in laid.reports.items():
                assert await picture_in(connection, scope, f"{code}.jpg") is (content and scope.holds(area))
            for id, unit in laid.requests.items():
                given = await poll_answers_of(connection, scope, id)
                assert len(given) == (laid.given(id) if content and scope.holds(unit) else 0)
                waiting = await units_without_answer(connection, scope, tree, id)
                silent = {u for u in laid.asked[id] if u not in laid.answered[id] and figures and scope.holds(u)}
                assert waiting == sorted(silent, key=lambda u: u.code)
            chosen = await audiences.choose_people(connection, scope, office.parts.sealer, tree, _EVERYBODY)
            assert {p.id for p in chosen} == {i for i, u in laid.people.items() if figures and scope.holds(u)}
            told = await issues.answered_in(connection, scope, tree, _TODAY, _TODAY)
            ours = {code for code, units in laid.issues.items() if figures and any(map(scope.holds, units))}
            assert {issue.code for issue in told} == ours
            listed = await issues.issues_in(connection, scope, tree)
            assert {issue.code: [s.id for s in issue.strands] for issue in listed} == {c: [f"s{c}"] for c in ours}


def test_a_path_that_begins_another_holds_nothing_of_it() -> None:
    short, long = Unit(1, "X0604", "a", "xã", "/T20/X0604/"), Unit(2, "X06040", "b", "xã", "/T20/X06040/")
    assert (Scope.office(short).holds(long), Scope.office().holds(long), Scope.office(long).holds(long)) == (
        False,
        True,
        True,
    )
