"""What is said above a question that is asked again."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.label_numbers import hold_numbers

#: Labels that are named in the sentence: as many as one reads at a glance, and so many characters of them.
_MOST_NAMED, _LONGEST_NAMED = 6, 90


def which_one(labels: Sequence[str], t: Texts) -> str:
    """That it isn't clear which of these answers was meant; names them where they are few."""
    if not 2 <= len(labels) <= _MOST_NAMED or sum(map(len, labels)) > _LONGEST_NAMED:
        return t("wrong.choice_words", label=labels[0]) if labels and hold_numbers(labels) else t("wrong.choice")
    if len(labels) == 2:
        return t("wrong.one_of_two", one=labels[0], other=labels[1])
    return t("wrong.one_of", labels=", ".join(labels))


def sentence(wrong: InvalidAnswer, labels: Sequence[str], tries: int, t: Texts) -> str:
    """Why the question is asked for the `tries`th time, never the same twice in a row. `labels`: its answers."""
    specific = t(wrong.why if "." in wrong.why else f"wrong.{wrong.why}", **wrong.facts)
    if wrong.why == "choice" or (wrong.why == "several" and hold_numbers(labels)):
        specific = which_one(labels, t)
    if tries == 1:
        return specific
    # what is wrong with a typed time is said each time: the answers shown are not what was meant
    if not labels or wrong.why not in {"choice", "several"}:
        return specific if tries % 2 else t("wrong.still", why=specific)
    if tries % 2 == 0:
        return t("wrong.again")
    return t("wrong.choice_words", label=labels[0]) if hold_numbers(labels) else t("wrong.list")
