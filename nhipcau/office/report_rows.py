"""Reads the reports of a file: what stands in the cells becomes codes, and words are screened as typed ones are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from nhipcau.bot.forms.answer_matching import LONGEST
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.report_fields import added_questions, to_column
from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.imported_reports import ImportedReport
from nhipcau.model.reports import ReportState
from nhipcau.office.report_areas import Areas, FoundArea
from nhipcau.office.report_columns import codes_of, meanings, plain
from nhipcau.office.report_days import months_before, read_day
from nhipcau.office.report_file import ReportFile, ReportRow
from nhipcau.office.report_words import Judged, judge, judge_all
from nhipcau.office.roster import CellFault
from nhipcau.privacy.screening import has_classification

#: Columns of words that are judged.
_WORDS = ("text", *(q.id for q in added_questions() if q.id != "place" and not q.options))
#: Characters of a place.
_LONGEST_PLACE = 100
#: Characters of a text proposed instead of one.
_QUOTED = 200
#: How a report came that an office enters from elsewhere.
ON_BEHALF = "nhap_ho"


@dataclass(slots=True)
class ReadReports:
    """The reports of a file, and what is to be said of it."""

    reports: list[ImportedReport] = field(default_factory=list)
    #: What is wrong, row by row: nothing is imported while there is any.
    faults: list[RowFault] = field(default_factory=list)
    #: Rows that are no reports: sections, totals, who signed.
    passed_over: list[int] = field(default_factory=list)
    #: Rows of withdrawn reports and of exercises.
    skipped: int = 0
    #: How many got a topic by their words, and how many had personal data in them.
    guessed: int = 0
    masked: int = 0
    #: Names of before July 2025 → what each was read as.
    former: dict[str, Unit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an import may bring."""

    today: date
    #: How far back reports may go; older ones would be deleted at once.
    months: int
    #: The office has read the rows about one person, and keeps them as they are.
    confirmed: bool = False


def read_reports(file: ReportFile, tree: Tree, within: Unit, terms: Terms) -> ReadReports:
    """All rows of the file; `within`: the unit in which their areas lie."""
    return _Reader(file, tree, within, terms).read()


class _Reader:
    def __init__(self, file: ReportFile, tree: Tree, within: Unit, terms: Terms) -> None:
        self._file, self._tree, self._terms = file, tree, terms
        self._areas = Areas(tree, within)
        self._oldest = months_before(terms.today, terms.months)
        self._unclear = file.unclear_rows
        #: Area and words → the cell's name, or the words without personal data: thousands of rows name a few.
        self._places: dict[tuple[int, str], str] = {}
        self._judged: dict[str, Judged] = {}
        self._done = ReadReports()

    def read(self) -> ReadReports:
        rows = list(self._file.rows())
        self._judged = judge_all(self._all_words(rows), self._tree.known_places)
        for row in rows:
            day = read_day(row["day"])
            if day is None and self._file.is_no_report(row):
                self._done.passed_over.append(row.number)
            elif self._is_skipped(row):
                self._done.skipped += 1
            else:
                self._read(row, day)
        return self._done

    def _all_words(self, rows: Sequence[ReportRow]) -> dict[str, bool]:
        """The words that may be kept, each once → whether they tell the topic too."""
        found: dict[str, bool] = {}
        for row in rows:
            for name in _WORDS:
                if self._is_judged(row[name]):
                    found[row[name]] = found.get(row[name], False) or (name == "text" and not row["topic"])
        return found

    def _is_judged(self, words: str) -> bool:
        return len(words) <= LONGEST and any(c.isalnum() for c in words) and not has_classification(words)

    def _is_skipped(self, row: ReportRow) -> bool:
        state = next(iter(row.fields.get("state", ())), "")
        is_practice = plain(row["practice"]) in {"1", "true", "co", "yes"}
        return is_practice or meanings("state").get(plain(state)) == ReportState.WITHDRAWN

    def _read(self, row: ReportRow, day: date | None) -> None:
        """The report of a row, or what is wrong with it."""
        faults: list[Fault] = [row.fault] if row.fault else []
        area = self._areas.find(row.fields.get("area", ()))
        if not row.fault:
            faults += self._day_faults(row, day)
            faults += [self._area_fault(row, area.fault)] if area.fault else []
        values = {name: self._value(row, name, faults) for name in ("topic", "mood", "spread", "urgency", "state")}
        text = self._words(row, "text", faults)
        added = self._added(row, area, faults)
        if row.number in self._unclear:
            faults.append(self._fault("file.unclear_font", "text", row, fix="file.fix.unclear_font"))
        if faults:
            self._done.faults.append(RowFault(row.number, *faults))
            return
        assert day is not None
        assert area.area is not None
        if area.former:
            self._done.former[row["area"]] = area.area
        self._done.reports.append(
            ImportedReport(
                day=day,
                area_id=area.area.id,
                topic=values["topic"] or self._topic_of(row["text"]),
                mood=values["mood"],
                spread=int(values["spread"] or 0),
                # what nobody called urgent is not
                urgency=values["urgency"] or codes_of("urgency")[0],
                text=text,
                added=added,
                state=ReportState(values["state"] or ReportState.NEW),
                code=row["code"].upper(),
            )
        )

    def _topic_of(self, words: str) -> str:
        self._done.guessed += 1
        return self._judged[words].topic

    def _fault(self, key: str, column: str, row: ReportRow, *, fix: str = "", **facts: object) -> CellFault:
        """`key`: of the sentence; words of a report are never part of it."""
        value = "" if column in _WORDS else row[column]
        fix = fix or key.replace("import.", "import.fix.", 1).replace("file.", "file.fix.", 1)
        return CellFault(key, self._file.column(column), value, fix=fix, **facts)

    # -------------------------------------------------------------- day and area

    def _day_faults(self, row: ReportRow, day: date | None) -> Iterator[Fault]:
        if not row["day"]:
            yield self._fault("import.no_day", "day", row)
        elif day is None:
            yield self._fault("import.day", "day", row)
        elif day > self._terms.today:
            yield self._fault("import.future", "day", row)
        elif day < self._oldest:
            yield self._fault(
                "import.too_old", "day", row, months=self._terms.months, oldest=f"{self._oldest:%d/%m/%Y}"
            )

    def _area_fault(self, row: ReportRow, why: Fault) -> Fault:
        facts: dict[str, Any] = {name: fact for name, fact in why.facts.items() if name != "value"}
        return self._fault(why.key, "area", row, **facts)

    # -------------------------------------------------------------- codes

    def _value(self, row: ReportRow, name: str, faults: list[Fault]) -> str:
        """The code in a column of codes; "" for none."""
        written = row.fields.get(name, [])
        found = {meanings(name).get(plain(each), "") for each in written}
        if "" in found:
            faults.append(self._fault("import.no_code", name, row, choices=", ".join(codes_of(name))))
        elif len(found) > 1:
            faults.append(self._fault("import.disagrees", name, row, values=" ≠ ".join(written)))
        return next(iter(found), "")

    def _codes(self, row: ReportRow, name: str, faults: list[Fault]) -> list[str]:
        """The codes in a column that may hold several, in the form's order."""
        chosen: set[str] = set()
        for written in row.fields.get(name, []):
            for part in filter(None, map(str.strip, written.split(";"))):
                # a label may hold a comma
                whole = meanings(name).get(plain(part))
                codes = [whole] if whole else [meanings(name).get(plain(each), "") for each in part.split(",")]
                chosen.update(codes)
        if "" in chosen:
            faults.append(self._fault("import.no_code", name, row, choices=", ".join(codes_of(name))))
        return [code for code in codes_of(name) if code in chosen]

    def _added(self, row: ReportRow, area: FoundArea, faults: list[Fault]) -> dict[str, str]:
        found: dict[str, str] = {}
        for question in added_questions():
            if question.id == "place":
                found["place"] = self._place(row, area, faults)
            elif not question.options:
                found[question.id] = self._words(row, question.id, faults, needed=False)
            elif KINDS[question.kind].many:
                found[question.id] = to_column(self._codes(row, question.id, faults))
            else:
                found[question.id] = self._value(row, question.id, faults)
        return {**found, "source": found["source"] or ON_BEHALF}

    # -------------------------------------------------------------- words

    def _words(self, row: ReportRow, name: str, faults: list[Fault], *, needed: bool = True) -> str:
        """The masked words; "" where there are none, or something is wrong with them."""
        words = row[name]
        if not any(c.isalnum() for c in words):
            faults += [self._fault("import.no_text", name, row)] if needed and not row.fault else []
            return ""
        if has_classification(words):
            faults.append(self._fault("import.secret", name, row))
            return ""
        if len(words) > LONGEST:
            faults.append(self._fault("import.long", name, row, most=LONGEST, length=len(words)))
            return ""
        judged = self._judged[words]
        self._done.masked += judged.had_data
        if not self._terms.confirmed and (why := self._caution(row, name, judged)):
            faults.append(why)
        return judged.masked

    def _caution(self, row: ReportRow, name: str, judged: Judged) -> Fault | None:
        """What the chat tells before such words are kept (R06, R35)."""
        if judged.accuses:
            return self._fault("import.accuses", name, row)
        if not judged.identifies:
            return None
        if not judged.general:
            return self._fault("import.identifies", name, row)
        return self._fault("import.identifies", name, row, fix="import.fix.general", text=_shortened(judged.general))

    def _place(self, row: ReportRow, area: FoundArea, faults: list[Fault]) -> str:
        """The cell meant, or the words of the file without personal data."""
        words = " ".join(row["place"].split())
        if not words or area.area is None:
            return area.cell
        if has_classification(words):
            faults.append(self._fault("import.secret", "text", row))
            return ""
        if len(words) > _LONGEST_PLACE:
            faults.append(self._fault("import.long", "place", row, most=_LONGEST_PLACE, length=len(words)))
            return ""
        key = area.area.id, words
        if key not in self._places:
            cells = self._tree.cells_named(area.area, words)
            places = self._tree.known_places
            own_words = judge(words, places).masked if any(c.isalpha() for c in words) else ""
            self._places[key] = cells[0].name if len(cells) == 1 else own_words
        return self._places[key]


def _shortened(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"
