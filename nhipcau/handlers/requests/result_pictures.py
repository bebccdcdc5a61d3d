"""Chart specifications of results and boards, with the same facts as the text beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.poll_charts import board_chart, compare_chart, result_chart
from nhipcau.insight.poll_comparison import QuestionComparison
from nhipcau.insight.poll_results import publishable_result
from nhipcau.model.counts import BoardRow
from nhipcau.model.requests import Request
from nhipcau.model.tally import Tally


def spec(body: Mapping[str, Any]) -> str:
    """A specification as one line of JSON, as messages carry it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def result_picture(request: Request, tally: Tally, t: Texts) -> str:
    """The result of a closed poll, without free texts, as a picture may be passed on."""
    result = publishable_result(request.title, request.form, tally, request.asked, t, withheld=request.withheld)
    return spec(result_chart(result.title, result.base_line, result.questions, result.notes))


def compare_picture(request: Request, compared: Sequence[QuestionComparison], t: Texts) -> str:
    return spec(compare_chart(request.title, compared, t))


def board_picture(request: Request, rows: Sequence[BoardRow], text: str, t: Texts) -> str:
    """Progress by unit; of a poll, whose units are not displayed, in total. `text`: that of the board."""
    title, *lines = text.split("\n")
    if request.is_poll and rows:
        rows = [_total_row(request, rows)]
    return spec(board_chart(title, lines[0] if lines else "", rows, [], t))


def _total_row(request: Request, rows: Sequence[BoardRow]) -> BoardRow:
    names = ("asked", "reached", "started", "answered", "nothing", "late", "undeliverable")
    return BoardRow(unit=request.unit, **{name: sum(getattr(row, name) for row in rows) for name in names})
