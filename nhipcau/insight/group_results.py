"""The result of a closed poll by cluster of communes, as text. Pure; only what may be shown comes in."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form
from nhipcau.bot.language.catalogue import Texts
from nhipcau.model.poll_groups import GroupCount
from nhipcau.privacy.suppression import K


def group_name(name: str, t: Texts) -> str:
    return name or t("result.other_places")


def group_result(title: str, form: Form, counts: Sequence[GroupCount], t: Texts) -> str:
    """Question by question: every cluster with how many answered there, and the numbers that may be shown."""
    lines = [t("result.groups", title=title)]
    numbers = {(c.group, c.question, c.option): c.number for c in counts}
    for place, question in enumerate(form.questions, start=1):
        groups = list(dict.fromkeys(c.group for c in counts if c.question == question.id))
        if groups and len(form.questions) > 1:
            lines.append(f"{place}. {question.text}")
        for group in groups:
            told = [
                f"{option.label} {numbers[group, question.id, option.key]}"
                for option in KINDS[question.kind].options(question, t)
                if (group, question.id, option.key) in numbers
            ]
            values = "; ".join(told) or t("result.no_numbers")
            base = numbers[group, question.id, ""]
            lines.append(t("result.group", name=group_name(group, t), n=base, values=values))
    return "\n".join([*lines, t("result.groups_method", k=K)])
