"""Words the office writes in the console, checked and masked as they are in the chat."""

from __future__ import annotations

import hashlib

from starlette.datastructures import FormData

from nhipcau.bot.forms.answer_matching import InvalidAnswer, check_words
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.console.visit import Visit
from nhipcau.handlers.reports.report_form import caution_in, masked_words

#: Letters of an answer, and of an issue's statement or a strand of opinion; as in the forms of the chat.
MAX_ANSWER_CHARS, MAX_STATEMENT_CHARS = 600, 200


def read_words(visit: Visit, field: str, most: int) -> str | None:
    """What was typed in this field. None: it can't be taken as it is, and `visit.problem` says why; where something had
    to be masked the field then holds what may stand."""
    typed = nfc(visit.value(field)).replace("\r\n", "\n")
    try:
        masked, notice = masked_words(typed, visit.office.tree.known_places, visit.t)
        check_words(masked, most)
    except InvalidAnswer as wrong:
        visit.problem = visit.t(f"wrong.{wrong.why}", **wrong.facts)
        return None
    if notice:
        visit.problem = f"{notice} {visit.t('console.words.masked')}"
        retype(visit, field, masked)
        return None
    return masked


def is_cautioned(visit: Visit, words: str) -> bool:
    """Whether these words accuse or show a person, which is said once (rules R06, R35): sent again as they are, they
    are taken."""
    caution = caution_in(words, visit.t)
    if caution is None or visit.value("sure") == sure_of(words):
        return False
    visit.problem = f"{caution.why} {visit.t('console.words.again')}"
    retype(visit, "sure", sure_of(words))
    return True


def retype(visit: Visit, field: str, value: str) -> None:
    """Show this in the field, as if it had been typed."""
    others = [(name, typed) for name, typed in visit.typed.multi_items() if name != field]
    visit.typed = FormData([*others, (field, value)])


def sure_of(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]
