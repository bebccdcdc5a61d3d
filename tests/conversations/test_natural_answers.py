"""Answers as people give them: `tests/support/data/natural_answers.txt` says what each means, or that one has to ask.

The list was composed from how people talk to an office, before the reading of answers was looked at.
"""

from __future__ import annotations

from datetime import date

import pytest

from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import Draft, FormContext, Input
from nhipcau.bot.forms.engine import answer
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.command_words import read_command
from tests.support import DATA

SAY = texts("vi")
ASK = "?"
#: What is asked in a section of the list: our own question, or one of an office's file.
_OURS = {"mood", "urgency", "spread"}
_KINDS = {"yesno": QuestionKind.YESNO, "came": QuestionKind.YESNO, "number": QuestionKind.NUMBER}


def _sections() -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """By section: its title, and the lines."""
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    name = ""
    for line in (DATA / "natural_answers.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name, _, title = line[1:].partition("] ")
            found[name] = title, []
        elif line and not line.startswith("#"):
            typed, meant = line.split("\t")
            found[name][1].append((typed, meant))
    return found


def _question(name: str, title: str) -> Question:
    if name in _OURS:
        return builtin_form("report", "vi").question(name)
    text = title.rpartition('; "')[2].rstrip('"') if '"' in title else "…"
    kind = _KINDS.get(name, QuestionKind.CHOICE)
    labels = title.split(" | ") if kind is QuestionKind.CHOICE else []
    return Question("q", kind, text, tuple(Option(str(n), label) for n, label in enumerate(labels, start=1)))


def recorded(question: Question, text: str) -> str:
    """The answer that these words leave in the draft, in words; "?" where they leave none."""
    if read_command(text)[0]:
        return ASK
    context = FormContext(Form("poll", "…", (question,)), SAY, today=date(2026, 11, 23))
    draft = Draft("poll", "n", at=question.id)
    answer(context, draft, Input(text=text))
    value = draft.answers.get(question.id)
    kind = KINDS[question.kind]
    return ASK if value is None else kind.words(question, value, kind.options(question, SAY), SAY)


def test_natural_answers_are_understood_or_asked_again() -> None:
    rows = [
        (name, typed, meant, recorded(_question(name, title), typed))
        for name, (title, lines) in _sections().items()
        for typed, meant in lines
    ]
    clear = [row for row in rows if row[2] != ASK]
    missed = [row for row in clear if row[3] == ASK]
    wrong = [row for row in rows if row[3] != ASK and (row[2] == ASK or not row[3].startswith(row[2]))]
    print(
        f"{len(rows)} answers: {len(clear) - len(missed)} of {len(clear)} clear ones understood,", *missed, sep="\n  "
    )
    assert len(rows) >= 200
    assert wrong == []
    assert len(missed) <= 0.02 * len(clear)


@pytest.mark.parametrize("degree", ["rất", "vô cùng", "hoàn toàn"])
def test_degrees_stay_apart_where_labels_tell_them_apart(degree: str) -> None:
    labels = ("Rất đồng tình", "Đồng tình", "Không đồng tình")
    options = tuple(Option(label, label) for label in labels)
    question = Question("q", QuestionKind.CHOICE, "…", options)
    assert recorded(question, f"{degree} đồng tình") in {"Rất đồng tình" if degree == "rất" else ASK, ASK}
