"""What may be shown of each question of a closed poll, in every result, picture, comparison and export (rule R14).

A question that only those were asked who chose something (`when`) tells by the number of its answers how many chose it.
So it is shown only where its condition follows from numbers that are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from nhipcau.bot.forms.conditions import comparisons, holds, parse
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import Counted, Kind, value_at
from nhipcau.bot.forms.model import Form, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.model.tally import ALL, GIVEN, Tally
from nhipcau.privacy.cell_suppression import ShownCells, shown_of_one, shown_of_several
from nhipcau.privacy.suppression import K, may_show


class Hidden(StrEnum):
    """Why nothing of a question is shown."""

    FEW = "few"
    """Fewer than k people answered it."""
    PART = "part"
    """Whom it was asked would tell a number that is hidden at an earlier question."""
    NEARLY_SAME = "nearly_same"
    """Nearly the same people answered it in another poll, so that the difference would tell what a few said."""


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """What may be shown of one question."""

    #: People who answered it; 0 where nothing is shown.
    base: int
    #: Its options, or the values given where it has none; empty for texts.
    cells: ShownCells
    why: Hidden | None = None


_NOTHING = ShownCells({})


def shown_questions(form: Form, tally: Tally, t: Texts, withheld: Collection[str] = ()) -> dict[str, ShownQuestion]:
    """By question id. `withheld`: ids of questions that some of the same people have just answered in another poll."""
    found: dict[str, ShownQuestion] = {}
    if not may_show(tally.vouched(ALL)) or not may_show(tally.vouched(GIVEN)):
        return {question.id: ShownQuestion(0, _NOTHING, Hidden.FEW) for question in form.questions}
    for question in form.questions:
        why = _why_hidden(form, question, found, tally, t, withheld)
        base = 0 if why else tally.base(question.id)
        found[question.id] = ShownQuestion(base, _NOTHING if why else _cells(question, tally, t), why)
    return found


def _cells(question: Question, tally: Tally, t: Texts) -> ShownCells:
    counts, kind = tally.of(question.id), KINDS[question.kind]
    if kind.is_free:
        return _NOTHING
    if kind.counted is Counted.OPTIONS:
        counts = {option.key: counts.get(option.key, 0) for option in kind.options(question, t)}
    # whoever answered without counting knows what they chose: each number needs k others
    k = K + tally.unvouched
    shown = shown_of_several(counts, tally.base(question.id), k) if kind.many else shown_of_one(counts, k)
    if kind.counted is Counted.VALUES and not shown.is_whole and _median_tells(kind, counts, shown.numbers):
        return ShownCells({}, untold=tuple(counts))
    return shown


def _median_tells(kind: Kind, counts: Mapping[str, int], shown: Mapping[str, int]) -> bool:
    """Whether the median, which a result says, tells that nobody gave a hidden value below it, or above: as many people
    as can be there are shown already."""
    order: Callable[[str], float | str] = float if kind.is_number else str
    values, people = sorted(counts, key=order), sum(counts.values())
    # of an even number of people either of the two in the middle
    for place in ((people - 1) // 2, people // 2):
        middle = values.index(value_at([(value, counts[value]) for value in values], place))
        below, above = (sum(shown.get(v, 0) for v in part) for part in (values[:middle], values[middle + 1 :]))
        if below == place or above == people - 1 - place:
            return True
    return False


def _why_hidden(
    form: Form,
    question: Question,
    earlier: Mapping[str, ShownQuestion],
    tally: Tally,
    t: Texts,
    withheld: Collection[str],
) -> Hidden | None:
    if question.id in withheld:
        return Hidden.NEARLY_SAME
    # before the number of answers is looked at: that it is small would tell a hidden number, too
    if question.when and not _follows(form, question, earlier, tally, t):
        return Hidden.PART
    return None if may_show(tally.vouched((question.id, ""))) else Hidden.FEW


def _follows(form: Form, question: Question, earlier: Mapping[str, ShownQuestion], tally: Tally, t: Texts) -> bool:
    """Whether the number of people this question was asked follows from numbers that are shown."""
    compared = comparisons(parse(question.when))
    asked_about = {comparison.number for comparison in compared}
    if len(asked_about) != 1:
        return False
    source = form.questions[asked_about.pop() - 1]
    shown, kind = earlier[source.id], KINDS[source.kind]
    if shown.why or kind.is_free:
        return False
    if kind.counted is Counted.VALUES:
        return _parts_are_large(form, source, tally)
    if kind.many and len(compared) > 1:
        return False
    keys = [option.key for option in kind.options(source, t)]
    chosen = {key for key in keys if holds(question.when, form, {source.id: [key] if kind.many else kind.press(key)})}
    if kind.many:
        named = set(keys) - chosen if compared[0].operator == "!=" else chosen
        return named <= set(shown.cells.numbers)
    hidden = set(keys) - set(shown.cells.numbers)
    return not chosen & hidden or hidden <= chosen


def _parts_are_large(form: Form, source: Question, tally: Tally) -> bool:
    """Whether the conditions on this number or day divide those who gave one into groups of k people who count at
    least: those who don't may all be in one."""
    place = form.questions.index(source) + 1
    conditions = [
        q.when for q in form.questions if q.when and any(c.number == place for c in comparisons(parse(q.when)))
    ]
    parts: Counter[tuple[bool, ...]] = Counter()
    for value, number in tally.of(source.id).items():
        given = float(value) if KINDS[source.kind].is_number else value
        parts[tuple(holds(condition, form, {source.id: given}) for condition in conditions)] += number
    # where all lie on one side, that nobody lies on the other would be told of values that are hidden
    return len(parts) > 1 and min(parts.values()) >= K + tally.unvouched
