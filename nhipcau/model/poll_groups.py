"""Results of a poll by cluster of communes (rules R14, R19): which clusters are told apart, and which of their numbers
may be shown beside those of all. Pure; what is left out here is stored nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import Counted
from nhipcau.bot.forms.model import Form, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.model.shown_answers import ShownQuestion
from nhipcau.model.tally import tally_of
from nhipcau.privacy.suppression import may_show
from nhipcau.privacy.table_suppression import shown_in_table

#: The name of those whose own cluster has too few, or who have none.
OTHERS = ""

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GroupCount:
    """A number that may be shown of one cluster."""

    #: The cluster's name, or OTHERS.
    group: str
    #: "": of the whole poll.
    question: str
    #: "": how many answered.
    option: str
    number: int


def group_counts(
    form: Form, by_cluster: Mapping[str, Sequence[Answers]], shown: Mapping[str, ShownQuestion], t: Texts
) -> list[GroupCount]:
    """What may be shown by cluster beside the result of all (`shown`): a cluster needs k people, those with fewer are
    taken together, with the next smallest if need be; empty where no two are left."""
    groups = _of_enough(by_cluster)
    if len(groups) < 2:
        return []
    found = []
    for question in form.questions:
        found += _of_question(form, question, groups, shown[question.id], t)
    return [*(GroupCount(name, "", "", len(given)) for name, given in groups.items()), *found] if found else []


def _of_enough(by_cluster: Mapping[str, Sequence[Answers]]) -> dict[str, list[Answers]]:
    groups = {name: list(given) for name, given in by_cluster.items() if name != OTHERS and may_show(len(given))}
    others = [answers for name, given in by_cluster.items() if name not in groups for answers in given]
    while others and groups and not may_show(len(others)):
        others += groups.pop(min(groups, key=lambda name: (len(groups[name]), name)))
    return {**dict(sorted(groups.items())), **({OTHERS: others} if others else {})}


def _of_question(
    form: Form, question: Question, groups: Mapping[str, Sequence[Answers]], shown: ShownQuestion, t: Texts
) -> list[GroupCount]:
    kind = KINDS[question.kind]
    # whom a condition asked would tell a number of the earlier question by cluster
    if question.when or shown.why or kind.counted is not Counted.OPTIONS or kind.many or not shown.cells.numbers:
        return []
    tallies = {name: tally_of(form, given) for name, given in groups.items()}
    if not all(may_show(tally.base(question.id)) for tally in tallies.values()):
        return []
    options = list(shown.cells.numbers)
    rows = [[tally.of(question.id).get(option, 0) for option in options] for tally in tallies.values()]
    if shown.cells.together:
        # those added up for all are one column here, and are not told
        rows = [[*row, tally.base(question.id) - sum(row)] for row, tally in zip(rows, tallies.values(), strict=True)]
    cells = shown_in_table(rows)
    told = [
        GroupCount(name, question.id, option, rows[r][c])
        for r, name in enumerate(tallies)
        for c, option in enumerate(options)
        if (r, c) in cells
    ]
    bases = [GroupCount(name, question.id, "", tally.base(question.id)) for name, tally in tallies.items()]
    return [*bases, *told] if told else []
