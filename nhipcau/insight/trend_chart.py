"""Reports of a topic at a place, week by week, with the usual range, and how many units reported beneath. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.chart_page import (
    DARK,
    FONT,
    INK,
    INNER,
    LINE,
    MARGIN,
    MIDDLE,
    PALE,
    SIZE,
    TITLE,
    WARM,
    WHITE,
    wrap,
)
from nhipcau.model.signals import WeekCount

#: Logical pixels of the two drawings.
_HEIGHT, _UNITS_HEIGHT = 300, 110
#: Room for the numbers of the axis.
_AXIS = 56
#: Weeks between two that are named.
_NAMED = 4


def trend_chart(title: str, weeks: Sequence[WeekCount], usual: tuple[int, int] | None, t: Texts) -> dict[str, Any]:
    """A Vega-Lite specification. `usual`: the range of 95 of 100 weeks, where it is known."""
    rows = [{"week": week.name, "n": week.reports, "units": week.units} for week in weeks]
    named = [week.name for week in reversed(weeks)][::_NAMED]
    most = max([*(week.reports for week in weeks), usual[1] if usual else 0, 4])
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": title,
        "background": WHITE,
        "padding": MARGIN,
        "title": {"text": wrap(title, INNER, TITLE, bold=True), "anchor": "start", "frame": "group"},
        "config": _LOOK,
        "data": {"values": rows},
        "vconcat": [_reports(rows, most, usual, t), _units(named, max((week.units for week in weeks), default=0), t)],
    }


def _reports(rows: Sequence[dict[str, Any]], most: int, usual: tuple[int, int] | None, t: Texts) -> dict[str, Any]:
    x, y = _weeks([]), _numbers("n", most, t("chart.trend.reports_usual" if usual else "chart.trend.reports"))
    layers: list[dict[str, Any]] = []
    if usual is not None:
        low, high = usual
        layers.append(
            {
                "data": {"values": [{"low": low, "high": high}]},
                "mark": {"type": "rect", "fill": PALE},
                "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
            }
        )
    layers.append({"mark": {"type": "bar", "fill": MIDDLE, "width": {"band": 0.7}}, "encoding": {"x": x, "y": y}})
    last = {"data": {"values": rows[-1:]}, "mark": {"type": "bar", "fill": WARM, "width": {"band": 0.7}}}
    return {"width": INNER - _AXIS, "height": _HEIGHT, "layer": [*layers, {**last, "encoding": {"x": x, "y": y}}]}


def _units(named: Sequence[str], most: int, t: Texts) -> dict[str, Any]:
    """`most`: units in the week that had most of them."""
    y = {**_numbers("units", None, t("chart.trend.units")), "scale": {"domainMin": 0, "nice": True}}
    # of one or two units the axis would name halves, which read "1" twice
    y["axis"] = {**y["axis"], "tickCount": min(4, max(most, 1))}
    return {
        "width": INNER - _AXIS,
        "height": _UNITS_HEIGHT,
        "mark": {"type": "line", "stroke": DARK, "strokeWidth": 4},
        "encoding": {"x": _weeks(named), "y": y},
    }


def _weeks(named: Sequence[str]) -> dict[str, Any]:
    """`named`: weeks whose names stand below."""
    axis = {"title": None, "values": list(named), "ticks": False, "grid": False, "labelAngle": 0}
    return {"field": "week", "type": "ordinal", "sort": None, "axis": axis}


def _numbers(field: str, most: int | None, title: str) -> dict[str, Any]:
    axis = {
        "title": title,
        "tickCount": 4,
        "format": "d",
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "start",
    }
    axis |= {"titleY": -14, "titleX": -_AXIS + MARGIN, "tickMinStep": 1}
    scale = {"domain": [0, most]} if most is not None else {}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


_LOOK = {
    "font": FONT,
    "title": {
        "font": FONT,
        "fontSize": TITLE,
        "color": INK,
        "fontWeight": "bold",
        "offset": SIZE,
        "lineHeight": TITLE * 1.3,
    },
    "axis": {
        "labelFont": FONT,
        "titleFont": FONT,
        "labelFontSize": SIZE - 3,
        "titleFontSize": SIZE - 3,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "domainColor": LINE,
        "gridColor": PALE,
        "tickColor": LINE,
    },
    "view": {"stroke": None},
    "concat": {"spacing": SIZE * 2},
}
