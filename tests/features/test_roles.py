"""R25 The table of rights: every action has a row, and every cell (role × action × place) is tried by the handlers."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from nhipcau import actions
from nhipcau.actions.permissions import RIGHTS, Right, Where
from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.button import Button
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.handlers.buttons import (
    AnswerAct,
    BoardAct,
    ManageAnswer,
    ManageIssue,
    ManageMember,
    ManageReport,
    ManageRequest,
    ManageRule,
    ManageSignal,
    ManageStrands,
    MemberAct,
    MergeAct,
    MergeReports,
    NewRequest,
    OfficeAct,
    RuleAct,
    RunCommand,
    SetTopic,
    SignalAct,
    StrandAct,
)
from nhipcau.handlers.commands import BUTTONS, COMMANDS, press
from nhipcau.handlers.situation import DecisionResult, Situation
from nhipcau.model.changes import Audit
from nhipcau.model.people import Role
from nhipcau.model.scope import OFFICE
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import inbound, run_queries, tables
from nhipcau.storage.registry import QueryContext
from nhipcau.storage.sealed_people import add_people
from nhipcau.storage.tables import audit, invites, people
from nhipcau.storage.units import load_tree
from tests.support.world import MORNING, World

ROLES_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"
#: What belongs to whom: the commune, another one, and the province above both.
COMMUNE, OTHER, ABOVE = "X06040", "X06184", "T20"
_FORM = Form("x", "x", (Question("q1", QuestionKind.TEXT, "Ý kiến?"),)).to_json()
_TODAY = MORNING.date()
#: Rights tried elsewhere: of what somebody sent themselves, and of the command line, which no chat reaches.
_ELSEWHERE = {Where.OWN, Where.INSTALLATION}
#: Of the console and the command line alone (test_roster_places.py, test_kept_syntheses.py, tests/console).
_NOT_IN_CHAT = {"roster.place_roster", "units.make_cell", "units.set_cluster", "second_factor.require"}
_NOT_IN_CHAT |= {name for name in RIGHTS if name.startswith(("question_bank.", "syntheses.", "regroupings."))}
_NOT_IN_CHAT |= {"reports.assign", "reports.pass_on"}
_NOT_IN_CHAT |= {name for name in RIGHTS if name.startswith(("sections.", "replies."))}


def test_every_action_has_a_row() -> None:
    found = set()
    for module in pkgutil.iter_modules(actions.__path__):
        for name, function in vars(importlib.import_module(f"{actions.__name__}.{module.name}")).items():
            if not inspect.isfunction(function) or function.__module__ != f"{actions.__name__}.{module.name}":
                continue
            result = str(inspect.signature(function).return_annotation)
            makes = ("Change", "MakeInvite", "OpenRequest", "MakeRule", "AddUnit", "Placed")
            if not name.startswith("_") and any(word in result for word in makes):
                found.add(f"{module.name}.{name}")
    assert found == RIGHTS.keys()


def test_nobody_but_the_office_may_do_what_only_the_command_line_does() -> None:
    assert {right.roles for right in RIGHTS.values() if right.where is Where.INSTALLATION} == {frozenset({OFFICE})}


def roles_table() -> str:
    """The table of the documentation."""
    head = [*Role, OFFICE]
    lines = [f"| action | {' | '.join(head)} | where |", f"| --- {'| --- ' * len(head)}| --- |"]
    for name, right in sorted(RIGHTS.items()):
        cells = " | ".join("yes" if role in right.roles else "–" for role in head)
        lines.append(f"| `{name}` | {cells} | {right.where} |")
    return "\n".join(lines)


def test_the_documentation_has_the_table() -> None:
    assert roles_table() in ROLES_PAGE.read_text(encoding="utf-8")


@dataclass
class Cast:
    """People by role and unit, and the subjects that lie in each unit."""

    world: World
    tree: Tree
    #: (role or "paused", code of the unit) → address.
    people: dict[tuple[str, str], str]

    async def result(self, who: tuple[str, str], button: Button) -> tuple[DecisionResult, Situation]:
        """What pressing this button does, by the handlers and the queries; nothing is saved."""
        world, parts = self.world, self.world.parts
        key = ("web", self.people[who])
        async with parts.database.engine.connect() as connection, connection.begin() as transaction:
            states = await inbound.find_contacts(connection, parts.sealer, self.tree, [key], world.now, _TODAY)
            state = states[key]
            assert state.person is not None
            situation = Situation(
                event=Event(*key, "1", EventKind.TAP),
                now=world.now,
                contact=state.contact,
                person=state.person,
                conversation=state.talk,
                texts=texts("vi"),
                office=await parts.office(connection),
                new_id=new_id,
            )
            at = QueryContext(connection, parts.sealer, self.tree, world.now, {}, parts.settings.zone)
            run = press(situation, button)
            try:
                need = next(run)
                while True:
                    need = run.send((await run_queries.answer(at, [need]))[need])
            except StopIteration as ended:
                await transaction.rollback()
                return ended.value, situation


def subject(kind: str, unit: str) -> str:
    return f"PA-{kind}{unit[-5:]}"[:12] if kind in "NRM" else f"{kind}{unit}"


async def lay(world: World, unit: Unit) -> None:
    """One of everything that belongs to the unit."""
    code, until = unit.code, MORNING + timedelta(days=1)
    report = {
        "day": _TODAY,
        "topic": "GT",
        "mood": "quan_tam",
        "spread": 1,
        "urgency": "thuong",
        "text": "x",
        "month": "m",
    }
    report |= {"area_id": unit.id, "state": "new", "issue": ""}
    request = {"unit_id": unit.id, "title": "x", "form": _FORM, "opens_at": MORNING, "closes_at": until}
    request["audience"] = json.dumps({"paths": ["/T20/"], "roles": [], "sample": None})
    note = {"report_code": subject("R", code), "day": _TODAY, "place": 1, "side": "reporter", "kind": "reply"}
    rule = {"kind": "duty", "rule": "week fri 16:00", "seconds": 60, "due": until, "next_at": until, "state": "active"}
    issue = {"statement": "x", "topic": "GT", "owner_unit_id": unit.id, "state": "open", "opened": _TODAY}
    answer = {"request_id": f"o{code}", "unit_id": unit.id, "version": 1, "answers": '{"q1": "lời"}', "day": _TODAY}
    act = {"issue": f"i{code}", "report_code": subject("M", code), "act": "merge", "day": _TODAY}
    level = "commune" if unit.parent_id else "province"
    signal: dict[str, Any] = {"topic": "GT", "level": level, "count": 9, "expected": 1.0, "low": 0, "high": 3}
    signal |= {"p": 0.0, "q": 0.0, "units": code, "state": "new", "followed": False}
    signal |= {"since": _TODAY, "day": _TODAY, "told": _TODAY}
    person = {"name": "Én", "unit_id": unit.id, "role": "collaborator", "state": "consented"}
    rows: list[tuple[Any, dict[str, Any]]] = [
        *((tables.reports, {**report, "code": subject(kind, code)}) for kind in "NR"),
        (tables.issues, {**issue, "code": f"i{code}"}),
        (tables.signals, {**signal, "id": f"g{code}", "place": code}),
        (tables.strands, {"id": f"s{code}", "issue": f"i{code}", "kind": "part", "text": "x", "day": _TODAY}),
        (tables.reports, {**report, "code": subject("M", code), "issue": f"i{code}"}),
        (tables.issue_acts, {**act, "id": f"a{code}"}),
        (tables.report_notes, {**note, "id": f"n{code}", "text": "thêm"}),
        (tables.requests, {**request, "id": f"o{code}", "kind": "rapid", "state": "open"}),
        (tables.requests, {**request, "id": f"c{code}", "kind": "poll", "state": "closed", "closes_at": MORNING}),
        (tables.requests, {**request, "id": f"t{code}", "kind": "notice", "state": "open"}),
        (tables.rules, {**rule, **{k: request[k] for k in ("unit_id", "title", "form", "audience")}, "id": f"e{code}"}),
        (
            tables.participation,
            {"request_id": f"o{code}", "person_id": f"p{code}", "unit_id": unit.id, "state": "answered"},
        ),
        (tables.official_answers, {**answer, "id": f"w{code}", "late": False}),
    ]
    async with world.parts.database.writing() as connection:
        await add_people(
            connection, world.parts.sealer, [{**person, "id": f"p{code}", "tag_secret": new_id("id"), "language": "vi"}]
        )
        for table, values in rows:
            await connection.execute(insert(table).values(**values))


def buttons_of(unit: str) -> Mapping[str, Button]:
    """What begins or does each action about the subject of this unit."""
    new, replied, merged = (subject(kind, unit) for kind in "NRM")
    return {
        "reports.set_state": ManageReport(new, OfficeAct.RECEIVED, "new"),
        "reports.speak": ManageReport(new, OfficeAct.ANSWER, "new"),
        "reports.mark_read": ManageReport(replied, OfficeAct.SEEN),
        "reports.set_topic": SetTopic(new, "DN", "GT"),
        "issues.open_issue": MergeReports(new, MergeAct.NEW),
        "issues.merge": MergeReports(new, MergeAct.INTO, f"i{unit}"),
        "issues.split": MergeReports(merged, MergeAct.SPLIT),
        "issues.change_issue": ManageIssue(f"i{unit}", OfficeAct.RECEIVED, "open"),
        "signals.mark_signal": ManageSignal(f"g{unit}", SignalAct.SEEN),
        "strands.add": ManageStrands(f"i{unit}", StrandAct.ADD),
        "strands.change": ManageStrands(f"i{unit}", StrandAct.EDIT, f"s{unit}"),
        "strands.delete": ManageStrands(f"i{unit}", StrandAct.DELETE_SURE, f"s{unit}"),
        "strands.mark_latent": ManageStrands(f"i{unit}", StrandAct.LATENT),
        "requests.create": NewRequest("rapid"),
        "requests.create_rule": NewRequest("duty"),
        "requests.close": ManageRequest(f"o{unit}", BoardAct.CLOSE_SURE),
        "requests.stop": ManageRequest(f"o{unit}", BoardAct.STOP_SURE),
        "requests.prolong": ManageRequest(f"o{unit}", BoardAct.LONGER),
        "requests.remind": ManageRequest(f"o{unit}", BoardAct.REMIND),
        "requests.correct_notice": ManageRequest(f"t{unit}", BoardAct.CORRECT),
        "requests.tell_decision": ManageRequest(f"c{unit}", BoardAct.DECIDE),
        "requests.end_rule": ManageRule(f"e{unit}", RuleAct.END_SURE),
        "answers.ask_back": ManageAnswer(f"w{unit}", AnswerAct.ASK),
        "network.invite": RunCommand(Command.INVITE),
        "network.make_card": ManageMember(f"p{unit}", MemberAct.CARD),
        "network.remove": ManageMember(f"p{unit}", MemberAct.REMOVE_SURE),
        "network.hand_over": ManageMember(f"p{unit}", MemberAct.REPLACE),
    }


@pytest.fixture
async def cast(world: World) -> Cast:
    addresses = {}
    for role in (*Role, "paused"):
        for unit in (COMMUNE, ABOVE):
            address = f"{role}-{unit}"
            phone = await world.joined(address, unit, "coordinator" if role == "paused" else role)
            if role == "paused":
                await phone.say("dừng")
                await phone.tap("Tạm nghỉ")
            addresses[role, unit] = address
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
    for unit in (COMMUNE, OTHER, ABOVE):
        await lay(world, tree.by_code[unit])
    return Cast(world, tree, addresses)


def refused_in(result: DecisionResult) -> list[Audit]:
    return [change for change in result.changes if isinstance(change, Audit) and change.kind == "refused.right"]


def is_done(result: DecisionResult, situation: Situation) -> bool:
    """It was done, or its words are asked for."""
    return bool(
        len(result.changes) > len(refused_in(result)) or situation.conversation.drafts or situation.conversation.pending
    )


def may(right: Right, role: str, actor: Unit, of: Unit) -> bool:
    acting = "collaborator" if role == "paused" else role
    return acting in right.roles and (right.where is Where.OWN_UNIT or actor.holds(of))


@pytest.mark.slow
async def test_every_cell_of_the_table(cast: Cast) -> None:
    """Role (and a coordinator who has paused) × action × place: own, below, above, beside."""
    tried, wrong = set(), []
    for unit in (COMMUNE, OTHER, ABOVE):
        for action, button in buttons_of(unit).items():
            tried.add(action)
            for role, own in cast.people:
                result, situation = await cast.result((role, own), button)
                must = may(RIGHTS[action], role, cast.tree.by_code[own], cast.tree.by_code[unit])
                if is_done(result, situation) is not must:
                    wrong.append((action, role, own, unit, must, [m.text[:60] for m in result.messages]))
    assert wrong == []
    assert tried == {name for name, right in RIGHTS.items() if right.where not in _ELSEWHERE} - _NOT_IN_CHAT


@pytest.mark.slow
async def test_a_button_or_word_of_another_role_is_refused_and_counted(cast: Cast) -> None:
    """R25 Each command and button of the office, by each role; whoever has paused is told that, and how to go on."""
    words: list[tuple[Button, Any]] = [(RunCommand(command), roles) for command, (_, roles) in COMMANDS.items()]
    pressed: list[tuple[Button, Any]] = [
        (button, BUTTONS[type(button)][1])
        for button in buttons_of(COMMUNE).values()
        # a signal's button is the leaders' too, who only read it
        if not isinstance(button, RunCommand | ManageSignal)
    ]
    for role in (*Role, "paused"):
        acting = "collaborator" if role == "paused" else role
        for button, roles in [*words, *pressed]:
            result, _ = await cast.result((role, COMMUNE), button)
            counted = refused_in(result)
            assert bool(counted) is (acting not in roles), (role, button)
            if counted:
                says = "đang tạm nghỉ" if role == "paused" and "coordinator" in roles else "không thuộc vai trò"
                assert says in result.messages[0].text, (role, button)
                assert (counted[0].actor == "") is (role == "collaborator")


async def test_strangers_and_those_who_left_press_nothing(world: World) -> None:
    khoi = await world.joined("khoi", role="coordinator")
    async with world.parts.database.writing() as connection:
        await connection.execute(update(people).values(state="left"))
    for button in (RunCommand(Command.NETWORK), NewRequest("poll"), RunCommand(Command.INBOX)):
        await khoi.press(button)
        assert "không thuộc vai trò" in khoi.last.text
        stranger = world.phone("stranger")
        await stranger.press(button)
        assert "cần một mã mời" in stranger.last.text
    assert {row.kind for row in await world.rows(audit.select())} == {"refused.right"}


async def test_a_pause_by_the_roster_ends_by_a_new_card_only(world: World) -> None:
    """R25 Who is called "Tạm nghỉ" can't end it by joining with the card they had; whoever makes a new one ends it."""
    id, code = await world.card("Nông Văn Khôi", role="coordinator")
    async with world.parts.database.writing() as connection:
        await connection.execute(update(people).values(state="paused"))
    khoi, boss = world.phone("khoi"), await world.joined("boss", "T20", "admin")
    await khoi.say(f"/start {code}")
    assert "Đơn vị đang ghi bác tạm nghỉ" in khoi.last.text
    assert khoi.labels() == []
    await boss.press(ManageMember(id, MemberAct.CARD))
    good = select(invites.c.code).where(invites.c.person_id == id, invites.c.revoked.is_(False))
    [(card,)] = await world.rows(good)
    await khoi.say(f"/start {card}")
    await khoi.tap("Đồng ý")
    await khoi.say("hộp thư")
    assert "Hộp thư" in khoi.last.text
