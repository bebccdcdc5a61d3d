"""Whom a request of the console is for: whole clusters, communes or agencies alone, those responsible for a unit."""

from __future__ import annotations

import json

import pytest

from nhipcau.cli.units import cluster_set
from nhipcau.storage.tables import people, requests
from nhipcau.storage.units import add_units
from tests.support.console import Browser, signed_in
from tests.support.requests import ask, end, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow

POLL = {"title": "Giờ tiếp dân", "q1-text": "Sáng thứ Bảy có tiện không?", "q1-choices": "Có\nKhông"}
NORTH = ["X06040", "X06001"]


async def at_province(world: World, kind: str = "poll") -> Browser:
    """Three people in each commune of one cluster, one in a commune elsewhere."""
    async with world.parts.database.writing() as connection:
        await add_units(connection, [{"code": "S01", "name": "Sở Y tế", "kind": "cơ quan", "parent": "T20"}])
    await cluster_set(world.parts, "Cụm Bắc", NORTH)
    for unit in NORTH:
        await crowd_of(world, unit, 3)
    await crowd_of(world, "X06184", 1)
    browser = await signed_in(world, await world.joined("Cô Tỉnh", "T20", "coordinator"))
    return await browser.open(f"/console/requests/new?kind={kind}")


async def crowd_of(world: World, unit: str, number: int) -> None:
    for n in range(number):
        await world.joined(f"{unit} người {n}", unit)


async def make_responsible(world: World, name: str) -> None:
    ids = await world.rows(people.select().with_only_columns(people.c.id).filter_by(unit_id=await unit_id(world, name)))
    async with world.parts.database.writing() as connection:
        await connection.execute(people.update().where(people.c.id == ids[0].id).values(responsible=True))


async def unit_id(world: World, code: str) -> int:
    async with world.parts.database.reading() as connection:
        return (await world.parts.office(connection)).tree.by_code[code].id


async def people_in_preview(browser: Browser, **values: str) -> str:
    await browser.press("Xem trước", **POLL, **values)
    found = browser.page.xpath("//section[@class='preview']/p/strong")
    return str(found[0].text_content()) if found else browser.notice


async def test_a_cluster_is_chosen_as_a_whole(world: World) -> None:
    browser = await at_province(world)
    labels = [" ".join(each.text_content().split()) for each in browser.page.xpath("//select[@id='unit']/option")]
    assert labels[0] == "Tỉnh Lạng Sơn"
    assert "Cụm Bắc (cụm 2 đơn vị)" in labels
    assert await people_in_preview(browser, unit="cluster:Cụm Bắc") == "6 người"
    assert await people_in_preview(browser, unit="cluster:Cụm Bắc", units="X06184") == "7 người"
    assert await people_in_preview(browser, unit="X06184", units="cụm bắc") == "7 người"
    await browser.press("Gửi")
    await world.wait(seconds=61)
    row = (await world.rows(requests.select()))[0]
    tree_paths = [f"/T20/{code}/" for code in ("X06184", *NORTH)]
    assert sorted(json.loads(row.audience)["paths"]) == sorted(tree_paths)
    await browser.open(f"/console/requests/{row.id}")
    await end(world, row.id)
    await browser.open(f"/console/requests/{row.id}")
    await browser.follow("Soạn cuộc mới từ cuộc này")
    values = dict(browser.form_of("Xem trước")[0].form_values())
    assert {values["unit"], values["units"]} == {"X06184", "Cụm Bắc"}


async def test_a_cluster_of_elsewhere_or_of_none_is_refused(world: World) -> None:
    browser = await at_province(world)
    _, address, data = browser.filled("Xem trước", POLL)
    others = [(name, value) for name, value in data if name != "unit"]
    await browser.send("POST", address, [*others, ("unit", "cluster:Cụm Nam")])
    assert "không có cụm này" in browser.page.find_class("wrong-field")[0].text_content()
    assert "Cụm Bắc" in browser.page.find_class("wrong-field")[0].text_content()
    commune = await signed_in(world, await world.joined("Chị Hạnh", "X06184", "coordinator"))
    await commune.open("/console/requests/new?kind=poll")
    assert "Cụm Bắc" not in commune.text
    await commune.send("POST", address, [(n, v) for n, v in commune.filled("Xem trước", POLL)[2] if n != "unit"])
    assert commune.status == 200


async def test_communes_or_agencies_alone_are_meant(world: World) -> None:
    browser = await at_province(world, "notice")
    await crowd_of(world, "S01", 1)
    for group, number in (("", "8 người"), ("communes", "7 người"), ("agencies", "1 người")):
        await browser.press("Xem trước", text="Họp giao ban", group=group)
        assert browser.page.xpath("//section[@class='preview']/p/strong")[0].text_content() == number


async def test_those_responsible_are_asked_whoever_joins_later_too(world: World) -> None:
    browser = await at_province(world, "rapid")
    await make_responsible(world, "X06040")
    await make_responsible(world, "X06184")
    rapid = {"title": "Tình hình mưa", "q1-text": "Có thiệt hại gì?", "q1-kind": "text", "roles": "responsible"}
    await browser.press("Xem trước", **rapid)
    assert browser.page.xpath("//section[@class='preview']/p/strong")[0].text_content() == "2 người"
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert json.loads((await world.rows(requests.select()))[0].audience)["responsible"] is True
    newcomer = await world.joined("Người mới", "X06040")
    assert "Tình hình mưa" not in newcomer.last.text
    await browser.open("/console/requests/new?kind=poll")
    await browser.press("Xem trước", **POLL, roles="responsible")
    assert "ít hơn 5" in browser.page.find_class("wrong-field")[0].text_content()


async def test_a_cluster_that_differs_by_few_is_pointed_out(world: World) -> None:
    """Two polls of one question whose people differ by one."""
    browser = await at_province(world)
    first = await ask(world, {**yesno("Giờ tiếp dân"), "audience": {"units": [*NORTH, "X06184"]}}, unit="T20")
    await end(world, first)
    question = {"q1-text": "Có tiện không?", "q1-kind": "yesno", "q1-choices": ""}
    await browser.press("Xem trước", title="Giờ tiếp dân", unit="cluster:Cụm Bắc", **question)
    assert "Nên xem lại" in browser.text


async def test_a_cluster_is_asked_again_each_week_as_it_was_planned(world: World) -> None:
    browser = await at_province(world, "rapid")
    weekly = {"title": "Tình hình tuần", "q1-text": "Có gì mới?", "q1-kind": "text", "every": "thứ 6 16:00"}
    await browser.press("Xem trước", **weekly, unit="cluster:Cụm Bắc", unescalated="yes")
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert not await world.rows(requests.select())
    await cluster_set(world.parts, "Cụm Nam", NORTH[:1])
    for days in (5, 7):
        await world.wait(days=days)
        found = await world.rows(requests.select())
        assert {tuple(json.loads(row.audience)["paths"]) for row in found} == {("/T20/X06001/", "/T20/X06040/")}
        assert {row.escalates for row in found} == {False}
    assert len(found) == 2
