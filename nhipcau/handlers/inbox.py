"""`/hopthu`: a coordinator reads new reports of their scope one by one and sets a state."""

from __future__ import annotations

from nhipcau.bot.messages import Choice, Message
from nhipcau.handlers.screens import is_coordinator, menu
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.loads import Inbox, Report, ReportIn
from nhipcau.model.writes import ChangeReport

#: States a coordinator can set, in the order of the buttons.
STATES = ("received", "verifying", "in_progress", "done", "not_possible", "passed_on")


def opened(situation: Situation, _: str) -> Deciding[Outcome]:
    reports = yield from load(Inbox(situation.me.unit.path))
    if not reports:
        return reply(menu(situation, situation.texts("inbox.none")))
    return _show(situation, reports[0], 1, len(reports))


def pressed(situation: Situation, rest: str) -> Deciding[Outcome]:
    """`CODE:show|next|<state>`. The scope is checked again: an old button opens nothing it should not."""
    code, _, verb = rest.partition(":")
    say, person = situation.texts, situation.me
    if not is_coordinator(person):
        return reply(menu(situation, say("menu.not_yours")))
    if verb == "next":
        return (yield from _next(situation, code))
    report = yield from load(ReportIn(person.unit.path, code))
    if report is None:
        return reply(menu(situation, say("inbox.gone")))
    if verb not in STATES:
        return _show(situation, report)
    if report.state == "withdrawn":
        return _show(situation, report, preface=say("inbox.withdrawn"))
    if report.state == verb:
        return _show(situation, report, preface=say("inbox.same", state=say(f"state.{verb}")))
    said = say("inbox.set", code=code, state=say(f"state.{verb}"))
    choices = (Choice(say("inbox.following"), f"i:{code}:next"), Choice(say("menu.menu"), "c:menu", beside=True))
    return reply(Message(said, choices), writes=[ChangeReport(code, {"state": verb}, actor=person.id)])


def _next(situation: Situation, code: str) -> Deciding[Outcome]:
    reports = yield from load(Inbox(situation.me.unit.path))
    if not reports:
        return reply(menu(situation, situation.texts("inbox.none")))
    codes = [r.code for r in reports]
    place = (codes.index(code) + 1) % len(reports) if code in codes else 0
    return _show(situation, reports[place], place + 1, len(reports))


def _show(situation: Situation, report: Report, place: int = 0, total: int = 0, preface: str = "") -> Outcome:
    """Every field of the export; pictures first, the words and choices last."""
    say = situation.texts
    lines = [preface] if preface else []
    head = f"{place}/{total} · " if total else ""
    lines.append(f"{head}{report.code} · {report.day:%d/%m} · {say('urgency.' + report.urgency)}")
    lines.append(
        " – ".join(
            [
                say("topic." + report.topic),
                report.area.name,
                say(f"report.spread.{report.spread}").lower(),
                say("report.mood." + report.mood).lower(),
            ]
        )
    )
    lines.append(f'"{report.text}"')
    groups = ", ".join(say(f"report.groups.{g}") for g in report.groups.split(",") if g)
    source = say(f"source.{report.source}") if report.source else ""
    for label, value in (
        (say("report.proposal.line"), report.proposal),
        (say("report.groups.line"), groups),
        (say("report.source.line"), source),
        (say("inbox.issue"), report.issue),
        (say("report.photos.line"), str(len(report.photos)) if report.photos else ""),
        (say("inbox.practice"), say("form.yes") if report.practice else ""),
    ):
        if value:
            lines.append(f"• {label}: {value}")
    lines.append(say("inbox.state", state=say(f"state.{report.state}")))
    choices = [
        Choice(say(f"inbox.{state}"), f"i:{report.code}:{state}", beside=n % 2 == 1)
        for n, state in enumerate(STATES)
        if state != report.state
    ]
    choices.append(Choice(say("inbox.following"), f"i:{report.code}:next"))
    pictures = [Message("", photo=name) for name in report.photos[:2]]
    return Outcome([*pictures, Message("\n".join(lines), tuple(choices))])
