"""Xu hướng: counts of a period by one thing, week by week, early signals, and words that rise. Counts, no judgement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from nhipcau.actions.permissions import COORDINATORS, may
from nhipcau.bot.language.periods import (
    Period,
    before,
    month_of,
    period_words,
    quarter_of,
    read_period,
    week_of,
    year_of,
)
from nhipcau.bot.units.tree import Unit
from nhipcau.console.pages import render
from nhipcau.console.visit import ROOT, NotHere, Visit
from nhipcau.handlers.insight.signal_messages import where
from nhipcau.insight.trend_chart import trend_chart
from nhipcau.model.queries import ReportIn, ReportTallyOf, RisingWords, Signals, WeeksOf
from nhipcau.model.report_tallies import Dimension, ReportTally
from nhipcau.model.reports import Report, ReportState
from nhipcau.model.scope import Scope
from nhipcau.model.signals import Signal, SignalState
from nhipcau.office.tally_tables import head_lines, tally_table

PATH = f"{ROOT}/insight"
#: What may be counted by, in the order of the choice.
BY = (
    *(Dimension.TOPIC, Dimension.AREA, Dimension.MOOD, Dimension.URGENCY, Dimension.SPREAD, Dimension.GROUPS),
    *(Dimension.STATE, Dimension.SOURCE, Dimension.WEEK, Dimension.MONTH),
)
#: Fields of the address of the list of reports; other dimensions open no list.
_LISTED = (Dimension.TOPIC, Dimension.AREA, Dimension.MOOD, Dimension.URGENCY, Dimension.STATE)
_TIMES = (Dimension.WEEK, Dimension.MONTH)
#: Tallies leave withdrawn reports out.
_COUNTED = ",".join(state for state in ReportState if state is not ReportState.WITHDRAWN)
#: Reports of one rising word that are named.
_MAX_NAMED = 20
#: Steps of colour on the map of tiles.
_SHADES = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """What the address asks for."""

    period: Period
    unit: Unit
    by: Dimension
    #: The period was not understood, or has not begun.
    problem: str = ""

    def address(self, path: str = "") -> str:
        asked = {"period": self.period.text, "unit": self.unit.code, "by": self.by.value}
        return f"{PATH}{path}?{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    number: int
    #: In the period before.
    before: int
    #: In hundredths of the largest.
    share: int
    #: Its list of reports; "": there is none, or the reader may not see it.
    path: str
    #: On the map of tiles: 0 for none to `_SHADES` for the most.
    shade: int = 0


def read_cut(visit: Visit) -> Cut:
    """Raises NotHere for a unit that is not in the scope."""
    t, asked = visit.t, visit.query.get("period", "").strip()[:40]
    found = read_period(asked, visit.today) if asked else month_of(visit.today)
    problem = ""
    if found is None:
        problem = t("review.unknown")
    elif found.first > visit.today:
        words = period_words(found.text, t)
        problem = t("review.future", period=words[:1].upper() + words[1:])
    code = visit.query.get("unit", "").strip()
    unit = visit.office.tree.by_code.get(code) if code else visit.person.unit
    if unit is None or not visit.scope.holds(unit):
        raise NotHere
    by = visit.query.get("by", "")
    period = month_of(visit.today) if found is None or problem else found
    return Cut(period, unit, Dimension(by) if by in BY else Dimension.TOPIC, problem)


async def counted(visit: Visit, cut: Cut, period: Period) -> ReportTally:
    scope = Scope(visit.scope.role, cut.unit.path)
    found = await visit.ask(ReportTallyOf(scope, period.first, period.last, (cut.by,)))
    return replace(found, period=period)


async def show(visit: Visit) -> Response:
    t, cut = visit.t, read_cut(visit)
    visit.problem = visit.problem or cut.problem
    found, earlier = await counted(visit, cut, cut.period), await counted(visit, cut, before(cut.period))
    signals = await visit.ask(Signals(visit.scope))
    only_new = visit.query.get("signals") == SignalState.NEW
    shown = [signal for signal in signals if not only_new or signal.state is SignalState.NEW]
    may_list = may(visit.person, COORDINATORS)
    rows = _rows(visit, cut, found, earlier, may_list=may_list)
    return await render(
        visit,
        "insight.html",
        here="insight",
        cut=cut,
        by=BY,
        periods=_periods(visit, cut),
        units=_units(visit),
        head=head_lines(found, t)[1],
        reports=found.reports,
        path=_list(visit, cut) if may_list else "",
        rows=rows,
        tiles=cut.by is Dimension.AREA and len(rows) > 1,
        before=period_words(before(cut.period).text, t),
        weeks=await visit.ask(WeeksOf(Scope(visit.scope.role, cut.unit.path), "", None, _last(visit))),
        signals=shown,
        others=len(signals) - len(shown),
        where=lambda signal: where(signal, t),
        chart=_chart_of,
        may_mark=may_list,
        trend=f"{ROOT}/chart/trend.svg?{urlencode({'unit': cut.unit.code})}",
    )


def _periods(visit: Visit, cut: Cut) -> Sequence[tuple[str, str]]:
    """Periods to choose from: code, words."""
    today = visit.today
    this = [week_of(today), month_of(today), quarter_of(today), year_of(today)]
    found = [each for period in this for each in (period, before(period))]
    if cut.period.text not in {period.text for period in found}:
        found.insert(0, cut.period)
    return [(period.text, period_words(period.text, visit.t)) for period in found]


def _units(visit: Visit) -> Sequence[Unit]:
    """One's own unit and the communes and agencies of the scope."""
    own = visit.person.unit
    areas = [unit for unit in visit.office.tree.areas if visit.scope.holds(unit) and unit.id != own.id]
    return [own, *sorted(areas, key=lambda unit: unit.name)]


def _rows(visit: Visit, cut: Cut, found: ReportTally, earlier: ReportTally, *, may_list: bool) -> Sequence[Row]:
    areas = {unit.code: unit for unit in visit.office.tree.areas}
    names = {code: unit.name for code, unit in areas.items()}
    labels = {
        str(row[cut.by] or ""): str(row[f"{cut.by}_label"])
        for tally in (found, earlier)
        for row in tally_table(tally, names, visit.t).rows
    }
    now, past = ({_code(cut.by, key): n for (key,), n in each.rows.items()} for each in (found, earlier))
    if cut.by is Dimension.AREA:
        labels = {code: unit.name for code, unit in areas.items() if cut.unit.holds(unit)} | labels
    codes = sorted(labels) if cut.by in _TIMES else sorted(labels, key=lambda c: (-now.get(c, 0), labels[c]))
    most = max(now.values(), default=0) or 1
    return [
        Row(
            labels[code],
            number := now.get(code, 0),
            past.get(code, 0),
            round(100 * number / most),
            _list(visit, cut, code) if may_list and number else "",
            -(-_SHADES * number // most),
        )
        for code in codes
        if code in now or cut.by is Dimension.AREA or (code in past and cut.by not in _TIMES)
    ]


def _code(by: Dimension, code: str) -> str:
    """ "": not told."""
    return "" if by is Dimension.SPREAD and code == "0" else code


def _is_above(visit: Visit, code: str) -> bool:
    """Whether it is the area that concerns all: its list holds those of the communes."""
    unit = visit.office.tree.by_code.get(code)
    return unit is not None and unit.parent_id is None and len(visit.office.tree.areas) > 1


def _list(visit: Visit, cut: Cut, code: str | None = None) -> str:
    """The list of exactly the reports that are counted (rule K5); "" where no list has this filter."""
    period, asked = cut.period, dict[str, str]()
    if code is not None and cut.by in _TIMES:
        part = read_period(code, visit.today)
        assert part is not None
        period = Period(max(period.first, part.first), min(period.last, part.last), part.text)
    elif code is not None:
        if not code or cut.by not in _LISTED or _is_above(visit, code):
            # the list of the province holds that of every commune
            return ""
        asked = {cut.by.value: code}
    if cut.unit.id != visit.person.unit.id:
        asked.setdefault("area", cut.unit.code)
    asked.setdefault("state", _COUNTED)
    days = {"since": period.first.isoformat(), "until": period.last.isoformat()}
    return f"{ROOT}/reports?{urlencode({**asked, **days})}"


def _last(visit: Visit) -> date:
    return visit.today - timedelta(days=1)


# ------------------------------------------------------------------ pictures


def _chart_of(signal: Signal) -> str:
    return f"{ROOT}/chart/trend.svg?{urlencode({'signal': signal.id})}"


async def trend_svg(visit: Visit) -> Response:
    """Reports week by week, of a unit or of a signal with its usual range, as a picture for the page."""
    t, signal, code = visit.t, None, visit.query.get("unit", "")
    if id := visit.query.get("signal", ""):
        signal = next((each for each in await visit.ask(Signals(visit.scope)) if each.id == id), None)
    unit = visit.office.tree.by_code.get(code) if code else visit.person.unit
    if unit is None or not visit.scope.holds(unit) or (id and signal is None):
        raise NotHere
    rise = signal.rise if signal else None
    scope = Scope(visit.scope.role, unit.path)
    weeks = await visit.ask(WeeksOf(scope, rise.topic if rise else "", rise, rise.day if rise else _last(visit)))
    if signal is not None:
        title = t("signal.head", topic=t(f"topic.{signal.rise.topic}"), where=where(signal, t))
    else:
        title = t("chart.trend.all", unit=unit.name)
    spec = trend_chart(title, weeks, (rise.low, rise.high) if rise else None, t)
    cache = visit.console.picture_cache
    drawn = await cache.svg(spec) if cache else None
    if drawn is None:
        raise NotHere
    headers = {"Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"}
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(drawn, media_type="image/svg+xml", headers=headers | policy)


# ------------------------------------------------------------------ words


async def show_words(visit: Visit) -> Response:
    """Words that rise, each with the reports that say it for who may read them."""
    words = await visit.ask(RisingWords(visit.scope))
    named: Mapping[str, Sequence[Report]] = {word.key: await _named(visit, word.codes) for word in words}
    return await render(visit, "words.html", here="insight", words=words, named=named, most=_MAX_NAMED)


async def _named(visit: Visit, codes: Sequence[str]) -> Sequence[Report]:
    found = [await visit.ask(ReportIn(visit.scope, code)) for code in codes[:_MAX_NAMED]]
    return [report for report in found if report is not None and report.state is not ReportState.WITHDRAWN]
