"""Two closed polls with the same questions, before and after: what may be laid side by side, and whether it differs by
more than chance. Pure; only what `poll_results.result_of` shows of each is compared.

The same people may have answered both. Nobody knows who they are, so answers can't be paired, and the tests are those
of two separate groups. People who answer twice mostly say the same again; then the difference scatters less than these
tests suppose. They err to the careful side: "khó là ngẫu nhiên" is said too seldom, not too often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import same_words
from nhipcau.bot.forms.model import Form, Option, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.poll_results import Bar, ChartQuestion, result_of
from nhipcau.insight.significance import Method, Significance, holm, independence
from nhipcau.model.tally import Tally
from nhipcau.privacy.suppression import PERCENT

#: A difference that chance makes more seldom than this is called one.
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class QuestionPair:
    """One option that both polls have, and may show."""

    label: str
    before: Bar
    after: Bar
    #: `several` only: this option by itself, made larger by Holm for all of them being looked at.
    chance: Significance | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One question of two polls."""

    text: str
    #: Why it is not compared, as a key of `compare.why`; "": it is.
    why: str = ""
    #: People who answered it, each time.
    base_before: int = 0
    base_after: int = 0
    pairs: tuple[QuestionPair, ...] = ()
    #: Options that only one of them has, or may show.
    unmatched: tuple[str, ...] = ()
    #: The whole question; None for `several`, and where only medians stand beside each other.
    chance: Significance | None = None
    median_before: str = ""
    median_after: str = ""


def compare(form_before: Form, tally_before: Tally, form_after: Form, tally_after: Tally, t: Texts) -> list[Compared]:
    """Every question of either, in the order of the first; matched by its words, options by their labels."""
    before, after = _by_text(form_before), _by_text(form_after)
    shown_before = _shown(form_before, tally_before, t)
    shown_after = _shown(form_after, tally_after, t)
    found = []
    for text, questions in before.items():
        others = after.get(text, ())
        if not others:
            found.append(Compared(questions[0].text, "only_before"))
        elif len(questions) > 1 or len(others) > 1:
            found.append(Compared(questions[0].text, "twice"))
        else:
            found.append(_question(shown_before[questions[0].id], shown_after[others[0].id], t))
    found += [Compared(questions[0].text, "only_after") for text, questions in after.items() if text not in before]
    return found


def _by_text(form: Form) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {}
    for question in form.questions:
        found.setdefault(same_words(question.text), []).append(question)
    return found


def _shown(form: Form, tally: Tally, t: Texts) -> Mapping[str, ChartQuestion]:
    """By question id; where nothing of the poll may be shown, nothing of any question."""
    questions = result_of(form.title, form, tally, 0, t).questions
    if questions:
        return {q.question.id: q for q in questions}
    return {q.id: ChartQuestion(q, q.text, 0, ()) for q in form.questions}


def _question(before: ChartQuestion, after: ChartQuestion, t: Texts) -> Compared:
    question = before.question
    found = Compared(question.text, base_before=before.base, base_after=after.base)
    kind = KINDS[question.kind]
    if kind.alike(question) != KINDS[after.question.kind].alike(after.question):
        return Compared(question.text, "kind")
    if not before.base or not after.base:
        # which of the two it was, and how many, is not said
        return Compared(question.text, "few")
    if kind.is_free:
        return Compared(question.text, "texts")
    if before.median:
        return replace(found, median_before=before.median, median_after=after.median)
    return _options(found, before, after, t)


def _own_options(question: ChartQuestion, t: Texts) -> list[Option]:
    return KINDS[question.question.kind].options(question.question, t)


def _options(found: Compared, before: ChartQuestion, after: ChartQuestion, t: Texts) -> Compared:
    bars_before = {same_words(bar.label): bar for bar in before.bars}
    bars_after = {same_words(bar.label): bar for bar in after.bars}
    labels = {same_words(o.label): o.label for q in (before, after) for o in reversed(_own_options(q, t))}
    order = [same_words(o.label) for q in (before, after) for o in _own_options(q, t)]
    both = [key for key in dict.fromkeys(order) if key in bars_before and key in bars_after]
    if not both:
        return Compared(found.text, "options" if before.bars and after.bars else "unanimous")
    pairs = [QuestionPair(bars_before[key].label, bars_before[key], bars_after[key]) for key in both]
    unmatched = tuple(labels[key] for key in dict.fromkeys(order) if key not in both)
    if KINDS[before.question.kind].many:
        return replace(found, pairs=_each(pairs), unmatched=unmatched)
    chance = independence([p.before.count for p in pairs], [p.after.count for p in pairs])
    return replace(found, pairs=tuple(pairs), unmatched=unmatched, chance=chance)


def _each(pairs: Sequence[QuestionPair]) -> tuple[QuestionPair, ...]:
    """Every option by itself: chosen or not, before and after."""
    alone = [
        independence((p.before.count, p.before.base - p.before.count), (p.after.count, p.after.base - p.after.count))
        for p in pairs
    ]
    together = holm([chance.p for chance in alone])
    return tuple(
        replace(pair, chance=Significance(p, chance.method))
        for pair, chance, p in zip(pairs, alone, together, strict=True)
    )


# ------------------------------------------------------------------ in words


def compare_text(title: str, compared: Sequence[Compared], t: Texts) -> str:
    """Both polls side by side in plain words, and what the difference is worth. No cause is claimed."""
    lines = [t("compare.title", title=title)]
    for number, found in enumerate(compared, start=1):
        head = found.text if len(compared) == 1 else f"{number}. {found.text}"
        lines += [line for line in (head, *values(found, t), *verdict(found, t)) if line != title]
    return "\n".join([*lines, *notes(compared, t)])


def values(found: Compared, t: Texts) -> list[str]:
    """What was answered before, and after."""
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


def verdict(found: Compared, t: Texts) -> list[str]:
    """What the difference is worth, and what was left out of it."""
    if found.why:
        return [t(f"compare.why.{found.why}")]
    lines = [t("compare.not_compared", labels=", ".join(found.unmatched))] if found.unmatched else []
    if found.chance:
        lines.append(_whole(found.chance, t))
    elif found.pairs:
        lines.append(_options_apart(found.pairs, t))
    else:
        lines.append(t("compare.medians"))
    return lines


def notes(compared: Sequence[Compared], t: Texts) -> list[str]:
    """Said once, under all questions."""
    bases = [base for found in compared if not found.why for base in (found.base_before, found.base_after)]
    small = [t("compare.small", n=PERCENT)] if any(base < PERCENT for base in bases) else []
    return [*small, t("compare.method")]


def _whole(chance: Significance, t: Texts) -> str:
    if chance.method is Method.NONE:
        return t("compare.untested")
    key = "compare.beyond" if chance.p < _LEVEL else "compare.within"
    return t(key, test=t(f"compare.test.{chance.method}"))


def _options_apart(pairs: Sequence[QuestionPair], t: Texts) -> str:
    chances = [(p.label, p.chance) for p in pairs if p.chance]
    beyond = [label for label, chance in chances if chance.p < _LEVEL]
    used = Counter(chance.method for _, chance in chances if chance.method is not Method.NONE)
    tests = ", ".join(t(f"compare.test.{method}") for method in sorted(used))
    if not tests:
        return t("compare.untested")
    if beyond:
        return t("compare.beyond_each", labels=", ".join(beyond), test=tests)
    return t("compare.within_each", test=tests)
