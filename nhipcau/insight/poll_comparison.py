"""Compares two closed polls with the same questions, before and after: what may be compared, and whether the difference
is significant. Pure; only what `publishable_result` shows of each poll is compared.

The same people may have answered both. Nobody knows who they are, so answers can't be paired, and the tests are those
for two independent groups. People who answer twice mostly answer alike, so the difference varies less than these tests
assume: they err on the careful side, and say "khó là ngẫu nhiên" too seldom, not too often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import same_words
from nhipcau.bot.forms.model import Form, Option, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.poll_results import Bar, ChartQuestion, publishable_result
from nhipcau.insight.significance import Method, Significance, holm, independence
from nhipcau.model.tally import Tally
from nhipcau.privacy.suppression import PERCENT_FROM

#: Significance level: a difference less probable than this by chance is reported as one.
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class OptionPair:
    """An option that both polls have and may show."""

    label: str
    before: Bar
    after: Bar
    #: `several` only: of this option by itself, adjusted by Holm's method for the number of options tested.
    significance: Significance | None = None


@dataclass(frozen=True, slots=True)
class QuestionComparison:
    """One question of two polls."""

    text: str
    #: Why it is not compared, as a key of `compare.why`; "": it is compared.
    why: str = ""
    #: People who answered it, each time.
    base_before: int = 0
    base_after: int = 0
    pairs: tuple[OptionPair, ...] = ()
    #: Options that only one poll has, or may show.
    unmatched: tuple[str, ...] = ()
    #: Of the whole question; None for `several`, and where only medians are compared.
    significance: Significance | None = None
    median_before: str = ""
    median_after: str = ""


def compare(
    form_before: Form,
    tally_before: Tally,
    form_after: Form,
    tally_after: Tally,
    t: Texts,
    withheld: tuple[Collection[str], Collection[str]] = ((), ()),
) -> list[QuestionComparison]:
    """Every question of either poll, in the order of the first. Questions are matched by their text, options by their
    labels. `withheld`: ids of questions of each that are not shown (see `publishable_result`)."""
    before, after = _by_text(form_before), _by_text(form_after)
    shown_before = _results_of(form_before, tally_before, t, withheld[0])
    shown_after = _results_of(form_after, tally_after, t, withheld[1])
    found = []
    for text, questions in before.items():
        others = after.get(text, ())
        if not others:
            found.append(QuestionComparison(questions[0].text, "only_before"))
        elif len(questions) > 1 or len(others) > 1:
            found.append(QuestionComparison(questions[0].text, "twice"))
        else:
            found.append(_question(shown_before[questions[0].id], shown_after[others[0].id], t))
    found += [
        QuestionComparison(questions[0].text, "only_after") for text, questions in after.items() if text not in before
    ]
    return found


def _by_text(form: Form) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {}
    for question in form.questions:
        found.setdefault(same_words(question.text), []).append(question)
    return found


def _results_of(form: Form, tally: Tally, t: Texts, withheld: Collection[str]) -> Mapping[str, ChartQuestion]:
    """What may be shown of each question, by id; nothing of any where nothing of the poll may be shown."""
    questions = publishable_result(form.title, form, tally, 0, t, withheld=withheld).questions
    if questions:
        return {q.question.id: q for q in questions}
    return {q.id: ChartQuestion(q, q.text, 0, ()) for q in form.questions}


def _question(before: ChartQuestion, after: ChartQuestion, t: Texts) -> QuestionComparison:
    question = before.question
    found = QuestionComparison(question.text, base_before=before.base, base_after=after.base)
    kind = KINDS[question.kind]
    if kind.alike(question) != KINDS[after.question.kind].alike(after.question):
        return QuestionComparison(question.text, "kind")
    if not before.base or not after.base:
        # which of the two had too few answers, and how many, is not told
        return QuestionComparison(question.text, "few")
    if kind.is_free:
        return QuestionComparison(question.text, "texts")
    if before.median:
        return replace(found, median_before=before.median, median_after=after.median)
    return _options(found, before, after, t)


def _options(found: QuestionComparison, before: ChartQuestion, after: ChartQuestion, t: Texts) -> QuestionComparison:
    labels: dict[str, str] = {}
    for option in (*_own_options(before, t), *_own_options(after, t)):
        labels.setdefault(same_words(option.label), option.label)
    pairs: list[OptionPair] = []
    matched: set[str] = set()
    place = list(labels).index
    for keys, earlier, later in sorted(_components(before.bars, after.bars), key=lambda part: min(map(place, part[0]))):
        if all({key for bar in bars for key in _keys(bar)} == keys for bars in (earlier, later)):
            name = _name(keys, labels, t)
            pairs.append(OptionPair(name, _sum(name, earlier), _sum(name, later)))
            matched |= keys
    if not pairs:
        return QuestionComparison(found.text, "options" if before.bars and after.bars else "unanimous")
    unmatched = tuple(label for key, label in labels.items() if key not in matched)
    if KINDS[before.question.kind].many:
        return replace(found, pairs=_each(pairs), unmatched=unmatched)
    significance = independence([p.before.count for p in pairs], [p.after.count for p in pairs])
    return replace(found, pairs=tuple(pairs), unmatched=unmatched, significance=significance)


def _own_options(question: ChartQuestion, t: Texts) -> list[Option]:
    return KINDS[question.question.kind].options(question.question, t)


def _keys(bar: Bar) -> set[str]:
    """The options that a bar counts, by their words."""
    return {same_words(label) for label in bar.parts or (bar.label,)}


def _components(before: Sequence[Bar], after: Sequence[Bar]) -> list[tuple[set[str], list[Bar], list[Bar]]]:
    """Options that have to be compared together, since one of the polls shows them only together."""
    found: list[tuple[set[str], list[Bar], list[Bar]]] = []
    apart = [(_keys(bar), [bar], list[Bar]()) for bar in before] + [(_keys(bar), list[Bar](), [bar]) for bar in after]
    for joined in apart:
        for other in [each for each in found if each[0] & joined[0]]:
            found.remove(other)
            joined = (joined[0] | other[0], other[1] + joined[1], other[2] + joined[2])
        found.append(joined)
    return found


def _sum(name: str, bars: Sequence[Bar]) -> Bar:
    return Bar(name, sum(bar.count for bar in bars), bars[0].base)


def _name(keys: set[str], labels: Mapping[str, str], t: Texts) -> str:
    own = [label for key, label in labels.items() if key in keys]
    return own[0] if len(own) == 1 else t("result.together", labels="; ".join(own))


def _each(pairs: Sequence[OptionPair]) -> tuple[OptionPair, ...]:
    """Tests every option by itself: chosen or not, before and after."""
    alone = [
        independence((p.before.count, p.before.base - p.before.count), (p.after.count, p.after.base - p.after.count))
        for p in pairs
    ]
    together = holm([significance.p for significance in alone])
    return tuple(
        replace(pair, significance=Significance(p, significance.method))
        for pair, significance, p in zip(pairs, alone, together, strict=True)
    )


# ------------------------------------------------------------------ in words


def compare_text(title: str, compared: Sequence[QuestionComparison], t: Texts) -> str:
    """The comparison as text, with the significance of each difference. No cause is claimed."""
    lines = [t("compare.title", title=title)]
    for number, found in enumerate(compared, start=1):
        head = found.text if len(compared) == 1 else f"{number}. {found.text}"
        lines += [line for line in (head, *values(found, t), *verdict(found, t)) if line != title]
    return "\n".join([*lines, *notes(compared, t)])


def values(found: QuestionComparison, t: Texts) -> list[str]:
    """One line for the answers before, one for those after."""
    if found.why:
        return []
    if found.pairs:
        before = "; ".join(f"{p.label}: {p.before.value}" for p in found.pairs)
        after = "; ".join(f"{p.label}: {p.after.value}" for p in found.pairs)
    else:
        before = t("compare.median", median=found.median_before)
        after = t("compare.median", median=found.median_after)
    return [
        t("compare.before", n=found.base_before, values=before),
        t("compare.after", n=found.base_after, values=after),
    ]


def verdict(found: QuestionComparison, t: Texts) -> list[str]:
    """Whether the difference is significant, and which options were not compared."""
    if found.why:
        return [t(f"compare.why.{found.why}")]
    lines = [t("compare.not_compared", labels=", ".join(found.unmatched))] if found.unmatched else []
    if found.significance:
        lines.append(_whole(found.significance, t))
    elif found.pairs:
        lines.append(_options_apart(found.pairs, t))
    else:
        lines.append(t("compare.medians"))
    return lines


def notes(compared: Sequence[QuestionComparison], t: Texts) -> list[str]:
    """Notes for all questions together."""
    bases = [base for found in compared if not found.why for base in (found.base_before, found.base_after)]
    small = [t("compare.small", n=PERCENT_FROM)] if any(base < PERCENT_FROM for base in bases) else []
    return [*small, t("compare.method")]


def _whole(significance: Significance, t: Texts) -> str:
    if significance.method is Method.NONE:
        return t("compare.untested")
    key = "compare.beyond" if significance.p < _LEVEL else "compare.within"
    return t(key, test=t(f"compare.test.{significance.method}"))


def _options_apart(pairs: Sequence[OptionPair], t: Texts) -> str:
    chances = [(p.label, p.significance) for p in pairs if p.significance]
    beyond = [label for label, significance in chances if significance.p < _LEVEL]
    used = Counter(significance.method for _, significance in chances if significance.method is not Method.NONE)
    tests = ", ".join(t(f"compare.test.{method}") for method in sorted(used))
    if not tests:
        return t("compare.untested")
    if beyond:
        return t("compare.beyond_each", labels=", ".join(beyond), test=tests)
    return t("compare.within_each", test=tests)
