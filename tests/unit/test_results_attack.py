"""Rules R13, R14, R16 under attack: an integer program over everything that a coordinator and a leader are shown or may
export bounds every hidden number from both sides; no two bounds meet. More by hand: tests/support/results_attack.py."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nhipcau.bot.forms.model import Form, Question, QuestionKind
from tests.support.results_attack import Poll, attack, random_pair, random_poll
from tests.support.sample_polls import options

SEEDS = st.integers(0, 2**32)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_no_hidden_number_follows_from_a_poll(seed: int) -> None:
    assert attack(random_poll(seed)) == []


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(SEEDS)
@example(432_802_067)
@example(1_897_368_247)
def test_nor_from_two_polls_of_many_of_the_same_people(seed: int) -> None:
    assert attack(random_pair(seed)) == []


YES_NO = Form("p", "Hỏi", (Question("q1", QuestionKind.YESNO, "Có tiện không?"),))
THREE = Form("p", "Hỏi", (Question("q1", QuestionKind.CHOICE, "Giờ nào?", options("A", "B", "C")),))


def test_the_attack_finds_what_is_not_held_back() -> None:
    """Nine, then ten people: without the rule over two polls the tenth is told."""
    nine = [("yes",)] * 4 + [("no",)] * 5 + [("yes",)] * 3
    first = Poll(YES_NO, {"both": nine})
    second = Poll(YES_NO, {"both": nine, "second": [("no",)]}, day=1)
    assert "second: q1=no is 1" in attack([first, second])
    assert attack([first, second.closed_after([first])]) == []


def test_the_attack_knows_what_a_base_and_a_condition_tell() -> None:
    asked = Question("q2", QuestionKind.YESNO, "Vì xa à?", when='answer(1) == "B"')
    form = replace(THREE, questions=(*THREE.questions, asked))
    given_answers = [("1", None)] * 20 + [("2", "yes")] * 5 + [("2", "no")] * 4 + [("3", None)]
    assert attack([Poll(form, {"a": given_answers})]) == []
