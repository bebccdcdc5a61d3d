"""What may be shown of a closed poll, and its text: bars, base, response rate and k. Pure. The rules of
privacy/suppression.py are applied here only: charts and comparisons use `publishable_result`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import Counted
from nhipcau.bot.forms.model import Form, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.model.tally import ALL, GIVEN, Tally
from nhipcau.privacy.suppression import PERCENT_FROM, K, is_unanimous, may_show

_BAR = 10
#: Free texts shown in chat; the rest is in the export.
_TEXTS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One option of a question as it may be shown."""

    label: str
    count: int
    #: People who answered the question.
    base: int

    @property
    def value(self) -> str:
        """`54 (45 %)`; the count alone where the base is too small for a percentage."""
        return (
            f"{self.count} ({round(100 * self.count / self.base)} %)" if self.base >= PERCENT_FROM else str(self.count)
        )


@dataclass(frozen=True, slots=True)
class ChartQuestion:
    """What may be shown of one question, in order; both the text and the charts are made from it."""

    question: Question
    #: Its text with its number; "" where the title says it already.
    head: str
    #: People who answered it; 0: too few to show anything.
    base: int
    lines: tuple[Bar | str, ...]
    #: The median in words; "" where answers have no order.
    median: str = ""

    @property
    def bars(self) -> tuple[Bar, ...]:
        return tuple(line for line in self.lines if isinstance(line, Bar))


@dataclass(frozen=True, slots=True)
class Result:
    """A closed poll as it may be shown."""

    title: str
    #: The sentence saying how many of those asked answered.
    base_line: str
    questions: tuple[ChartQuestion, ...]
    #: Sentences that have to go with it.
    notes: tuple[str, ...]


def publishable_result(title: str, form: Form, tally: Tally, asked: int, t: Texts, *, texts: bool = False) -> Result:
    """What may be shown. `texts`: with free-text answers, for coordinators of the unit that asked."""
    answered = tally.counts.get(ALL, 0)
    rate = round(100 * answered / asked) if asked else 0
    head, base = t("result.title", title=title), t("result.base", n=answered, asked=asked, rate=rate)
    if not may_show(answered) or not may_show(tally.counts.get(GIVEN, 0)):
        return Result(head, base, (), (t("result.too_few", k=K),))
    questions = []
    for number, question in enumerate(form.questions, start=1):
        words = question.text if len(form.questions) == 1 else f"{number}. {question.text}"
        questions.append(_question(question, "" if words == title else words, tally, t, texts))
    return Result(head, base, tuple(questions), (t("result.method", k=K),))


def poll_result(title: str, form: Form, tally: Tally, asked: int, t: Texts, *, texts: bool = False) -> str:
    """The whole result as text."""
    result = publishable_result(title, form, tally, asked, t, texts=texts)
    lines = [result.title, result.base_line]
    for question in result.questions:
        lines += [question.head] if question.head else []
        lines += [_line(line) for line in question.lines]
    return "\n".join([*lines, *result.notes])


def _line(line: Bar | str) -> str:
    if isinstance(line, str):
        return line
    filled = round(_BAR * line.count / line.base)
    return f"{'▓' * filled}{'░' * (_BAR - filled)} {line.value} {line.label}"


def _question(question: Question, head: str, tally: Tally, t: Texts, texts: bool) -> ChartQuestion:
    base = tally.base(question.id)
    if not may_show(base):
        return ChartQuestion(question, head, 0, (t("result.too_few_here", k=K),))
    counts = tally.of(question.id)
    median = ""
    lines: list[Bar | str]
    match KINDS[question.kind].counted:
        case Counted.WORDS:
            lines = [*_words(tally.texts.get(question.id, ()), base, t)] if texts else [t("result.texts", n=base)]
        case Counted.VALUES:
            median = KINDS[question.kind].middle(counts)
            lines = [t("result.number", n=base, median=median)]
        case Counted.OPTIONS:
            lines = _bars(question, counts, base, t)
        case Counted.NOTHING:
            lines = []
    return ChartQuestion(question, head, base, tuple(lines), median)


def _words(given: Sequence[str], base: int, t: Texts) -> list[str]:
    # sorted: the order of rows would link one person's answers to several questions
    first = sorted(given)[:_TEXTS]
    more = [t("result.more_texts", n=base - len(first))] if base > len(first) else []
    return [f"– {value}" for value in first] + more


def _bars(question: Question, chosen: Mapping[str, int], base: int, t: Texts) -> list[Bar | str]:
    kind = KINDS[question.kind]
    options = kind.options(question, t)
    counts = [chosen.get(option.key, 0) for option in options]
    if not kind.many and is_unanimous(counts, base):
        winner = options[counts.index(max(counts))].label
        return [t("result.nearly_all", label=winner)]
    lines: list[Bar | str] = []
    hidden = is_unanimous(counts, base)
    for option, count in zip(options, counts, strict=True):
        if hidden and not count:
            continue  # "nobody chose it" reveals as much as "everybody did"
        if is_unanimous([count], base):
            lines.append(t("result.nearly_all", label=option.label))
        else:
            lines.append(Bar(option.label, count, base))
    if median := kind.middle(chosen):
        lines.append(t("result.median", median=median))
    if base < PERCENT_FROM:
        lines.append(t("result.small", n=base))
    return lines
