"""What a contact's row knows of its last act: the day, the hour where an app has a window after it, and the last push.

All of it is sealed as one, of one length, and sealed anew for every contact each night: a day in clear would tell who
acted on the day on which a report came, and a length that the office's answer to a report was shown. The choices of a
push name reports, so these lie under the key of their day besides.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.people import PUSH_WITHOUT_REQUEST
from nhipcau.privacy.sealing import Sealer, Unreadable
from nhipcau.storage.database import execute_many, in_chunks
from nhipcau.storage.tables import contacts

#: Sealed texts are filled up to a multiple of so many bytes.
_BLOCK = 640
#: How a row begins that the migration left in clear, until the next mix.
_EARLIER = b"earlier:"
_OWNER, _CHOICES_OWNER = "last act", "shown"
#: Choices of a push are forgotten after so many days: they name what it was about.
_SHOWN_DAYS = 7


@dataclass(frozen=True, slots=True)
class LastAct:
    """The last act at a contact, and what was pushed to it since."""

    #: The day; None: unknown.
    on: date | None = None
    #: The hour, where the app has a delivery window after an act; None: the window is closed.
    heard_at: datetime | None = None
    #: `Contact.shown_request`.
    shown: str = ""
    #: The day under whose key the choices in `shown` lie.
    shown_on: date | None = None


def seal_act(sealer: Sealer, today: date, act: LastAct) -> bytes:
    """The column's value."""
    shown = act.shown
    if shown.removeprefix(PUSH_WITHOUT_REQUEST) and shown.startswith(PUSH_WITHOUT_REQUEST):
        day = act.shown_on or today
        sealed = sealer.seal(day, shown.removeprefix(PUSH_WITHOUT_REQUEST), _CHOICES_OWNER)
        shown = f"{PUSH_WITHOUT_REQUEST}{day.isoformat()}:{base64.b85encode(sealed).decode()}"
    return sealer.seal_lasting(_filled_line(act.on, act.heard_at, shown), _OWNER)


# A broadcast shows thousands the same on one day, so most lines are written and read once.
@lru_cache(maxsize=256)
def _filled_line(on: date | None, heard_at: datetime | None, shown: str) -> str:
    heard = heard_at.isoformat() if heard_at else ""
    line = json.dumps([on.isoformat() if on else "", heard, shown])
    return line + " " * (-len(line) % _BLOCK)


@lru_cache(maxsize=256)
def _read_line(line: str) -> tuple[date | None, datetime | None, str]:
    on, heard, shown = json.loads(line)
    return date.fromisoformat(on) if on else None, datetime.fromisoformat(heard) if heard else None, shown


def open_act(sealer: Sealer, stored: bytes | None) -> LastAct:
    """What the column holds; without the choices of a push whose day's key was destroyed. Nothing is known where it
    can't be read: one damaged row must stop neither its contact nor the delivery and the mix of all others."""
    if not stored:
        return LastAct()
    clear = stored.removeprefix(_EARLIER) if stored.startswith(_EARLIER) else b""
    try:
        line = clear.decode() or sealer.open_lasting(stored, _OWNER)
    except Unreadable:
        return LastAct()
    on, heard_at, shown = _read_line(line)
    return LastAct(on, heard_at, *_open_choices(sealer, shown))


def _open_choices(sealer: Sealer, stored: str) -> tuple[str, date | None]:
    day, _, sealed = stored.removeprefix(PUSH_WITHOUT_REQUEST).partition(":")
    if not stored.startswith(PUSH_WITHOUT_REQUEST) or not sealed:
        # a request's id, or a message without choices
        return stored, None
    try:
        shown_on = date.fromisoformat(day)
        choices = sealer.open(shown_on, base64.b85decode(sealed), _CHOICES_OWNER)
    except (Unreadable, ValueError, binascii.Error):
        return PUSH_WITHOUT_REQUEST, None
    # earlier versions filled up the choices themselves, and those of a push without choices are blanks alone
    choices = choices.rstrip(" ")
    return PUSH_WITHOUT_REQUEST + choices, shown_on if choices else None


_UPDATE = update(contacts).where(contacts.c.id == bindparam("contact")).values(last_act=bindparam("sealed"))


async def change_acts(
    connection: AsyncConnection, sealer: Sealer, today: date, changes: Mapping[int, Callable[[LastAct], LastAct]]
) -> None:
    """Change what the rows of these contacts know."""
    for ids in in_chunks(sorted(changes)):
        acts = await _locked(connection, sealer, ids)
        changed = {id: changes[id](act) for id, act in acts.items()}
        rows = [
            {"contact": id, "sealed": seal_act(sealer, today, act)} for id, act in changed.items() if act != acts[id]
        ]
        await execute_many(connection, _UPDATE, rows)


async def seal_acts_anew(connection: AsyncConnection, sealer: Sealer, today: date, contact_ids: Sequence[int]) -> int:
    """Seal what these rows know anew, whether anything happened or not, without choices that are too old."""
    oldest = today - timedelta(days=_SHOWN_DAYS)
    rows = []
    for id, act in (await _locked(connection, sealer, contact_ids)).items():
        if act.shown_on is not None and act.shown_on < oldest:
            act = replace(act, shown=PUSH_WITHOUT_REQUEST, shown_on=None)
        rows.append({"contact": id, "sealed": seal_act(sealer, today, act)})
    await execute_many(connection, _UPDATE, rows)
    return len(rows)


async def _locked(connection: AsyncConnection, sealer: Sealer, ids: Sequence[int]) -> dict[int, LastAct]:
    """What these rows know, locked in the order in which everybody locks them."""
    statement = select(contacts.c.id, contacts.c.last_act).where(contacts.c.id.in_(ids)).order_by(contacts.c.id)
    if connection.dialect.name != "sqlite":
        # whoever writes a message to one of them, which refers to it, need not wait
        statement = statement.with_for_update(key_share=True)
    return {row.id: open_act(sealer, row.last_act) for row in await connection.execute(statement)}
