"""One session for each database, shared by all attacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.attacks.stage import Stage


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    from tests.attacks.stage import Stage, beside

    folder = tmp_path_factory.mktemp(request.param)
    made = Stage(folder, *_postgres()) if request.param == "postgres" else Stage(folder)
    beside(made.play())
    return made


def _postgres() -> tuple[str, Callable[[str], str]]:
    from tests.support.postgres import copied_database, new_database

    return new_database(), copied_database
