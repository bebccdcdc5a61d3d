"""The filter of the list of reports: read from the address, and written into addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.language.command_words import report_code_in
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.bot.language.vietnamese import nfc, read_date
from nhipcau.bot.language.who_wrote import asks_about_person
from nhipcau.bot.units.tree import Unit
from nhipcau.console.visit import ROOT, NotHere, Visit
from nhipcau.model.office_queries import Sections
from nhipcau.model.report_filter import ReplyState, ReportFilter
from nhipcau.model.reports import ReportState
from nhipcau.model.search import phrases_of
from nhipcau.model.sections import Section

#: Fields of the address, in the order of the form.
FIELDS = ("q", "topic", "area", "state", "mood", "urgency", "since", "until", "reply", "issue", "section", "due")
#: By which day something is to be done: one that is past, this one, one to come.
DUES = ("late", "today", "later")
#: Letters of a search; a longer text is none.
MAX_WORDS_CHARS = 200


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What the address asks for: as it stands there, and as it was understood."""

    typed: Mapping[str, str]
    wanted: ReportFilter
    #: What of it means nothing; "": nothing.
    unknown: str = ""
    #: Somebody is looked for (rule R26).
    is_about_person: bool = False

    #: Sections of the person's own unit, to choose from.
    sections: Sequence[Section] = ()

    def address(self, suffix: str = "", **changed: str) -> str:
        """The list with this filter. `suffix`: ".csv"; `changed`: fields that differ ("": left out)."""
        given = {name: value for name, value in ({**self.typed, **changed}).items() if value}
        return f"{ROOT}/reports{suffix}" + (f"?{urlencode(given)}" if given else "")


async def read_filter(visit: Visit) -> AskedFor:
    """Raises NotHere for an area outside the scope."""
    sections = await visit.ask(Sections(visit.scope))
    typed = {name: nfc(visit.query.get(name, "")).strip() for name in FIELDS}
    reader = _Reader(visit, typed)
    words = typed["q"][:MAX_WORDS_CHARS]
    code = report_code_in(words)
    phrases = None if asks_about_person(words) else phrases_of(words, visit.office.tree.known_places)
    area = _area(visit, typed["area"])
    due_since, due_until = _due_days(reader, visit.today)
    wanted = ReportFilter(
        phrases=() if code else phrases or (),
        code=code,
        topics=reader.codes("topic", TOPICS),
        areas=(area,) if area else (),
        states=tuple(map(ReportState, reader.codes("state", tuple(ReportState)))),
        moods=reader.codes("mood", options_of("mood")),
        urgencies=reader.codes("urgency", options_of("urgency")),
        since=reader.day("since"),
        until=reader.day("until"),
        issue=reader.issue(),
        reply=next(map(ReplyState, reader.codes("reply", tuple(ReplyState))), None),
        sections=reader.codes("section", [section.id for section in sections]),
        due_since=due_since,
        due_until=due_until,
    )
    return AskedFor(typed, wanted, reader.unknown, not code and phrases is None, sections)


def _due_days(reader: _Reader, today: date) -> tuple[date | None, date | None]:
    """First and last day by which something is to be done."""
    match next(iter(reader.codes("due", DUES)), ""):
        case "late":
            return None, today - timedelta(days=1)
        case "today":
            return today, today
        case "later":
            return today + timedelta(days=1), None
        case _:
            return None, None


class _Reader:
    def __init__(self, visit: Visit, typed: Mapping[str, str]) -> None:
        self._visit, self._typed, self.unknown = visit, typed, ""

    def codes(self, name: str, known: Sequence[str]) -> tuple[str, ...]:
        """One code, or several divided by commas."""
        given = [code for code in self._typed[name].split(",") if code]
        self._note_unknown(name, [code for code in given if code not in known])
        return tuple(code for code in given if code in known)

    def issue(self) -> str:
        code = report_code_in(self._typed["issue"])
        self._note_unknown("issue", [self._typed["issue"]] if self._typed["issue"] and not code else [])
        return code

    def day(self, name: str) -> date | None:
        text = self._typed[name]
        try:
            return date.fromisoformat(text)
        except ValueError:
            found = read_date(text, self._visit.today) if text else None
            self._note_unknown(name, [text] if text and found is None else [])
            return found

    def _note_unknown(self, name: str, wrong: Sequence[str]) -> None:
        if wrong and not self.unknown:
            field = self._visit.t(f"console.reports.{name}")
            self.unknown = self._visit.t("console.reports.unknown", field=field, value=wrong[0][:40])


def options_of(question: str) -> tuple[str, ...]:
    return tuple(option.key for option in builtin_form("report", "vi").question(question).options)


def _area(visit: Visit, code: str) -> Unit | None:
    unit = visit.office.tree.by_code.get(code)
    if code and (unit is None or not visit.scope.holds(unit)):
        raise NotHere
    return unit


def areas_of(visit: Visit) -> Sequence[Unit]:
    """The areas to choose from: communes and agencies of the scope, or the cells of one's own."""
    tree = visit.office.tree
    held = [unit for unit in tree.areas if visit.scope.holds(unit)]
    if len(held) > 1:
        return sorted(held, key=lambda unit: unit.name)
    return [unit for unit in tree.units if visit.scope.holds(unit)]
