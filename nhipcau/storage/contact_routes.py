"""The doors of people, in each person's own order, and what an app's plan still allows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.channels.registry import PLANS, WINDOWS
from nhipcau.bot.messaging.delivery_windows import Way, Window, WindowState, first_open
from nhipcau.model.counts import AudienceForecast
from nhipcau.model.queries import ContactChannels
from nhipcau.storage.database import in_chunks, insert_into
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import contacts, people, usage


async def ways_of(connection: AsyncConnection, person_ids: Sequence[str]) -> dict[str, list[Way]]:
    """Each person's living doors: the channel they chose, the door used last, then by the day they last came."""
    found: dict[str, list[Way]] = defaultdict(list)
    chosen = case((contacts.c.channel == people.c.chosen, 0), else_=1)
    last = case((contacts.c.id == people.c.door_id, 0), else_=1)
    for some in in_chunks(person_ids):
        statement = (
            select(contacts.c.person_id, contacts.c.id, contacts.c.channel, contacts.c.heard_at)
            .join(people, people.c.id == contacts.c.person_id)
            .where(contacts.c.person_id.in_(some), contacts.c.reachable.is_(True))
            .order_by(chosen, last, contacts.c.last_on.desc(), contacts.c.id.desc())
        )
        for row in await connection.execute(statement):
            found[row.person_id].append(Way(row.id, row.channel, row.heard_at, WINDOWS.get(row.channel)))
    return found


@answers_each(ContactChannels)
async def _channels(at: QueryContext, need: ContactChannels) -> list[str]:
    ways = await ways_of(at.connection, [need.person_id])
    return [way.channel for way in ways.get(need.person_id, [])]


async def best_ways(
    connection: AsyncConnection, person_ids: Sequence[str], now: datetime, today: date
) -> tuple[dict[str, Way], dict[str, str]]:
    """The door by which each of these people is told now; and of the others why none is open: window, or quota."""
    ways = await ways_of(connection, person_ids)
    closed = await used_up(connection, today) if any(w.channel in PLANS for some in ways.values() for w in some) else ()
    found, shut = {}, {}
    for id in person_ids:
        mine = ways.get(id, [])
        if (way := first_open(mine, now, closed)) is not None:
            found[id] = way
        else:
            shut[id] = "quota" if any(way.channel in closed for way in mine) else "window"
    return found, shut


async def forecast_delivery(
    connection: AsyncConnection, ids: Sequence[str], now: datetime, today: date
) -> AudienceForecast:
    """How each of these people would be told now, counted."""
    ways = await ways_of(connection, ids)
    sent = await sent_in(connection, today)
    closed = _beyond_plan(sent)
    by_channel: Counter[str] = Counter()
    found: Counter[str] = Counter()
    price = 0
    for id in ids:
        mine = ways.get(id, [])
        way = first_open(mine, now, closed)
        if way is None:
            found["unreached"] += 1
            continue
        by_channel[way.channel] += 1
        found["other_door"] += way is not mine[0]
        if (window := way.window) is not None:
            paid = way.state_at(now) is WindowState.PAID
            found["paid" if paid else "free"] += 1
            price += window.price if paid else 0
    return AudienceForecast(
        by_channel=tuple(sorted(by_channel.items())),
        free=found["free"],
        paid=found["paid"],
        price=price,
        by_other_contact=found["other_door"],
        unreached=found["unreached"],
        plans=tuple((name, sent[name], PLANS[name].messages) for name in sorted(PLANS) if by_channel[name]),
    )


async def used_up(connection: AsyncConnection, today: date) -> Collection[str]:
    """Channels whose plan for this month is used up."""
    return _beyond_plan(await sent_in(connection, today))


def _beyond_plan(sent: Mapping[str, int]) -> set[str]:
    return {name for name, number in sent.items() if number >= PLANS[name].messages}


async def sent_in(connection: AsyncConnection, day: date) -> dict[str, int]:
    """Messages each app with a plan has taken in this day's month."""
    statement = select(usage.c.channel, usage.c.messages).where(usage.c.month == f"{day:%Y-%m}")
    found = {row.channel: row.messages for row in await connection.execute(statement)}
    return {name: found.get(name, 0) for name in PLANS}


async def count_sent(connection: AsyncConnection, day: date, sent: Mapping[str, int]) -> None:
    """So many more messages went out on each channel."""
    for channel, number in sorted(sent.items()):
        statement = insert_into(connection, usage).values(channel=channel, month=f"{day:%Y-%m}", messages=number)
        more = usage.c.messages + statement.excluded.messages
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["channel", "month"], set_={"messages": more})
        )


async def users_of(connection: AsyncConnection, channel: str) -> int:
    """Chats of this channel that are on record."""
    return int(await connection.scalar(select(func.count()).where(contacts.c.channel == channel)) or 0)


async def any_contact(connection: AsyncConnection) -> bool:
    """Whether any contact is on record."""
    return await connection.scalar(select(contacts.c.id).limit(1)) is not None


async def window_states(
    connection: AsyncConnection, channel: str, window: Window, now: datetime
) -> Counter[WindowState]:
    """How many living doors of people on this channel stand how by the app's window."""
    statement = select(contacts.c.heard_at).where(
        contacts.c.channel == channel, contacts.c.person_id.is_not(None), contacts.c.reachable.is_(True)
    )
    return Counter(window.state_at(heard_at, now) for heard_at in await connection.scalars(statement))
