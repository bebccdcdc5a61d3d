"""What people may add to a report before they send it. The form is the only list: each such question is a column of
reports with the question's id, a line for coordinators, and a column of the export."""

from __future__ import annotations

from functools import cache

from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Question
from nhipcau.bot.language.catalogue import Texts


@cache
def added_questions(language: str = "vi") -> tuple[Question, ...]:
    """Questions the summary offers, in the form's order; not those for pictures, which are rows of their own."""
    questions = builtin_form("report", language).questions
    return tuple(q for q in questions if q.offered and not KINDS[q.kind].takes_photo)


def to_column(answer: object) -> str:
    """An answer as its column keeps it: keys divided by commas, "" where it was not given."""
    if isinstance(answer, list):
        return ",".join(answer)
    return "" if answer is None else str(answer)


def keys_in(column: str) -> list[str]:
    """The keys that `to_column` joined."""
    return [key for key in column.split(",") if key]


def label_of(question: str, key: str, t: Texts) -> str:
    """An option as the office reads it, which may differ from what the reporter chose: "quan sát", "nhập hộ"."""
    own = f"{question}.{key}"
    return t(own if t.has(own) else f"report.{own}")
