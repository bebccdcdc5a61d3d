"""Whether an app lets us write to somebody now: its delivery window after their last act, and its monthly plan.

Each channel's traits say which it has; docs/reference/channels.md gives the source of each figure and how sure it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WindowState(StrEnum):
    """Whether, and at what price, an app lets us write to a contact now."""

    FREE = "free"
    #: At the window's price.
    PAID = "paid"
    #: The app would refuse.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Window:
    """How long after somebody's last act an app lets us write to them, and how long for free. `price`: of one message
    after the free time, in đồng."""

    length: timedelta
    free: timedelta
    price: int

    def state(self, since: datetime | None, now: datetime) -> WindowState:
        """`since`: the last act, never later than it was; None: not known, so nothing may be sent."""
        if since is None or now - since >= self.length:
            return WindowState.CLOSED
        return WindowState.FREE if now - since < self.free else WindowState.PAID


@dataclass(frozen=True, slots=True)
class Plan:
    """What an app's plan allows: people for one bot, and messages a month."""

    users: int
    messages: int


@dataclass(frozen=True, slots=True)
class DeliveryRoute:
    """One reachable contact of a person, with what its app allows."""

    contact_id: int
    channel: str
    heard_at: datetime | None
    #: None: the app lets us write at any time.
    window: Window | None = None

    def window_state(self, now: datetime) -> WindowState:
        return self.window.state(self.heard_at, now) if self.window else WindowState.FREE


def first_open_route(
    routes: Iterable[DeliveryRoute], now: datetime, used_up: Iterable[str] = ()
) -> DeliveryRoute | None:
    """The first route, in the order given, by which the person can be written to now. `used_up`: channels whose plan
    for the month is."""
    open_routes = (route for route in routes if route.window_state(now) is not WindowState.CLOSED)
    return next((route for route in open_routes if route.channel not in used_up), None)


def hour_of(moment: datetime) -> datetime:
    """The moment rounded down to the hour: all that is stored of when somebody last wrote. Rounded down, so that a
    window never counts as open longer than it is."""
    return moment.replace(minute=0, second=0, microsecond=0)
