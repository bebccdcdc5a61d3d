"""A closed poll as text: bars, base, response rate and k. Pure; the rules are privacy/suppression.py's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median
from typing import Any

from nhipcau.bot.forms import Form, Question, QuestionKind
from nhipcau.bot.questions import options_of_kind
from nhipcau.bot.texts import Texts
from nhipcau.privacy.suppression import PERCENT, K, is_unanimous, may_show

_BAR = 10
#: Free texts shown in chat; the rest is in the export.
_TEXTS = 8

Answer = Mapping[str, Any]


def poll_result(
    title: str, form: Form, answers: Sequence[Answer], asked: int, say: Texts, *, texts: bool = False
) -> str:
    """The whole result. `texts`: also free answers, for coordinators of the unit that asked."""
    given = sum(1 for a in answers if a)
    rate = round(100 * len(answers) / asked) if asked else 0
    lines = [say("result.title", title=title), say("result.base", n=len(answers), asked=asked, rate=rate)]
    if not may_show(len(answers)) or not may_show(given):
        return "\n".join([*lines, say("result.too_few", k=K)])
    for number, question in enumerate(form.questions, start=1):
        values = [a[question.id] for a in answers if a.get(question.id) is not None]
        head = question.text if len(form.questions) == 1 else f"{number}. {question.text}"
        if head != title:
            lines.append(head)
        lines += _question(question, values, say, texts)
    lines.append(say("result.method", k=K))
    return "\n".join(lines)


def _question(question: Question, values: Sequence[Any], say: Texts, texts: bool) -> list[str]:
    if not may_show(len(values)):
        return [say("result.too_few_here", k=K)]
    match question.kind:
        case QuestionKind.TEXT:
            if not texts:
                return [say("result.texts", n=len(values))]
            # by the alphabet: the order in which rows come would tie one person's answers to several questions
            return [f"– {value}" for value in sorted(values)[:_TEXTS]] + (
                [say("result.more_texts", n=len(values) - _TEXTS)] if len(values) > _TEXTS else []
            )
        case QuestionKind.NUMBER:
            return [say("result.number", n=len(values), median=_number(median(values)))]
        case QuestionKind.DATE:
            return [say("result.number", n=len(values), median=_day(sorted(values)[len(values) // 2]))]
        case _:
            return _bars(question, values, say)


def _bars(question: Question, values: Sequence[Any], say: Texts) -> list[str]:
    options = options_of_kind(question, say)
    chosen = [v for value in values for v in (value if isinstance(value, list) else [value])]
    counts = [sum(1 for v in chosen if str(v) == o.key) for o in options]
    base = len(values)
    if question.kind is not QuestionKind.SEVERAL and is_unanimous(counts, base):
        winner = options[counts.index(max(counts))].label
        return [say("result.nearly_all", label=winner)]
    lines = []
    hidden = is_unanimous(counts, base)
    for option, count in zip(options, counts, strict=True):
        if hidden and not count:
            continue  # nobody is as telling as everybody
        if is_unanimous([count], base):
            lines.append(say("result.nearly_all", label=option.label))
            continue
        filled = round(_BAR * count / base)
        share = f" ({round(100 * count / base)} %)" if base >= PERCENT else ""
        lines.append(f"{'▓' * filled}{'░' * (_BAR - filled)} {count}{share} {option.label}")
    if question.kind is QuestionKind.SCALE:
        lines.append(say("result.median", median=_number(median(values))))
    if base < PERCENT:
        lines.append(say("result.small", n=base))
    return lines


def _day(value: str) -> str:
    return f"{date.fromisoformat(value):%d/%m/%Y}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.1f}".replace(".", ",")
