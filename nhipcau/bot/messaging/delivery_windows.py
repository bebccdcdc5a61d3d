"""Whether an app lets us write to somebody now: its window after their last act, and its plan for a month.

These are rules of the apps, all in one place; docs/channels.md says where each comes from and how sure it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WindowState(StrEnum):
    """How a door stands now."""

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

    def reach(self, since: datetime | None, now: datetime) -> WindowState:
        """`since`: the last act, never later than it was; None: not known, nothing may be sent."""
        if since is None or now - since >= self.length:
            return WindowState.CLOSED
        return WindowState.FREE if now - since < self.free else WindowState.PAID


@dataclass(frozen=True, slots=True)
class Plan:
    """What an app's plan allows: people of one bot, and messages a month."""

    users: int
    messages: int


#: [2] Official Account: 7 days are the hard gate, 48 hours the border of price; about 55 đ, depending on the package.
WINDOWS: Mapping[str, Window] = {"zalo_oa": Window(timedelta(days=7), timedelta(hours=48), 55)}
#: [2] Bot Platform, free plan. What happens to the 51st person or message 3,001 is not documented.
PLANS: Mapping[str, Plan] = {"zalo_bot": Plan(50, 3000)}


def used_up(sent: Mapping[str, int]) -> set[str]:
    """Channels whose plan is used up, by the messages of this month."""
    return {name for name, number in sent.items() if number >= PLANS[name].messages}


@dataclass(frozen=True, slots=True)
class Way:
    """One living door of a person."""

    contact_id: int
    channel: str
    heard_at: datetime | None

    def reach(self, now: datetime) -> WindowState:
        window = WINDOWS.get(self.channel)
        return window.reach(self.heard_at, now) if window else WindowState.FREE


def first_open(ways: Iterable[Way], now: datetime, closed: Iterable[str] = ()) -> Way | None:
    """The first of these ways, in the person's own order, by which they can be told now.

    `closed`: channels whose plan is used up.
    """
    return next((way for way in ways if way.channel not in closed and way.reach(now) is not WindowState.CLOSED), None)


def hour_of(moment: datetime) -> datetime:
    """The hour in which it was: all that is kept of when somebody last wrote, and so never too late."""
    return moment.replace(minute=0, second=0, microsecond=0)
