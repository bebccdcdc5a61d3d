"""The tables of the exports, with what of a poll may be shown as rows. Pure."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Question
from nhipcau.bot.forms.report_fields import added_questions, keys_in, label_of
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.model.counts import BoardRow
from nhipcau.model.issues import Issue, IssueState
from nhipcau.model.people import Member
from nhipcau.model.poll_groups import GroupCount
from nhipcau.model.reports import Report
from nhipcau.model.requests import DutyState, Request, RequestState
from nhipcau.model.shown_answers import ShownQuestion, shown_questions
from nhipcau.model.tally import Tally
from nhipcau.privacy.suppression import K

#: The code of "Không có gì" in an official answer.
NOTHING = "none"


@dataclass(slots=True)
class Table:
    """One export: JSON lines have the columns `codes`; CSV and XLSX have `header`, with labels beside the codes (as
    people read it: `export_book.py`)."""

    codes: list[str]
    header: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    #: Why there are no rows, for stderr.
    why: Fault | None = None
    #: Titles of columns that only this table has, by the column's name.
    titles: dict[str, str] = field(default_factory=dict)


def report_table(reports: Sequence[Report], t: Texts) -> Table:
    added = [q for q in added_questions(t.language) if q.id != "place"]
    chosen, written = [q.id for q in added if q.options], [q.id for q in added if not q.options]
    codes = ["code", "day", "topic", "area", "place", "mood", "spread", "urgency", *chosen, "text", *written]
    codes += ["state", "issue", "practice", "photos"]
    labelled = {"topic", "area", "mood", "spread", "urgency", "state", *chosen}
    header = [name for code in codes for name in ((code, f"{code}_label") if code in labelled else (code,))]
    rows = [
        {
            "code": r.code,
            "day": r.day.isoformat(),
            "topic": r.topic,
            "topic_label": t(f"topic.{r.topic}") if r.topic else "",
            "area": r.area.code,
            "area_label": r.area.name,
            "place": r.added["place"],
            "mood": r.mood,
            "mood_label": t(f"report.mood.{r.mood}") if r.mood else "",
            "spread": r.spread or None,
            "spread_label": t(f"report.spread.{r.spread}") if r.spread else "",
            "urgency": r.urgency,
            "urgency_label": t(f"report.urgency.{r.urgency}") if r.urgency else "",
            "text": r.text,
            **_added(added, r, t),
            "state": r.state,
            "state_label": t(f"state.{r.state}"),
            "issue": r.issue,
            # programs outside rely on the column; what is written to practise is stored nowhere
            "practice": False,
            "photos": list(r.photos),
        }
        for r in reports
    ]
    return Table(codes, header, rows)


def _added(questions: Sequence[Question], report: Report, t: Texts) -> dict[str, object]:
    """Cells of the questions people may add; where several options may be chosen both cells are lists."""
    cells: dict[str, object] = {}
    for question in questions:
        id, column = question.id, report.added[question.id]
        labels = [label_of(id, key, t) for key in keys_in(column)] if question.options else []
        if KINDS[question.kind].many:
            cells |= {id: keys_in(column), f"{id}_label": labels}
        else:
            cells |= {id: column, f"{id}_label": "".join(labels)}
    return cells


def issue_table(found: Sequence[Issue], t: Texts) -> Table:
    """Issues with their statements; the number of their reports only as a band."""
    codes = ["code", "statement", "topic", "areas", "reports", "state", "owner", "opened", "answered"]
    labelled = {"topic", "areas", "state", "owner"}
    header = [name for code in codes for name in ((code, f"{code}_label") if code in labelled else (code,))]
    rows = [
        {
            "code": i.code,
            "statement": i.statement,
            "topic": i.topic,
            "topic_label": t(f"topic.{i.topic}"),
            "areas": [area.code for area in i.areas],
            "areas_label": [area.name for area in i.areas],
            "reports": i.band,
            "state": i.state,
            "state_label": t("issue.open" if i.state == IssueState.OPEN else f"state.{i.state}"),
            "owner": i.owner.code,
            "owner_label": i.owner.name,
            "opened": i.opened.isoformat(),
            "answered": i.answered.isoformat() if i.answered else None,
        }
        for i in found
    ]
    return Table(codes, header, rows)


def people_table(members: Sequence[Member], consented: Mapping[str, date], t: Texts) -> Table:
    codes = ["id", "name", "unit", "role", "channels", "state", "consented_on"]
    header = [
        "id",
        "name",
        "unit",
        "unit_label",
        "role",
        "role_label",
        "channels",
        "state",
        "state_label",
        "consented_on",
    ]
    rows = []
    for member in members:
        agreed = consented.get(member.id)
        rows.append(
            {
                "id": member.id,
                "name": member.name,
                "unit": member.unit.code,
                "unit_label": member.unit.name,
                "role": member.role,
                "role_label": t(f"role.{member.role}"),
                "channels": list(member.channels),
                "state": member.state,
                "state_label": t(f"person.{member.state}"),
                "consented_on": agreed.isoformat() if agreed else None,
            }
        )
    return Table(codes, header, rows)


def request_table(requests: Sequence[Request], boards: Mapping[str, Sequence[BoardRow]], t: Texts) -> Table:
    counted = ["asked", "reached", "started", "answered"]
    codes = ["id", "kind", "title", "unit", *counted, "nothing_to_report", "late", "unreachable"]
    rows = [
        {
            "id": request.id,
            "kind": request.kind,
            "kind_label": t(f"kind.{request.kind}"),
            "title": request.title,
            "unit": row.unit.code,
            "unit_label": row.unit.name,
            "asked": row.asked,
            "reached": row.reached,
            "started": row.started + row.answered,
            "answered": row.answered,
            "nothing_to_report": row.nothing,
            "late": row.late,
            "unreachable": row.undeliverable,
        }
        for request in requests
        for row in boards[request.id]
    ]
    return Table(codes, ["id", "kind", "kind_label", "title", "unit", "unit_label", *codes[4:]], rows)


def duty_table(duties: Sequence[Request], boards: Mapping[str, Sequence[BoardRow]], zone: ZoneInfo, t: Texts) -> Table:
    """A row for each period of each unit: when the duty was due, and its state."""
    codes = ["id", "unit", "period", "due", "state", "on_time"]
    rows = []
    for request in duties:
        if request.state == RequestState.STOPPED:
            continue
        for row in boards[request.id]:
            state = duty_state(request, row)
            rows.append(
                {
                    "id": request.id,
                    "unit": row.unit.code,
                    "unit_label": row.unit.name,
                    "period": request.period,
                    "due": request.closes_at.astimezone(zone).isoformat(timespec="minutes"),
                    "state": state,
                    "state_label": t(f"duty_state.{state}"),
                    "on_time": state is DutyState.ANSWERED,
                }
            )
    return Table(codes, ["id", "unit", "unit_label", "period", "due", "state", "state_label", "on_time"], rows)


def duty_state(request: Request, row: BoardRow) -> DutyState:
    """The state of one unit's duty: open, answered, late or missed."""
    if row.settled:
        return DutyState.LATE if row.late else DutyState.ANSWERED
    return DutyState.MISSED if request.state == RequestState.CLOSED else DutyState.OPEN


# ------------------------------------------------------------------ answers


def answer_table(
    requests: Sequence[Request],
    answers: Mapping[str, Sequence[Mapping[str, Any]]],
    t: Texts,
    tallies: Mapping[str, Tally],
    groups: Mapping[str, Sequence[GroupCount]] | None = None,
) -> Table:
    """Answers of closed polls under the rules of k, official answers unchanged. `tallies`: of every closed poll as it
    is kept, which knows how many of the answers do not count for k. `groups`: what may be shown by cluster."""
    most = max((len(r.form.questions) for r in requests), default=0)
    numbered = [f"q{n}" for n in range(1, most + 1)]
    official = any(not r.is_poll for r in requests)
    extra = ["unit", "day", "late"] if official else []
    labelled = ["unit", "unit_label", "day", "late"] if official else []
    table = Table(
        ["poll", "version", "group", *extra, *numbered],
        ["poll", "version", "group", *labelled, *(name for q in numbered for name in (q, f"{q}_label"))],
    )
    if len(requests) == 1:
        asked = enumerate(requests[0].form.questions, start=1)
        table.titles = {f"q{n}": f"{t('export.question', n=n)}. {question.text}" for n, question in asked}
    for request in requests:
        given = answers[request.id]
        if not request.is_poll:
            table.rows += [line for row in given for line in _official_rows(request, row, t)]
            continue
        if request.state != RequestState.CLOSED:
            continue
        shown = _poll_rows(request, given, tallies[request.id], t, (groups or {}).get(request.id, ()))
        if not shown:
            table.why = Fault("cli.suppressed", id=request.id, k=K)
        table.rows += shown
    return table


def _official_rows(request: Request, answer: Mapping[str, Any], t: Texts) -> list[dict[str, Any]]:
    """An answer, and a row for each addition to it, in the form's first question that takes words."""
    row = _official_row(request, answer, t)
    words = next((n for n, q in enumerate(request.form.questions, start=1) if KINDS[q.kind].own_words), 0)
    if not words:
        return [row]
    shared = {key: row[key] for key in ("poll", "version", "group", "unit", "unit_label")}
    added = [note for note in answer.get("_notes", ()) if note.kind == "reply"]
    return [row, *({**shared, "day": n.day.isoformat(), "late": False, f"q{words}": n.text} for n in added)]


def _official_row(request: Request, answer: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    row: dict[str, Any] = {
        "poll": request.id,
        "version": request.version,
        "group": "",
        "unit": answer["_code"],
        "unit_label": answer["_unit"],
        "day": answer["_day"].isoformat(),
        "late": bool(answer["_late"]),
    }
    for number, question in enumerate(request.form.questions, start=1):
        if answer["_nothing"] and number == 1:
            row |= {"q1": NOTHING, "q1_label": t("form.nothing")}
            continue
        row |= _cells(number, question, answer.get(question.id), t)
    return row


def _cells(number: int, question: Question, value: Any, t: Texts) -> dict[str, Any]:
    name = f"q{number}"
    if value is None:
        return {name: None, f"{name}_label": None}
    kind = KINDS[question.kind]
    label = None if kind.is_free else kind.words(question, value, kind.options(question, t), t)
    return {name: value, f"{name}_label": label}


def _poll_rows(
    request: Request,
    answers: Sequence[Mapping[str, Any]],
    tally: Tally,
    t: Texts,
    groups: Sequence[GroupCount] = (),
) -> list[dict[str, Any]]:
    """Each column by itself holds what may be shown of its question, in an order of its own: values that too few gave
    are left out, and no two columns of a row belong to one person. What may be shown by cluster stands with its
    cluster."""
    shown = shown_questions(request.form, tally, t, request.withheld)
    questions = request.form.questions
    columns = [_values(question, answers, shown[question.id]) for question in questions]
    rows = []
    for name in dict.fromkeys(c.group for c in groups):
        numbers = {(c.question, c.option): c.number for c in groups if c.group == name and c.option}
        own = [_of_group(question, numbers) for question in questions]
        columns = [_less(column, taken) for column, taken in zip(columns, own, strict=True)]
        rows += _shuffled_rows(request, own, name or t("result.other_places"), t)
    return rows + _shuffled_rows(request, columns, "", t)


def _shuffled_rows(request: Request, columns: Sequence[list[Any]], group: str, t: Texts) -> list[dict[str, Any]]:
    length = max(map(len, columns), default=0)
    filled = [[*column, *[None] * (length - len(column))] for column in columns]
    for column in filled:
        secrets.SystemRandom().shuffle(column)
    rows = []
    for values in zip(*filled, strict=True):
        row: dict[str, Any] = {"poll": request.id, "version": request.version, "group": group}
        for number, (question, value) in enumerate(zip(request.form.questions, values, strict=True), start=1):
            row |= _cells(number, question, value, t)
        if any(value is not None for value in values):
            rows.append(row)
    return rows


def _values(question: Question, answers: Sequence[Mapping[str, Any]], shown: ShownQuestion) -> list[Any]:
    """The values of one question that may be shown."""
    kind, random = KINDS[question.kind], secrets.SystemRandom()
    values = [] if shown.why else [a[question.id] for a in answers if a.get(question.id) is not None]
    if kind.many:
        # which options one person chose together is told as little as which answers
        chosen: list[list[str]] = [[] for _ in range(shown.base)]
        for key, number in shown.cells.numbers.items():
            for keys in random.sample(chosen, number):
                keys.append(key)
        return [keys for keys in chosen if keys]
    if kind.is_free:
        return values
    return [value for value in values if set(kind.keys(value)) <= set(shown.cells.numbers)]


def _of_group(question: Question, numbers: Mapping[tuple[str, str], int]) -> list[Any]:
    kind = KINDS[question.kind]
    return [kind.press(key) for (id, key), number in numbers.items() if id == question.id for _ in range(number)]


def _less(column: Sequence[Any], taken: Sequence[Any]) -> list[Any]:
    """The column without the values taken from it."""
    if not taken:
        return list(column)
    left = Counter(column)
    left.subtract(taken)
    return list(left.elements())
