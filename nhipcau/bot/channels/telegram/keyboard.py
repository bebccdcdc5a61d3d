"""Choices as Telegram's keyboards below a message."""

from __future__ import annotations

from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from nhipcau.bot.messaging.messages import Choice

NO_PREVIEW = {"link_preview_options": LinkPreviewOptions(is_disabled=True).to_dict()}
_BESIDE = 3


#: Begins the data of a choice that leaves its buttons, since a tap brings nothing else of it back.
_STAYS = "+"
#: Buttons of a list of several that were sent before 2026-12 begin so instead; they may still be pressed.
_STAYED = "s:"


def callback_data(choice: Choice) -> str:
    return f"{_STAYS}{choice.data}" if choice.stays else choice.data


def data_of(data: str) -> tuple[str, bool]:
    """What the choice of a tap carried, and whether its message keeps its buttons."""
    return data.removeprefix(_STAYS), data.startswith((_STAYS, _STAYED))


def rows_of(choices: tuple[Choice, ...]) -> list[list[Choice]]:
    """Each choice a row of its own; those marked `beside` share the row before, three at most."""
    rows: list[list[Choice]] = []
    for choice in choices:
        if choice.beside and rows and len(rows[-1]) < _BESIDE:
            rows[-1].append(choice)
        else:
            rows.append([choice])
    return rows


def keyboard(choices: tuple[Choice, ...]) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(c.label, callback_data=callback_data(c)) for c in row] for row in rows_of(choices)]
    return InlineKeyboardMarkup(rows) if rows else None


def markup(choices: tuple[Choice, ...]) -> dict[str, Any]:
    """The keyboard as a parameter of a plain call, none where there are no choices."""
    if not choices:
        return {}
    rows = [[{"text": c.label, "callback_data": callback_data(c)} for c in row] for row in rows_of(choices)]
    return {"reply_markup": {"inline_keyboard": rows}}
