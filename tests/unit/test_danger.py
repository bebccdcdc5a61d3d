"""Words that tell of danger to life, in every spelling; and words that only look like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.bot.language.danger import Danger, danger_in

_LINES = (Path(__file__).parents[1] / "support/data/danger.tsv").read_text(encoding="utf-8").splitlines()
_CASES = [tuple(line.split("\t")) for line in _LINES]


@pytest.mark.parametrize(("expected", "text"), _CASES)
def test_danger_is_told_from_what_only_sounds_so(expected: str, text: str) -> None:
    assert (danger_in(text) is not Danger.NONE) is (expected == "yes")


@pytest.mark.parametrize("text", [text for expected, text in _CASES if expected == "yes"])
def test_danger_is_noticed_in_capitals_and_among_other_words(text: str) -> None:
    assert danger_in(text.upper())
    assert danger_in(f"Dạ thưa các bác, {text} ạ!!!")
