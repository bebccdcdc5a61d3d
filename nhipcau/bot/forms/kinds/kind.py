"""What a kind of question has to say of itself. Nothing outside this folder asks which kind a question is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any, Protocol, TypeVar

from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.vietnamese import fold

#: What may end a question or a label without making it another.
_END_MARKS = " .,:;!?…"
_Value = TypeVar("_Value")


class InvalidQuestion(Exception):
    """What is wrong with the limits of a question in a file: one English sentence."""


class Counted(Enum):
    """What is added up of the answers to a closed poll, and so how its result is shown."""

    #: How often each option was chosen: a bar an option.
    OPTIONS = "options"
    #: How often each value was given: the one in the middle.
    VALUES = "values"
    #: That there are some: people's own words.
    WORDS = "words"
    #: That there are some: pictures, documents.
    NOTHING = "nothing"


class Kind(Protocol):
    """One kind of question. What has no value here has to be said by each kind, or it fails type checking."""

    #: In a file: what such a question may say beside text, kind, optional and when.
    fields: tuple[str, ...]
    #: A typed number or word is the answer itself, not a place in the list of choices.
    number_answers: bool
    #: The answer is shown once more before it is sent, even where the form asks nothing else.
    needs_summary: bool
    counted: Counted

    #: Files of offices may ask it; False: only forms of our own.
    in_files: bool = True
    #: Why a poll can't ask it, in English; "": it can.
    why_not_in_polls: str = ""
    #: Several options may be chosen: pressing one ticks it, "Xong" ends.
    many: bool = False
    #: Its value is a number, and conditions may compare it with one.
    is_number: bool = False
    takes_photo: bool = False
    takes_file: bool = False

    # -------------------------------------------------- in a file

    def check(self, question: Question) -> Question:
        """The question with the limits it has where the file names none. Raises InvalidQuestion."""
        return question

    def names(self, question: Question) -> Mapping[str, Collection[str]] | None:
        """What conditions may call each answer, by its key, casefolded; None: whatever the answer is."""
        return None

    # -------------------------------------------------- in the chat

    def ask(self, question: Question, t: Texts) -> str:
        """The question's words with what helps to answer it."""
        return question.text

    def options(self, question: Question, t: Texts) -> list[Option]:
        """The options the question has by itself."""
        return list(question.options)

    def press(self, key: str) -> Any:
        """The value of a pressed option."""
        return key

    @abstractmethod
    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        """The value of a typed answer. Raises InvalidAnswer. `numbers`: one may name a place among the options."""

    def keep(self, question: Question, held: Any, sent: Mapping[str, str], t: Texts) -> tuple[Any, str]:
        """The new value after a picture ("photo") or a document ("file", "title") was sent, and the sentence about it.
        `held`: the value so far."""
        return held, t("wrong.no_photo")

    @abstractmethod
    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        """An answer in words: on the summary, among official results, beside its code in an export."""

    # -------------------------------------------------- in results and exports

    @property
    def own_words(self) -> bool:
        """The answer is words of the person's own: screened before it is kept, and readable after closing."""
        return self.counted is Counted.WORDS

    @property
    def is_free(self) -> bool:
        """Each answer is somebody's own, none is like another: not counted, not compared, and in exports never in the
        order of the rows."""
        return self.counted in {Counted.WORDS, Counted.NOTHING}

    def keys(self, value: Any) -> Iterable[str]:
        """What an answer adds one to."""
        if self.is_free:
            return ()
        return [str(each) for each in (value if isinstance(value, list) else [value])]

    @abstractmethod
    def middle(self, counts: Mapping[str, int]) -> str:
        """The answer in the middle, in words; "" where answers have no order. `counts`: key → people, not empty."""

    def alike(self, question: Question) -> tuple[object, ...]:
        """Two questions can be compared where this is the same: then an answer to both means the same."""
        return (question.kind,)


def value_at(counts: Sequence[tuple[_Value, int]], place: int) -> _Value:
    """The value that stands at this place (from 0) when each is written as often as it was given."""
    for value, number in counts:
        if place < number:
            return value
        place -= number
    raise IndexError(place)


def same_words(words: str) -> str:
    """Equal for questions and labels that read alike: capitals, diacritics and final marks do not count."""
    return fold(words).strip(_END_MARKS)
