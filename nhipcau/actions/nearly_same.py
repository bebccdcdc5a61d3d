"""Which questions of a closing poll are not shown, since nearly the same people answered them in another poll: the
difference of the two results would tell what a few said (rule R14). Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import same_words
from nhipcau.bot.forms.model import Form, Question
from nhipcau.privacy.suppression import UNANIMOUS_BELOW, K, may_show

#: Polls this long apart measure two moments, where both had UNANIMOUS_BELOW people: "before and after" stays possible.
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

    def apart(self, other: Answerers) -> int:
        """How many people are in one only, at least."""
        return len(self.people ^ other.people) + abs(self.left - other.left)


@dataclass(frozen=True, slots=True)
class PollOfPeople:
    """A poll and who answered it."""

    id: str
    form: Form
    opens_at: datetime
    answerers: Answerers
    #: Ids of its questions that are not shown themselves.
    withheld: frozenset[str] = frozenset()


def withheld_questions(closing: PollOfPeople, closed: Sequence[PollOfPeople]) -> frozenset[str]:
    """Ids of the questions of the closing poll that are not shown."""
    return frozenset(q.id for q in closing.form.questions if _is_told(q, closing, closed))


def _is_told(question: Question, closing: PollOfPeople, closed: Sequence[PollOfPeople]) -> bool:
    alike = [
        poll
        for poll in closed
        if may_show(len(poll.answerers)) and not _is_new_moment(closing, poll) and _asks(poll, question)
    ]
    if any(_is_few_apart(closing.answerers, poll.answerers) for poll in alike):
        return True
    # polls of parts, and one of their whole
    return any(_is_few_apart(whole.answerers, _parts_within(whole, closing, alike)) for whole in (closing, *alike))


def _is_few_apart(one: Answerers, other: Answerers) -> bool:
    return 0 < one.apart(other) < K


def _is_new_moment(later: PollOfPeople, earlier: PollOfPeople) -> bool:
    fewest = min(len(later.answerers), len(earlier.answerers))
    return abs(later.opens_at - earlier.opens_at) >= NEW_MOMENT and fewest >= UNANIMOUS_BELOW


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


def _parts_within(whole: PollOfPeople, closing: PollOfPeople, alike: Collection[PollOfPeople]) -> Answerers:
    """Those who answered the other polls that lie in this one (but for a few) and have nobody in common, the largest
    first; the closing poll is always one of them, or the whole."""
    parts: frozenset[str] = frozenset()
    left = 0
    others = sorted((poll for poll in alike if poll is not whole), key=lambda poll: -len(poll.answerers))
    for poll in (*([] if whole is closing else [closing]), *others):
        people = poll.answerers.people
        if len(people - whole.answerers.people) < K and not people & parts:
            parts, left = parts | people, left + poll.answerers.left
    return Answerers(parts, left)
