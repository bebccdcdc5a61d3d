"""A picture or a document, the last one sent; value: {"photo": name} or {"file": name, "title": shown name}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.kinds.kind import Counted, Kind
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts


class File(Kind):
    fields = ()
    number_answers = False
    needs_summary = True
    counted = Counted.NOTHING
    in_files = False
    takes_photo = True
    takes_file = True

    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        raise InvalidAnswer("file")

    def keep(self, question: Question, held: Any, sent: Mapping[str, str], t: Texts) -> tuple[Any, str]:
        title = sent.get("title")
        return dict(sent), t("form.file_kept", title=title) if title else t("form.photo_kept")

    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        title = value.get("title")
        return t("form.file", title=title) if title else t("form.photos", n=1)

    def middle(self, counts: Mapping[str, int]) -> str:
        return ""


KIND: Kind = File()
