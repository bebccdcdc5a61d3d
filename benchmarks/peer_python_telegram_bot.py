"""A peer: the same report dialogue in python-telegram-bot's ConversationHandler, kept by PicklePersistence.

`python -m benchmarks.peer_python_telegram_bot API TOKEN DATABASE`. Written as its example persistentconversationbot
is, with the default update_interval (60 s between two writes of the file) and one update after the other, since
ConversationHandler does not allow concurrent_updates.
"""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

from benchmarks.peer_steps import CANCEL, CHANGE, OPENING, SEND, STEPS, WAYS_OUT, file_report, open_reports, summary

_CONTENT, _CHOOSING, _SUMMARY = range(3)
_Context = ContextTypes.DEFAULT_TYPE


def _keyboard(labels: tuple[str, ...], step: int) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=f"{step}:{n}")] for n, label in enumerate(labels)]
    )


async def begin(update: Update, context: _Context) -> int:
    assert update.message
    await update.message.reply_text(OPENING, reply_markup=_keyboard((CANCEL,), 99))
    return _CONTENT


async def content(update: Update, context: _Context) -> int:
    assert update.message
    assert context.user_data is not None
    context.user_data["content"] = update.message.text
    await update.message.reply_text(STEPS[0][1], reply_markup=_keyboard((*STEPS[0][2], *WAYS_OUT), 0))
    return _CHOOSING


async def choose(update: Update, context: _Context) -> int:
    assert update.callback_query
    assert context.user_data is not None
    step, _, choice = (update.callback_query.data or "").partition(":")
    name, _, labels = STEPS[int(step)]
    context.user_data[name] = labels[int(choice)]
    following = int(step) + 1
    if following < len(STEPS):
        _, asked, labels = STEPS[following]
        await _say(update, asked, _keyboard((*labels, *WAYS_OUT), following))
        return _CHOOSING
    await _say(update, summary(context.user_data), _keyboard((SEND, CHANGE, CANCEL), 98))
    return _SUMMARY


class Reports:
    """Where reports are filed: open while the application runs."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open = AsyncExitStack()

    async def open(self, _: Any) -> None:
        self._database = await self._open.enter_async_context(open_reports(self._path))

    async def close(self, _: Any) -> None:
        await self._open.aclose()

    async def send(self, update: Update, context: _Context) -> int:
        assert context.user_data is not None
        receipt = await file_report(self._database, context.user_data)
        context.user_data.clear()
        await _say(update, receipt)
        return ConversationHandler.END


async def _say(update: Update, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    tap = update.callback_query
    assert tap
    await tap.answer()
    await tap.edit_message_reply_markup()
    if isinstance(tap.message, Message):
        await tap.message.reply_text(text, reply_markup=keyboard)


def main(api: str, token: str, path: str) -> None:
    reports = Reports(path)
    application = (
        Application.builder()
        .token(token)
        .base_url(f"{api}/bot")
        .persistence(PicklePersistence(f"{path}.pickle"))
        .post_init(reports.open)
        .post_shutdown(reports.close)
        .build()
    )
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("baocao", begin)],
            states={
                _CONTENT: [MessageHandler(filters.TEXT & ~filters.COMMAND, content)],
                _CHOOSING: [CallbackQueryHandler(choose)],
                _SUMMARY: [CallbackQueryHandler(reports.send)],
            },
            fallbacks=[],
            name="report",
            persistent=True,
        )
    )
    application.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
