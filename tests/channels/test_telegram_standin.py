"""The Telegram stand-in itself: what it refuses, how it hands out updates, and that it runs as a process."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.standins.telegram import TelegramStandIn

pytestmark = pytest.mark.slow  # what it says is read by aiogram, which takes seconds to import

TOKEN = "123456:A-stand-in-token"


class Bot:
    """The plainest client there is."""

    def __init__(self, session: aiohttp.ClientSession, tg: TelegramStandIn) -> None:
        self._session = session
        self.tg = tg

    async def __call__(self, method: str, token: str = TOKEN, **parameters: Any) -> tuple[int, Any]:
        async with self._session.post(f"{self.tg.url}/bot{token}/{method}", json=parameters) as response:
            answer = await response.json()
            return response.status, answer.get("result", answer.get("description"))


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with TelegramStandIn(TOKEN) as tg, aiohttp.ClientSession() as session:
        yield Bot(session, tg)


def keyboard(text: str, data: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": text, "callback_data": data}]]}


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        ({"text": ""}, 400, "text is empty"),
        ({"text": " \n"}, 400, "text is empty"),
        ({"text": "a" * 4096}, 200, ""),
        ({"text": "🌾" * 2049}, 400, "too long"),
        ({"text": "a", "chat_id": 99}, 400, "chat not found"),
        ({"text": "a", "chat_id": 8}, 403, "blocked"),
        ({"text": "a", "chat_id": 9}, 403, "initiate"),
        ({"text": "a", "reply_markup": keyboard("Có", "đ" * 33)}, 400, "BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": keyboard("Có", "")}, 400, "BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": keyboard("", "a")}, 400, "text buttons"),
    ],
)
async def test_a_message_is_refused_as_telegram_refuses(
    bot: Bot, parameters: dict[str, Any], status: int, words: str
) -> None:
    await bot.tg.phone(7).start()
    await bot.tg.phone(8).block()
    bot.tg.phone(9)
    answered, result = await bot("sendMessage", **{"chat_id": 7, **parameters})
    assert answered == status
    assert words in str(result)
    assert bot.tg.violations == []


@pytest.mark.parametrize(
    ("fields", "content", "status", "words"),
    [
        ({}, b"%PDF-", 200, "Thông báo.pdf"),
        ({"caption": "a" * 1024}, b"%PDF-", 200, "Thông báo.pdf"),
        ({"caption": "a" * 1025}, b"%PDF-", 400, "caption is too long"),
        ({}, b"", 400, "no document"),
        ({}, bytes(50_000_001), 413, "Too Large"),
        ({"document": "file_77"}, None, 400, "wrong file identifier"),
        ({"chat_id": "9"}, b"%PDF-", 403, "initiate"),
    ],
)
async def test_a_document_is_refused_as_telegram_refuses(
    bot: Bot, fields: dict[str, str], content: bytes | None, status: int, words: str
) -> None:
    await bot.tg.phone(7).start()
    bot.tg.phone(9)
    form = aiohttp.FormData({"chat_id": "7", **fields}, quote_fields=False)
    if content is not None:
        form.add_field("document", io.BytesIO(content), filename="Thông báo.pdf")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{bot.tg.url}/bot{TOKEN}/sendDocument", data=form) as response,
    ):
        answer = await response.json()
    assert response.status == status
    assert words in str(answer.get("result", answer.get("description")))
    assert [m.file for m in bot.tg.phone(7).messages] == ([content] if status == 200 else [])


async def test_tokens_methods_and_unreadable_calls(bot: Bot) -> None:
    assert (await bot("getMe"))[0] == 200
    assert await bot("getMe", token="123456:another") == (401, "Unauthorized")
    assert await bot("getMe", token="nonsense") == (404, "Not Found")
    await bot.tg.phone(7).start()
    assert (await bot("sendMessage", chat_id=7, text="a", preview=False))[0] == 400
    assert (await bot("sendMessage", chat_id=7, text="a", reply_markup={"inline_keyboard": "no"}))[0] == 400
    assert [each.split(":")[0] for each in bot.tg.violations] == ["sendMessage", "sendMessage"]
    bot.tg.push({"message": {"text": "without a date"}})
    assert len(bot.tg.violations) == 3


async def test_edits_and_taps(bot: Bot) -> None:
    phone = bot.tg.phone(7)
    await phone.start()
    _, message = await bot("sendMessage", chat_id=7, text="a", reply_markup=keyboard("Có", "a:1"))
    which = {"chat_id": 7, "message_id": message["message_id"]}
    same = await bot("editMessageText", **which, text="a", reply_markup=keyboard("Có", "a:1"))
    assert "not modified" in same[1]
    assert "not found" in (await bot("editMessageText", chat_id=7, message_id=12345, text="b"))[1]
    assert (await bot("editMessageText", **which, text="b", reply_markup=keyboard("Có", "a:1")))[0] == 200
    received = await phone.expect()
    assert (received.text, received.buttons, received.edited) == ("b", ["Có"], True)
    with pytest.raises(LookupError):
        await phone.tap("Không")
    await phone.tap("Có")
    _, updates = await bot("getUpdates")
    tap = updates[-1]["callback_query"]
    assert tap["data"] == "a:1"
    assert await bot("answerCallbackQuery", callback_query_id=tap["id"]) == (200, True)
    assert "too old" in (await bot("answerCallbackQuery", callback_query_id=tap["id"]))[1]
    with pytest.raises(TimeoutError):
        await phone.expect(timeout=0.01)


async def test_updates_wait_until_confirmed_and_only_then_are_gone(bot: Bot) -> None:
    phone = bot.tg.phone(7)
    first, second = await phone.say("một"), await phone.say("hai")

    async def handed(**parameters: Any) -> list[int]:
        return [update["update_id"] for update in (await bot("getUpdates", **parameters))[1]]

    assert await handed() == [first, second]
    assert await handed(offset=first) == [first, second]
    assert await handed(offset=second) == [second]
    assert await handed(offset=first) == [second]
    bot.tg.redeliver(first)
    assert await handed(offset=second + 1) == [first]
    assert await handed() == []
    assert (bot.tg.confirmed, bot.tg.waiting) == (second + 1, 0)
    polling = asyncio.create_task(handed(timeout=5))
    await asyncio.sleep(0.02)
    third = await phone.say("ba")
    assert await polling == [third]


async def test_only_one_may_poll_and_none_beside_a_webhook(bot: Bot) -> None:
    first = asyncio.create_task(bot("getUpdates", timeout=5))
    await asyncio.sleep(0.02)
    assert (await bot("getUpdates"))[0] == 200
    assert (await first)[0] == 409
    await bot("setWebhook", url="https://x.example/hook")
    assert (await bot("getUpdates"))[0] == 409
    await bot("deleteWebhook")
    assert (await bot("getUpdates"))[0] == 200


async def test_faults_on_demand(bot: Bot) -> None:
    phone = bot.tg.phone(7)
    await phone.start()
    bot.tg.flood(3, "sendMessage")
    assert (await bot("sendMessage", chat_id=7, text="a"))[0] == 429
    bot.tg.fault("sendMessage", reset=True)
    with pytest.raises(aiohttp.ClientError):
        await bot("sendMessage", chat_id=7, text="đã tới")
    assert [each.text for each in phone.messages] == ["đã tới"]
    bot.tg.one_a_second = True
    assert [(await bot("sendMessage", chat_id=7, text="a"))[0] for _ in range(2)] == [200, 429]
    bot.tg.break_down(times=100)
    with pytest.raises(aiohttp.ContentTypeError):
        await bot("getMe")
    bot.tg.mend()
    assert (await bot("getMe"))[0] == 200


@pytest.mark.slow
async def test_it_runs_as_a_process_steered_from_outside() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.standins.telegram", "--token", TOKEN),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        url = (await asyncio.wait_for(process.stdout.readline(), 10)).decode().split()[1]
        async with aiohttp.ClientSession() as session:

            async def post(path: str, body: object) -> Any:
                async with session.post(f"{url}/{path}", json=body) as response:
                    return await response.json()

            ids = await post("control/say", [[1, "một"], [2, "hai"]])
            await post(f"bot{TOKEN}/sendMessage", {"chat_id": 1, "text": "a", "reply_markup": keyboard("Có", "a:1")})
            assert await post("control/messages", {"chat": 1}) == [["a", ["Có"]]]
            ids += await post("control/tap", [[1, "Có"]])
            updates = (await post(f"bot{TOKEN}/getUpdates", {}))["result"]
            assert [update["update_id"] for update in updates] == ids
            stats = await post("control/stats", {})
            assert stats == {"calls": {"sendMessage": 1, "getUpdates": 1}, "waiting": 3, "violations": []}
    finally:
        process.terminate()
        await process.wait()
