"""Questions that ask what a person is or believes are refused (rule R30); questions about a matter are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.actions.sensitive_questions import refuse_sensitive
from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind

_LINES = (Path(__file__).parents[1] / "support/data/sensitive_questions.tsv").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", _LINES)
def test_only_questions_about_a_person_are_refused(line: str) -> None:
    what, text, *choices = line.split("\t")
    labels = choices[0].split(" / ") if choices else []
    options = tuple(Option(str(n), label) for n, label in enumerate(labels, start=1))
    asked = Question("q2", QuestionKind.CHOICE, text, options)
    refused = refuse_sensitive(Form("poll", "Hỏi", (Question("q1", QuestionKind.YESNO, "Bác đã họp chưa?"), asked)))
    found = str(refused.facts["what"]).removeprefix("sensitive.").replace("_", " ") if refused else "none"
    assert found == what
