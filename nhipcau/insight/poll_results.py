"""A closed poll as it may be shown, and as text: bars, base, response rate and k. Pure; the rules are
privacy/suppression.py's, and applied nowhere else: pictures and comparisons take what `shown` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import Counted
from nhipcau.bot.forms.model import Form, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.model.tally import ALL, GIVEN, Tally
from nhipcau.privacy.suppression import PERCENT, K, is_unanimous, may_show

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
        return f"{self.count} ({round(100 * self.count / self.base)} %)" if self.base >= PERCENT else str(self.count)


@dataclass(frozen=True, slots=True)
class ChartQuestion:
    """What may be shown of one question, in its order: made here once, for the text and for every picture."""

    question: Question
    #: Its words with its number; "" where the title says them already.
    head: str
    #: People who answered it; 0: too few to say anything.
    base: int
    lines: tuple[Bar | str, ...]
    #: The answer in the middle, in words, of what has one.
    median: str = ""

    @property
    def bars(self) -> tuple[Bar, ...]:
        return tuple(line for line in self.lines if isinstance(line, Bar))


@dataclass(frozen=True, slots=True)
class Result:
    """A closed poll as it may be shown."""

    title: str
    #: How many answered, of how many asked.
    base_line: str
    questions: tuple[ChartQuestion, ...]
    #: What has to be said with it.
    notes: tuple[str, ...]


def result_of(title: str, form: Form, tally: Tally, asked: int, t: Texts, *, texts: bool = False) -> Result:
    """What may be shown, and no more. `texts`: also free answers, for coordinators of the unit that asked."""
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
    result = result_of(title, form, tally, asked, t, texts=texts)
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
    # by the alphabet: the order in which rows come would tie one person's answers to several questions
    kept = sorted(given)[:_TEXTS]
    more = [t("result.more_texts", n=base - len(kept))] if base > len(kept) else []
    return [f"– {value}" for value in kept] + more


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
            continue  # nobody is as telling as everybody
        if is_unanimous([count], base):
            lines.append(t("result.nearly_all", label=option.label))
        else:
            lines.append(Bar(option.label, count, base))
    if median := kind.middle(chosen):
        lines.append(t("result.median", median=median))
    if base < PERCENT:
        lines.append(t("result.small", n=base))
    return lines
