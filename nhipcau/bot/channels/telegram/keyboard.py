"""Choices as Telegram's inline keyboards."""

from __future__ import annotations

from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from nhipcau.bot.messaging.messages import Choice

NO_PREVIEW = {"link_preview_options": LinkPreviewOptions(is_disabled=True).to_dict()}
_BESIDE = 3


#: Prefix of the data of a choice that keeps its buttons: a tap brings back nothing but the data.
_STAYS = "+"
#: Prefix of multiple-choice buttons sent before 2026-12, which may still be pressed.
_STAYED = "s:"


def callback_data(choice: Choice) -> str:
    return f"{_STAYS}{choice.data}" if choice.stays else choice.data


def data_of(data: str) -> tuple[str, bool]:
    """The data of the pressed choice, and whether its message keeps its buttons."""
    return data.removeprefix(_STAYS), data.startswith((_STAYS, _STAYED))


def rows_of(choices: tuple[Choice, ...]) -> list[list[Choice]]:
    """A row for each choice; those with `beside` share the row before, three at most."""
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
    """The keyboard as a JSON parameter; empty where there are no choices."""
    if not choices:
        return {}
    rows = [[{"text": c.label, "callback_data": callback_data(c)} for c in row] for row in rows_of(choices)]
    return {"reply_markup": {"inline_keyboard": rows}}
