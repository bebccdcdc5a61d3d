"""`Kind`: what a kind of question defines. Code outside this folder never asks which kind a question is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any, Protocol, TypeVar

from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.language.vietnamese import fold

#: Final marks that are ignored when questions or labels are compared.
_END_MARKS = " .,:;!?…"
_Value = TypeVar("_Value")


class InvalidQuestion(Fault):
    """The limits of a question in a file are wrong."""


class Counted(Enum):
    """What is counted of the answers to a closed poll, and so how the result is shown."""

    #: How often each option was chosen, shown as a bar each.
    OPTIONS = "options"
    #: How often each value was given, shown as a median.
    VALUES = "values"
    #: Only the number of answers, which are free texts.
    WORDS = "words"
    #: Only the number of answers, which are pictures or documents.
    NOTHING = "nothing"


class Kind(Protocol):
    """One kind of question. Each kind must define the attributes without a value here, or type checking fails."""

    #: Keys in a request file besides text, kind, optional and when.
    fields: tuple[str, ...]
    #: A typed number or word is the answer itself, not a place in the list of choices.
    number_answers: bool
    #: A form with such a question alone still shows a summary before sending.
    needs_summary: bool
    counted: Counted

    #: Whether request files may have it; False: only built-in forms.
    in_files: bool = True
    #: The key of the sentence why a poll can't ask it; "": it can.
    why_not_in_polls: str = ""
    #: Several options may be chosen: a tap ticks one, "Xong" ends.
    many: bool = False
    #: Its value is a number, with which conditions may compare.
    is_number: bool = False
    takes_photo: bool = False
    takes_file: bool = False

    # -------------------------------------------------- in a file

    def check(self, question: Question) -> Question:
        """The question with default limits where the file has none. Raises InvalidQuestion."""
        return question

    def names(self, question: Question) -> Mapping[str, Collection[str]] | None:
        """By key, the casefolded names of each answer in conditions; None: any answer is possible."""
        return None

    # -------------------------------------------------- in the chat

    def ask(self, question: Question, t: Texts) -> str:
        """The question's text, with a hint how to answer it."""
        return question.text

    def options(self, question: Question, t: Texts) -> list[Option]:
        """The options of the question itself, without those of a `source`."""
        return list(question.options)

    def press(self, key: str) -> Any:
        """The value of a pressed option."""
        return key

    @abstractmethod
    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        """The value of a typed answer. Raises InvalidAnswer. `numbers`: a number may mean an option by its place."""

    def keep(self, question: Question, held: Any, sent: Mapping[str, str], t: Texts) -> tuple[Any, str]:
        """The new value after a picture ("photo") or a document ("file", "title") was sent, and the sentence about it.
        `held`: the value so far."""
        return held, t("wrong.no_photo")

    @abstractmethod
    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        """An answer in words, for the summary, official results and exports."""

    # -------------------------------------------------- in results and exports

    @property
    def own_words(self) -> bool:
        """Whether answers are free texts, which are screened before they are stored."""
        return self.counted is Counted.WORDS

    @property
    def is_free(self) -> bool:
        """Whether answers are free texts or files: not counted or compared, and shuffled in exports."""
        return self.counted in {Counted.WORDS, Counted.NOTHING}

    def keys(self, value: Any) -> Iterable[str]:
        """The keys that an answer is counted under."""
        if self.is_free:
            return ()
        return [str(each) for each in (value if isinstance(value, list) else [value])]

    @abstractmethod
    def middle(self, counts: Mapping[str, int]) -> str:
        """The median answer in words; "" where answers have no order. `counts`: key → people, not empty."""

    def alike(self, question: Question) -> tuple[object, ...]:
        """Equal for questions whose answers can be compared, since the same answer means the same."""
        return (question.kind,)


def value_at(counts: Sequence[tuple[_Value, int]], place: int) -> _Value:
    """The value at index `place` of the list in which each value is repeated as often as counted."""
    for value, number in counts:
        if place < number:
            return value
        place -= number
    raise IndexError(place)


def same_words(words: str) -> str:
    """A key that is equal for texts that differ only in capitals, diacritics and final marks."""
    return fold(words).strip(_END_MARKS)
