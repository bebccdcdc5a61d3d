"""An attack on results of polls by linear programming: whatever a coordinator and a leader are shown or may export is
written down as equations over how many people gave which answers, and every hidden number is bounded from both sides.

By hand, for as long as wanted: `python -m tests.support.results_attack 2000`.
"""

from __future__ import annotations

import itertools
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from nhipcau.bot.forms.conditions import holds
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.units.tree import Unit
from nhipcau.insight.poll_results import ChartQuestion, publishable_result
from nhipcau.model.nearly_same import Answerers, PollOfPeople, withheld_questions
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Request, RequestContent, RequestState
from nhipcau.model.tally import tally_of
from nhipcau.office.export_tables import answer_table

T = texts("vi")
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
UNIT = Unit(1, "X1", "Xã Một", "xã", "/X1/")
_NUMBERS = (1, 2, 3, 8)

#: One person's answers, in the order of the questions; None: skipped, or not asked.
Answers = tuple[Any, ...]


def values_of(question: Question) -> list[Any]:
    """Everything one person may answer."""
    kind = KINDS[question.kind]
    keys = [option.key for option in kind.options(question, T)]
    if kind.many:
        return [[*chosen] for n in range(1, len(keys) + 1) for chosen in itertools.combinations(keys, n)]
    return [kind.press(key) for key in keys] or list(_NUMBERS)


def ways_of(form: Form) -> list[Answers]:
    """All answers to the form that its conditions allow."""
    ways: list[dict[str, Any]] = [{}]
    for question in form.questions:
        longer = []
        for way in ways:
            asked = holds(question.when, form, {id: value for id, value in way.items() if value is not None})
            longer += [{**way, question.id: value} for value in ([*values_of(question), None] if asked else [None])]
        ways = longer
    return [tuple(way[q.id] for q in form.questions) for way in ways]


class Equations:
    """What is known about how many people of each group gave each answer."""

    def __init__(self, form: Form, groups: Mapping[str, int]) -> None:
        self.form, self.ways = form, ways_of(form)
        self.unknowns = [(group, way) for group in groups for way in self.ways]
        self._known: list[tuple[np.ndarray, float, float]] = []
        for group, size in groups.items():
            self.know(lambda g, _, group=group: g == group, size, size)  # type: ignore[misc]

    def row(self, counts: Callable[[str, Answers], bool]) -> np.ndarray:
        return np.array([float(counts(group, way)) for group, way in self.unknowns])

    def know(self, counts: Callable[[str, Answers], bool], least: float, most: float) -> None:
        self.know_row(self.row(counts), least, most)

    def know_row(self, row: np.ndarray, least: float, most: float) -> None:
        self._known.append((row, least, most))

    def is_asked_of_nobody(self, name: str) -> bool:
        """Whether it follows from numbers that are shown that nobody can have been asked this."""
        place = int(name.partition(": q")[2].partition("=")[0]) - 1
        return self.bounds(self.row(lambda _, way: way[place] is not None)) == (0, 0)

    def bounds(self, row: np.ndarray) -> tuple[int, int]:
        """The least and the largest number that agree with everything known."""
        matrix = np.array([known for known, _, _ in self._known])
        limits = LinearConstraint(matrix, [k[1] for k in self._known], [k[2] for k in self._known])
        ends = []
        for sign in (1, -1):
            found = milp(sign * row, constraints=limits, integrality=[1] * len(row), bounds=Bounds(0, np.inf))
            assert found.success, found.message
            ends.append(round(sign * found.fun))
        return ends[0], ends[1]


@dataclass(frozen=True)
class Poll:
    """A closed poll, who answered it, and what they said."""

    form: Form
    #: Group → the answers of its people; groups of one name are the same people in every poll.
    given: Mapping[str, Sequence[Answers]]
    day: int = 0
    withheld: frozenset[str] = frozenset()

    @property
    def answers(self) -> list[dict[str, Any]]:
        ids = [q.id for q in self.form.questions]
        return [
            {id: value for id, value in zip(ids, way, strict=True) if value is not None}
            for ways in self.given.values()
            for way in ways
        ]

    def closed_after(self, earlier: Sequence[Poll]) -> Poll:
        """As the office closes it: what nearly the same people answered is not shown."""
        withheld = withheld_questions(self.of_people(), [poll.of_people() for poll in earlier])
        return replace(self, withheld=withheld)

    def of_people(self) -> PollOfPeople:
        people = frozenset(f"{group}{n}" for group, ways in self.given.items() for n in range(len(ways)))
        return PollOfPeople("", self.form, NOON + timedelta(days=self.day), Answerers(people), self.withheld)


def attack(polls: Sequence[Poll]) -> list[str]:
    """What somebody who is shown all of these polls can tell: each hidden number that has only one value left."""
    form = polls[0].form
    sizes = {group: len(ways) for poll in polls for group, ways in poll.given.items()}
    known = Equations(form, sizes)
    hidden: list[tuple[str, np.ndarray]] = []
    of_all: set[str] = set()
    for number, poll in enumerate(polls):
        hidden += _look_at(known, poll, f"poll {number}", of_all)
    for group, size in sizes.items():
        if 0 < size < 5:
            for place, question in enumerate(form.questions):
                hidden += [
                    (f"{group}: {question.id}={key}", known.row(_chose(place, question, key, {group})))
                    for key in _keys(question)
                ]
    told = [
        (name, least)
        for name, row in hidden
        if name.partition(": ")[2] not in of_all
        for least, most in [known.bounds(row)]
        if least == most
    ]
    return [f"{name} is {least}" for name, least in told if least or not known.is_asked_of_nobody(name)]


def _keys(question: Question) -> list[str]:
    return [option.key for option in KINDS[question.kind].options(question, T)] or [str(n) for n in _NUMBERS]


def _chose(place: int, question: Question, key: str, groups: Iterable[str]) -> Callable[[str, Answers], bool]:
    kind, inside = KINDS[question.kind], set(groups)
    return lambda g, way: g in inside and way[place] is not None and key in kind.keys(way[place])


def _look_at(known: Equations, poll: Poll, name: str, of_all: set[str]) -> list[tuple[str, np.ndarray]]:
    """Write down everything this poll shows; its hidden numbers. `of_all`: what it says of
    everybody, that all or none chose it: from twenty people on that is shown."""
    form, groups = poll.form, set(poll.given)
    people, tally = len(poll.answers), tally_of(form, poll.answers)
    results = [publishable_result("", form, tally, 500, T, texts=w, withheld=poll.withheld) for w in (True, False)]
    shown = {q.question.id: q for result in results for q in result.questions}
    rows = answer_table([_request(poll)], {"p": poll.answers}, T, {"p": tally_of(poll.form, poll.answers)}).rows
    hidden = []
    for place, question in enumerate(form.questions):
        counted = Counter(
            key
            for row in rows
            if row[f"q{place + 1}"] is not None
            for key in KINDS[question.kind].keys(row[f"q{place + 1}"])
        )
        cells = {key: known.row(_chose(place, question, key, groups)) for key in _keys(question)}
        for key, number in counted.items():
            known.know_row(cells[key], number, number)
        base = known.row(lambda g, way, place=place: g in groups and way[place] is not None)  # type: ignore[misc]
        told = _read(known, shown.get(question.id), cells, base, people) | set(counted)
        if not KINDS[question.kind].many and counted.total() == tally.base(question.id):
            told |= set(cells)
        ends = {0, tally.base(question.id)}
        of_all |= {f"{question.id}={key}" for key in told if tally.of(question.id).get(key, 0) in ends}
        hidden += [(f"{name}: {question.id}={key}", row) for key, row in cells.items() if key not in told]
    return hidden


def _read(
    known: Equations, shown: ChartQuestion | None, cells: Mapping[str, np.ndarray], base: np.ndarray, people: int
) -> set[str]:
    """Write down what the result of one question says; the options whose number it tells."""
    if shown is None:
        return set()
    labels = {option.label: option.key for option in KINDS[shown.question.kind].options(shown.question, T)}
    if not shown.base:
        few = shown.lines == (T("result.too_few_here", k=5),)
        known.know_row(base, 0, 4 if few else people)
        return set()
    known.know_row(base, shown.base, shown.base)
    told = set()
    for bar in shown.bars:
        parts = [labels[label] for label in bar.parts or (bar.label,)]
        known.know_row(np.sum([cells[key] for key in parts], axis=0), bar.count, bar.count)
        told |= set(parts) if len(parts) == 1 else set()
    for key, row in cells.items():
        label = next((label for label, k in labels.items() if k == key), "")
        if T("result.nearly_all", label=label) in shown.lines:
            known.know_row(row, shown.base - 4, shown.base)
    for line in shown.lines:
        if isinstance(line, str) and line.startswith(T("result.few", labels="")):
            for label in line.removeprefix(T("result.few", labels="")).split("; "):
                known.know_row(cells[labels[label]], 0, 4)
    if shown.median:
        middle, before = float(shown.median.replace(",", ".")), (shown.base - 1) // 2
        known.know_row(sum((row for key, row in cells.items() if float(key) <= middle), 0 * base), before + 1, people)
        known.know_row(sum((row for key, row in cells.items() if float(key) < middle), 0 * base), 0, before)
    return told


def _request(poll: Poll) -> Request:
    content = RequestContent(RequestKind.POLL, "Hỏi", "", poll.form)
    return Request("p", UNIT, content, RequestState.CLOSED, NOON, NOON, 500, withheld=poll.withheld)


def bounds_in_table(
    table: Sequence[Sequence[int]], shown: set[tuple[int, int]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """The least and the largest number of each hidden cell, where all sums of rows and columns are known; without rows
    and columns that are empty."""
    cells = [(r, c) for r, row in enumerate(table) for c in range(len(row))]
    columns = [sum(column) for column in zip(*table, strict=True)]
    known = [([float(r == at) for r, _ in cells], sum(row)) for at, row in enumerate(table)]
    known += [([float(c == at) for _, c in cells], total) for at, total in enumerate(columns)]
    known += [([float(cell == each) for cell in cells], table[each[0]][each[1]]) for each in shown]
    limits = LinearConstraint(np.array([row for row, _ in known]), [n for _, n in known], [n for _, n in known])
    found = {}
    for hidden in set(cells) - shown:
        if any(table[hidden[0]]) and columns[hidden[1]]:
            ends = []
            for sign in (1, -1):
                aim = np.array([float(sign * (cell == hidden)) for cell in cells])
                told = milp(aim, constraints=limits, integrality=[1] * len(cells), bounds=Bounds(0, np.inf))
                ends.append(round(sign * (told.fun or 0)))
            found[hidden] = (ends[0], ends[1])
    return found


# ------------------------------------------------------------------ random polls


def random_form(chance: random.Random) -> Form:
    """One to three questions, the later ones perhaps asked of some only."""
    questions: list[Question] = []
    for number in range(1, chance.choice((2, 3, 4))):
        kind = chance.choice((QuestionKind.CHOICE, QuestionKind.CHOICE, QuestionKind.YESNO, QuestionKind.SEVERAL))
        kind = chance.choice((kind, kind, QuestionKind.NUMBER, QuestionKind.SCALE)) if number == 1 else kind
        many = chance.choice((2, 3) if kind is QuestionKind.SEVERAL or number > 1 else (2, 3, 4))
        options = tuple(Option(str(n), f"Phương án {n}") for n in range(1, many + 1))
        options = () if kind in {QuestionKind.YESNO, QuestionKind.NUMBER, QuestionKind.SCALE} else options
        question = Question(f"q{number}", kind, f"Câu {number * 'x '}?", options)
        if kind is QuestionKind.SCALE:
            question = replace(question, minimum=1, maximum=3)
        questions.append(replace(question, when=_random_when(chance, questions)))
    return Form("p", "Hỏi", tuple(questions))


def _random_when(chance: random.Random, questions: Sequence[Question]) -> str:
    if not questions or chance.random() < 0.4:
        return ""
    number = chance.randrange(len(questions)) + 1
    source = questions[number - 1]
    if KINDS[source.kind].is_number:
        return f"answer({number}) {chance.choice(('>', '<=', '=='))} {chance.choice((1, 2, 3))}"
    label = "Có" if source.kind is QuestionKind.YESNO else "Phương án 1"
    one = f'"{label}" in answer({number})' if KINDS[source.kind].many else f'answer({number}) == "{label}"'
    more = f'answer({number}) != "{label}"'
    return chance.choice((one, one, more))


def random_answers(form: Form, people: int, chance: random.Random) -> list[Answers]:
    """Mostly alike, as people are: small numbers are what hides."""
    ways = ways_of(form)
    weights = [chance.choice((0, 0, 0.05, 0.3, 1, 4)) + 1e-6 for _ in ways]
    return chance.choices(ways, weights, k=people)


def random_poll(seed: int) -> list[Poll]:
    chance = random.Random(seed)
    form = random_form(chance)
    return [Poll(form, {"a": random_answers(form, chance.randint(5, 45), chance)})]


def random_pair(seed: int) -> list[Poll]:
    """Two polls with the same questions, a day apart; who answers both answers alike. The later one as it is closed."""
    chance = random.Random(seed)
    form = random_form(chance)
    sizes = {"both": chance.randint(5, 30), "first": chance.choice((0, 0, 1, 2, 5, 9)), "second": chance.randint(0, 6)}
    given = {group: random_answers(form, size, chance) for group, size in sizes.items()}
    first = Poll(form, {group: given[group] for group in ("both", "first")})
    second = Poll(form, {group: given[group] for group in ("both", "second")}, day=1)
    return [first, second.closed_after([first])]


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    for make in (random_poll, random_pair):
        found = {seed: told for seed in range(cases) if (told := attack(make(seed)))}
        print(f"{make.__name__}: {cases} cases, {len(found)} with a hidden number told")
        for seed, told in list(found.items())[:10]:
            print(f"  seed {seed}: {told}")


if __name__ == "__main__":
    main()
