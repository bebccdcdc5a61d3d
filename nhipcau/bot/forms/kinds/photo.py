"""Pictures, at most `maximum` (2 where the form does not say); value: list of file handles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.kinds.kind import Counted, Kind
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts


class Photo(Kind):
    fields = ()
    number_answers = False
    needs_summary = True
    counted = Counted.NOTHING
    why_not_in_polls = "cli.written.no_pictures"
    takes_photo = True

    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        raise InvalidAnswer("photo")

    def keep(self, question: Question, held: Any, sent: Mapping[str, str], t: Texts) -> tuple[Any, str]:
        photos = list(held or [])
        if len(photos) >= int(question.maximum or 2):
            return held, t("form.photos_full")
        return [*photos, sent["photo"]], t("form.photo_kept")

    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        return t("form.photos", n=len(value))

    def middle(self, counts: Mapping[str, int]) -> str:
        return ""


KIND: Kind = Photo()
