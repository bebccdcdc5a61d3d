"""R26, R31 Questions of the office about who wrote something are told from what a coordinator reports."""

from __future__ import annotations

from dataclasses import fields
from time import thread_time

import pytest

from nhipcau.bot.language.who_wrote import asks_about_person
from nhipcau.model.queries import OfficeQuery
from nhipcau.privacy.screening import screen
from nhipcau.privacy.screening_places import EVERYWHERE
from tests.support import DATA

CASES = [line.split("\t") for line in (DATA / "who_wrote.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("expected", "text"), CASES)
def test_what_is_asked_about_a_person(expected: str, text: str) -> None:
    masked = screen(text, EVERYWHERE).text
    assert (asks_about_person(masked) or "none") == expected, masked


#: What a query may name by letters: a report (`after`: the one before), a request (`repeats`: an earlier one), a topic,
#: sections of an office, lessons there are.
_CODES = {"code", "after", "id", "request_id", "issue", "repeats", "topic", "sections", "lessons"}
#: Queries about somebody of the roster; what they answer holds nothing anybody wrote.
_OF_THE_ROSTER = {"CardOf", "SynthesisSigners"}


def test_nothing_the_office_asks_of_storage_has_words_to_look_for() -> None:
    """R26: by a code of a thing at most, never by a person; by words only as `phrases_of` lets them pass."""
    for query in OfficeQuery.__subclasses__():
        of_words = {each.name for each in fields(query) if "str" in str(each.type)}
        assert of_words <= _CODES | ({"person_id"} if query.__name__ in _OF_THE_ROSTER else set()), query.__name__


@pytest.mark.parametrize("text", ["tìm " * 40, "ai " * 50, "0 " * 80, "[họ tên] " * 17, "xem cho " * 20, "." * 160])
def test_hostile_words_are_read_at_once(text: str) -> None:
    begun = thread_time()
    asks_about_person(text)
    assert thread_time() - begun < 0.1
