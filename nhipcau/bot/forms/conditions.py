"""The `when` of a question: comparisons of earlier answers, joined by `and` / `or`; parsed, never run as code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form, Question
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.language.vietnamese import nfc

_TOKEN = re.compile(
    r"\s*(?:(?P<answer>answer\s*\(\s*(?P<question>\d{1,3})\s*\))|(?P<operator>==|!=|<=|>=|<|>)"
    r"|(?P<word>\b(?:and|or|in)\b)|(?P<bracket>[()])|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'"
    r"|(?P<number>-?\d+(?:\.\d+)?))"
)


#: Characters of a condition, and brackets inside each other: more than any question needs.
MOST_CHARACTERS, MOST_BRACKETS = 2000, 20


class InvalidCondition(Fault):
    """What is wrong with a condition, in one clear sentence."""


@dataclass(frozen=True, slots=True)
class Comparison:
    #: The question compared: its place in the file, from 1.
    number: int
    #: ==, !=, <, >, <=, >=, in
    operator: str
    value: str | float


@dataclass(frozen=True, slots=True)
class Joined:
    """All of `parts` (and), or any of them (or)."""

    word: str
    parts: tuple[Condition, ...]


Condition = Comparison | Joined


@cache
def parse(text: str) -> Condition:
    """The condition that a `when` states. Raises InvalidCondition."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidCondition("cli.condition.long", length=len(text), most=MOST_CHARACTERS)
    reader = _Reader(_tokens(text))
    condition = reader.any_of()
    if (rest := reader.next_content()) is not None:
        raise InvalidCondition("cli.condition.rest", rest=rest)
    return condition


def comparisons(condition: Condition) -> list[Comparison]:
    """Every comparison that a condition is made of, in the order it is written."""
    if isinstance(condition, Joined):
        return [each for part in condition.parts for each in comparisons(part)]
    return [condition]


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    text, place = text.rstrip(), 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise InvalidCondition("cli.condition.unknown", text=text[place:].strip()[:20])
        place = match.end()
        kind = "answer" if match["answer"] else (match.lastgroup or "")
        content = match["question"] if match["answer"] else match[match.lastgroup or 0]
        tokens.append(("text" if kind in {"double", "single"} else kind, content))
    return tokens


class _Reader:
    """Recursive descent; `and` binds tighter than `or`."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def next_content(self) -> str | None:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else None

    def _take(self, kind: str, *contents: str) -> str | None:
        if self._place < len(self._tokens):
            found, content = self._tokens[self._place]
            if found == kind and (not contents or content in contents):
                self._place += 1
                return content
        return None

    def any_of(self) -> Condition:
        parts = [self.all_of()]
        while self._take("word", "or"):
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def all_of(self) -> Condition:
        parts = [self.one()]
        while self._take("word", "and"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def one(self) -> Condition:
        if self._take("bracket", "("):
            self._depth += 1
            if self._depth > MOST_BRACKETS:
                raise InvalidCondition("cli.condition.deep", most=MOST_BRACKETS)
            inner = self.any_of()
            self._depth -= 1
            if not self._take("bracket", ")"):
                raise InvalidCondition("cli.condition.bracket")
            return inner
        label = self._take("text")
        if label is not None:
            if not self._take("word", "in"):
                raise InvalidCondition("cli.condition.no_in", label=label)
            return Comparison(self._answer(), "in", nfc(label))
        number = self._answer()
        operator = self._take("operator")
        if operator is None:
            raise InvalidCondition("cli.condition.no_comparison", number=number)
        return Comparison(number, operator, self._value(operator))

    def _answer(self) -> int:
        number = self._take("answer")
        if number is None:
            raise InvalidCondition("cli.condition.no_answer")
        return int(number)

    def _value(self, operator: str) -> str | float:
        label = self._take("text")
        value = None if label is not None else self._take("number")
        if value is not None:
            return float(value)
        if label is None:
            raise InvalidCondition("cli.condition.no_value", operator=operator)
        if operator not in {"==", "!="}:
            raise InvalidCondition("cli.condition.numbers_only", operator=operator, label=label)
        return nfc(label)


# ------------------------------------------------------------------ checking and evaluating


def check(condition: Condition, questions: Sequence[Question], place: int) -> None:
    """Check that this condition of question `place` (from 1) makes sense. Raises InvalidCondition."""
    if isinstance(condition, Joined):
        for part in condition.parts:
            check(part, questions, place)
        return
    if not 1 <= condition.number < place:
        raise InvalidCondition("cli.condition.earlier", number=condition.number, last=place - 1)
    question = questions[condition.number - 1]
    if isinstance(condition.value, float):
        if not KINDS[question.kind].is_number:
            raise InvalidCondition("cli.condition.no_number", number=condition.number)
        return
    if condition.operator == "in" and not KINDS[question.kind].many:
        kinds = ", ".join(kind for kind, each in KINDS.items() if each.many)
        raise InvalidCondition("cli.condition.in_many", kinds=kinds, number=condition.number, kind=question.kind)
    names = KINDS[question.kind].names(question)
    if names is not None and not any(condition.value.casefold() in called for called in names.values()):
        raise InvalidCondition("cli.condition.no_choice", number=condition.number, label=condition.value)


def holds(text: str, form: Form, answers: Mapping[str, Any]) -> bool:
    """Whether a question with this `when` is asked. A missing or skipped answer makes its comparison false."""
    return not text or _holds(parse(text), form, answers)


def _holds(condition: Condition, form: Form, answers: Mapping[str, Any]) -> bool:
    if isinstance(condition, Joined):
        parts = (_holds(part, form, answers) for part in condition.parts)
        return all(parts) if condition.word == "and" else any(parts)
    if not 1 <= condition.number <= len(form.questions):
        return False
    question = form.questions[condition.number - 1]
    value = answers.get(question.id)
    if value is None:
        return False
    if isinstance(condition.value, float):
        return isinstance(value, (int, float)) and _compare(float(value), condition.operator, condition.value)
    names = _names(question, value)
    meant = condition.value.casefold()
    if condition.operator == "!=":
        return meant not in names
    return meant in names


def _compare(left: float, operator: str, right: float) -> bool:
    match operator:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case _:
            return left >= right


def _names(question: Question, value: Any) -> set[str]:
    """Every name of this answer, casefolded."""
    names = KINDS[question.kind].names(question) or {}
    keys = [str(key) for key in (value if isinstance(value, list) else [value])]
    return {name for key in keys for name in names.get(key, (nfc(key).casefold(),))}
