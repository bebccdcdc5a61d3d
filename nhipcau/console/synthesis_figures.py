"""Where a figure of a synthesis opens its list: the reports it counts, by the filters of the list (rule K5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from nhipcau.bot.language.periods import read_period
from nhipcau.console.visit import ROOT, Visit
from nhipcau.insight.synthesis.figures import Counts, Figure, FigureQuery
from nhipcau.insight.synthesis.words import figure_places
from nhipcau.model.reports import ReportState
from nhipcau.model.scope import Access

#: Dimension of a cut → the filter of the list; reports by another one have no list.
_FILTERS = {"topic": "topic", "mood": "mood", "area": "area", "state": "state"}
_COUNTED = ",".join(state for state in ReportState if state is not ReportState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line: words, or a figure with its reference."""

    text: str
    reference: str = ""
    #: The address of what it counts; "": there is no such list, or this person may not read it.
    href: str = ""


def pieces(visit: Visit, text: str, figures: Sequence[Figure]) -> list[Piece]:
    """The line, with a link at each figure that has a list."""
    found = []
    for piece in figure_places(text):
        if isinstance(piece, str):
            found.append(Piece(piece))
        else:
            figure = figures[piece]
            found.append(Piece(figure.text, figure.reference, _address(visit, figure.query)))
    return found


def _address(visit: Visit, query: FigureQuery) -> str:
    cut = dict(query.cut)
    period = read_period(query.period, visit.today)
    has_list = query.counts is Counts.REPORTS and not query.less and cut.keys() <= _FILTERS.keys()
    if not has_list or period is None or not visit.scope.reads(Access.CONTENT) or "" in cut.get("mood", ()):
        return ""
    given = {_FILTERS[name]: ",".join(codes) for name, codes in cut.items()}
    theme = {"topic": ",".join(query.topics)} if query.topics else {}
    given = {"area": query.unit, "state": _COUNTED, **theme, **given}
    return f"{ROOT}/reports?{urlencode({**given, 'since': f'{period.first}', 'until': f'{period.last}'})}"
