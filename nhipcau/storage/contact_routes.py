"""Which contact of a person a message goes to: their preferred order, delivery windows, and monthly plans of apps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.channels.registry import PLANS, WINDOWS
from nhipcau.bot.messaging.delivery_windows import DeliveryRoute, Window, WindowState, first_open_route
from nhipcau.model.counts import AudienceForecast
from nhipcau.model.queries import ContactChannels
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.database import in_chunks, insert_into
from nhipcau.storage.last_acts import LastAct, open_act
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import contacts, people, usage
from nhipcau.storage.talks import last_contacts


async def routes_of(
    connection: AsyncConnection, sealer: Sealer, person_ids: Sequence[str]
) -> dict[str, list[DeliveryRoute]]:
    """Each person's reachable contacts: the chosen channel first, then the last used, then the others by day."""
    rows: dict[str, list[Any]] = defaultdict(list)
    for chunk in in_chunks(person_ids):
        statement = (
            select(contacts.c.person_id, contacts.c.id, contacts.c.channel, contacts.c.last_act, people.c.chosen)
            .join(people, people.c.id == contacts.c.person_id)
            .where(contacts.c.person_id.in_(chunk), contacts.c.reachable.is_(True))
        )
        for row in await connection.execute(statement):
            rows[row.person_id].append(row)
    last = await last_contacts(connection, sealer, [id for id, own in rows.items() if len(own) > 1])
    return {id: _in_order(sealer, own, last.get(id)) for id, own in rows.items()}


def _in_order(sealer: Sealer, rows: Sequence[Any], last: int | None) -> list[DeliveryRoute]:
    acts = {row.id: open_act(sealer, row.last_act) for row in rows if len(rows) > 1 or row.channel in WINDOWS}
    unknown = LastAct()

    def preference(row: Any) -> tuple[bool, bool, date, int]:
        return row.channel == row.chosen, row.id == last, acts.get(row.id, unknown).on or date.min, row.id

    return [
        DeliveryRoute(row.id, row.channel, acts.get(row.id, unknown).heard_at, WINDOWS.get(row.channel))
        for row in sorted(rows, key=preference, reverse=True)
    ]


@answers_each(ContactChannels)
async def _channels(at: QueryContext, need: ContactChannels) -> list[str]:
    routes = await routes_of(at.connection, at.sealer, [need.person_id])
    return [route.channel for route in routes.get(need.person_id, [])]


async def best_routes(
    connection: AsyncConnection, sealer: Sealer, person_ids: Sequence[str], now: datetime, today: date
) -> tuple[dict[str, DeliveryRoute], dict[str, str]]:
    """The contact to write to now, by person; and for people without an open one the reason: "window" or "quota"."""
    routes = await routes_of(connection, sealer, person_ids)
    used_up = (
        await used_up_channels(connection, today)
        if any(w.channel in PLANS for own_routes in routes.values() for w in own_routes)
        else ()
    )
    found, reasons = {}, {}
    for id in person_ids:
        own_routes = routes.get(id, [])
        if (route := first_open_route(own_routes, now, used_up)) is not None:
            found[id] = route
        else:
            reasons[id] = "quota" if any(route.channel in used_up for route in own_routes) else "window"
    return found, reasons


async def forecast_delivery(
    connection: AsyncConnection, sealer: Sealer, ids: Sequence[str], now: datetime, today: date
) -> AudienceForecast:
    """How many of these people a message would reach now, by channel and by price."""
    routes = await routes_of(connection, sealer, ids)
    sent = await sent_in(connection, today)
    used_up = _beyond_plan(sent)
    by_channel: Counter[str] = Counter()
    found: Counter[str] = Counter()
    price = 0
    for id in ids:
        own_routes = routes.get(id, [])
        route = first_open_route(own_routes, now, used_up)
        if route is None:
            found["unreached"] += 1
            continue
        by_channel[route.channel] += 1
        found["other_contact"] += route is not own_routes[0]
        if (window := route.window) is not None:
            paid = route.window_state(now) is WindowState.PAID
            found["paid" if paid else "free"] += 1
            price += window.price if paid else 0
    return AudienceForecast(
        by_channel=tuple(sorted(by_channel.items())),
        free=found["free"],
        paid=found["paid"],
        price=price,
        by_other_contact=found["other_contact"],
        unreached=found["unreached"],
        plans=tuple((name, sent[name], PLANS[name].messages) for name in sorted(PLANS) if by_channel[name]),
    )


async def used_up_channels(connection: AsyncConnection, today: date) -> Collection[str]:
    """Channels whose plan for this month is used up."""
    return _beyond_plan(await sent_in(connection, today))


def _beyond_plan(sent: Mapping[str, int]) -> set[str]:
    return {name for name, number in sent.items() if number >= PLANS[name].messages}


async def sent_in(connection: AsyncConnection, day: date) -> dict[str, int]:
    """Messages sent in the month of this day, by channel with a monthly plan."""
    statement = select(usage.c.channel, usage.c.messages).where(usage.c.month == f"{day:%Y-%m}")
    found = {row.channel: row.messages for row in await connection.execute(statement)}
    return {name: found.get(name, 0) for name in PLANS}


async def count_sent(connection: AsyncConnection, day: date, sent: Mapping[str, int]) -> None:
    """Add to the number of messages sent on each channel this month."""
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
    connection: AsyncConnection, sealer: Sealer, channel: str, window: Window, now: datetime
) -> Counter[WindowState]:
    """How many reachable contacts of people on this channel are in each state of the app's delivery window."""
    statement = select(contacts.c.last_act).where(
        contacts.c.channel == channel, contacts.c.person_id.is_not(None), contacts.c.reachable.is_(True)
    )
    acts = [open_act(sealer, stored) for stored in await connection.scalars(statement)]
    return Counter(window.state(act.heard_at, now) for act in acts)
