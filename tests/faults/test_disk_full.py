"""The disk is full for a while: nothing is acknowledged that is not kept, and once there is room all goes on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broadcast import ask_all, copies, people_reached, said_to
from tests.support.small_disk import Limit, SmallDisk, may_mount, mounted
from tests.support.standins.telegram import TelegramStandIn
from tests.support.telegram_office import bring_in, people, prepared, readiness, reports, rows, serving, stopped, until

pytestmark = pytest.mark.slow


@pytest.fixture(params=["limit", "log", *(["tmpfs"] if may_mount() else [])])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    """ "log": what the service has to say about it can't be written either, as where its log lies on the same disk."""
    if request.param in {"limit", "log"}:
        yield Limit(log_too=request.param == "log")
        return
    with mounted(tmp_path) as tmpfs:
        yield tmpfs


async def test_a_full_disk_is_waited_for_and_nothing_is_lost_or_doubled(
    tmp_path: Path, tg: TelegramStandIn, disk: SmallDisk
) -> None:
    phones = people(tg, 20)
    early, late = phones[-8:-4], phones[-4:]
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    async with serving(tmp_path, tg, TELEGRAM_RATE="20") as service:
        # what is written so far is more than the log will ever be
        receipts = [await reports(phone, "nước giếng có mùi lạ") for phone in early]
        await ask_all(tmp_path, len(phones))
        await until(lambda: len(people_reached(tmp_path)) >= 3)
        disk.fill(service.process.pid, tmp_path / "n.db-wal")
        await until(lambda: tg.waiting == 0)
        acknowledged, kept = tg.confirmed, rows(tmp_path, "SELECT count(*) FROM events")
        reporting = asyncio.gather(*(reports(phone, "đường vào bản lầy lội") for phone in late))
        await until(lambda: max(tg.handed) >= acknowledged)
        async with asyncio.timeout(30):
            while (await readiness(service))["ok"]:
                await asyncio.sleep(0.1)
        # a try or two more
        await asyncio.sleep(2)
        assert service.process.poll() is None, "it ended, and nobody would start it again"
        assert tg.confirmed == acknowledged, "acknowledged, and nobody could have kept it"
        assert rows(tmp_path, "SELECT count(*) FROM events") == kept
        assert copies(tg, "đường vào bản lầy lội") == {}, "said, and not kept"
        assert not (await readiness(service))["ok"]
        disk.make_room(service.process.pid)
        receipts += await reporting
        await until(lambda: rows(tmp_path, "SELECT count(*) FROM outbox") == [(0,)])
        codes = [re.findall(r"PA-\w{7}", receipt)[0] for receipt in receipts]
        assert sorted(code for (code,) in rows(tmp_path, "SELECT code FROM reports")) == sorted(codes)
        everybody = {phone.first_name for phone in phones}
        assert people_reached(tmp_path) == everybody
        assert copies(tg, "Giờ tiếp dân") == dict.fromkeys(everybody, 1)
        for said in said_to(tg).values():
            assert len(said) == len(set(said))
        assert (await readiness(service))["ok"]
        assert await stopped(service) == 0
