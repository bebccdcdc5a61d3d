"""The rate limit, and what a channel bears: so many a second, replies first, and waiting where the app said so."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhipcau.delivery.channel_throttle import LONGEST_WAIT, ChannelThrottle, backoff
from nhipcau.delivery.rate_limiter import RateLimiter
from nhipcau.storage.outbox import BROADCAST, REPLY


async def test_a_reply_goes_before_a_broadcast_that_waits() -> None:
    limiter, gone = RateLimiter(50, time.monotonic), list[str]()

    async def send(lane: int, name: str) -> None:
        await limiter.wait_for_slot(lane)
        gone.append(name)

    broadcast = [asyncio.create_task(send(BROADCAST, f"b{n}")) for n in range(6)]
    await asyncio.sleep(0)
    reply = asyncio.create_task(send(REPLY, "reply"))
    await asyncio.gather(*broadcast, reply)
    assert gone == ["b0", "reply", "b1", "b2", "b3", "b4", "b5"]


@pytest.mark.slow
async def test_replies_wait_for_each_other_but_never_for_a_broadcast() -> None:
    limiter = RateLimiter(1, time.monotonic)
    await limiter.wait_for_slot(BROADCAST)
    broadcast = asyncio.create_task(limiter.wait_for_slot(BROADCAST))
    await asyncio.sleep(0)
    await asyncio.wait_for(limiter.wait_for_slot(REPLY), 0.8)
    second = asyncio.create_task(limiter.wait_for_slot(REPLY))
    await asyncio.sleep(0)
    # the place the reply took early is not given again: over a second there are never more than the rate
    assert not broadcast.done()
    assert not second.done()
    await asyncio.wait_for(asyncio.gather(second, broadcast), 15)


async def test_so_many_a_second_and_who_is_cancelled_takes_no_place() -> None:
    limiter, begun = RateLimiter(100, time.monotonic), time.monotonic()
    waiting = [asyncio.create_task(limiter.wait_for_slot(BROADCAST)) for _ in range(31)]
    await asyncio.sleep(0)
    for task in waiting[1:11]:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert time.monotonic() - begun >= 0.19


async def test_without_a_rate_nobody_waits() -> None:
    limiter = RateLimiter(0, time.monotonic)
    await asyncio.wait_for(asyncio.gather(*(limiter.wait_for_slot(REPLY) for _ in range(1000))), 5)


# ------------------------------------------------------------------ what the app says


class FakeClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_one_refused_chat_waits_alone_and_exactly_as_long_as_told() -> None:
    watch = FakeClock()
    throttle = ChannelThrottle(28, watch)
    assert not throttle.too_many(1, 7)
    assert (throttle.wait(1), throttle.wait(2), throttle.wait()) == (7, 0, 0)
    watch.seconds += 7
    assert throttle.wait(1) == 0
    assert throttle.limiter.rate == 28


def test_a_second_chat_refused_with_none_delivered_stops_all() -> None:
    watch = FakeClock()
    throttle = ChannelThrottle(28, watch)
    throttle.too_many(1, 3)
    throttle.delivered()
    assert not throttle.too_many(2, 5), "something got through: it was the chat"
    assert throttle.too_many(3, 4)
    assert throttle.wait(9) == 5
    watch.seconds += 5
    assert throttle.wait(9) == 0


def test_the_rate_falls_below_what_was_taken_and_climbs_back() -> None:
    watch = FakeClock()
    throttle = ChannelThrottle(28, watch)
    for _ in range(20):
        throttle.delivered()
    for door in range(50):
        throttle.too_many(door, 2)
    # refused fifty times, lowered once
    assert throttle.limiter.rate == pytest.approx(16)
    watch.seconds += 15
    assert 16 < throttle.limiter.rate < 28
    watch.seconds += 30
    assert throttle.limiter.rate == 28


def test_without_our_own_limit_refusals_teach_one_that_is_forgotten() -> None:
    watch = FakeClock()
    throttle = ChannelThrottle(0, watch)
    for _ in range(100):
        throttle.delivered()
    throttle.too_many(1, 1)
    throttle.too_many(2, 1)
    assert throttle.limiter.rate == pytest.approx(80)
    watch.seconds += 121
    assert throttle.limiter.rate == float("inf")


def test_an_absent_app_is_tried_more_rarely_and_at_once_when_back() -> None:
    watch = FakeClock()
    throttle = ChannelThrottle(28, watch)
    pauses = []
    for _ in range(30):
        throttle.missed()
        pauses.append(throttle.wait())
        watch.seconds += throttle.wait()
    assert pauses[:4] == [0] * 4
    assert 0 < pauses[4] < 1
    assert 10 < pauses[-1] <= LONGEST_WAIT * 1.25
    throttle.delivered()
    throttle.missed()
    assert throttle.wait() == 0


@given(tries=st.integers(0, 1000), chance=st.floats(0, 1))
def test_a_wait_between_tries_is_never_longer_than_said(tries: int, chance: float) -> None:
    assert 0.3 < backoff(tries, lambda: chance) <= LONGEST_WAIT * 1.25
