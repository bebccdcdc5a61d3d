"""Questions that ask what a person is or believes are refused (rule R30); questions about a matter are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.actions.sensitive_questions import refuse_sensitive
from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind

_LINES = (Path(__file__).parents[1] / "support/data/sensitive_questions.tsv").read_text(encoding="utf-8").splitlines()
#: Written apart from the patterns.
_OTHERS = (
    (Path(__file__).parents[1] / "support/data/sensitive_questions_unseen.tsv").read_text(encoding="utf-8").splitlines()
)


def _what_is_asked(line: str) -> tuple[str, str]:
    """What a line expects to be found in its question, and what is."""
    what, text, *choices = line.split("\t")
    labels = choices[0].split(" / ") if choices else []
    options = tuple(Option(str(n), label) for n, label in enumerate(labels, start=1))
    asked = Question("q2", QuestionKind.CHOICE, text, options)
    refused = refuse_sensitive(Form("poll", "Hỏi", (Question("q1", QuestionKind.YESNO, "Bác đã họp chưa?"), asked)))
    found = str(refused.facts["what"]).removeprefix("sensitive.").replace("_", " ") if refused else "none"
    return what, found


@pytest.mark.parametrize("line", _LINES)
def test_only_questions_about_a_person_are_refused(line: str) -> None:
    expected, found = _what_is_asked(line)
    assert found == expected


def test_nearly_every_such_question_is_refused_and_hardly_another() -> None:
    pairs = [_what_is_asked(line) for line in _OTHERS]
    sensitive = [found != "none" for expected, found in pairs if expected != "none"]
    others = [found != "none" for expected, found in pairs if expected == "none"]
    assert sum(sensitive) / len(sensitive) >= 0.98
    assert sum(others) / len(others) <= 0.01


def test_the_health_of_cattle_may_be_asked() -> None:
    assert _what_is_asked("none\tTrâu bò nhà bác có bị bệnh không?") == ("none", "none")
