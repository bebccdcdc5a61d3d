"""Whether an app lets us write to somebody now: its window after their last act, and its plan for a month.

Which app has which stands in each channel's traits; docs/reference/channels.md says where each comes from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WindowState(StrEnum):
    """Whether, and at what price, an app lets us write to a contact now."""

    #: At no price.
    FREE = "free"
    #: At the price of the app's rule.
    PAID = "paid"
    #: The app would refuse.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Window:
    """After somebody's last act an app lets us write for so long. `price`: of one message after the free time, đồng."""

    length: timedelta
    free: timedelta
    price: int

    def state_at(self, since: datetime | None, now: datetime) -> WindowState:
        """`since`: the last act, never later than it was; None: not known, nothing may be sent."""
        if since is None or now - since >= self.length:
            return WindowState.CLOSED
        return WindowState.FREE if now - since < self.free else WindowState.PAID


@dataclass(frozen=True, slots=True)
class Plan:
    """What an app's plan allows: people of one bot, and messages a month."""

    users: int
    messages: int


@dataclass(frozen=True, slots=True)
class Way:
    """One reachable contact of a person."""

    contact_id: int
    channel: str
    heard_at: datetime | None
    #: The app's rule; None: it lets us write at any time.
    window: Window | None = None

    def state_at(self, now: datetime) -> WindowState:
        return self.window.state_at(self.heard_at, now) if self.window else WindowState.FREE


def first_open(ways: Iterable[Way], now: datetime, closed: Iterable[str] = ()) -> Way | None:
    """The first of these ways, in the person's own order, by which they can be told now.

    `closed`: channels whose plan is used up.
    """
    return next(
        (way for way in ways if way.channel not in closed and way.state_at(now) is not WindowState.CLOSED), None
    )


def hour_of(moment: datetime) -> datetime:
    """The hour in which it was: all that is stored of when somebody last wrote, rounded down so that a window is never
    taken to be open for longer than it is."""
    return moment.replace(minute=0, second=0, microsecond=0)
