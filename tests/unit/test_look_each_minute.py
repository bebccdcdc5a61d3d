"""What is due each day is looked at again after an error, and the error is said."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from nhipcau.scheduler import look_each_minute


async def test_an_error_is_logged_and_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_each_minute, "LOOK_SECONDS", 0)
    looked: list[int] = []
    done = asyncio.Event()

    async def run_if_due() -> bool:
        looked.append(len(looked))
        if len(looked) == 1:
            raise ValueError("Nông Văn Thử")
        done.set()
        return True

    with capture_logs() as logs:
        looking = asyncio.create_task(look_each_minute.look_each_minute(run_if_due, "not told, will retry"))
        await asyncio.wait_for(done.wait(), 5)
        looking.cancel()
    assert [entry["event"] for entry in logs] == ["not told, will retry"]
    assert "Nông Văn Thử" not in str(logs)
