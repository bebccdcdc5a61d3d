"""What a reporter says back: an answer to a question of the office, or whether it is solved; by the tag alone."""

from __future__ import annotations

from nhipcau.bot.forms.answers import InvalidAnswer, check_words
from nhipcau.bot.language.command_words import is_greeting
from nhipcau.bot.language.vietnamese import nfc, read_number, word_key
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.reports.file_report import screen_text
from nhipcau.handlers.screens import closing, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import AddReportNote, ChangeReport, TellOffice
from nhipcau.model.queries import MyReports, ReportAround
from nhipcau.model.reports import Report, ReportState

#: What people type instead of the two labels.
_OK = frozenset({"on", "on roi", "roi", "da on", "xong roi", "ok", "yes"})
_NOT_OK = frozenset({"chua", "chua on", "chua xong", "chua duoc", "khong", "no"})


def pressed(situation: Situation, rest: str) -> Decision[DecisionResult]:
    """`CODE:reply|area|yes|no`: only whose tag it is, or from the area the office's question went to."""
    code, _, verb = rest.partition(":")
    t = situation.texts
    report = yield from _find(situation, code, verb)
    if report is None:
        return reply(menu(situation, t("mine.gone")))
    if verb in {"reply", "area"}:
        return reply(ask_words(situation, code, verb) if _may_reply(report) else closing(situation, _late(situation)))
    if verb in {"yes", "no"}:
        return _confirm(situation, report, verb)
    return reply(menu(situation, t("wrong.old")))


def _find(situation: Situation, code: str, verb: str) -> Decision[Report | None]:
    if verb == "area":
        return (yield from load(ReportAround(situation.me.unit.path, code)))
    found = yield from load(MyReports(situation.me.tag_secret, code))
    return found[0] if found else None


def _may_reply(report: Report) -> bool:
    """The office has asked or answered, or heard "chưa ổn"."""
    return report.state != "withdrawn" and any(n.kind in {"question", "answer", "no"} for n in report.notes)


def _late(situation: Situation) -> str:
    return situation.texts("feedback.too_late")


def ask_words(situation: Situation, code: str, verb: str, preface: str = "") -> Message:
    t = situation.texts
    situation.talk.pending = {"kind": "reply", "code": code, "verb": verb}
    words = "\n".join(line for line in (preface, t("feedback.reply_ask")) if line)
    return Message(words, (Choice(t("form.back"), _way_back(code, verb)),))


def _way_back(code: str, verb: str) -> str:
    return "c:menu" if verb == "area" else f"y:{code}:show"


def again(situation: Situation, preface: str) -> DecisionResult:
    """Something came that is no answer: the words are still waited for."""
    return reply(ask_words(situation, situation.waiting["code"], situation.waiting["verb"], preface))


def leave(situation: Situation) -> str:
    """What "lùi" and "hủy" press while words are waited for."""
    return _way_back(situation.waiting["code"], situation.waiting["verb"])


def typed(situation: Situation, choices: list[list[str]], text: str) -> Decision[DecisionResult | None]:
    """Words below an answer of the office that stands last; None where they mean something else.

    A half-written form keeps its words: what goes to the office can't be taken back.
    """
    for data in (data for _, data in choices if data.startswith("h:")):
        code, _, verb = data.removeprefix("h:").partition(":")
        if verb in {"yes", "no"}:
            key = word_key(text)
            meant = "yes" if key in _OK else "no" if key in _NOT_OK else ""
            return (yield from pressed(situation, f"{code}:{meant}")) if meant else None
        if situation.talk.draft is None and not is_greeting(text) and read_number(text, 99) is None:
            return (yield from words(situation, code, verb, text))
    return None


def words(situation: Situation, code: str, verb: str, text: str) -> Decision[DecisionResult]:
    """Keep them as a note, and let the coordinators of the area know."""
    t = situation.texts
    report = yield from _find(situation, code, verb)
    if report is None or not _may_reply(report):
        return reply(menu(situation, _late(situation)))
    try:
        masked, notice = screen_text(situation, nfc(text))
        check_words(masked)
    except InvalidAnswer as wrong:
        return reply(ask_words(situation, code, verb, t(f"wrong.{wrong.why}", **wrong.facts)))
    side, key = ("area", "feedback.replied_area") if verb == "area" else ("reporter", "feedback.replied")
    said = "\n".join(line for line in (notice, t(key, code=code)) if line)
    kind = "area" if verb == "area" else "reply"
    return reply(
        closing(situation, said, *_mine(situation, verb)),
        changes=[
            AddReportNote(situation.new_id("id"), code, side, "reply", masked),
            TellOffice(code, report.area.path, kind),
        ],
    )


def _mine(situation: Situation, verb: str) -> tuple[Choice, ...]:
    return () if verb == "area" else (Choice(situation.texts("menu.cuatoi"), "c:cuatoi"),)


def _confirm(situation: Situation, report: Report, verb: str) -> DecisionResult:
    t, code = situation.texts, report.code
    mine = _mine(situation, verb)
    if verb == "yes" and report.confirmed == "yes":
        return reply(closing(situation, t("feedback.thanks", code=code), *mine))
    if report.state != "done":
        return reply(closing(situation, _late(situation), *mine))
    note = AddReportNote(situation.new_id("id"), code, "reporter", verb)
    if verb == "yes":
        change = ChangeReport(code, {"confirmed": "yes"}, seen=ReportState.DONE)
        return reply(closing(situation, t("feedback.thanks", code=code), *mine), changes=[change, note])
    situation.talk.pending = {"kind": "reply", "code": code, "verb": "reply"}
    change = ChangeReport(code, {"state": "in_progress", "confirmed": "no"}, seen=ReportState.DONE)
    return reply(
        Message(t("feedback.not_ok_done", code=code), mine),
        changes=[change, note, TellOffice(code, report.area.path, "no")],
    )
