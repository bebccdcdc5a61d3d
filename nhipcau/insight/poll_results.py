"""The result of a closed poll as text: bars, base, response rate and k. Pure. What may be shown is decided in
model/shown_answers.py; charts and comparisons use `publishable_result`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import Counted
from nhipcau.bot.forms.model import Form, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.model.shown_answers import Hidden, ShownQuestion, shown_questions
from nhipcau.model.tally import ALL, GIVEN, Tally
from nhipcau.privacy.suppression import PERCENT_FROM, K, may_show

_BAR = 10
#: Free texts shown in chat; the rest is in the export.
_TEXTS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One option of a question as it may be shown, or several that are shown only together."""

    label: str
    count: int
    #: People who answered the question.
    base: int
    #: The labels of options shown together; () for one option.
    parts: tuple[str, ...] = ()

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


def publishable_result(
    title: str, form: Form, tally: Tally, asked: int, t: Texts, *, texts: bool = False, withheld: Collection[str] = ()
) -> Result:
    """What may be shown. `texts`: with free-text answers, for coordinators of the unit that asked. `withheld`: ids of
    questions that some of the same people have just answered in another poll."""
    answered = tally.counts.get(ALL, 0)
    head, base = t("result.title", title=title), _base_line(answered, asked, t)
    if not may_show(tally.vouched(ALL)) or not may_show(tally.vouched(GIVEN)):
        return Result(head, base, (), (t("result.too_few", k=K),))
    shown = shown_questions(form, tally, t, withheld)
    questions = []
    for number, question in enumerate(form.questions, start=1):
        words = question.text if len(form.questions) == 1 else f"{number}. {question.text}"
        questions.append(_question(question, "" if words == title else words, shown[question.id], tally, t, texts))
    hides = any(not each.why and not each.cells.is_whole for each in shown.values())
    return Result(head, base, tuple(questions), (*([t("result.hides", k=K)] if hides else []), t("result.method", k=K)))


def _base_line(answered: int, asked: int, t: Texts) -> str:
    """How many of those asked answered; as a rate only where enough were asked."""
    if asked < PERCENT_FROM:
        return t("result.base_small", n=answered, asked=asked)
    return t("result.base", n=answered, asked=asked, rate=round(100 * answered / asked))


def poll_result(
    title: str, form: Form, tally: Tally, asked: int, t: Texts, *, texts: bool = False, withheld: Collection[str] = ()
) -> str:
    """The whole result as text."""
    result = publishable_result(title, form, tally, asked, t, texts=texts, withheld=withheld)
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


def _question(
    question: Question, head: str, shown: ShownQuestion, tally: Tally, t: Texts, texts: bool
) -> ChartQuestion:
    base = shown.base
    if shown.why:
        return ChartQuestion(question, head, 0, (_why(shown.why, t),))
    median = ""
    lines: list[Bar | str]
    match KINDS[question.kind].counted:
        case Counted.WORDS:
            lines = [*_words(tally.texts.get(question.id, ()), base, t)] if texts else [t("result.texts", n=base)]
        case Counted.VALUES:
            median = KINDS[question.kind].middle(tally.of(question.id))
            lines = [t("result.number", n=base, median=median)]
        case Counted.OPTIONS:
            lines = _options(question, shown, t)
        case Counted.NOTHING:
            lines = []
    return ChartQuestion(question, head, base, tuple(lines), median)


def _why(why: Hidden, t: Texts) -> str:
    return t("result.too_few_here" if why is Hidden.FEW else f"result.{why}", k=K)


def _words(given: Sequence[str], base: int, t: Texts) -> list[str]:
    # sorted: the order of rows would link one person's answers to several questions
    first = sorted(given)[:_TEXTS]
    more = [t("result.more_texts", n=base - len(first))] if base > len(first) else []
    return [f"– {value}" for value in first] + more


def _options(question: Question, shown: ShownQuestion, t: Texts) -> list[Bar | str]:
    """A bar for each number that is shown, then what is said of the other options."""
    kind, cells, base = KINDS[question.kind], shown.cells, shown.base
    labels = {option.key: option.label for option in kind.options(question, t)}
    lines: list[Bar | str] = [Bar(labels[key], number, base) for key, number in cells.numbers.items()]
    if cells.together:
        parts = tuple(labels[key] for key in cells.together)
        rest = base - sum(cells.numbers.values())
        lines.append(Bar(t("result.together", labels="; ".join(parts)), rest, base, parts))
    lines += [t("result.nearly_all", label=labels[key]) for key in cells.most]
    if cells.few:
        lines.append(t("result.few", labels="; ".join(labels[key] for key in cells.few)))
    if len(cells.untold) == len(labels):
        return [t("result.untold_all", n=base)]
    if cells.untold:
        lines.append(t("result.untold", labels="; ".join(labels[key] for key in cells.untold)))
    if cells.is_whole and (median := kind.middle(cells.numbers)):
        lines.append(t("result.median", median=median))
    if base < PERCENT_FROM:
        lines.append(t("result.small", n=base))
    return lines
