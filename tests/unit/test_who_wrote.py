"""R26, R31 Questions of the office about who wrote something are told from what a coordinator reports."""

from __future__ import annotations

import pytest

from nhipcau.bot.language.who_wrote import asks_about_person
from nhipcau.privacy.screening import screen
from nhipcau.privacy.screening_places import EVERYWHERE
from tests.support import DATA

CASES = [line.split("\t") for line in (DATA / "who_wrote.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("expected", "text"), CASES)
def test_what_is_asked_about_a_person(expected: str, text: str) -> None:
    masked = screen(text, EVERYWHERE).text
    assert (asks_about_person(masked) or "none") == expected, masked
