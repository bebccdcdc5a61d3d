"""The index of what reports say comes with an upgrade and a restore, and ends with a report."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from nhipcau.context import build
from nhipcau.settings import Settings
from nhipcau.storage import schema
from tests.support.postgres import empty_database
from tests.support.processes import nhipcau
from tests.support.searching import lay, texts, words_of_index
from tests.support.world import MORNING, World

#: The last version without an index.
_NO_INDEX, _NO_PAIRS = "0023", "0032"


def _url(on: str, folder: Path) -> str:
    return empty_database() if on == "postgresql" else f"sqlite+aiosqlite:///{folder}/other.db"


@pytest.mark.slow
@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
async def test_a_restore_makes_the_index_anew(office: World, tmp_path: Path, into: str) -> None:
    for n, said in enumerate(("cầu treo hỏng ván", "thiếu nước sạch", "cầu treo gãy")):
        await lay(office, said, day=office.now.date() - timedelta(days=40 * n))
    nhipcau(tmp_path, "backup", "copy.db", DATABASE_URL=office.parts.settings.database_url)
    assert b"sach\xc2" not in (tmp_path / "copy.db").read_bytes()
    url = _url(into, tmp_path)
    nhipcau(tmp_path, "restore", "copy.db", DATABASE_URL=url)
    parts = build(Settings(_env_file=None, data_dir=tmp_path, database_url=url))
    try:
        restored = World(parts, office.now)
        assert await texts(restored, "cau treo") == ["cầu treo hỏng ván", "cầu treo gãy"]
        assert await texts(restored, '"nước sạch"') == ["thiếu nước sạch"]
        async with parts.database.reading() as there, office.parts.database.reading() as here:
            assert await words_of_index(there) == await words_of_index(here)
    finally:
        await parts.database.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("on", "before"), [("sqlite", _NO_INDEX), ("postgresql", _NO_INDEX), ("postgresql", _NO_PAIRS)]
)
async def test_reports_of_an_older_database_are_found(tmp_path: Path, on: str, before: str) -> None:
    parts = build(Settings(_env_file=None, data_dir=tmp_path, database_url=_url(on, tmp_path)))
    older = World(parts, MORNING)
    day = MORNING.date()
    try:
        async with parts.database.writing() as connection:
            await connection.run_sync(lambda c: schema.upgrade(c, parts.sealer, to=before))
            for code, path in (("T20", "/T20/"), ("X06184", "/T20/X06184/")):
                unit = "INSERT INTO units (code, name, kind, path) VALUES (:code, :code, 'xã', :path)"
                await connection.execute(text(unit), {"code": code, "path": path})
            columns = (
                "code, day, topic, area_id, mood, spread, urgency, groups, source, text, proposal, state, issue, month"
            )
            insert = (
                f"INSERT INTO reports ({columns}) SELECT :code, '{day}', 'GT', id, 'buc_xuc', 2, 'ky', '', '', :said, "
                "'', 'new', '', 'm' FROM units WHERE code = 'X06184'"
            )
            rows = [("PA-2222222", "cầu treo hỏng"), ("PA-3333333", ""), ("PA-4444444", "nước sạch")]
            await connection.execute(text(insert), [{"code": code, "said": said} for code, said in rows])
        assert await schema.prepare(parts.database, parts.sealer) == "upgraded"
        assert await texts(older, "cau treo") == ["cầu treo hỏng"]
        assert await texts(older, '"cau treo"') == ["cầu treo hỏng"]
        assert await texts(older, "sạch", moods=("buc_xuc",)) == ["nước sạch"]
        assert len(await texts(older, "")) == 3
    finally:
        await parts.database.close()
