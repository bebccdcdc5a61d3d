"""The only file that knows everything: settings → database → channels → loops → one ASGI app."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.channel import Channel
from nhipcau.bot.channels.webchat import WebChat
from nhipcau.faults import name_of
from nhipcau.handlers.dispatch import Dispatch
from nhipcau.handlers.pictures import Pictures
from nhipcau.parts import Parts, build
from nhipcau.scheduler.clock import Clock
from nhipcau.scheduler.sender import Sender
from nhipcau.settings import Settings
from nhipcau.storage import schema
from nhipcau.storage.facts import keep_fact
from nhipcau.web.chat import chat_routes
from nhipcau.web.desk import WEB, WebDesk
from nhipcau.web.health import health_routes

log = structlog.get_logger()

#: Seconds a request may still take once we were told to stop.
_LAST_REQUESTS = 3
#: Seconds the whole stop may take; a supervisor would kill us after thirty.
_STOPPING = 26
#: Seconds the service waits for another process's write; its loops try again, and a stop must not wait longer.
_PATIENCE = 5


class Service:
    """Everything that runs, wired. `run()` ends with 0 on SIGTERM or SIGINT."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.parts: Parts = build(settings, patience=_PATIENCE)
        self.webchat = WebChat(settings.url)
        self.parts.channels = _channels(settings, self.webchat)
        pictures = Pictures(self.parts.channels, settings.photos, settings.zone)
        database, sealer, office = self.parts.database, self.parts.sealer, self.parts.office
        self.sender = Sender(database, sealer, self.parts.channels, settings)
        self.clock = Clock(database, sealer, office, settings, said=self._said)
        self.dispatch = Dispatch(
            database,
            sealer,
            office,
            prepare=pictures.prepare,
            outgoing=self.sender,
            forget_pictures=pictures.forget,
            said=self._said,
            asked=self.clock.bell.ring,
        )
        self.desk = WebDesk(self.parts, self.dispatch)
        #: More to run beside (the demonstration's collaborators).
        self.beside: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.routes: list[BaseRoute] = []
        self._stop = asyncio.Event()

    def add_channel(self, name: str, channel: Channel) -> None:
        """One more door, before `run`."""
        self.parts.channels[name] = channel
        self.sender = Sender(self.parts.database, self.parts.sealer, self.parts.channels, self.settings)
        self.dispatch.outgoing = self.sender

    def _said(self) -> None:
        self.sender.ring()
        self.desk.ring()

    def asgi(self) -> Starlette:
        secure = self.settings.url.startswith("https://")
        return Starlette(
            routes=[
                Route("/", _front),
                *health_routes(self.parts.database, self.parts.channels, self._beats),
                *chat_routes(self.desk, self.webchat, secure=secure),
                *self.routes,
            ]
        )

    def _beats(self) -> dict[str, float]:
        return {"sender": self.sender.beat, "clock": self.clock.beat}

    async def run(self, ready: Callable[[], None] = lambda: None) -> int:
        """Serve until told to stop; returns the exit status."""
        try:
            listening = _listen(self.settings.host, self.settings.port)
        except OSError as error:
            address = f"{self.settings.host}:{self.settings.port}"
            print(
                f"{address} can't be used ({error.strerror}): stop what runs there, or set NHIPCAU_PORT.",
                file=sys.stderr,
            )
            return 1
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        await schema.prepare(self.parts.database)
        server = _Server(
            uvicorn.Config(
                self.asgi(),
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=_LAST_REQUESTS,
                server_header=False,
            )
        )
        work = self._tasks()
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        ready()
        await self._until_stopped([serving, *work.values()])
        server.should_exit = True
        self.desk.close()
        try:
            async with asyncio.timeout(_STOPPING):
                await self._end(work, serving)
        except TimeoutError:
            log.warning("stopped before everything had ended")
        return 0

    async def _end(self, work: dict[str, asyncio.Task[Any]], serving: asyncio.Task[Any]) -> None:
        """First nothing comes in any more, then what is under way goes out, then the database is let go."""
        await _end([task for name, task in work.items() if name != "sender"])
        await asyncio.wait([serving], timeout=_LAST_REQUESTS + 1)
        await _end([work["sender"]])
        await _end([serving])
        for channel in self.parts.channels.values():
            await channel.close()
        await self.parts.database.close()

    def _tasks(self) -> dict[str, asyncio.Task[Any]]:
        make = asyncio.create_task
        tasks: dict[str, asyncio.Task[Any]] = {
            "sender": make(self.sender.run()),
            "clock": make(self.clock.run()),
            "names": make(self._keep_names()),
        }
        for name, channel in self.parts.channels.items():
            tasks[name] = make(channel.start(self.dispatch.submit))
        for number, start in enumerate(self.beside):
            tasks[f"beside {number}"] = make(start())
        return tasks

    async def _until_stopped(self, tasks: list[asyncio.Task[Any]]) -> None:
        """Wait for the signal; a loop that dies is said once and does not take the others with it."""
        stop = asyncio.create_task(self._stop.wait())
        waiting = {stop, *tasks}
        while stop in waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stop}:
                if not task.cancelled() and (error := task.exception()):
                    log.error("a loop died", **name_of(error))

    def stop(self) -> None:
        self._stop.set()

    async def _keep_names(self) -> None:
        """Write down the bot's public name once the app told it: the command line makes links of it."""
        telegram = self.parts.channels.get("telegram")
        known = ""
        while telegram is not None:
            link = telegram.link("X") or ""
            username = link.removeprefix("https://t.me/").partition("?")[0]
            if username and username != known:
                async with self.parts.database.writing() as connection:
                    await keep_fact(connection, "telegram.username", username)
                known = username
            await asyncio.sleep(1 if not known else 60)


def _channels(settings: Settings, webchat: WebChat) -> dict[str, Channel]:
    channels: dict[str, Channel] = {WEB: webchat}
    if settings.telegram_token:
        # python-telegram-bot is the dearest import: only where it is used
        from nhipcau.bot.channels.telegram import Telegram

        channels["telegram"] = Telegram(
            settings.telegram_token,
            settings.telegram_api,
            settings.telegram_proxy,
            photos=settings.photos,
            commands=commands(settings.language),
        )
    return channels


def commands(language: str) -> tuple[tuple[str, str], ...]:
    """The commands an app shows in its own menu."""
    from nhipcau.bot.texts import texts

    say = texts(language)
    names = ("baocao", "viec", "cuatoi", "trogiup", "hopthu", "thamdo", "baocaonhanh", "tiendo", "ketqua", "mangluoi")
    return tuple((name, say(f"menu.{name}")) for name in names)


async def _front(request: Request) -> Response:
    return PlainTextResponse("Nhịp Cầu\n")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=512)


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _Server(uvicorn.Server):
    """Signals are ours: uvicorn would raise them again when it ends, and the exit status would not be 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
