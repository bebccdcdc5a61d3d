"""A peer: the same report dialogue as a plain aiogram 3 bot, its state in memory, one insert at the end.

`python -m benchmarks.peer_aiogram API TOKEN DATABASE`. Written as aiogram's own examples are: a router, an FSM with
MemoryStorage, long polling. A tap is acknowledged and its buttons are taken away, as ours are.
"""

from __future__ import annotations

import asyncio
import sys

import aiosqlite
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from benchmarks.peer_steps import CANCEL, CHANGE, OPENING, SEND, STEPS, WAYS_OUT, file_report, open_reports, summary

router = Router()


class Report(StatesGroup):
    content = State()
    choosing = State()
    summary = State()


def _keyboard(labels: tuple[str, ...], step: int) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text=label, callback_data=f"{step}:{n}")] for n, label in enumerate(labels)]
    return InlineKeyboardMarkup(inline_keyboard=rows)


@router.message(Command("baocao"))
async def begin(message: Message, state: FSMContext) -> None:
    await state.set_state(Report.content)
    await message.answer(OPENING, reply_markup=_keyboard((CANCEL,), 99))


@router.message(Report.content, F.text)
async def content(message: Message, state: FSMContext) -> None:
    await state.update_data(content=message.text, step=0)
    await state.set_state(Report.choosing)
    await message.answer(STEPS[0][1], reply_markup=_keyboard((*STEPS[0][2], *WAYS_OUT), 0))


@router.callback_query(Report.choosing)
async def choose(tap: CallbackQuery, state: FSMContext) -> None:
    step, _, choice = (tap.data or "").partition(":")
    name, _, labels = STEPS[int(step)]
    answers = await state.update_data({name: labels[int(choice)], "step": int(step) + 1})
    following = int(step) + 1
    if following < len(STEPS):
        _, asked, labels = STEPS[following]
        await _say(tap, asked, _keyboard((*labels, *WAYS_OUT), following))
        return
    await state.set_state(Report.summary)
    await _say(tap, summary(answers), _keyboard((SEND, CHANGE, CANCEL), 98))


@router.callback_query(Report.summary)
async def send(tap: CallbackQuery, state: FSMContext, database: aiosqlite.Connection) -> None:
    receipt = await file_report(database, await state.get_data())
    await state.clear()
    await _say(tap, receipt)


async def _say(tap: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    await tap.answer()
    if isinstance(tap.message, Message):
        await tap.message.edit_reply_markup()
        await tap.message.answer(text, reply_markup=keyboard)


async def main(api: str, token: str, path: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api))
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(router)
    async with open_reports(path) as database:
        await dispatcher.start_polling(Bot(token, session=session), database=database, handle_signals=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
