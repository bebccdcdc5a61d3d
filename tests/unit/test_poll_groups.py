"""Rules R14 and R19: results by cluster. Every hidden cell of a table can be several numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.insight.group_results import group_result
from nhipcau.model.poll_groups import OTHERS, GroupCount, group_counts
from nhipcau.model.shown_answers import shown_questions
from nhipcau.model.tally import tally_of
from nhipcau.privacy.table_suppression import shown_in_table
from tests.support.results_attack import bounds_in_table
from tests.support.sample_polls import options

SAY = texts("vi")
FORM = Form("p", "Hỏi", (Question("q1", QuestionKind.CHOICE, "Giờ nào?", options("A", "B", "C")),))
NUMBERS = st.sampled_from((0, 1, 2, 3, 4, 5, 6, 8, 12, 20))
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(NUMBERS, min_size=width, max_size=width), min_size=2, max_size=5)
)
COUNTS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=4)


def people(*counts: int) -> list[dict[str, str]]:
    return [{"q1": str(option)} for option, number in enumerate(counts, start=1) for _ in range(number)]


def counted(clusters: dict[str, list[dict[str, str]]], form: Form = FORM) -> list[GroupCount]:
    everybody = [answers for given_there in clusters.values() for answers in given_there]
    return group_counts(form, clusters, shown_questions(form, tally_of(form, everybody), SAY), SAY)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_every_hidden_cell_of_a_table_can_be_several_numbers(table: list[list[int]]) -> None:
    shown = shown_in_table(table)
    assert not [cell for cell in shown if table[cell[0]][cell[1]] < 5]
    for least, most in bounds_in_table(table, shown).values():
        # nothing is shown beside a cell that the totals alone would tell
        assert not shown or most - least >= 3


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(COUNTS)
def test_no_number_of_a_cluster_follows_from_the_result_of_all(counts: list[tuple[int, int, int]]) -> None:
    clusters = {f"Cụm {n}": people(*each) for n, each in enumerate(counts)}
    found = counted(clusters)
    told = {(c.group, c.option): c.number for c in found if c.question and c.option}
    assert not [number for number in told.values() if number < 5]
    assert not [c for c in found if not c.option and c.number < 5]
    groups = list(dict.fromkeys(c.group for c in found))
    others = [name for name in clusters if name not in groups]
    rows = [clusters[name] if name else [a for other in others for a in clusters[other]] for name in groups]
    table = [[sum(1 for a in row if a["q1"] == key) for key in "123"] for row in rows]
    shown = {(groups.index(group), int(option) - 1) for group, option in told}
    for least, most in bounds_in_table(table, shown).values() if shown else ():
        assert most > least


def test_clusters_of_too_few_are_taken_together() -> None:
    found = counted({"Cao Lộc": people(9, 8), "Lộc Bình": people(8, 9), "Đình Lập": people(2, 1), "": people(1)})
    # four are not enough: the smallest of the others goes with them
    bases = {c.group: c.number for c in found if not c.question}
    assert bases == {"Lộc Bình": 17, OTHERS: 21}
    text = group_result("Hỏi", FORM, found, SAY)
    assert "– Lộc Bình, 17 người: A 8; B 9" in text
    assert "– Nơi khác, 21 người: A 12; B 9" in text


def test_one_cluster_alone_is_the_result_of_all() -> None:
    assert counted({"Cao Lộc": people(9, 8), "Lộc Bình": people(2, 1)}) == []


def test_whom_a_condition_asked_is_told_by_no_cluster() -> None:
    form = Form("p", "Hỏi", (*FORM.questions, Question("q2", QuestionKind.YESNO, "Xa à?", when='answer(1) == "A"')))
    clusters = {name: [{**a, "q2": "yes"} if a["q1"] == "1" else a for a in people(9, 9)] for name in ("X", "Y")}
    assert {c.question for c in counted(clusters, form)} == {"", "q1"}
