"""With every living key: what a sealed poll must not tell even then."""

from __future__ import annotations

import pytest

from tests.attacks.chance import ONE_COPY
from tests.attacks.stage import Stage

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("when", ["evening", "night"])
def test_with_its_key_an_open_sealed_poll_tells_nobody(stage: Stage, when: str) -> None:
    """L8, F8: who answered is known by the guards; what they answered is not, by any order."""
    linker = stage.with_keys[when == "night"].linker
    said = stage.session.of("open", 1)
    found = linker.by_all_orders(said)
    # the keys do open it
    assert {one for them in linker.found.said.values() for one in them} >= set(said)
    assert found.tries
    assert found.sigmas <= ONE_COPY, str(found)
