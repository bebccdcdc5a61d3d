"""What leaves on purpose: exports and figures."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
from scipy import stats

from tests.attacks.chance import BOUND, ONE_COPY
from tests.attacks.linking import Linker
from tests.attacks.planting import id_of
from tests.attacks.rows import Row, sort_rows
from tests.attacks.session import CHOICES, PEOPLE, Session
from tests.attacks.stage import Stage

pytestmark = pytest.mark.slow


def fourth_known(text: str, answers: list[list[str]]) -> int:
    """Of people of whom three answers are known, how many fourth ones does a table of rows give away?"""
    rows = list(csv.reader(io.StringIO(text)))
    # columns that hold nothing but choices are the questions, in their order
    columns = [n for n, cells in enumerate(zip(*rows[1:], strict=True)) if set(cells) & set(CHOICES)]
    given = [tuple(row[n] for n in columns) for row in rows[1:]]
    if not given or len(columns) != len(answers[0]):
        return 0
    right = 0
    for *three, fourth in answers:
        alike = Counter(row[-1] for row in given if list(row[:-1]) == three)
        guess = max(sorted(alike or Counter(row[-1] for row in given)), key=lambda label: alike[label])
        right += guess == fourth
    return right


def bound(people: int) -> float:
    """Chance + 3 σ where the fourth is one of three by chance, and the commonest of them is guessed."""
    p = 0.45
    return people * p + BOUND * float(stats.binom.std(people, p))


def known(session: Session) -> list[list[str]]:
    found = [session.chosen[said.word] for said in session.of("poll")]
    assert len(found) == 28
    return found


def test_three_known_answers_do_not_tell_the_fourth(stage: Stage) -> None:
    """L14, F7, R13, R14."""
    answers = known(stage.session)
    assert fourth_known(stage.exports["answers.csv"], answers) <= bound(len(answers))


def test_three_known_answers_tell_the_fourth_from_whole_rows(stage: Stage) -> None:
    """So the attack works."""
    answers = known(stage.session)
    out = io.StringIO()
    csv.writer(out).writerows([["q1", "q2", "q3", "q4"], *sorted(answers)])
    assert fourth_known(out.getvalue(), answers) > bound(len(answers))


@pytest.mark.parametrize("kind", ["report", "poll", "sealed", "official", "note"])
def test_no_export_lies_in_the_order_of_the_acts(stage: Stage, kind: str) -> None:
    """R18."""
    rows = [
        Row(name, (line,), {"place": float(n)})
        for name, text in stage.exports.items()
        for n, line in enumerate(text.splitlines())
    ]
    found = Linker(sort_rows(rows, stage.session)).by_known_order(
        stage.session.of(kind, 1 if kind == "official" else 0)
    )
    assert found.sigmas <= ONE_COPY, str(found)


def test_figures_of_the_process_name_nobody_and_nothing_said(stage: Stage) -> None:
    assert len(stage.metrics) > 500
    ids = [id_of(stage.session, n) for n in range(PEOPLE)]
    words = [said.word for said in stage.session.said]
    assert [
        value for value in (*ids, *words, *{said.unit for said in stage.session.said}) if value in stage.metrics
    ] == []
