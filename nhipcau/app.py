"""Builds the whole service: settings → database → channels → loops → one ASGI app."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import partial
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from nhipcau.bot.channels.registry import channels_on, make_channels
from nhipcau.bot.channels.traits import ChannelParts
from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.messaging.channel import Channel, NamedChannel
from nhipcau.console.all_pages import ALL_PAGES
from nhipcau.console.routes import console_routes
from nhipcau.console.visit import Console
from nhipcau.context import AppContext, build
from nhipcau.delivery.channel_throttle import ChannelThrottle
from nhipcau.delivery.sender import Sender
from nhipcau.error_log import name_of
from nhipcau.insight.picture_cache import ChartPictureCache
from nhipcau.insight.renderer import ChartRenderer
from nhipcau.intake.document_download import FileDownload
from nhipcau.intake.spool import Spool
from nhipcau.intake.transaction import Dispatcher
from nhipcau.model.people import Role
from nhipcau.model.role_words import words_of
from nhipcau.operations.commit import Committer
from nhipcau.scheduler.daily_signals import DailySignals
from nhipcau.scheduler.daily_syntheses import DailySyntheses
from nhipcau.scheduler.due_work import DueWork
from nhipcau.scheduler.nightly_mix import NightlyMix, keep_log_short
from nhipcau.settings import Settings
from nhipcau.storage import schema
from nhipcau.storage.process_locks import ProcessLock, hold_database
from nhipcau.storage.shared_values import keep_public_name, public_names, share_trouble, troubles
from nhipcau.storage.wakeups import OUTBOX, listen
from nhipcau.web.chat import chat_routes
from nhipcau.web.chat_backend import ChatBackend
from nhipcau.web.connections import room
from nhipcau.web.documents import DOCUMENT, document_address, document_routes
from nhipcau.web.guard import Guard
from nhipcau.web.health import health_routes, only_from_here
from nhipcau.web.pictures import PICTURE, picture_routes, public_address
from nhipcau.web.server import REQUEST_SECONDS, HttpServer
from nhipcau.web.webhooks import hook_routes

log = structlog.get_logger()

#: Seconds the whole stop may take; a supervisor would kill us after thirty.
_STOP_SECONDS = 26
#: Seconds to wait while another process writes to the database; loops try again, and a stop must not wait longer.
_DATABASE_PATIENCE = 5


#: What `run --only` may name: receiving (polling, webhooks), delivery, due work, the web chat.
PARTS = ("intake", "sender", "clock", "web")
#: Seconds between two rounds of housekeeping.
_HOUSEKEEPING = 30.0


class Service:
    """The service with all its parts. `run()` returns 0 after SIGTERM or SIGINT."""

    def __init__(self, settings: Settings, only: Collection[str] = PARTS) -> None:
        """`only`: some of PARTS; the others run in other processes on the same PostgreSQL."""
        self.settings = settings
        self.only = frozenset(only)
        self.parts: AppContext = build(settings, patience=_DATABASE_PATIENCE)
        self._channel_parts = channel_parts(settings, self.parts)
        self.parts.channels = make_channels(settings, self._channel_parts)
        files = FileDownload(self.parts.channels, settings.photos, settings.documents, settings.zone)
        database, sealer, office = self.parts.database, self.parts.sealer, self.parts.office
        self.process_locks = self._process_locks("sender")
        self.picture_cache = ChartPictureCache(ChartRenderer(), settings.photos)
        self.sender = self._sender()
        self.committer = committer = Committer(
            database,
            sealer,
            office,
            forget_files=files.forget,
            wake_sender=self._wake_delivery,
            wake_clock=lambda: self.due_work.wake_up.set(),
        )
        self.due_work = DueWork(committer, settings)
        self.daily_signals = DailySignals(committer, settings)
        self.daily_syntheses = DailySyntheses(committer, settings)
        self._listened_at = time.monotonic()
        self.dispatch = Dispatcher(
            committer, prepare=files.prepare, outgoing=self.sender if "sender" in self.only else None
        )
        #: Of channels whose app does not send an event again: keeps each event on disk until it is committed.
        self.spools = {
            each.name: Spool(settings.data_dir / "spool" / each.name, sealer, self.dispatch.submit, settings.zone)
            for each in channels_on(settings)
            if each.hands_over_once
        }
        self.chat_backend = ChatBackend(self.parts, self.dispatch, self.picture_cache)
        #: More tasks to run (the simulated collaborators of the demonstration).
        self.background: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.routes: list[BaseRoute] = []
        #: Put around all pages (the demonstration's phones that several browsers share).
        self.around: Callable[[ASGIApp], ASGIApp] = lambda app: app
        self._stop = asyncio.Event()
        #: Channels in trouble when they were looked at last.
        self._troubled: set[str] = set()

    def _process_locks(self, kind: str) -> dict[str, ProcessLock]:
        """A lock for each channel that pushes: one process at a time sends or receives (`kind`) with its credential."""
        credentials = {each.name: each.identity(self.settings) for each in channels_on(self.settings)}
        return {
            name: ProcessLock(self.parts.database, f"{kind}:{name}:{credentials.get(name, '')}")
            for name, channel in self.parts.channels.items()
            if not channel.recipients_fetch
        }

    def _sender(self) -> Sender:
        parts = self.parts
        return Sender(
            parts.database,
            parts.sealer,
            parts.channels,
            self.settings,
            process_locks=self.process_locks,
            picture_cache=self.picture_cache,
        )

    def add_channel(self, name: str, channel: Channel) -> None:
        """Add a channel; call it before `run`."""
        self.parts.channels[name] = channel
        self.process_locks = self._process_locks("sender")
        self.sender = self._sender()
        self.dispatch.outgoing = self.sender

    def _wake_delivery(self) -> None:
        self.sender.wake()
        self.chat_backend.wake()

    def _places(self) -> list[tuple[str, int, ASGIApp]]:
        """What is served where: everything, and for who watches from another machine the state of the service."""
        settings, secure = self.settings, self.settings.url.startswith("https://")
        places = [(settings.host, settings.port, self.asgi())]
        if settings.metrics_port:
            watching = Starlette(routes=self._health())
            hosts = {*settings.known_hosts, settings.metrics_host.lower()}
            places.append((settings.metrics_host, settings.metrics_port, Guard(watching, hosts, secure=secure)))
        return places

    def _health(self) -> list[BaseRoute]:
        return health_routes(self.parts.database, self._received(), self._beats, self._throttles)

    def asgi(self) -> ASGIApp:
        secure = self.settings.url.startswith("https://")
        routes: list[BaseRoute] = [Route("/", _front), *only_from_here(self._health())]
        if "intake" in self.only:
            routes += hook_routes(self.parts.channels)
            for each in channels_on(self.settings):
                routes += each.routes(self.settings, self._channel_parts)
        if {"intake", "web"} & self.only:
            routes += picture_routes(self.settings.photos, partial(self.parts.sign, PICTURE))
            sign = partial(self.parts.sign, DOCUMENT)
            routes += document_routes(self.settings.documents, sign, self.chat_backend.sentence)
        if "web" in self.only:
            routes += chat_routes(self.chat_backend, self.parts.channels, secure=secure, most_waiting=room() // 2)
            routes += console_routes(self.console(), ALL_PAGES)
        pages = Starlette(routes=[*routes, *self.routes])
        # such a redirect repeats the Host of the request
        pages.router.redirect_slashes = False
        return Guard(self.around(pages), self.settings.known_hosts, secure=secure)

    def console(self) -> Console:
        parts, received = self.parts, self._received()
        cache, stop = self.picture_cache, self._stop
        return Console(parts, self.committer, parts.channels, cache, received=received, closing=stop)

    def _beats(self) -> dict[str, float]:
        loops = {"sender": self.sender.beat, "clock": self.due_work.beat}
        beats = {name: beat for name, beat in loops.items() if name in self.only}
        return beats if self.parts.database.is_sqlite else {**beats, "wakeups": self._listened_at}

    def _received(self) -> dict[str, Channel]:
        """The channels this process receives from: only it knows their state."""
        received = {True: "web" in self.only, False: "intake" in self.only}
        return {name: channel for name, channel in self.parts.channels.items() if received[channel.recipients_fetch]}

    def _throttles(self) -> Mapping[str, ChannelThrottle]:
        return self.sender.throttles if "sender" in self.only else {}

    def _on_wake_up(self, kind: str) -> None:
        """This or another process wrote rows of this kind."""
        if kind == OUTBOX:
            self._wake_delivery()
        else:
            self.due_work.wake_up.set()

    def _note_listening(self) -> None:
        self._listened_at = time.monotonic()

    async def run(self, ready: Callable[[], None] = lambda: None) -> int:
        """Serve until stopped; returns the exit status. Raises LockTaken where another process serves this SQLite file,
        and AddressTaken."""
        lock = hold_database(self.parts.database)
        try:
            return await self._run(ready)
        finally:
            if lock is not None:
                os.close(lock)

    async def _run(self, ready: Callable[[], None]) -> int:
        server = HttpServer(self._places(), self.settings.trusted_proxies)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        await schema.prepare(self.parts.database, self.parts.sealer)
        await schema.check_writable(self.parts.database)
        await schema.refuse_foreign_triggers(self.parts.database)
        await self.parts.check_keys()
        await self._reload_lessons()
        work = self._tasks()
        serving = asyncio.create_task(server.serve())
        ready()
        await self._until_stopped([serving, *work.values()])
        server.stop()
        self.chat_backend.close()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self._end(work, serving)
        except TimeoutError:
            log.warning("stopped before everything had ended")
        return 0

    async def _end(self, work: dict[str, asyncio.Task[Any]], serving: asyncio.Task[Any]) -> None:
        """Stop receiving, then finish sending what is under way, then close the database."""
        last = [task for name, task in work.items() if name.startswith("sender")]
        await _end([task for task in work.values() if task not in last])
        await asyncio.wait([serving], timeout=REQUEST_SECONDS + 1)
        await _end(last)
        await _end([serving])
        await self.picture_cache.close()
        for channel in self.parts.channels.values():
            await channel.close()
        await self.parts.database.close()

    def _tasks(self) -> dict[str, asyncio.Task[Any]]:
        loops: dict[str, Coroutine[Any, Any, Any]] = {
            "housekeeping": self._housekeeping(),
            "wakeups": listen(self.parts.database, self._on_wake_up, self._note_listening),
        }
        if self.parts.database.is_sqlite:
            loops["log"] = keep_log_short(self.parts.database)
        if "sender" in self.only:
            loops["sender"] = self.sender.run()
            loops |= {f"sender {name}": lock.run(_hold) for name, lock in self.process_locks.items()}
        if "clock" in self.only:
            loops["clock"] = self.due_work.run()
            loops["mix"] = NightlyMix(self.parts.database, self.parts.sealer, self.settings).run()
            loops["signals"] = self.daily_signals.run()
            loops["syntheses"] = self.daily_syntheses.run()
        if "intake" in self.only:
            loops |= {name: self._receiving(name) for name in self.parts.channels}
            loops |= {f"spool {name}": spool.run() for name, spool in self.spools.items()}
        loops |= {f"background {number}": start() for number, start in enumerate(self.background)}
        return {name: asyncio.create_task(loop) for name, loop in loops.items()}

    def _receiving(self, name: str) -> Coroutine[Any, Any, None]:
        channel = self.parts.channels[name]
        submit = self.spools[name].submit if name in self.spools else self.dispatch.submit
        exclusive = {each.name for each in channels_on(self.settings) if each.exclusive_receiver(self.settings)}
        if name not in exclusive:
            return channel.start(submit)
        return self._process_locks("receiver")[name].run(lambda: channel.start(submit))

    async def _until_stopped(self, tasks: list[asyncio.Task[Any]]) -> None:
        """Wait for the stop signal; a loop that fails is logged once and leaves the others running."""
        stop = asyncio.create_task(self._stop.wait())
        waiting = {stop, *tasks}
        while stop in waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stop}:
                if not task.cancelled() and (error := task.exception()):
                    log.error("loop failed", **name_of(error))

    def stop(self) -> None:
        self._stop.set()

    async def _reload_lessons(self) -> None:
        """Read the office's lessons where they changed; a broken file is logged once and left out."""
        lessons = self.parts.lessons
        try:
            if await asyncio.to_thread(lessons.refresh):
                for name, wrong in lessons.current.faults.items():
                    where = [f"line {fault.line} {fault.field}".rstrip() for fault in wrong.faults]
                    log.warning("lesson left out: see `nhipcau lesson check`", file=name, where=where)
        except OSError as error:
            log.warning("lesson pictures not stored", **name_of(error))

    async def _housekeeping(self) -> None:
        """Until cancelled: share the names that apps call us with other processes and commands, which need them for
        links; forget keys that another process has destroyed; read lessons that changed."""
        named = {name: each for name, each in self.parts.channels.items() if isinstance(each, NamedChannel)}
        shared: dict[str, str] = {}
        while True:
            await self._reload_lessons()
            try:
                shared = await self._share_names(named, shared)
                await self._share_troubles()
                self.parts.sealer.forget_destroyed()
            except Exception as error:
                log.warning("housekeeping failed, will retry", **name_of(error))
            await asyncio.sleep(_HOUSEKEEPING if len(shared) == len(named) else 1)

    async def _share_names(self, named: Mapping[str, NamedChannel], shared: Mapping[str, str]) -> dict[str, str]:
        """Store each name not shared yet, and read those other processes stored. Returns the names this process has
        learned from its own channels."""
        learned = {name: channel.public_name for name, channel in named.items() if channel.public_name}
        if fresh := {name: word for name, word in learned.items() if shared.get(name) != word}:
            async with self.parts.database.writing() as connection:
                for name, word in fresh.items():
                    await keep_public_name(connection, name, word)
        if len(learned) < len(named):
            async with self.parts.database.reading() as connection:
                known = await public_names(connection)
            for name in named.keys() - learned.keys():
                named[name].set_public_name(known.get(name, ""))
        return learned

    async def _share_troubles(self) -> None:
        """Say for the console, which another process may serve, which channels do not work and why."""
        found = {name: channel.status() for name, channel in self._received().items()}
        # one round is none: a channel needs a moment to begin
        now = {name: "" if status.ok or name not in self._troubled else status.detail for name, status in found.items()}
        self._troubled = {name for name, status in found.items() if not status.ok}
        async with self.parts.database.reading() as connection:
            known = await troubles(connection)
        if changed := {name: why for name, why in now.items() if why != known.get(name, "")}:
            async with self.parts.database.writing() as connection:
                for name, why in changed.items():
                    await share_trouble(connection, name, why)


async def _hold() -> None:
    """Wait until cancelled, which happens when the process lock is lost."""
    await asyncio.Event().wait()


def channel_parts(settings: Settings, parts: AppContext) -> ChannelParts:
    """What the channels of this installation are made with."""
    return ChannelParts(
        url=settings.url,
        keys=settings.keys,
        photos=settings.photos,
        documents=settings.documents,
        menus=app_menus(),
        sign=parts.sign,
        picture_address=partial(public_address, settings.url, partial(parts.sign, PICTURE)),
        document_address=partial(document_address, settings.url, partial(parts.sign, DOCUMENT)),
        t=texts(settings.language),
    )


def app_menus() -> dict[str, tuple[tuple[str, str], ...]]:
    """The commands an app shows in its own menu, by role and language: name without slash, and description."""
    return {
        f"{role}:{language}": tuple(
            (command.value, texts(language)(f"menu.{command}")) for command in words_of(role).all
        )
        for role in Role
        for language in LANGUAGES
    }


async def _front(request: Request) -> Response:
    # in every language: a visitor without a card has not chosen one
    return PlainTextResponse(" ".join(texts(language)("web.front") for language in LANGUAGES) + "\n")


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
