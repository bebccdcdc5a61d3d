"""What is wrong with a roster, as a table an office can work through: row, column, what stands there, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.office.roster import CellFault
from nhipcau.office.table_writer import write_csv
from nhipcau.office.workbook import Sheet, write_book


@dataclass(frozen=True, slots=True)
class Problem:
    #: The row's number in the spreadsheet; None: the file as a whole.
    row: int | None
    #: The column's title.
    column: str
    value: str
    wrong: str
    fix: str


def problems_of(faults: Iterable[Fault], t: Texts) -> list[Problem]:
    """One a fault."""
    found: list[Problem] = []
    for fault in faults:
        if not isinstance(fault, RowFault):
            found.append(Problem(None, "", "", fault.say(t), ""))
            continue
        found += [_problem(fault.row, each, t) for each in fault.faults]
    return found


def _problem(row: int, fault: Fault, t: Texts) -> Problem:
    if isinstance(fault, CellFault):
        return Problem(row, fault.column, fault.value, fault.what(t), fault.fix(t))
    return Problem(row, "", "", fault.say(t), "")


def write_problems(path: Path, problems: Sequence[Problem], t: Texts) -> None:
    """As a workbook, or as CSV where the file's name says so."""
    titles = [t(f"roster.problem.{name}") for name in ("row", "column", "value", "wrong", "fix")]
    rows = [["" if cell is None else cell for cell in astuple(problem)] for problem in problems]
    if path.suffix.lower() == ".csv":
        write_csv(path, titles, rows)
    else:
        write_book(path, [Sheet(t("roster.problem.sheet"), titles, rows)])
