"""My reports: their state and what was answered; withdraw or add while nobody has taken them up. Issues I joined."""

from __future__ import annotations

from nhipcau.bot.forms.answers import LONGEST, Misread, check_words
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.reports.feedback_messages import ISSUE, issue_state, note_lines, ok_choices
from nhipcau.handlers.reports.file_report import screen_text
from nhipcau.handlers.screens import closing, menu, page_of
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.changes import ChangeReport
from nhipcau.model.queries import MyIssues, MyReports
from nhipcau.model.records import Report

_SHOWN = 5


def listing(situation: Situation, page: str) -> Deciding[Outcome]:
    say = situation.texts
    reports = yield from load(MyReports(situation.me.mark))
    joined = yield from load(MyIssues(situation.me.mark))
    if not reports and not joined:
        return reply(menu(situation, say("mine.none", days=situation.office.follow_up_days)))
    # what was written to practise comes last, and is no report
    shown, following = page_of(sorted(reports, key=lambda report: report.practice), page, _SHOWN)
    real = sum(not report.practice for report in reports)
    lines = [say("mine.some", n=real or len(reports))] if reports else []
    choices: list[Choice] = []
    for report in shown:
        state = say("practice.mark") if report.practice else "– " + say("state." + report.state)
        lines.append(f"• {report.code} · {report.day:%d/%m} · {say('topic.' + report.topic)} {state}")
        choices.append(Choice(report.code, f"y:{report.code}:show", beside=len(choices) % 2 == 1))
    if following:
        choices.append(Choice(say("form.more"), f"y:{following}:page"))
    if joined:
        lines.append(say("issue.mine"))
    for issue in joined[:_SHOWN]:
        lines.append(f'• {issue.code} "{issue.statement}" – {issue_state(issue.state, say)}')
        choices.append(Choice(issue.code, f"y:{issue.code}:show", beside=len(choices) % 2 == 1))
    return reply(Message("\n".join(lines), tuple(choices)))


def _issue(situation: Situation, code: str) -> Deciding[Outcome]:
    """An issue this person joined: its state, and what was answered."""
    say = situation.texts
    joined = yield from load(MyIssues(situation.me.mark))
    issue = next((issue for issue in joined if issue.code == code), None)
    if issue is None:
        return reply(menu(situation, say("mine.gone")))
    lines = [f"{issue.code} · {say('topic.' + issue.topic)}", f'"{issue.statement}"']
    lines.append(say("mine.state", state=issue_state(issue.state, say)))
    if issue.answer and issue.answered:
        lines.append(say("issue.answered", day=f"{issue.answered:%d/%m}", words=issue.answer))
    return reply(Message("\n".join(lines), (Choice(say("menu.cuatoi"), "c:cuatoi"),)))


def pressed(situation: Situation, rest: str) -> Deciding[Outcome]:
    code, _, verb = rest.partition(":")
    if verb == "page":
        return (yield from listing(situation, code))
    if code.startswith(ISSUE):
        return (yield from _issue(situation, code))
    report = yield from _find(situation, code)
    say = situation.texts
    if report is None:
        return reply(menu(situation, say("mine.gone")))
    if report.practice:
        return reply(_show(situation, report))
    if verb == "withdraw":
        return reply(_sure(situation, report))
    if verb in {"withdraw!", "add"} and report.state != "new":
        return reply(_show(situation, report, say("mine.taken_up")))
    if verb == "withdraw!":
        return reply(
            closing(situation, say("mine.withdrawn", code=code)),
            writes=[ChangeReport(code, {"state": "withdrawn"}, seen="new")],
        )
    if verb == "add":
        return reply(_ask_more(situation, code))
    return reply(_show(situation, report))


def _find(situation: Situation, code: str) -> Deciding[Report | None]:
    found = yield from load(MyReports(situation.me.mark, code))
    return found[0] if found else None


def _sure(situation: Situation, report: Report) -> Message:
    say = situation.texts
    yes = Choice(say("mine.withdraw"), f"y:{report.code}:withdraw!")
    return Message(say("mine.sure", code=report.code), (yes, Choice(say("mine.keep"), f"y:{report.code}:show")))


def _show(situation: Situation, report: Report, preface: str = "") -> Message:
    say = situation.texts
    lines = [preface] if preface else []
    lines.append(f"{report.code} · {report.day:%d/%m} · {say('topic.' + report.topic)} – {report.area.name}")
    lines.append(f'"{report.text}"')
    state = say("mine.state", state=say(f"state.{report.state}"))
    lines.append(say("practice.head") if report.practice else state)
    lines += note_lines(report.notes, report.state, say, mine=True)
    choices: list[Choice] = []
    if report.is_asked:
        choices.append(Choice(say("feedback.reply"), f"h:{report.code}:reply"))
    if report.state == "done" and not report.confirmed:
        lines.append(say("feedback.is_ok"))
        choices += ok_choices(report.code, say)
    if report.state == "new" and not report.practice:
        choices = [
            Choice(say("mine.add_label"), f"y:{report.code}:add"),
            Choice(say("mine.withdraw"), f"y:{report.code}:withdraw", beside=True),
        ]
    choices.append(Choice(say("menu.cuatoi"), "c:cuatoi"))
    return Message("\n".join(lines), tuple(choices))


def _ask_more(situation: Situation, code: str, preface: str = "") -> Message:
    say = situation.texts
    situation.talk.pending = {"kind": "add", "code": code}
    words = "\n".join(line for line in (preface, say("mine.add")) if line)
    return Message(words, (Choice(say("form.back"), f"y:{code}:show"),))


def add(situation: Situation, text: str) -> Deciding[Outcome]:
    """More words to a report nobody has taken up."""
    say = situation.texts
    code = situation.waiting.get("code", "")
    report = yield from _find(situation, code)
    if report is None or report.state != "new":
        return reply(menu(situation, say("mine.taken_up")))
    try:
        masked, notice = screen_text(situation, nfc(text))
        check_words(masked)
        if len(report.text) + len(masked) > 2 * LONGEST:
            raise Misread("long", length=len(masked), most=LONGEST)
    except Misread as wrong:
        return reply(_ask_more(situation, code, say(f"wrong.{wrong.why}", **wrong.facts)))
    # in the office's language: the reporter's own would mark the sender
    words = report.text + "\n" + texts(situation.office.language)("mine.added_mark") + " " + masked
    said = "\n".join(line for line in (notice, say("mine.added", code=code)) if line)
    return reply(closing(situation, said), writes=[ChangeReport(code, {"text": words}, seen="new")])
