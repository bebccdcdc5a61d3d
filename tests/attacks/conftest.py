"""One session for each database, shared by all attacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.stage import Stage, beside


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp(request.param)
    made = _on_postgres(folder) if request.param == "postgres" else Stage(folder)
    beside(made.play())
    return made


def _on_postgres(folder: Path) -> Stage:
    from tests.support.postgres import copied_database, new_database

    return Stage(folder, new_database(), copied_database)
