"""How far people of the network have come with the lessons: by unit, never by person (rule R14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nhipcau.model.queries import OfficeQuery
from nhipcau.privacy.suppression import K


@dataclass(frozen=True, slots=True)
class Training:
    """Of collaborators who have joined: how many there are, and how many have done what."""

    joined: int = 0
    #: At least one lesson; all lessons there are now.
    some: int = 0
    every: int = 0
    #: Id of a lesson → how many have done it.
    by_lesson: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Training) -> Training:
        lessons = self.by_lesson.keys() | other.by_lesson.keys()
        together = {id: self.by_lesson.get(id, 0) + other.by_lesson.get(id, 0) for id in lessons}
        return Training(self.joined + other.joined, self.some + other.some, self.every + other.every, together)


@dataclass(frozen=True, slots=True)
class TrainingOf(OfficeQuery[Mapping[int, Training]]):
    """Unit id → of the people who sit in this very unit. `lessons`: ids of those there are now."""

    lessons: tuple[str, ...]


def at_least(done: int, joined: int) -> int:
    """What may be told of how many of `joined` people have done something: that it is at least so many, in steps of k,
    and always with k who may not have. 0: fewer than k, or not to be told.

    Steps, so that whoever looks each day does not see one person do a lesson; k who may not have, so that nobody of a
    small unit is known to have."""
    return max(0, min(done, joined - K)) // K * K
