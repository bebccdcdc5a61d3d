"""What makes a question hard to answer honestly: advice to whoever composes it. It refuses nothing; what may not be
asked is refused by sensitive_questions.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from nhipcau.bot.forms.model import Form, Question
from nhipcau.bot.language.vietnamese import fold

#: With more questions than this, fewer people answer them all.
MANY_QUESTIONS = 5
#: Words of a question that is read at one go.
_MOST_WORDS = 30


class Advice(StrEnum):
    TWO_THINGS = "two_things"
    """It asks two things at once, so that one answer means neither."""
    LEADING = "leading"
    """Its words lead to one answer."""
    LONG = "long"
    """It is too long to be read at one go."""
    PERSONAL = "personal"
    """It asks for somebody's name, number, address or papers."""
    MANY = "many"
    """There are many questions."""


@dataclass(frozen=True, slots=True)
class Hint:
    advice: Advice
    #: From 1; 0: the whole request.
    question: int = 0


#: On folded text.
_LEADING = re.compile(
    r"\b(?:phai khong|dung khong|co phai khong|chang phai|chac (?:la|han)|dong y rang|hien nhien|ai cung biet"
    r"|nhu (?:moi nguoi|ta|chung ta) (?:deu )?(?:da )?biet|ro rang (?:la|rang)|that su (?:tot|xau)|qua (?:tot|te)"
    r"|khong nen .* dung khong|don't you|isn't it|surely|obviously)\b"
)
_PERSONAL = re.compile(
    r"\b(?:ho (?:va )?ten|ten (?:day du|cua (?:bac|anh|chi|ong|ba|nguoi))|so dien thoai|dien thoai cua|can cuoc|cccd"
    r"|cmnd|chung minh|so tai khoan|dia chi (?:nha|cu the|cua)|so nha|ngay sinh|nam sinh|bien so xe|thu dien tu|email"
    r"|facebook|zalo cua|phone number|full name|home address|date of birth)\b"
)
#: Two questions in one: each side of the "and" has a verb or a judgement of its own.
_VERB = r"(?:hai long|dong y|ung ho|thay|biet|muon|can|nen|co|duoc|su dung|tham gia|danh gia)"
_TWO = re.compile(rf"\b{_VERB}\b.*\b(?:va|cung nhu|dong thoi|hoac)\b (?:bac )?{_VERB}\b")


def advise(form: Form) -> list[Hint]:
    """Hints in the order of the questions."""
    found = [Hint(advice, number) for number, q in enumerate(form.questions, start=1) for advice in _of(q)]
    return [*found, *([Hint(Advice.MANY)] if len(form.questions) > MANY_QUESTIONS else [])]


def _of(question: Question) -> Iterator[Advice]:
    words = fold(question.text)
    if question.text.count("?") > 1 or _TWO.search(words):
        yield Advice.TWO_THINGS
    if _LEADING.search(words):
        yield Advice.LEADING
    if len(words.split()) > _MOST_WORDS:
        yield Advice.LONG
    if _PERSONAL.search(words):
        yield Advice.PERSONAL
