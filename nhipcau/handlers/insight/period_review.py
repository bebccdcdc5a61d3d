"""`/tonghop`: the last kept synthesis of the unit, and figures of a period (sơ kết, tổng kết) by unit, never by
person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nhipcau.actions.permissions import READERS, may
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.language.periods import (
    Period,
    before,
    looks_like_period,
    month_of,
    period_words,
    quarter_of,
    read_period,
    week_of,
    year_of,
)
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import PagedList, RunCommand, ShowPage, ShowPeriod, ShowSynthesis, choice
from nhipcau.handlers.insight import synthesis_messages
from nhipcau.handlers.requests.result_pictures import spec
from nhipcau.handlers.screens import paged_list, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.insight.review_chart import first_units, review_chart, share
from nhipcau.insight.synthesis.stored import from_json
from nhipcau.model.conversation import AwaitsPeriod
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisState
from nhipcau.model.people import Role
from nhipcau.model.queries import ReviewOf
from nhipcau.model.reviews import NOTHING_NEW, SILENT, Review, ReviewFigures, UnitReview
from nhipcau.model.synthesis_queries import Syntheses, SynthesisIn
from nhipcau.privacy.suppression import may_show

#: Units named in one line; signed syntheses listed at a time.
_MAX_NAMES = 6
_PAGE_SIZE = 4


def open_review(situation: Situation) -> Decision[DecisionResult]:
    """`/tonghop`, or `tổng hợp tháng 11`."""
    period = read_period(situation.argument, situation.today) if situation.argument else None
    if period is not None:
        return (yield from _figures(situation, period))
    if situation.argument:
        return reply(_ask_period(situation))
    kept = next(iter((yield from _of_own_unit(situation))), None)
    return (yield from _synthesis(situation, kept.id)) if kept else (yield from list_signed(situation))


def list_signed(situation: Situation, start: int = 0) -> Decision[DecisionResult]:
    """What units below have signed, the last period first; where there is none, which period one wants to see."""
    t, found = situation.texts, (yield from _signed_below(situation))
    if not found:
        return reply(_ask_period(situation))
    situation.conversation.pending = AwaitsPeriod()

    def of(kept: KeptSynthesis) -> Choice:
        label = t("syntheses.of_unit", period=period_words(kept.period, t), unit=kept.unit.name)
        return choice(label[:60], ShowSynthesis(kept.id), stays=True)

    _, choices = paged_list(found, start, _PAGE_SIZE, of, lambda start: ShowPage(PagedList.SYNTHESES, start), t)
    choices.append(choice(t("review.other"), ShowPeriod(), beside=True))
    return reply(Message(t("syntheses.below_head", n=len(found)), tuple(choices)))


def _signed_below(situation: Situation) -> Decision[list[KeptSynthesis]]:
    """Of units below one's own, of all topics."""
    found = yield from load(Syntheses(situation.scope))
    read = [(kept, read_period(kept.period, situation.today)) for kept in found if not kept.topics]
    those = [
        (period.last, kept)
        for kept, period in read
        if period and kept.state is SynthesisState.SIGNED and kept.unit.id != situation.me.unit.id
    ]
    return [kept for _, kept in sorted(those, key=lambda each: (-each[0].toordinal(), each[1].unit.code))]


def show_synthesis(situation: Situation, pressed: ShowSynthesis) -> Decision[DecisionResult]:
    return (yield from _synthesis(situation, pressed.id))


def _of_own_unit(situation: Situation) -> Decision[list[KeptSynthesis]]:
    """Those of all topics and of periods that have begun, the last period first."""
    found = yield from load(Syntheses(situation.scope))
    read = [
        (kept, read_period(kept.period, situation.today))
        for kept in found
        if kept.unit.id == situation.me.unit.id and not kept.topics
    ]
    begun = [(kept, period) for kept, period in read if period and period.first <= situation.today]
    return [kept for kept, period in sorted(begun, key=lambda each: (each[1].last, each[1].first), reverse=True)]


def _synthesis(situation: Situation, id: str) -> Decision[DecisionResult]:
    """The document, then five lines with the chart."""
    t = situation.texts
    kept = yield from load(SynthesisIn(situation.scope, id))
    try:
        counted = from_json(kept.body) if kept else None
    except ValueError:
        counted = None
    if kept is None or counted is None:
        return reply(_ask_period(situation, t("syntheses.gone")))
    situation.conversation.pending = AwaitsPeriod()
    lines = synthesis_messages.five_lines(kept, counted, t)
    if kept.state is SynthesisState.CHECKED and situation.me.acting_role is Role.LEADER:
        lines.append(t("syntheses.to_sign"))
    below = yield from _signed_below(situation)
    choices = (
        choice(t("syntheses.figures"), ShowPeriod(kept.period)),
        *([choice(t("syntheses.below"), ShowPage(PagedList.SYNTHESES, 0))] if below else []),
        choice(t("review.other"), ShowPeriod(), beside=True),
        choice(t("menu.menu"), RunCommand(Command.MENU), beside=True),
    )
    text, draw = "\n".join(lines), synthesis_messages.picture_of(counted, t)
    return reply(synthesis_messages.document_message(kept, t), Message(text, choices, draw=draw))


def show_period(situation: Situation, pressed: ShowPeriod) -> Decision[DecisionResult]:
    period = read_period(pressed.period, situation.today)
    if period is None:
        return reply(_ask_period(situation))
    return (yield from _figures(situation, period, as_picture=pressed.picture))


def answer_period(situation: Situation, text: str) -> Decision[DecisionResult | None]:
    """A period typed below the figures; None: the text is no period."""
    period = read_period(text, situation.today)
    if not may(situation.me, READERS) or (period is None and not looks_like_period(text)):
        return None
    if period is None:
        return reply(_ask_period(situation, situation.texts("review.unknown")))
    return (yield from _figures(situation, period))


def _ask_period(situation: Situation, preface: str = "") -> Message:
    t, today = situation.texts, situation.today
    situation.conversation.pending = AwaitsPeriod()
    periods = {
        "this_week": week_of(today),
        "this_month": month_of(today),
        "last_month": before(month_of(today)),
        "this_quarter": quarter_of(today),
        "this_year": year_of(today),
    }
    choices = [choice(t(f"review.{name}"), ShowPeriod(period.text)) for name, period in periods.items()]
    return Message("\n".join(line for line in (preface, t("review.which")) if line), tuple(choices))


def _figures(situation: Situation, period: Period, *, as_picture: bool = False) -> Decision[DecisionResult]:
    t = situation.texts
    if period.first > situation.today:
        words = period_words(period.text, t)
        return reply(_ask_period(situation, t("review.future", period=words[:1].upper() + words[1:])))
    review = yield from load(ReviewOf(situation.scope, period))
    syntheses = [] if as_picture else [k for k in (yield from _of_own_unit(situation)) if k.period == period.text]
    situation.conversation.pending = AwaitsPeriod()
    choices = (
        []
        if as_picture or review.total.is_blank
        else [choice(t("review.picture"), ShowPeriod(period.text, picture=True))]
    )
    choices += [choice(t("syntheses.document"), ShowSynthesis(kept.id)) for kept in syntheses[:1]]
    choices.append(choice(t("review.other"), ShowPeriod(), beside=bool(choices)))
    choices.append(choice(t("menu.menu"), RunCommand(Command.MENU), beside=True))
    if as_picture:
        return reply(Message(picture_text(review, t), tuple(choices), draw=spec(review_picture(review, t))))
    return reply(Message(review_text(review, t), tuple(choices)))


# ------------------------------------------------------------------ as text


def review_text(review: Review, t: Texts) -> str:
    """Totals, then the units that need action."""
    lines = head(review, t)
    lines += [t("review.nothing")] if review.total.is_blank else _totals(review.total, t)
    total = review.total
    lines.append(t("review.people", joined=total.joined, n=total.collaborators))
    if needing_action := _units_needing_action(review.rows, t):
        lines += [t("review.attention"), *needing_action]
    return "\n".join(lines)


def head(review: Review, t: Texts) -> list[str]:
    """The period, the unit, and the last day counted if the period is not over."""
    period = period_words(review.period.text, t)
    lines = [t("review.head", period=period, unit=unit_name(review.unit.name))]
    return lines if review.is_over else [*lines, t("review.until", day=f"{review.until:%d/%m/%Y}")]


def _totals(total: ReviewFigures, t: Texts) -> list[str]:
    lines = []
    if total.duties_due:
        open_now = f" · {t('review.open', n=total.duties_open)}" if total.duties_open else ""
        lines.append(t("review.duties", open=open_now, **_figures_of(total, "duties_")))
    if total.polls:
        lines.append(t("review.polls", n=total.polls, **_figures_of(total, "polls_")))
        if may_show(total.polls_answered):
            lines.append(t("review.bands", **_figures_of(total, "polls_")))
    if total.rapids:
        lines.append(t("review.rapids", n=total.rapids, **_figures_of(total, "rapids_")))
    if total.reports or total.reports_withdrawn:
        lines.append(t("review.reports", n=total.reports, **_figures_of(total, "reports_")))
        if total.reports_not_possible or total.reports_passed_on or total.reports_withdrawn:
            lines.append(t("review.ends", **_figures_of(total, "reports_")))
    if total.issues:
        lines.append(t("review.issues", n=total.issues, **_figures_of(total, "issues_")))
    return lines


def _figures_of(figures: ReviewFigures, prefix: str) -> dict[str, int]:
    """Figures with this prefix, without it: "on_time" for "duties_on_time"."""
    names = [name for name in ReviewFigures.__dataclass_fields__ if name.startswith(prefix) and name != "duties_open"]
    return {name.removeprefix(prefix): getattr(figures, name) for name in names}


def _units_needing_action(rows: Sequence[UnitReview], t: Texts) -> list[str]:
    """Units with missed duties, with waiting reports, silent, with nothing new, and without collaborators."""
    lines = [
        _units_with_count(rows, "review.missed", lambda f: f.duties_missed, t),
        _units_with_count(rows, "review.waiting", lambda f: f.reports_waiting, t),
        _unit_names_line("review.silent", [r.unit.name for r in rows if r.sign == SILENT], t),
        _unit_names_line("review.nothing_new", [r.unit.name for r in rows if r.sign == NOTHING_NEW], t),
        _unit_names_line("review.empty", [r.unit.name for r in rows if r.is_empty], t),
    ]
    return [line for line in lines if line]


def _units_with_count(rows: Sequence[UnitReview], key: str, number: Callable[[ReviewFigures], int], t: Texts) -> str:
    """Units by this number, largest first."""
    found = sorted((r for r in rows if number(r.figures)), key=lambda r: (-number(r.figures), r.unit.name))
    return _unit_names_line(key, [f"{r.unit.name} ({number(r.figures)})" for r in found], t)


def _unit_names_line(key: str, names: Sequence[str], t: Texts) -> str:
    more = " " + t("board.more_units", n=len(names) - _MAX_NAMES) if len(names) > _MAX_NAMES else ""
    return t(key, units=", ".join(names[:_MAX_NAMES]) + more) if names else ""


# ------------------------------------------------------------------ as a picture


def review_picture(review: Review, t: Texts) -> dict[str, Any]:
    """The picture with the same units and figures as `picture_text`."""
    return review_chart(review, head(review, t), t)


def picture_text(review: Review, t: Texts) -> str:
    """The content of the picture as text, a line a unit."""
    rows, hidden = first_units(review)
    lines = [_line(t("review.all"), review.total, t)]
    lines += [_line(row.unit.name, row.figures, t) for row in rows]
    return "\n".join([*head(review, t), *lines, *([t("board.more_units", n=hidden)] if hidden else [])])


def _line(name: str, f: ReviewFigures, t: Texts) -> str:
    duties, rapids = share(f.duties_on_time, f.duties_due), share(f.rapids_answered, f.rapids_asked)
    reports = {"reports": f.reports, "answered": f.reports_answered, "done": f.reports_done}
    return t("review.line", unit=name, duties=duties, rapids=rapids, **reports)
