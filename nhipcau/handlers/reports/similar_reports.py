"""Reports that may be about the same matter, beside the one a coordinator has open. Only offered: a person decides."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import ManageReport, OfficeAct, ShowSimilar, choice
from nhipcau.handlers.screens import menu, short_title, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.queries import ReportIn, SimilarReports
from nhipcau.model.reports import NearReport, Report

#: Characters of a choice that names a report.
_MAX_LABEL_CHARS = 60


def load_similar(situation: Situation, report: Report) -> Decision[Sequence[NearReport]]:
    return (yield from load(SimilarReports(situation.scope, report.code)))


def similar_lines(alike: Sequence[NearReport], t: Texts) -> list[str]:
    """A line each below the report, or none."""
    lines = [
        t("inbox.similar_line", report=near.named, area=unit_name(near.area.name), state=t(f"state.{near.state}"))
        + (f" ({near.issue})" if near.issue else "")
        for near in alike
    ]
    return [t("inbox.similar"), *lines] if lines else []


def similar_choice(report: Report, alike: Sequence[NearReport], t: Texts) -> list[Choice]:
    """The way to them, where there are any."""
    return [choice(t("inbox.see_similar"), ShowSimilar(report.code))] if alike else []


def show_similar(situation: Situation, pressed: ShowSimilar) -> Decision[DecisionResult]:
    """One choice a report; each opens it."""
    t = situation.texts
    report = yield from load(ReportIn(situation.scope, pressed.code))
    if report is None:
        return reply(menu(situation, t("inbox.gone")))
    alike = yield from load_similar(situation, report)
    lines = similar_lines(alike, t) or [t("inbox.nothing_similar")]
    opening = [
        choice(short_title(near.text, _MAX_LABEL_CHARS), ManageReport(near.code, OfficeAct.SHOW)) for near in alike
    ]
    back = choice(t("form.back"), ManageReport(report.code, OfficeAct.SHOW), way=True)
    return reply(Message("\n".join(lines), (*opening, back)))
