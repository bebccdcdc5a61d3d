"""A province's poll by cluster of communes: set, asked, shown in chat, exported; nothing more is kept."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from nhipcau.cli.units import cluster_list, cluster_set
from nhipcau.context import AppContext, build
from nhipcau.storage.tables import poll_answers, poll_groups
from nhipcau.storage.units import load_tree
from tests.support.requests import answer_all, ask, crowd, csv_rows, end, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow


async def answered(world: World, here: list[str], there: list[str], **more: Any) -> str:
    """A closed poll of the province that two communes answered so; its id."""
    await cluster_set(world.parts, "Cụm Bắc", ["X06040"])
    await cluster_set(world.parts, "Cụm Nam", ["X06001"])
    north = await crowd(world, len(here))
    south = [await world.joined(f"Nam {n}", "X06001") for n in range(len(there))]
    id = await ask(world, yesno(**more), unit="T20")
    await answer_all(north, here)
    await answer_all(south, there)
    await end(world, id)
    return id


async def test_what_runs_knows_a_cluster_set_meanwhile(world: World) -> None:
    async def clusters_of(parts: AppContext) -> dict[str, str]:
        async with parts.database.reading() as connection:
            return {unit.code: unit.cluster for unit in (await parts.office(connection)).tree.units if unit.cluster}

    assert await clusters_of(world.parts) == {}
    elsewhere = build(world.parts.settings)
    for names in (["X06040"], ["X06040", "X06001"]):
        await cluster_set(elsewhere, "Cụm Bắc", names)
        assert await clusters_of(world.parts) == dict.fromkeys(names, "Cụm Bắc")
    await elsewhere.database.close()


async def test_a_cluster_is_shown_with_the_numbers_that_tell_of_nobody(world: World) -> None:
    """Rules R14, R19."""
    khoi = await world.joined("Khôi", "T20", role="coordinator")
    lead = await world.joined("Lãnh", "T20", role="leader")
    id = await answered(world, ["Có", "Không"] * 5, ["Có", "Không"] * 6)
    for phone in (khoi, lead):
        await phone.read()
        await phone.say("kết quả")
        await phone.tap("Xem theo cụm")
        assert phone.last.text.splitlines()[1:3] == [
            "– Cụm Bắc, 10 người: Có 5; Không 5",
            "– Cụm Nam, 12 người: Có 6; Không 6",
        ]
    assert "Kết quả" in khoi.labels()
    rows = await csv_rows(world, "answers", poll=id)
    assert Counter((row["group"], row["q1"]) for row in rows) == {
        **{("Cụm Bắc", answer): 5 for answer in ("yes", "no")},
        **{("Cụm Nam", answer): 6 for answer in ("yes", "no")},
    }
    # the answers themselves have forgotten where they came from
    assert all(set(json.loads(row.answers)) == {"q1"} for row in await world.rows(select(poll_answers)))


async def test_numbers_of_few_are_not_even_kept(world: World) -> None:
    khoi = await world.joined("Khôi", "T20", role="coordinator")
    id = await answered(world, ["Có"] * 5 + ["Không"], ["Có"] * 2 + ["Không"] * 6)
    assert await world.rows(select(poll_groups)) == []
    await khoi.read()
    await khoi.say("kết quả")
    assert "Xem theo cụm" not in khoi.labels()
    assert {row["group"] for row in await csv_rows(world, "answers", poll=id)} == {""}


async def test_a_sealed_poll_is_shown_by_no_cluster(world: World) -> None:
    await answered(world, ["Có", "Không"] * 5, ["Có", "Không"] * 6, sealed=True)
    assert await world.rows(select(poll_groups)) == []


async def test_by_default_a_cluster_is_the_former_district(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    await cluster_list(world.parts, as_json=True)
    clusters = {row["code"]: row["cluster"] for row in json.loads(capsys.readouterr().out)}
    assert clusters["X06040"].startswith(("Huyện", "Thành phố"))
    await cluster_set(world.parts, "Cụm biên giới", ["X06040"])
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
    assert tree.cluster_of(tree.by_code["X06040"]) == "Cụm biên giới"
    await cluster_set(world.parts, "", ["X06040"], as_json=True)
    assert clusters["X06040"] in capsys.readouterr().out
