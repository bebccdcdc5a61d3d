"""Rule R14 over two polls: where many of the same people answered the same question, the later result is not shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.model.nearly_same import Answerers, PollOfPeople, is_same_question, withheld_questions
from tests.support.sample_polls import FORM, options

ALL = frozenset({q.id for q in FORM.questions} - {"q7"})
DAY = timedelta(days=1)
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def poll(first: int, last: int, day: int = 0, *, left: int = 0, form: Form = FORM) -> PollOfPeople:
    """Answered by the persons of these numbers."""
    people = frozenset(str(n) for n in range(first, last))
    return PollOfPeople(f"{first}-{last}-{day}", form, MORNING + day * DAY, Answerers(people, left))


@pytest.mark.parametrize(
    ("later", "earlier", "held"),
    [
        (poll(0, 10, 1), poll(0, 9), True),
        (poll(0, 9, 1), poll(0, 10), True),
        (poll(1, 11, 1), poll(0, 10), True),
        (poll(0, 40, 1), poll(0, 20), True),  # a part and its whole
        (poll(30, 90, 1), poll(0, 60), True),  # many in common, many not
        (poll(20, 40, 1), poll(0, 20), False),  # nobody in common
        (poll(0, 10, 1), poll(0, 10), False),  # nobody to tell from the others
        (poll(0, 10, 1), poll(0, 4), False),  # shown nothing itself
        # those who have left may be others in each
        (poll(0, 10, 1, left=2), poll(0, 10, left=2), True),
        (poll(0, 10, 28, left=2), poll(0, 10, left=2), True),
        (poll(0, 18, 28, left=2), poll(0, 18, left=2), False),
        (poll(0, 10, 1, left=3), poll(0, 10, left=2), True),
    ],
)
def test_what_two_polls_together_tell_of_a_few_is_not_shown(
    later: PollOfPeople, earlier: PollOfPeople, held: bool
) -> None:
    assert withheld_questions(later, [earlier]) == (ALL if held else frozenset())


@pytest.mark.parametrize(
    ("people", "more", "days", "held"),
    [(20, 1, 27, True), (19, 1, 28, True), (20, 1, 28, False), (9, 4, 300, True), (9, 5, 28, False)],
)
def test_before_and_after_needs_four_weeks(people: int, more: int, days: int, held: bool) -> None:
    """And twenty people, where only one to four of them were exchanged."""
    assert bool(withheld_questions(poll(0, people + more, days), [poll(0, people)])) is held
    assert bool(withheld_questions(poll(0, people, days), [poll(0, people)])) is False


@pytest.mark.parametrize(
    ("people", "more", "held"), [(20, 1, False), (19, 1, True), (9, 4, True), (9, 5, False), (30, 9, False)]
)
def test_a_question_repeated_on_purpose_is_shown(people: int, more: int, held: bool) -> None:
    """ "Before and after" and weekly questions, unless few people were exchanged among few."""
    before, after = poll(0, people), poll(0, people + more, 1)
    assert bool(withheld_questions(replace(after, repeats=before.id), [before])) is held
    weekly = replace(after, rule="r1"), [replace(before, rule="r1")]
    assert bool(withheld_questions(*weekly)) is held
    assert withheld_questions(after, [before])


def test_only_the_questions_that_both_have_are_not_shown() -> None:
    other = Form("g", "Khác", (replace(FORM.questions[2], id="a"), Question("b", QuestionKind.NUMBER, "Mấy con trâu?")))
    assert withheld_questions(poll(0, 10, 1, form=other), [poll(0, 9)]) == {"a"}
    # what is not shown there tells nothing
    hidden = replace(poll(0, 9), withheld=frozenset({"q3"}))
    assert withheld_questions(poll(0, 10, 1, form=other), [hidden]) == frozenset()


@pytest.mark.parametrize(
    ("text", "kind", "same"),
    [
        ("Sáng THỨ BẢY có thuận lợi hơn không", QuestionKind.CHOICE, True),
        ("Sáng thứ Bảy này có thuận lợi hơn không?", QuestionKind.CHOICE, True),
        ("Sáng thứ Bảy có thuận lợi hơn không?", QuestionKind.YESNO, True),
        ("Sáng thứ Bảy có thuận lợi hơn không?", QuestionKind.SEVERAL, False),
        ("Tối thứ Bảy có họp thôn không?", QuestionKind.CHOICE, False),
    ],
)
def test_the_same_question_in_other_words_is_the_same(text: str, kind: QuestionKind, same: bool) -> None:
    assert is_same_question(Question("a", kind, text, options("Có", "Không")), FORM.questions[0]) is same
