"""A peer: the same report dialogue in windows of aiogram-dialog, in memory, one insert at the end.

`python -m benchmarks.peer_aiogram_dialog API TOKEN DATABASE`. Written as its examples are: one window a state, Select
for choices, MessageInput for words. It acknowledges each tap by itself; ShowMode.SEND makes it take the buttons away
and send the next question, as ours does, where it would edit the message in place.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage, SimpleEventIsolation
from aiogram.types import CallbackQuery, ContentType, Message
from aiogram_dialog import Dialog, DialogManager, ShowMode, StartMode, Window, setup_dialogs
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.kbd import Back, Button, Cancel, Column, Select
from aiogram_dialog.widgets.text import Const, Format

from benchmarks.peer_steps import BACK, CANCEL, CHANGE, OPENING, SEND, STEPS, file_report, open_reports, summary


class Report(StatesGroup):
    content = State()
    topic = State()
    area = State()
    spread = State()
    mood = State()
    urgency = State()
    summary = State()


_STATES = {"topic": Report.topic, "area": Report.area, "spread": Report.spread}
_STATES |= {"mood": Report.mood, "urgency": Report.urgency}
router = Router()


@router.message(Command("baocao"))
async def begin(message: Message, dialog_manager: DialogManager) -> None:
    await dialog_manager.start(Report.content, mode=StartMode.RESET_STACK)


async def content(message: Message, widget: MessageInput, manager: DialogManager) -> None:
    manager.dialog_data["content"] = message.text
    await manager.next()


async def choose(tap: CallbackQuery, select: Select[str], manager: DialogManager, label: str) -> None:
    manager.dialog_data[select.widget_id or ""] = label
    await manager.next(ShowMode.SEND)


async def send(tap: CallbackQuery, button: Button, manager: DialogManager) -> None:
    receipt = await file_report(manager.middleware_data["database"], manager.dialog_data)
    await manager.done(show_mode=ShowMode.SEND)
    if isinstance(tap.message, Message):
        await tap.message.answer(receipt)


async def written(dialog_manager: DialogManager, **_: Any) -> dict[str, str]:
    return {"summary": summary(dialog_manager.dialog_data)}


def _choices(name: str, labels: tuple[str, ...]) -> Column:
    pairs = list(enumerate(labels))
    return Column(
        Select(
            Format("{item[1]}"),
            id=name,
            item_id_getter=lambda pair: pair[0],
            items=pairs,
            type_factory=lambda number: labels[int(number)],
            on_click=choose,
        )
    )


dialog = Dialog(
    Window(
        Const(OPENING),
        MessageInput(content, content_types=ContentType.TEXT),
        Cancel(Const(CANCEL)),
        state=Report.content,
    ),
    *(
        Window(Const(asked), _choices(name, labels), Back(Const(BACK)), Cancel(Const(CANCEL)), state=_STATES[name])
        for name, asked, labels in STEPS
    ),
    Window(
        Format("{summary}"),
        Button(Const(SEND), id="send", on_click=send),
        Back(Const(CHANGE)),
        Cancel(Const(CANCEL)),
        getter=written,
        state=Report.summary,
    ),
)


async def main(api: str, token: str, path: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api))
    # it reads a dialogue's state before it waits for the update before: phones quicker than people need this
    dispatcher = Dispatcher(storage=MemoryStorage(), events_isolation=SimpleEventIsolation())
    dispatcher.include_routers(router, dialog)
    setup_dialogs(dispatcher)
    async with open_reports(path) as database:
        await dispatcher.start_polling(Bot(token, session=session), database=database, handle_signals=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
