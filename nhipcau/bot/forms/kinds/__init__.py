"""The kinds of question, each in a file of this folder named like its `QuestionKind`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import Any

from nhipcau.bot.forms.kinds.kind import Kind
from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.language.vietnamese import nfc

#: A kind without a file, or a file without `KIND`, raises here when the program starts.
KINDS: Mapping[QuestionKind, Kind] = {kind: import_module(f"{__name__}.{kind}").KIND for kind in QuestionKind}


def read_answer(
    question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool = True
) -> Any:
    """The value of a typed answer. Raises InvalidAnswer. `numbers`: a number may mean an option by its place."""
    return KINDS[question.kind].read(question, nfc(text), options, today, numbers=numbers)
