"""Rule R14 by counting: of every small question, all answers that would be shown alike are compared. No hidden number
is the same in all of them, so that nobody who knows the rules by heart, and everything shown, can tell it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product

import pytest

from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.insight.poll_results import poll_result
from nhipcau.model.shown_answers import Hidden, shown_questions
from nhipcau.model.tally import UNVOUCHED, Tally, tally_of
from nhipcau.privacy.cell_suppression import ShownCells, shown_of_one, shown_of_several
from tests.support.sample_polls import FORM, crowd, options

SAY = texts("vi")


def shares(people: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way in which so many people may choose one of so many options."""
    if parts == 1:
        yield (people,)
        return
    for first in range(people + 1):
        for rest in shares(people - first, parts - 1):
            yield (first, *rest)


def least_choice(ways: Iterable[tuple[int, ...]], shown: Callable[[dict[str, int]], ShownCells]) -> int:
    """In how many numbers the answers that look alike differ, of the hidden option where they differ least."""
    alike: defaultdict[tuple[tuple[str, ...], ...], list[tuple[int, ...]]] = defaultdict(list)
    for way in ways:
        cells = shown({str(place): number for place, number in enumerate(way)})
        numbers = tuple(f"{place}={number}" for place, number in cells.numbers.items())
        look = (tuple(cells.numbers), numbers, cells.together, cells.most, cells.few, cells.untold)
        alike[look].append(way)
    choices = [99]
    for (told, *_), those in alike.items():
        hidden = set(range(len(those[0]))) - {int(option) for option in told}
        choices += [len({way[place] for way in those}) for place in hidden]
    return min(choices)


@pytest.mark.slow
@pytest.mark.parametrize(("parts", "most"), [(2, 60), (3, 34), (4, 22), (5, 14)])
def test_no_hidden_option_follows_from_what_is_shown(parts: int, most: int) -> None:
    for people in range(5, most + 1):
        assert least_choice(shares(people, parts), shown_of_one) >= 2


@pytest.mark.slow
@pytest.mark.parametrize(("parts", "most"), [(2, 40), (3, 17)])
def test_nor_where_several_may_be_chosen(parts: int, most: int) -> None:
    for people in range(5, most + 1):
        ways = [way for way in product(range(people + 1), repeat=parts) if sum(way) >= people]
        assert least_choice(ways, partial(shown_of_several, base=people)) >= 2


@pytest.mark.slow
@pytest.mark.parametrize(("parts", "most"), [(2, 60), (3, 40), (4, 20)])
def test_nobody_reads_a_number_from_one_to_four(parts: int, most: int) -> None:
    for people in range(5, most + 1):
        for way in shares(people, parts):
            cells = shown_of_one({str(place): number for place, number in enumerate(way)})
            assert not {1, 2, 3, 4} & set(cells.numbers.values())
            rest = people - sum(cells.numbers.values())
            assert not cells.together or (rest >= 5 and len(cells.together) > 1)


def test_a_few_are_added_to_the_next_and_almost_all_is_nearly_all() -> None:
    assert shown_of_one({"a": 20, "b": 9, "c": 1}) == ShownCells({"a": 20}, together=("b", "c"))
    assert shown_of_one({"a": 20, "b": 9, "c": 4, "d": 3}) == ShownCells({"a": 20, "b": 9}, together=("c", "d"))
    for rest in range(1, 5):
        assert shown_of_one({"a": 90, "b": rest}) == ShownCells({}, most=("a",))
    # from twenty on everybody may be told from nearly everybody
    assert shown_of_one({"a": 20, "b": 0}).is_whole
    assert shown_of_one({"a": 19, "b": 0}) == ShownCells({}, most=("a",))


# ------------------------------------------------------------------ questions that hang together


def form_of(when: str) -> Form:
    first = Question("q1", QuestionKind.CHOICE, "Chọn gì?", options("A", "B", "C"))
    return Form("f", "Hỏi", (first, Question("q2", QuestionKind.YESNO, "Có tiện không?", when=when)))


@pytest.mark.parametrize(
    ("when", "numbers", "why"),
    [
        ('answer(1) == "A"', (20, 9, 8), None),
        ('answer(1) == "B"', (20, 9, 1), Hidden.PART),  # B and C are added up: whom it was asked would tell B
        ('answer(1) == "C"', (20, 9, 1), Hidden.PART),  # nor is it told that they were few
        ('answer(1) != "A"', (20, 9, 1), None),
        ('answer(1) == "A"', (30, 2, 1), Hidden.PART),  # nearly all
        ('answer(1) == "A" or answer(1) == "B"', (20, 9, 8), None),
    ],
)
def test_whom_a_question_was_asked_tells_no_hidden_number(
    when: str, numbers: tuple[int, int, int], why: Hidden | None
) -> None:
    form = form_of(when)
    asked = {"A": "A" in when and "==" in when, "B": '"B"' in when or "!=" in when, "C": '"C"' in when or "!=" in when}
    answers = [
        {"q1": key} | ({"q2": ("yes", "no")[n % 2]} if asked[label] else {})
        for key, label, number in zip("123", "ABC", numbers, strict=True)
        for n in range(number)
    ]
    shown = shown_questions(form, tally_of(form, answers), SAY)["q2"]
    assert shown.why == why
    assert (SAY(f"result.{Hidden.PART}") in poll_result("Hỏi", form, tally_of(form, answers), 40, SAY)) == bool(why)


def test_a_condition_on_two_questions_tells_how_many_gave_both() -> None:
    first, second = form_of('answer(1) == "A"').questions
    third = Question("q3", QuestionKind.TEXT, "Vì sao?", when='answer(1) == "A" and answer(2) == "Có"')
    form = Form("f", "Hỏi", (first, second, third))
    answers = [{"q1": "1", "q2": ("yes", "no")[n % 3 == 0], "q3": "xa"} for n in range(40)]
    assert shown_questions(form, tally_of(form, answers), SAY)["q3"].why is Hidden.PART


@pytest.mark.parametrize(
    ("large", "unvouched", "why"), [(9, 0, None), (3, 0, Hidden.PART), (9, 5, Hidden.PART), (10, 5, None)]
)
def test_a_bound_on_a_number_divides_no_few_from_the_others(large: int, unvouched: int, why: Hidden | None) -> None:
    first = Question("q1", QuestionKind.NUMBER, "Mấy cây số?")
    form = Form("f", "Hỏi", (first, Question("q2", QuestionKind.YESNO, "Có đò không?", when="answer(1) <= 5")))
    answers = [{"q1": 3, "q2": "yes"}, {"q1": 4, "q2": "no"}] * 10 + [{"q1": 8}] * large
    tally = Tally({**tally_of(form, answers).counts, UNVOUCHED: unvouched})
    assert shown_questions(form, tally, SAY)["q2"].why is why


def test_small_groups_read_counts_and_no_percentages() -> None:
    """Rule R15: also of the response rate."""
    assert "%" not in poll_result(FORM.title, FORM, crowd(15, 14), 29, SAY)
    assert "%" in poll_result(FORM.title, FORM, crowd(15, 15), 30, SAY)
