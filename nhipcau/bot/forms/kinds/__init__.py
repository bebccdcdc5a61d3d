"""Every kind of question, each in the file of this folder that has the name of its `QuestionKind`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import Any

from nhipcau.bot.forms.kinds.kind import Kind
from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.language.vietnamese import nfc

#: A kind without its file, or a file without its `KIND`, ends the program here: no kind is half known.
KINDS: Mapping[QuestionKind, Kind] = {kind: import_module(f"{__name__}.{kind}").KIND for kind in QuestionKind}


def read_answer(
    question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool = True
) -> Any:
    """The value of a typed answer. Raises InvalidAnswer. `numbers`: one may name a place among the options."""
    return KINDS[question.kind].read(question, nfc(text), options, today, numbers=numbers)
