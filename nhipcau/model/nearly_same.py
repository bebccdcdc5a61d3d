"""Which questions of a closing poll are not shown, since many of the same people answered them in another poll: the
two results together would tell what a few said (rule R14). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import same_words
from nhipcau.bot.forms.model import Form, Question
from nhipcau.privacy.suppression import UNANIMOUS_BELOW, K, may_show

#: Polls this long apart measure two moments: "before and after".
NEW_MOMENT = timedelta(days=28)
#: How far back other polls are looked at.
LOOKED_BACK = timedelta(days=366)
#: Questions are the same from this share of common words on.
_SAME_WORDS = 0.8


@dataclass(frozen=True, slots=True)
class Answerers:
    """Who answered a poll, or was asked it."""

    people: frozenset[str]
    #: Those who have left since: who they are is not known any more.
    left: int = 0

    def __len__(self) -> int:
        return len(self.people) + self.left

    def parts(self, other: Answerers) -> tuple[int, int, int]:
        """How many are in both, in this one only, in the other only: as alike as they may be, where somebody left."""
        left = min(self.left, other.left)
        both = len(self.people & other.people) + left
        return both, len(self) - both, len(other) - both


@dataclass(frozen=True, slots=True)
class PollOfPeople:
    """A poll and who answered it."""

    id: str
    form: Form
    opens_at: datetime
    answerers: Answerers
    #: Ids of its questions that are not shown themselves.
    withheld: frozenset[str] = frozenset()
    #: The poll it repeats, and the rule that made it; "": none.
    repeats: str = ""
    rule: str = ""

    def is_linked(self, other: PollOfPeople) -> bool:
        """Whether the office asks the same again on purpose: "before and after", or each week."""
        return bool(self.repeats and self.repeats == other.id) or bool(self.rule and self.rule == other.rule)


def withheld_questions(closing: PollOfPeople, closed: Sequence[PollOfPeople]) -> frozenset[str]:
    """Ids of the questions of the closing poll that are not shown."""
    return frozenset(q.id for q in closing.form.questions if _is_told(q, closing, closed))


def _is_told(question: Question, closing: PollOfPeople, closed: Sequence[PollOfPeople]) -> bool:
    return any(
        may_show(len(poll.answerers)) and _asks(poll, question) and _tells_of_few(closing, poll) for poll in closed
    )


def _tells_of_few(closing: PollOfPeople, closed: PollOfPeople) -> bool:
    """Whether both results together may tell what a few said."""
    both, *only = closing.answerers.parts(closed.answerers)
    if not both or not (any(only) or closing.answerers.left):
        # nobody in common, or nobody to tell from the others; those who have left may be others in each
        return False
    if abs(closing.opens_at - closed.opens_at) < NEW_MOMENT and not closing.is_linked(closed):
        # as if nobody had changed their mind: then a number hidden in one may follow from the other, however large both
        return True
    fewest = min(len(closing.answerers), len(closed.answerers))
    return sum(only) < K and fewest < UNANIMOUS_BELOW


def _asks(poll: PollOfPeople, question: Question) -> bool:
    return any(is_same_question(q, question) for q in poll.form.questions if q.id not in poll.withheld)


def is_same_question(one: Question, other: Question) -> bool:
    """Whether the numbers of one question may be subtracted from the other's: nearly the same words, and the same way
    of answering. Texts have no numbers."""
    kinds = KINDS[one.kind], KINDS[other.kind]
    if kinds[0].is_free or kinds[0].alike(one) != kinds[1].alike(other):
        return False
    words = set(same_words(one.text).split()), set(same_words(other.text).split())
    return len(words[0] & words[1]) >= _SAME_WORDS * len(words[0] | words[1])
