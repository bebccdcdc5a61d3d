"""Malformed requests at every door: no 5xx, no traceback, flat memory. `make fuzz` sends ten thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.malformed import break_in, open_service

pytestmark = pytest.mark.slow


def test_no_malformed_request_breaks_the_service(tmp_path: Path) -> None:
    with open_service(tmp_path, seed=7) as (service, breaker):
        seen = break_in(service, breaker, 300)
        assert seen.failed == []
        assert {200, 204, 400, 401, 404, 405} <= set(seen.statuses)
        assert seen.after - seen.before < 60_000_000
        assert "Traceback" not in service.log.read_text()
        assert service.stop() == 0
