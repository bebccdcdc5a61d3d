"""Schedules as coordinators type them in chat and in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.recurrence.rules import InvalidRule, parse_rule

_CASES = Path(__file__).parents[1] / "support/data/schedules_in_words.tsv"
_LINES = [line.split("\t") for line in _CASES.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]


@pytest.mark.parametrize(("typed", "meant"), _LINES)
def test_a_schedule_is_read_as_it_is_said(typed: str, meant: str) -> None:
    try:
        read = str(parse_rule(typed))
    except InvalidRule as refused:
        read = f"!{refused.why}"
    assert read == meant


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", ["moon", "hour", "unknown", "no_hour", "never", "dense"])
def test_every_schedule_given_as_an_example_is_read(language: str, why: str) -> None:
    sentence = texts(language)(f"rule.{why}", text="")
    examples = [part for part in sentence.split('"')[1::2] if part]
    assert examples
    assert all(parse_rule(example) for example in examples)
