"""What every page of the console is made with: the database, the committer, who is signed in."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.messaging.channel import Channel
from nhipcau.console.tries import Tries
from nhipcau.context import AppContext
from nhipcau.handlers.situation import Office
from nhipcau.insight.picture_cache import ChartPictureCache
from nhipcau.model.changes import Change
from nhipcau.model.people import Person
from nhipcau.model.queries import Query
from nhipcau.model.scope import Scope
from nhipcau.operations import held_acts
from nhipcau.operations.commit import Committer, apply
from nhipcau.operations.held_acts import Undo
from nhipcau.operations.operation_context import OperationContext
from nhipcau.operations.topic_suggestions import TopicSuggester
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import console_sessions, run_queries
from nhipcau.storage.console_sessions import Session
from nhipcau.storage.database import Connection
from nhipcau.storage.registry import QueryContext

T = TypeVar("T")

ROOT = "/console"


class NotHere(Exception):
    """There is no such page for whoever asks: 404."""


@dataclass
class Console:
    """Made once a process."""

    parts: AppContext
    committer: Committer
    channels: Mapping[str, Channel]
    picture_cache: ChartPictureCache | None = None
    #: The channels this process receives from: their state is known here.
    received: Mapping[str, Channel] = field(default_factory=dict)
    topics: TopicSuggester = field(default_factory=TopicSuggester)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_id: Callable[[str], str] = new_id
    #: Wrong codes of those who sign in.
    tries: Tries = field(default_factory=Tries)
    #: Set when the service stops: answers that go on for long end.
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    #: Session → answers that go on.
    streams: Counter[str] = field(default_factory=Counter)

    def today(self) -> date:
        return self.now().astimezone(self.parts.settings.zone).date()

    def sign(self, content: str) -> str:
        return self.parts.sign("console", content)

    # -------------------------------------------------- tokens of forms

    def form_token(self, session: str) -> str:
        """For the hidden field of a form shown in this session ("": to somebody who is not signed in)."""
        nonce = f"{secrets.token_urlsafe(12)}.{session}"
        return f"{nonce}.{self.sign(nonce)}"

    def session_of_token(self, token: str) -> str | None:
        """The session a form was shown in; None where the token is none of ours."""
        nonce, _, signature = token.rpartition(".")
        if not nonce or not hmac.compare_digest(signature.encode(), self.sign(nonce).encode()):
            return None
        return nonce.partition(".")[2]

    def token_of(self, content: str) -> str:
        """A session's token, 256 bits; the same of the same, so that a form sent twice ends in one session."""
        return "".join(self.sign(f"session|{part}|{content}") for part in (1, 2))

    def query_context(self, connection: Connection, office: Office) -> QueryContext:
        return QueryContext(connection, self.parts.sealer, office.tree, self.now(), {}, office.zone)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[tuple[QueryContext, Office]]:
        async with self.parts.database.reading() as connection:
            office = await self.parts.office(connection)
            yield self.query_context(connection, office), office


@dataclass
class Visit:
    """One request of somebody who is signed in, inside the transaction it is answered in."""

    console: Console
    request: Request
    person: Person
    session: Session
    office: Office
    at: QueryContext
    #: In a form: what was filled in. On a page shown again: what had been typed.
    typed: FormData = field(default_factory=FormData)
    #: Above the page: what was wrong, or what was done.
    problem: str = ""
    #: Only while a form is acted on.
    work: OperationContext | None = None

    @property
    def t(self) -> Texts:
        return texts(self.person.language)

    @property
    def scope(self) -> Scope:
        return Scope.of(self.person)

    @property
    def actor(self) -> Actor:
        return Actor.of(self.person)

    @property
    def today(self) -> date:
        return self.at.today

    @property
    def now(self) -> datetime:
        return self.at.now

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    def value(self, name: str, default: str = "") -> str:
        """A field of the form as it was typed, without space around it."""
        found = self.typed.get(name)
        return found.strip() if isinstance(found, str) else default

    def values(self, name: str) -> list[str]:
        return [each.strip() for each in self.typed.getlist(name) if isinstance(each, str)]

    async def ask(self, query: Query[T]) -> T:
        """The answer to one query, within the scope that it carries."""
        found: T = (await run_queries.answer(self.at, [query]))[query]
        return found

    # -------------------------------------------------- acting

    @property
    def context(self) -> OperationContext:
        assert self.work is not None, "a page that is read changes nothing"
        return self.work

    async def apply(self, changes: list[Change]) -> None:
        await apply(self.context, changes)

    async def hold(self, kind: str, subject: str, changes: list[Change], undo: Undo) -> None:
        """Write what the office sees at once; what people are told waits a minute, in which all of it can be undone."""
        await held_acts.hold(self.context, self.console.new_id("id"), kind, subject, changes, undo)

    def refuse(self, refusal: Refusal) -> None:
        self.problem = refusal.words(self.t)

    def go(self, place: str, done: str = "") -> Response:
        """After an act: the page at this address, with a sentence above it. `done`: its key, `console.done.NAME`."""
        response = RedirectResponse(place, status_code=303)
        if done:
            response.set_cookie("nc-done", done, max_age=60, path=ROOT, httponly=True, samesite="lax")
        return response


Show = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True)
class Act:
    """What a button of a page does. `writes`: it changes something; else it only shows (a preview)."""

    run: Show
    writes: bool = True


async def note_use(console: Console, session: Session) -> None:
    """Prolong a session, seldom enough to cost nothing."""
    if console.now() - session.used_at > console_sessions.USE_NOTED_EVERY:
        async with console.parts.database.writing() as connection:
            await console_sessions.note_use(connection, session.id, console.now())


def context_of(console: Console, work: OperationContext) -> QueryContext:
    return console.query_context(work.connection, work.office)
