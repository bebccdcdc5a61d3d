"""The one way out: takes what is due under a lease, sends it at each channel's pace, records what became of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta

import structlog

from nhipcau.bot.channels.registry import PLANS
from nhipcau.bot.messaging.channel import Channel, ChannelError, OutsideWindow, TooMany
from nhipcau.bot.messaging.messages import Message, Sent
from nhipcau.delivery.channel_throttle import ChannelThrottle, backoff
from nhipcau.delivery.clock_jumps import ClockJumpDetector
from nhipcau.delivery.last_look import still_wanted
from nhipcau.delivery.outgoing_message import message_of, pieces_of, rest_of
from nhipcau.delivery.rate_limiter import WakeUp
from nhipcau.error_log import RepeatedErrorFilter, name_of
from nhipcau.insight.picture_cache import ChartPictureCache
from nhipcau.metrics import LANES, LOOPS, SENT, UNSENT, WAITED
from nhipcau.privacy.sealing import Sealer
from nhipcau.settings import Settings
from nhipcau.storage import outbox, outbox_upkeep
from nhipcau.storage.database import Connection, Database, is_passing
from nhipcau.storage.delivery_outcomes import DeliveryResults, RetryLater, record_outcomes
from nhipcau.storage.outbox import ClaimedDelivery
from nhipcau.storage.process_locks import ProcessLock

log = structlog.get_logger()

#: Messages under way at once where no pace of ours holds them, and where the app takes them so fast that these would
#: be gone before the next were claimed: as many as it has taken in the last second, up to that.
MOST, MANY = 120, 800
#: Seconds between looks: where nobody rings (another process wrote the rows), and while messages are under way.
LOOK, AGAIN = 1.0, 0.15
#: Seconds an outcome may wait for a transaction that is written anyway; longer while one follows the other.
LINGER, LINGER_IN_TRAFFIC = 0.03, 0.1
#: Seconds of sending that are claimed ahead, where there is a pace: so much still goes out when a poll is stopped.
_AHEAD = 1.0
#: Seconds a call, or a file's upload, may take: a lease must last as long.
_CALL, _UPLOAD = 25.0, 50.0
#: A lease's seconds beyond that; a dead sender's rows have to be sent again within the minute.
_MARGIN = 5.0
#: Seconds what is under way may still take when we are told to stop.
_LAST = 15.0
#: Tries to record, a second apart, what was sent last.
_LAST_TRIES = 12
#: Seconds until the next try of a message whose answer was lost, by answers lost before. Whatever else is for that
#: person waits behind it.
_LOST = (2.0, 10.0, 30.0, 60.0, 120.0)
#: Tries of a message our own code could not send.
TRIES = 4


class Sender:
    """Delivery of every channel that pushes. `wakeup` wakes it; `beat` tells when it last was alive."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        channels: Mapping[str, Channel],
        settings: Settings,
        *,
        posts: Mapping[str, ProcessLock] | None = None,
        gallery: ChartPictureCache | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`posts`: which channels this process may deliver to, where several run; `gallery`: draws what messages ask
        for, without it their words go alone."""
        self._gallery = gallery
        self._posts = posts or {}
        self._database = database
        self._sealer = sealer
        self._channels = {name: channel for name, channel in channels.items() if not channel.pull}
        self._settings = settings
        self._now = now
        self.traffic = {name: ChannelThrottle(channel.rate, time.monotonic) for name, channel in self._channels.items()}
        self._outcomes = DeliveryResults()
        #: Messages being sent, and the rows they are of.
        self._under_way: dict[asyncio.Task[None], ClaimedDelivery] = {}
        #: The same, counted by channel.
        self._sending: Counter[str] = Counter()
        #: Delivered, and that not committed yet, whoever does it: never to be claimed again, however long it takes.
        self._unrecorded: set[int] = set()
        self._soon: asyncio.TimerHandle | None = None
        #: Rows were written since the last look.
        self._news = True
        #: When an inbound transaction last took what was known (monotonic seconds).
        self._taken = float("-inf")
        #: Channels of which not all there was has been taken.
        self._left: set[str] = set()
        #: When it was (monotonic seconds).
        self._looked = 0.0
        self.wakeup = WakeUp()
        self.beat = time.monotonic()
        self._wall = ClockJumpDetector()
        self._told = RepeatedErrorFilter()

    async def run(self) -> None:
        """Run until cancelled; what is under way then is finished and recorded."""
        try:
            while True:
                self.beat = time.monotonic()
                try:
                    await self.run_once()
                except Exception as error:
                    if self._told.is_news(error):
                        log.error("delivery failed, will retry", **name_of(error))
                    LOOPS.labels("sender", type(error).__name__).inc()
                    await asyncio.sleep(1 if is_passing(error) else 5)
                await self.wakeup.wait(LOOK)
        finally:
            await self._finish()

    async def _finish(self) -> None:
        with suppress(Exception):
            # first what is known, in case there is no time for the rest
            async with self._recording():
                pass
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_LAST)
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._record_last()

    async def _record_last(self) -> None:
        """What is not recorded now would be said again after the next start: a busy database is asked again."""
        for _ in range(_LAST_TRIES):
            if not self._outcomes:
                return
            try:
                async with self._recording():
                    pass
            except Exception as error:
                log.warning("stopping waits for the database", **name_of(error))
                await asyncio.sleep(1)

    async def run_once(self) -> None:
        """One transaction: what was sent is recorded, what is due is taken."""
        now = self._now()
        await self._look_at_the_clock(now)
        quiet = self._settings.quiet_hours.holds(now.astimezone(self._settings.zone))
        free = self._rooms()
        # a look costs much the same for one row as for hundreds: at once for news, and when there is room for many of
        # those that were left the last time, else a few times a second
        moment = time.monotonic()
        many = any(2 * free.get(name, 0) >= self._bound(name) for name in self._left)
        if not (self._news or many) and moment - self._looked < AGAIN:
            free = {}
            self._ring_soon(AGAIN)
        elif free:
            self._news, self._looked = False, moment
        if not self._outcomes:
            if not free:
                return
            async with self._database.reading() as connection:
                if not await outbox.is_waiting(connection, list(free), now, quiet=quiet):
                    return
        claimed: list[ClaimedDelivery] = []
        async with self._recording() as connection:
            ours = {*(row.id for row in self._under_way.values()), *self._unrecorded}
            for name, room in free.items():
                some = await outbox.claim(connection, self._sealer, name, now, quiet=quiet, most=room, except_ids=ours)
                (self._left.add if len(some) == room else self._left.discard)(name)
                claimed += await still_wanted(connection, self._sealer, self._settings, some, self._now())
        self.deliver(claimed)

    def _rooms(self) -> dict[str, int]:
        """How many more messages each channel may have under way; none where it waits, or is another's."""
        return {
            name: room
            for name in self._channels
            if self._is_ours(name)
            and not self.traffic[name].wait()
            and (room := self._bound(name) - self._sending[name]) > 0
        }

    async def _look_at_the_clock(self, now: datetime) -> None:
        """Set back, or set right before we started: what was written ahead of time must not wait for that time."""
        begun = self._wall.has_begun
        ahead = self._wall.set_back(now)
        if begun and ahead is None:
            self._wall.seen(now)
            return
        if ahead is not None:
            log.warning("clock set back", seconds=round((ahead - now).total_seconds()))
        async with self._database.writing() as connection:
            await outbox_upkeep.set_back(connection, now, ahead)
        self._wall.seen(now)

    # ------------------------------------------------------------------ beside the intake of the same process

    def wake(self) -> None:
        """Something was written for us."""
        self._news = True
        self.wakeup.set()

    def takes(self, channel: str) -> bool:
        """Whether a reply may be handed over at once, without lying in the outbox unclaimed."""
        return (
            channel in self._channels
            and self._is_ours(channel)
            and self._sending[channel] < 2 * self._bound(channel)
            and not self.traffic[channel].wait()
        )

    def _bound(self, channel: str) -> int:
        """Messages under way at once: never more than the pace lets out well within a lease."""
        if rate := self._channels[channel].rate:
            return min(MOST, max(4, int(rate * _AHEAD)))
        return int(max(MOST, min(MANY, self.traffic[channel].borne())))

    def _is_ours(self, channel: str) -> bool:
        return channel not in self._posts or self._posts[channel].is_held

    def deliver(self, claimed: Sequence[ClaimedDelivery]) -> None:
        """Send rows that are under our lease, and committed."""
        for row in claimed:
            task = asyncio.create_task(self._deliver(row))
            self._under_way[task] = row
            self._sending[row.channel] += 1
            task.add_done_callback(self._done)

    def take_outcomes(self) -> DeliveryResults:
        """What became of rows until now, for a transaction that is about to be written anyway."""
        self._taken = time.monotonic()
        return self._take()

    def _take(self) -> DeliveryResults:
        outcomes, self._outcomes = self._outcomes, DeliveryResults()
        return outcomes

    def recorded(self, outcomes: DeliveryResults) -> None:
        """That transaction has committed."""
        self._unrecorded.difference_update(row.id for row in outcomes.delivered)

    def give_back(self, outcomes: DeliveryResults) -> None:
        """That transaction failed."""
        self._outcomes.put_first(outcomes)

    def _done(self, task: asyncio.Task[None]) -> None:
        """Its outcome is recorded soon: by the next inbound transaction, or by a round of our own."""
        self._sending[self._under_way.pop(task).channel] -= 1
        if self._left and any(
            2 * room >= self._bound(name) for name, room in self._rooms().items() if name in self._left
        ):
            # more lies there, and what was taken runs out
            self.wakeup.set()
            return
        in_traffic = time.monotonic() - self._taken < LINGER_IN_TRAFFIC
        self._ring_soon(LINGER_IN_TRAFFIC if in_traffic else LINGER)

    def _ring_soon(self, seconds: float) -> None:
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._soon = None
        self.wakeup.set()

    @asynccontextmanager
    async def _recording(self) -> AsyncIterator[Connection]:
        """A transaction that first records the outcomes known; they are kept for the next one if it fails."""
        outcomes = self._take()
        now = self._now()
        try:
            async with self._database.writing() as connection:
                await record_outcomes(connection, self._sealer, outcomes, now, self._day(now))
                yield connection
        except BaseException:
            self.give_back(outcomes)
            raise
        self.recorded(outcomes)

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._settings.zone).date()

    async def _deliver(self, row: ClaimedDelivery) -> None:
        """Send one row, bubble by bubble, and note what became of it."""
        channel = self._channels[row.channel]
        said = 0
        sent = Sent()
        pieces: list[Message] = []
        until = self._now() + outbox.LEASE
        try:
            words = message_of(row)
            if words.draw and self._gallery:
                words = await self._gallery.with_picture(words)
            pieces = pieces_of(row, words, channel.limits)
            for piece in pieces:
                await self._turn(row)
                needed = _UPLOAD if piece.photo or piece.file else _CALL
                if (until - self._now()).total_seconds() < needed:
                    if not await self._renew(row, needed + _MARGIN):
                        return
                    until = self._now() + timedelta(seconds=needed + _MARGIN)
                sent = await channel.send(row.address, piece)
                self.traffic[row.channel].delivered()
                said += 1
                if row.channel in PLANS:
                    self._outcomes.counted[row.channel] += 1
            if words.keeps:
                self._outcomes.refs[row.id] = sent.ref if channel.limits.edits else ""
            self._outcomes.delivered.append(row)
            self._unrecorded.add(row.id)
            SENT.labels(row.channel, LANES[row.lane]).inc()
            WAITED.labels(LANES[row.lane]).observe(max(0.0, (self._now() - row.due_at).total_seconds()))
        except ChannelError as error:
            self._failed(row, error, rest_of(pieces, said))
        except asyncio.CancelledError:
            # we are stopping, and it may have arrived
            self._outcomes.retries.append(RetryLater(row, self._now(), maybe_sent=True, rest=rest_of(pieces, said)))
            raise
        except Exception as error:
            log.error("message not sent", channel=row.channel, **name_of(error))
            UNSENT.labels(row.channel, "unknown").inc()
            # a database that is busy when a lease is to be renewed is no fault of the message
            again = is_passing(error) or row.attempts < TRIES
            self._again_or_drop(row, "unknown", backoff(row.attempts), again, rest=rest_of(pieces, said))

    async def _renew(self, row: ClaimedDelivery, seconds: float) -> bool:
        async with self._database.writing() as connection:
            return await outbox.renew(connection, row, self._now(), seconds)

    async def _turn(self, row: ClaimedDelivery) -> None:
        """Wait for the pace, and for as long as the app asked us to, also where it asked while we stood in line."""
        traffic = self.traffic[row.channel]
        while True:
            while (wait := traffic.wait(row.contact_id)) > 0:
                if wait > outbox.LEASE.total_seconds() / 2:
                    raise _Waits(wait)
                await asyncio.sleep(wait)
            await traffic.pace.turn(row.lane)
            if not traffic.wait(row.contact_id):
                return

    def _failed(self, row: ClaimedDelivery, error: ChannelError, rest: Message | None) -> None:
        if not isinstance(error, _Waits):
            self._learn(row, error)
            UNSENT.labels(row.channel, error.reason).inc()
        if error.unreachable:
            self._outcomes.blocked.append(row)
        if isinstance(error, OutsideWindow):
            self._outcomes.window_closed.append(row)
        wait = error.after if error.after is not None else backoff(row.attempts)
        again = error.retry
        if error.maybe_sent:
            # it may have arrived: said again after ever longer waits, and not for ever
            again = row.lost < len(_LOST)
            wait = _LOST[min(row.lost, len(_LOST) - 1)]
        self._again_or_drop(row, error.reason, wait, again, error.maybe_sent, rest)

    def _learn(self, row: ClaimedDelivery, error: ChannelError) -> None:
        """What a failure says of the channel, besides this message."""
        traffic = self.traffic[row.channel]
        if isinstance(error, TooMany):
            whole = traffic.too_many(row.contact_id, error.seconds)
            if self._told.is_news(error):
                log.warning("asked to slow down", channel=row.channel, whole=whole, seconds=round(error.seconds, 1))
        elif error.whole_channel:
            traffic.stop(error.after or 0.0)
            log.warning("channel paused", channel=row.channel, reason=error.reason, seconds=error.after)
        elif error.retry:
            traffic.missed()
        else:
            # whatever the app said of this message or person, it is there
            traffic.delivered()

    def _again_or_drop(
        self,
        row: ClaimedDelivery,
        reason: str,
        wait: float,
        again: bool,
        maybe: bool = False,
        rest: Message | None = None,
    ) -> None:
        due = self._now() + timedelta(seconds=wait)
        if again and due < row.expires_at:
            self._outcomes.retries.append(RetryLater(row, due, maybe, rest))
        else:
            self._outcomes.dropped.append((row, reason))


class _Waits(ChannelError):
    """The channel or this chat waits longer than a lease lasts: the row is given back."""

    reason = "too_many"
    retry = True

    def __init__(self, wait: float) -> None:
        super().__init__(f"wait {wait:g} s")
        self.after = wait
