"""The one way out: claims what is due under a lease, sends it within each channel's rate limit, records the result."""

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
from nhipcau.delivery.final_check import still_wanted
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

#: Messages under way at once on one channel. Without a rate limit of ours: as many as the app took in the last second,
#: between these two, since fewer would be sent before the next are claimed.
MAX_UNDER_WAY, MAX_UNDER_WAY_UNLIMITED = 120, 800
#: Seconds between two looks at the outbox without a wake-up (another process may have written rows), and between two
#: claims while messages are under way.
POLL_INTERVAL, CLAIM_INTERVAL = 1.0, 0.15
#: Seconds a result waits for an inbound transaction that records it too; longer while those follow each other.
RECORD_DELAY, RECORD_DELAY_BUSY = 0.03, 0.1
#: Seconds of sending that are claimed ahead under a rate limit: so much still goes out after a poll is stopped.
_CLAIM_AHEAD = 1.0
#: Seconds a call, or a file's upload, may take: a lease must last as long.
_CALL_SECONDS, _UPLOAD_SECONDS = 25.0, 50.0
#: Seconds a lease lasts beyond that; rows of a dead sender have to be sent again within a minute.
_LEASE_MARGIN = 5.0
#: When the service stops: seconds for messages under way, then tries, a second apart, to record the last results.
_STOP_SECONDS, _STOP_RECORD_TRIES = 15.0, 12
#: Seconds until the next try of a message whose answer was lost, by answers lost before. Later messages to that person
#: wait behind it.
_LOST_ANSWER_WAITS = (2.0, 10.0, 30.0, 60.0, 120.0)
#: Tries of a message that an error in our own code kept from being sent.
MAX_ATTEMPTS = 4


class Sender:
    """Delivers to every channel that pushes. `beat`: when its loop last ran (monotonic seconds)."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        channels: Mapping[str, Channel],
        settings: Settings,
        *,
        process_locks: Mapping[str, ProcessLock] | None = None,
        picture_cache: ChartPictureCache | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`process_locks`: a channel is sent to only while its lock is ours. Without `picture_cache`: no charts."""
        self._picture_cache = picture_cache
        self._process_locks = process_locks or {}
        self._database = database
        self._sealer = sealer
        self._channels = {name: channel for name, channel in channels.items() if not channel.recipients_fetch}
        self._settings = settings
        self._now = now
        self.throttles = {name: ChannelThrottle(each.rate, time.monotonic) for name, each in self._channels.items()}
        self._results = DeliveryResults()
        #: The row that each task is sending.
        self._under_way: dict[asyncio.Task[None], ClaimedDelivery] = {}
        #: How many tasks are sending, by channel.
        self._sending: Counter[str] = Counter()
        #: Rows delivered whose result is not committed yet: never to be claimed again, however long that takes.
        self._unrecorded: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        #: Rows were written since the last claim.
        self._has_new_rows = True
        #: When an inbound transaction last took the results to record them (monotonic seconds).
        self._results_taken_at = float("-inf")
        #: Channels whose last claim left due rows behind; when rows were last claimed (monotonic seconds).
        self._backlogged: set[str] = set()
        self._claimed_at = 0.0
        self.wake_up = WakeUp()
        self.beat = time.monotonic()
        self._clock_jumps = ClockJumpDetector()
        self._error_filter = RepeatedErrorFilter()

    async def run(self) -> None:
        """Run until cancelled; messages under way are then finished and recorded."""
        try:
            while True:
                self.beat = time.monotonic()
                try:
                    await self.run_once()
                except Exception as error:
                    if self._error_filter.should_log(error):
                        log.error("delivery failed, will retry", **name_of(error))
                    LOOPS.labels("sender", type(error).__name__).inc()
                    await asyncio.sleep(1 if is_passing(error) else 5)
                await self.wake_up.wait(POLL_INTERVAL)
        finally:
            await self._finish()

    async def _finish(self) -> None:
        with suppress(Exception):
            # first the results known now, in case there is no time for the rest
            async with self._recording():
                pass
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_STOP_SECONDS)
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._record_last()

    async def _record_last(self) -> None:
        """Record the last results, trying again while the database is busy: unrecorded messages would be sent twice."""
        for _ in range(_STOP_RECORD_TRIES):
            if not self._results:
                return
            try:
                async with self._recording():
                    pass
            except Exception as error:
                log.warning("stopping waits for the database", **name_of(error))
                await asyncio.sleep(1)

    async def run_once(self) -> None:
        """One transaction: record results, claim due rows, and begin to send them."""
        now = self._now()
        await self._handle_clock_jump(now)
        quiet = self._settings.quiet_hours.holds(now.astimezone(self._settings.zone))
        free = self._free_slots()
        # a claim costs much the same for one row as for hundreds: made at once for new rows, or when half of a
        # backlogged channel's slots are free, else a few times a second
        moment = time.monotonic()
        many = any(2 * free.get(name, 0) >= self._max_under_way(name) for name in self._backlogged)
        if not (self._has_new_rows or many) and moment - self._claimed_at < CLAIM_INTERVAL:
            free = {}
            self._wake_in(CLAIM_INTERVAL)
        elif free:
            self._has_new_rows, self._claimed_at = False, moment
        if not self._results:
            if not free:
                return
            async with self._database.reading() as connection:
                if not await outbox.is_waiting(connection, list(free), now, quiet=quiet):
                    return
        claimed: list[ClaimedDelivery] = []
        async with self._recording(claimed) as connection:
            ours = {*(row.id for row in self._under_way.values()), *self._unrecorded}
            for name, room in free.items():
                some = await outbox.claim(connection, self._sealer, name, now, quiet=quiet, most=room, except_ids=ours)
                (self._backlogged.add if len(some) == room else self._backlogged.discard)(name)
                claimed += await still_wanted(connection, self._sealer, self._settings, some, self._now())
        self.deliver(claimed)

    def _free_slots(self) -> dict[str, int]:
        """How many more messages each channel may have under way; channels that wait or aren't ours are left out."""
        return {
            name: room
            for name in self._channels
            if self._is_ours(name)
            and not self.throttles[name].wait()
            and (room := self._max_under_way(name) - self._sending[name]) > 0
        }

    async def _handle_clock_jump(self, now: datetime) -> None:
        """Where the system clock was set back, now or before we started, bring forward rows due at the old time."""
        begun = self._clock_jumps.has_reading
        ahead = self._clock_jumps.expected_if_set_back(now)
        if begun and ahead is None:
            self._clock_jumps.take_reading(now)
            return
        if ahead is not None:
            log.warning("clock set back", seconds=round((ahead - now).total_seconds()))
        async with self._database.writing() as connection:
            await outbox_upkeep.set_back(connection, now, ahead)
        self._clock_jumps.take_reading(now)

    # ------------------------------------------------------------------ used by the intake of the same process

    def wake(self) -> None:
        """New rows were written: claim at once."""
        self._has_new_rows = True
        self.wake_up.set()

    def accepts(self, channel: str) -> bool:
        """Whether a reply may be written already claimed and handed over at once (`deliver`)."""
        return (
            channel in self._channels
            and self._is_ours(channel)
            and self._sending[channel] < 2 * self._max_under_way(channel)
            and not self.throttles[channel].wait()
        )

    def _max_under_way(self, channel: str) -> int:
        """Messages under way at once: never more than the rate limiter lets out well within a lease."""
        if rate := self._channels[channel].rate:
            return min(MAX_UNDER_WAY, max(4, int(rate * _CLAIM_AHEAD)))
        return int(max(MAX_UNDER_WAY, min(MAX_UNDER_WAY_UNLIMITED, self.throttles[channel].delivered_last_second())))

    def _is_ours(self, channel: str) -> bool:
        return channel not in self._process_locks or self._process_locks[channel].is_held

    def deliver(self, claimed: Sequence[ClaimedDelivery]) -> None:
        """Begin to send rows whose claim by us is committed."""
        for row in claimed:
            task = asyncio.create_task(self._deliver(row))
            self._under_way[task] = row
            self._sending[row.channel] += 1
            task.add_done_callback(self._done)

    def take_results(self) -> DeliveryResults:
        """The results so far, for the caller to record in its transaction."""
        self._results_taken_at = time.monotonic()
        return self._take()

    def _take(self) -> DeliveryResults:
        results, self._results = self._results, DeliveryResults()
        return results

    def mark_recorded(self, results: DeliveryResults) -> None:
        """The transaction that recorded them has committed."""
        self._unrecorded.difference_update(row.id for row in results.delivered)

    def return_results(self, results: DeliveryResults, claimed: Sequence[ClaimedDelivery] = ()) -> None:
        """The transaction that should have recorded them failed. `claimed`: in one that was cancelled at its commit,
        which may be done all the same: released, else they would wait until the lease ends."""
        self._results.put_first(results)
        self._results.retries += [RetryLater(row, self._now()) for row in claimed]

    def _done(self, task: asyncio.Task[None]) -> None:
        """Free the slot, and have the result recorded soon: by the next inbound transaction, or by a round of ours."""
        self._sending[self._under_way.pop(task).channel] -= 1
        if self._backlogged and any(
            2 * room >= self._max_under_way(name)
            for name, room in self._free_slots().items()
            if name in self._backlogged
        ):
            # half of a backlogged channel's slots are free: claim more
            self.wake_up.set()
            return
        is_busy = time.monotonic() - self._results_taken_at < RECORD_DELAY_BUSY
        self._wake_in(RECORD_DELAY_BUSY if is_busy else RECORD_DELAY)

    def _wake_in(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._wake_now)

    def _wake_now(self) -> None:
        self._timer = None
        self.wake_up.set()

    @asynccontextmanager
    async def _recording(self, claimed: Sequence[ClaimedDelivery] = ()) -> AsyncIterator[Connection]:
        """A transaction that first records the results; they are kept if it fails. `claimed`: what it claims, later."""
        results, now = self._take(), self._now()
        try:
            async with self._database.writing() as connection:
                await record_outcomes(connection, self._sealer, results, now, self._local_day(now))
                yield connection
        except BaseException as error:
            self.return_results(results, claimed if isinstance(error, asyncio.CancelledError) else ())
            raise
        self.mark_recorded(results)

    def _local_day(self, now: datetime) -> date:
        return now.astimezone(self._settings.zone).date()

    async def _deliver(self, row: ClaimedDelivery) -> None:
        """Send one row, piece by piece, and keep the result to be recorded."""
        channel = self._channels[row.channel]
        sent_pieces, sent = 0, Sent()
        pieces: list[Message] = []
        until = self._now() + outbox.LEASE
        try:
            message = message_of(row)
            if message.draw and self._picture_cache:
                message = await self._picture_cache.with_picture(message)
            pieces = pieces_of(row, message, channel.limits)
            for piece in pieces:
                await self._wait_for_turn(row)
                needed = _UPLOAD_SECONDS if piece.photo or piece.file or piece.file_text else _CALL_SECONDS
                if (until - self._now()).total_seconds() < needed:
                    if not await self._renew(row, needed + _LEASE_MARGIN):
                        return
                    until = self._now() + timedelta(seconds=needed + _LEASE_MARGIN)
                sent = await channel.send(row.address, piece)
                self.throttles[row.channel].delivered()
                sent_pieces += 1
                if row.channel in PLANS:
                    self._results.counted[row.channel] += 1
            if message.keeps:
                self._results.refs[row.id] = sent.ref if channel.limits.edits else ""
            self._results.delivered.append(row)
            self._unrecorded.add(row.id)
            SENT.labels(row.channel, LANES[row.lane]).inc()
            WAITED.labels(LANES[row.lane]).observe(max(0.0, (self._now() - row.due_at).total_seconds()))
        except ChannelError as error:
            self._failed(row, error, rest_of(pieces, sent_pieces))
        except asyncio.CancelledError:
            # we are stopping, and it may have arrived
            self._results.retries.append(
                RetryLater(row, self._now(), maybe_sent=True, rest=rest_of(pieces, sent_pieces))
            )
            raise
        except Exception as error:
            log.error("message not sent", channel=row.channel, **name_of(error))
            UNSENT.labels(row.channel, "unknown").inc()
            # a database too busy to renew the lease is no fault of the message: it does not count as an attempt
            again = is_passing(error) or row.attempts < MAX_ATTEMPTS
            self._retry_or_drop(row, "unknown", backoff(row.attempts), again, rest=rest_of(pieces, sent_pieces))

    async def _renew(self, row: ClaimedDelivery, seconds: float) -> bool:
        async with self._database.writing() as connection:
            return await outbox.renew(connection, row, self._now(), seconds)

    async def _wait_for_turn(self, row: ClaimedDelivery) -> None:
        """Wait for the rate limiter, and as long as the app asked us to, even where it asked while we queued."""
        throttle = self.throttles[row.channel]
        while True:
            while (wait := throttle.wait(row.contact_id)) > 0:
                if wait > outbox.LEASE.total_seconds() / 2:
                    raise _LongWait(wait)
                await asyncio.sleep(wait)
            await throttle.limiter.wait_for_slot(row.lane)
            if not throttle.wait(row.contact_id):
                return

    def _failed(self, row: ClaimedDelivery, error: ChannelError, rest: Message | None) -> None:
        if not isinstance(error, _LongWait):
            self._note_failure(row, error)
            UNSENT.labels(row.channel, error.reason).inc()
        if error.unreachable:
            self._results.blocked.append(row)
        if isinstance(error, OutsideWindow):
            self._results.window_closed.append(row)
        wait = error.after if error.after is not None else backoff(row.attempts)
        again = error.retry
        if error.maybe_sent:
            # it may have arrived: sent again after ever longer waits, and only so many times
            again = row.lost < len(_LOST_ANSWER_WAITS)
            wait = _LOST_ANSWER_WAITS[min(row.lost, len(_LOST_ANSWER_WAITS) - 1)]
        self._retry_or_drop(row, error.reason, wait, again, error.maybe_sent, rest)

    def _note_failure(self, row: ClaimedDelivery, error: ChannelError) -> None:
        """Tell the channel's throttle what the failure means beyond this message."""
        throttle = self.throttles[row.channel]
        if isinstance(error, TooMany):
            whole = throttle.too_many(row.contact_id, error.seconds)
            if self._error_filter.should_log(error):
                log.warning("asked to slow down", channel=row.channel, whole=whole, seconds=round(error.seconds, 1))
        elif error.whole_channel:
            throttle.stop(error.after or 0.0)
            log.warning("channel paused", channel=row.channel, reason=error.reason, seconds=error.after)
        elif error.retry:
            throttle.missed()
        else:
            # the app refused this message or person, so it answers
            throttle.delivered()

    def _retry_or_drop(
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
            self._results.retries.append(RetryLater(row, due, maybe, rest))
        else:
            self._results.dropped.append((row, reason))


class _LongWait(ChannelError):
    """The channel or this chat has to wait longer than a lease lasts: the row is released until then."""

    reason = "too_many"
    retry = True

    def __init__(self, wait: float) -> None:
        super().__init__(f"wait {wait:g} s")
        self.after = wait
