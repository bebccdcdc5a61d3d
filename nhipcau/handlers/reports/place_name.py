""" "Đây là tên nơi": words that were masked as a name are a place's, the sender says, and types the place again.

What was masked is kept nowhere, so nothing can be unmasked: only the name typed anew is kept, with the note that the
sender calls it a place. Numbers stay masked whatever the sender says.
"""

from __future__ import annotations

import re
from dataclasses import replace

from nhipcau.bot.forms.answer_matching import InvalidAnswer, check_words, match_option
from nhipcau.bot.forms.draft import Draft
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import PlaceAct, SayPlace, choice
from nhipcau.handlers.situation import Situation
from nhipcau.model.conversation import AwaitsPlaceName
from nhipcau.privacy.screening import MASKS, has_classification, screen
from nhipcau.privacy.screening_numbers import count_digits

_MASK = MASKS["name"]
_MOST_CHARS, _MOST_WORDS, _MOST_DIGITS = 40, 6, 3
_NAME = re.compile(r"[^\W\d_][\w '’.\-]*")
#: Masked names that are offered to choose from, and words of the sentence beside each.
_MOST_MASKS, _WORDS_BESIDE = 4, 2


def with_choice(situation: Situation, draft: Draft, message: Message | None) -> Message | None:
    """The message, with the choice "Đây là tên nơi" last if the content has a masked name."""
    if message is None or not _count(draft):
        return message
    said = choice(situation.texts("place_name.is_place"), SayPlace(PlaceAct.SAY, draft.nonce), way=True)
    draft.extra["place_choice"] = [draft.step, len(message.choices) + 1]
    return replace(message, choices=(*message.choices, said))


def is_said(situation: Situation, draft: Draft, text: str) -> bool:
    """Whether `text` is the label or the number of that choice below the open question, which the form doesn't know."""
    step, number = draft.extra.get("place_choice", (None, 0))
    if not text or step != draft.step:
        return False
    label = situation.texts("place_name.is_place")
    return text.strip(" .)") == str(number) or match_option(text, [label], numbers=False) == 0


def ask(situation: Situation, draft: Draft, at: int | None, preface: str = "") -> Message | None:
    """Ask for the place's name, or first which masked name it is. None: none is masked (any more)."""
    t, count = situation.texts, _count(draft)
    if not count or (at is not None and at >= count):
        return None
    leave = choice(t("place_name.leave"), SayPlace(PlaceAct.LEAVE, draft.nonce), way=True)
    if at is None and count > 1:
        masks = (
            choice(_beside(draft, n), SayPlace(PlaceAct.PICK, draft.nonce, n)) for n in range(min(count, _MOST_MASKS))
        )
        return Message(t("place_name.which"), (*masks, leave))
    situation.conversation.pending = AwaitsPlaceName(draft.nonce, at or 0)
    return Message("\n".join(line for line in (preface, t("place_name.type")) if line), (leave,))


def put(situation: Situation, draft: Draft, at: int, typed: str, note: str) -> None:
    """Put the typed name with its note where the name was masked. Raises InvalidAnswer for what is no place's name."""
    parts = str(draft.answers["content"]).split(_MASK)
    before = _MASK.join(parts[: at + 1])
    name = _checked(situation, _without_words_before(before, nfc(typed)))
    content = f"{before}{name} ({note}){_MASK.join(parts[at + 1 :])}"
    check_words(content)
    if any(found.kind != "name" for found in screen(content, situation.office.tree.known_places).found):
        raise InvalidAnswer("place_name.no_number")
    draft.answers["content"] = content


def _count(draft: Draft) -> int:
    return str(draft.answers.get("content") or "").count(_MASK)


def _checked(situation: Situation, typed: str) -> str:
    """The name, if it may be a place's."""
    name = " ".join(nfc(typed).split()).strip("\"'“”.")
    if has_classification(name):
        raise InvalidAnswer("secret")
    found = screen(name, situation.office.tree.known_places).found
    if count_digits(name) > _MOST_DIGITS or any(span.kind != "name" for span in found):
        raise InvalidAnswer("place_name.no_number")
    if len(name) > _MOST_CHARS or len(name.split()) > _MOST_WORDS or not _NAME.fullmatch(name):
        raise InvalidAnswer("place_name.only_name")
    if any(span.start > 0 for span in found):
        # "ông Hùng": who is called so is a person
        raise InvalidAnswer("place_name.no_person")
    return name


def _without_words_before(before: str, name: str) -> str:
    """The name without words that stand before the mask already: "ngã ba Nà Sla" behind "ngã ba"."""
    words, standing = name.split(), fold(before).split()
    for size in range(len(words) - 1, 0, -1):
        if [fold(word) for word in words[:size]] == standing[-size:]:
            return " ".join(words[size:])
    return name


def _beside(draft: Draft, at: int) -> str:
    """The masked name with the words around it."""
    parts = str(draft.answers["content"]).split(_MASK)
    before, after = parts[at].split()[-_WORDS_BESIDE:], parts[at + 1].split()[:_WORDS_BESIDE]
    return " ".join([*before, _MASK, *after])
