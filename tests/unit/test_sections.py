"""Sections of an office and days by which something is to be done, as decisions."""

from __future__ import annotations

from datetime import date

import pytest

from nhipcau.actions import sections
from nhipcau.actions.decision import Actor, Refusal
from nhipcau.actions.due_days import refuse_due
from nhipcau.bot.recurrence.working_days import read_calendar
from nhipcau.bot.units.tree import Unit
from nhipcau.model.changes import ChangePerson
from nhipcau.model.office_changes import AddSection, ChangeSection
from nhipcau.model.sections import Section

_UNIT = Unit(1, "X1", "Xã Một", "xã", "/X1/")
_ACTOR = Actor("p1", _UNIT, "coordinator")
_LAND, _WASTE = Section("a", _UNIT, "Đất đai"), Section("b", _UNIT, "Môi trường", closed=True)


def new_id(kind: str) -> str:
    return f"new {kind}"


def test_a_section_is_added_once_and_a_closed_one_opened_again() -> None:
    added = AddSection(Section("new section", _UNIT, "Một cửa"), "p1")
    assert sections.add(_ACTOR, [_LAND], "Một cửa", new_id) == [added]
    assert sections.add(_ACTOR, [_LAND], "dat dai", new_id) == Refusal("section.same", {"name": "Đất đai"})
    opened = sections.add(_ACTOR, [_LAND, _WASTE], "môi trường", new_id)
    assert opened == [ChangeSection(Section("b", _UNIT, "Môi trường"), _WASTE, "p1")]
    many = [Section(str(n), _UNIT, str(n)) for n in range(sections.MAX_SECTIONS)]
    assert sections.add(_ACTOR, many, "Một cửa", new_id) == Refusal("section.full", {"n": sections.MAX_SECTIONS})


def test_a_section_is_not_renamed_to_another_nor_closed_twice() -> None:
    assert sections.rename(_ACTOR, [_LAND, _WASTE], "a", "Môi trường") == Refusal(
        "section.same", {"name": "Môi trường"}
    )
    assert sections.rename(_ACTOR, [_LAND], "a", "Đất đai") == []
    assert sections.rename(_ACTOR, [_LAND], "c", "Địa chính") == Refusal("section.gone")
    assert sections.close(_ACTOR, [_LAND, _WASTE], "b") == Refusal("section.gone")


def test_only_sections_of_the_unit_are_chosen() -> None:
    assert sections.choose(_ACTOR, [_LAND, _WASTE], ["b", "a", "x"]) == [ChangePerson("p1", {"sections": "a,b"})]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 20), "due.past"),
        (date(2026, 11, 23), ""),
        (date(2026, 11, 28), "due.off"),
        (date(2027, 11, 23), ""),
        (date(2027, 11, 26), "due.far"),
    ],
)
def test_a_day_is_a_working_day_to_come(day: date, why: str) -> None:
    refused = refuse_due(day, date(2026, 11, 23), read_calendar(""))
    assert (refused.key if refused else "") == why
