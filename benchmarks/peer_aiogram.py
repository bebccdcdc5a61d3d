"""The peer: the same report dialogue as a plain aiogram 3 bot, its state in memory, one insert at the end.

`python -m benchmarks.peer_aiogram API TOKEN DATABASE`. Written as aiogram's own examples are: a router, an FSM with
MemoryStorage, long polling. A tap is acknowledged and its buttons are taken away, as ours are.
"""

from __future__ import annotations

import asyncio
import secrets
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

from benchmarks.phones import RECEIPT

_WAYS_OUT = ("Lùi", "Hủy")
#: Steps after the sentence: what is asked, and its choices.
_STEPS = (
    ("topic", "Việc này thuộc lĩnh vực nào? (1/5)", ("Giao thông", "Đất đai", "Môi trường", "Điện, nước", "Y tế")),
    ("area", "Ở xã, phường nào? (2/5)", ("Xã Đồng Đăng", "Xã Cao Lộc", "Xã Na Sầm", "Xã Thất Khê", "Xã Bình Gia")),
    ("spread", "Việc này lan rộng tới đâu? (3/5)", ("Vài ý kiến", "Một xóm", "Cả thôn", "Toàn xã", "Nhiều xã")),
    ("mood", "Bà con thấy thế nào? (4/5)", ("Phấn khởi", "Đồng tình", "Quan tâm", "Băn khoăn", "Bức xúc")),
    ("urgency", "Cần xử lý nhanh tới mức nào? (5/5)", ("Theo kỳ báo cáo", "Sớm", "Khẩn")),
)
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
    await message.answer("Bác kể giúp: việc gì, ở đâu, từ bao giờ?", reply_markup=_keyboard(("Hủy",), 99))


@router.message(Report.content, F.text)
async def content(message: Message, state: FSMContext) -> None:
    await state.update_data(content=message.text, step=0)
    await state.set_state(Report.choosing)
    await message.answer(_STEPS[0][1], reply_markup=_keyboard((*_STEPS[0][2], *_WAYS_OUT), 0))


@router.callback_query(Report.choosing)
async def choose(tap: CallbackQuery, state: FSMContext) -> None:
    step, _, choice = (tap.data or "").partition(":")
    name, _, labels = _STEPS[int(step)]
    answers = await state.update_data({name: labels[int(choice)], "step": int(step) + 1})
    following = int(step) + 1
    if following < len(_STEPS):
        _, asked, labels = _STEPS[following]
        await _say(tap, asked, _keyboard((*labels, *_WAYS_OUT), following))
        return
    await state.set_state(Report.summary)
    lines = [str(answers[key]) for key in ("content", *(name for name, *_ in _STEPS))]
    await _say(tap, "Bác xem lại giúp:\n" + "\n".join(lines), _keyboard(("Gửi", "Sửa", "Hủy"), 98))


@router.callback_query(Report.summary)
async def send(tap: CallbackQuery, state: FSMContext, database: aiosqlite.Connection) -> None:
    answers = await state.get_data()
    code = secrets.token_hex(4)
    row = [code, answers["content"], *(answers[name] for name, *_ in _STEPS)]
    await database.execute("INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    await database.commit()
    await state.clear()
    await _say(tap, f"{RECEIPT} PA-{code}.")


async def _say(tap: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    await tap.answer()
    if isinstance(tap.message, Message):
        await tap.message.edit_reply_markup()
        await tap.message.answer(text, reply_markup=keyboard)


async def main(api: str, token: str, path: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api))
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(router)
    async with aiosqlite.connect(path) as database:
        await database.execute("PRAGMA journal_mode=WAL")
        await database.execute("PRAGMA synchronous=FULL")
        await database.execute("CREATE TABLE reports (code, content, topic, area, spread, mood, urgency)")
        await dispatcher.start_polling(Bot(token, session=session), database=database, handle_signals=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
