"""Kept syntheses: drafted, written, checked, signed by the roles that may; sentences outlive figures; nothing that two
people write at once is lost."""

from __future__ import annotations

import asyncio
import itertools
import os
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from nhipcau.actions import syntheses as actions
from nhipcau.actions.decision import Actor, Refusal
from nhipcau.actions.permissions import RIGHTS
from nhipcau.actions.syntheses import Wording
from nhipcau.bot.language.periods import month_of
from nhipcau.bot.units.tree import Unit
from nhipcau.insight.synthesis.stored import from_json, to_json
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisState, WhoSigns, digest_of
from nhipcau.model.people import Role
from nhipcau.model.scope import OFFICE
from nhipcau.model.synthesis import Layout
from nhipcau.storage import retention, tables
from nhipcau.storage.audit import entries
from tests.support import kept_syntheses as kept_of
from tests.support.kept_syntheses import actor_of, data_of, draft, drafted, fill, kept_now, refresh, signed, write
from tests.support.syntheses import Row, bookmarks, compose, different, lines, put_issue, put_reports
from tests.support.world import World

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 14)
FORECAST = "Bà con mong có nước trước Tết."


def report(mood: str = "buc_xuc", issue: str = "", area: str = "X06040") -> Row:
    return Row(DAY, area, "DN", mood, 3, "new", issue)


@pytest.fixture
async def coordinator(world: World) -> Actor:
    await world.joined("Chị Hạnh", "X06040", "coordinator")
    return await actor_of(world, "coordinator", "X06040")


@pytest.fixture
async def leader(world: World) -> Actor:
    await world.joined("Ông Sếp", "X06040", "leader")
    return await actor_of(world, "leader", "X06040")


# ------------------------------------------------------------------ sentences and figures


async def test_a_composed_synthesis_is_read_back_unchanged(world: World) -> None:
    await put_issue(world, "VD-A", "Thiếu nước sinh hoạt", DAY)
    await put_reports(world, [report(issue="VD-A"), report("phan_khoi")])
    found = await compose(world, "2026-10", "X06040")
    assert from_json(to_json(found)) == found
    for other in ("", "{}", "[]", to_json(found)[:-9]):
        with pytest.raises(ValueError, match="version"):
            from_json(other)


async def test_sentences_stand_where_they_were_asked_for(world: World, coordinator: Actor) -> None:
    await put_issue(world, "VD-A", "Thiếu nước sinh hoạt", DAY)
    await put_reports(world, [report(issue="VD-A")])
    kept = await drafted(world, coordinator, "X06040")
    before = lines(data_of(world, kept))
    assert "[Nhận định, dự báo: cần người viết]" in before
    assert "DỰ THẢO" in before
    kept = await kept_of_result(
        write(world, coordinator, kept, III=f"{FORECAST}\nSẽ giảm.", II_aggrieved="Đa số: chờ.")
    )
    now = lines(data_of(world, kept))
    place = now.index(FORECAST)
    assert now[place + 1] == "Sẽ giảm."
    assert now[place - 1] == "III. Nhận định, dự báo"
    assert now.index("Đa số: chờ.") < place
    assert "[Nhận định, dự báo: cần người viết]" not in now
    assert await different(world, data_of(world, kept)) == []


async def kept_of_result(doing: object) -> KeptSynthesis:
    found = await doing  # type: ignore[misc]
    assert isinstance(found, KeptSynthesis), found
    return found


async def test_figures_are_counted_anew_and_sentences_stay(world: World, coordinator: Actor) -> None:
    await put_issue(world, "VD-A", "Thiếu nước sinh hoạt", DAY)
    await put_reports(world, [report(issue="VD-A")])
    kept = await drafted(world, coordinator, "X06040")
    kept = await kept_of_result(write(world, coordinator, kept, III=FORECAST, IV_X06040="Xã sửa máy bơm.", I="Thêm ý."))
    await put_reports(world, [report("phan_khoi"), report()], first=5)
    async with world.parts.database.writing() as connection:
        await connection.execute(update(tables.issues).values(state="done"))
    kept = await kept_of_result(refresh(world, coordinator, kept))
    text = lines(data_of(world, kept))
    # the issue is settled, so nothing is proposed to this unit any more: what was written for it is not lost
    assert {FORECAST, "Xã sửa máy bơm.", "Thêm ý."} <= set(text)
    assert await different(world, data_of(world, kept)) == []
    assert next(v for name, v in bookmarks(data_of(world, kept)).items() if name.startswith("F_I_1_")) == "3"


async def test_what_is_written_does_not_count_anew(world: World, coordinator: Actor) -> None:
    await put_reports(world, [report()])
    kept = await drafted(world, coordinator, "X06040")
    await put_reports(world, [report()], first=5)
    kept = await kept_of_result(write(world, coordinator, kept, III=FORECAST))
    assert next(v for name, v in bookmarks(data_of(world, kept)).items() if name.startswith("F_I_1_")) == "1"


# ------------------------------------------------------------------ two people


async def test_of_two_who_write_in_one_place_the_second_reads_the_first(world: World, coordinator: Actor) -> None:
    kept = await drafted(world, coordinator, "X06040")
    await write(world, coordinator, kept, III="Người thứ nhất viết.")
    second = await write(world, coordinator, kept, III="Người thứ hai viết.")
    assert isinstance(second, Refusal)
    assert second.key == "syntheses.written_meanwhile"
    assert second.facts["words"] == "Người thứ nhất viết."
    now = await kept_now(world, kept.id)
    assert now is not None
    assert now.words == {"III": "Người thứ nhất viết."}


async def test_writing_and_refreshing_at_once_loses_nothing(world: World, coordinator: Actor) -> None:
    await put_reports(world, [report()])
    kept = await drafted(world, coordinator, "X06040")
    await put_reports(world, [report()], first=5)
    done = await asyncio.gather(
        write(world, coordinator, kept, III=FORECAST),
        refresh(world, coordinator, kept),
        write(world, coordinator, kept, V="Đã làm."),
    )
    assert [isinstance(each, KeptSynthesis) for each in done] == [True] * 3
    now = await kept_now(world, kept.id)
    assert now is not None
    assert now.words == {"III": FORECAST, "V": "Đã làm."}
    assert now.revision == kept.revision + 3
    text = lines(data_of(world, now))
    assert {FORECAST, "Đã làm."} <= set(text)
    assert next(v for name, v in bookmarks(data_of(world, now)).items() if name.startswith("F_I_1_")) == "2"


async def test_of_two_who_draft_the_second_is_told(world: World, coordinator: Actor) -> None:
    done = await asyncio.gather(*(draft(world, coordinator, "X06040") for _ in range(2)))
    assert sorted(isinstance(each, Refusal) for each in done) == [False, True]
    assert await draft(world, coordinator, "X06040") == Refusal("syntheses.is_there")
    assert await draft(world, coordinator, "X06040", "2027-01") == Refusal("syntheses.ahead")


# ------------------------------------------------------------------ from draft to signed


async def test_what_is_signed_is_no_draft_and_does_not_change(world: World, coordinator: Actor, leader: Actor) -> None:
    await put_reports(world, [report()])
    kept = await signed(world, coordinator, leader, "X06040")
    assert (kept.state, kept.signed) == (SynthesisState.SIGNED, world.now.date())
    data = data_of(world, kept)
    assert "DỰ THẢO" not in lines(data)
    for step in (
        write(world, coordinator, kept, III="Khác."),
        refresh(world, coordinator, kept),
        kept_of.check(world, coordinator, kept),
        kept_of.delete(world, coordinator, kept),
        kept_of.sign(world, leader, kept),
    ):
        assert await step == Refusal("syntheses.signed")
    assert await kept_of.take_back(world, coordinator, kept) == Refusal("syntheses.leader_signs")
    back = await kept_of_result(kept_of.take_back(world, leader, kept))
    assert (back.state, back.signed) == (SynthesisState.DRAFT, None)
    assert "DỰ THẢO" in lines(data_of(world, back))
    async with world.parts.database.reading() as connection:
        done = [(entry.kind, entry.number) for entry in await entries(connection, kind="synthesis")]
    assert sorted(done) == [
        *(("synthesis.check", 1), ("synthesis.draft", 1), ("synthesis.sign", 1)),
        *(("synthesis.take_back", 1), ("synthesis.write", 1)),
    ]


async def test_it_is_not_checked_while_something_waits_or_differs(
    world: World, coordinator: Actor, leader: Actor
) -> None:
    await put_reports(world, [report()])
    kept = await drafted(world, coordinator, "X06040")
    assert await kept_of.sign(world, leader, kept) == Refusal("syntheses.not_checked")
    waits = await kept_of.check(world, coordinator, kept)
    assert waits == Refusal("syntheses.waiting", {"n": 3})
    kept = await fill(world, coordinator, kept)
    await put_reports(world, [report()], first=5)
    differs = await kept_of.check(world, coordinator, kept)
    assert isinstance(differs, Refusal)
    assert differs.key == "syntheses.differing"
    kept = await kept_of_result(refresh(world, coordinator, kept))
    kept = await kept_of_result(kept_of.check(world, coordinator, kept))
    # whoever changes a word afterwards makes it a draft again
    again = await kept_of_result(write(world, coordinator, kept, III="Viết lại."))
    assert again.state is SynthesisState.DRAFT
    assert await kept_of.sign(world, leader, kept) == Refusal("syntheses.not_checked")


async def test_nobody_signs_what_they_have_not_read(world: World, coordinator: Actor, leader: Actor) -> None:
    kept = await fill(world, coordinator, await drafted(world, coordinator, "X06040"))
    stale = replace(kept, revision=kept.revision - 1)
    assert await kept_of.check(world, coordinator, stale) == Refusal("syntheses.changed_meanwhile")
    kept = await kept_of_result(kept_of.check(world, coordinator, kept))
    assert await kept_of.sign(world, leader, stale) == Refusal("syntheses.changed_meanwhile")


async def test_nobody_signs_alone_where_there_are_two(world: World, coordinator: Actor) -> None:
    """A coordinator signs only where there is no leader, and not their own draft where there is another coordinator."""
    kept = await fill(world, coordinator, await drafted(world, coordinator, "X06040"))
    kept = await kept_of_result(kept_of.check(world, coordinator, kept))
    await world.joined("Anh Tám", "X06040", "coordinator")
    assert await kept_of.sign(world, coordinator, kept) == Refusal("syntheses.another_signs")
    ids = await world.rows(tables.people.select().where(tables.people.c.role == "coordinator"))
    (other,) = [row.id for row in ids if row.id != coordinator.id]
    await world.joined("Ông Sếp", "X06040", "leader")
    assert await kept_of.sign(world, replace(coordinator, id=other), kept) == Refusal("syntheses.leader_signs")
    async with world.parts.database.writing() as connection:
        await connection.execute(update(tables.people).where(tables.people.c.role == "leader").values(state="left"))
    assert isinstance(await kept_of.sign(world, replace(coordinator, id=other), kept), KeptSynthesis)


async def test_a_small_office_signs_its_own(world: World, coordinator: Actor) -> None:
    assert (await signed(world, coordinator, coordinator, "X06040")).state is SynthesisState.SIGNED


async def test_the_province_takes_in_what_communes_have_signed(world: World, coordinator: Actor) -> None:
    office = await actor_of(world, "office", "T20")
    before = lines(data_of(world, await drafted(world, office, "T20", "2026-09")))
    assert not [line for line in before if "cấp dưới" in line]
    kept = await fill(world, coordinator, await drafted(world, coordinator, "X06040"))
    kept = await kept_of_result(write(world, coordinator, kept, III=f"{FORECAST}\nSẽ giảm."))
    above = await drafted(world, office, "T20")
    assert FORECAST not in "\n".join(lines(data_of(world, above)))
    kept = await kept_of_result(kept_of.check(world, coordinator, kept))
    await kept_of_result(kept_of.sign(world, coordinator, kept))
    above = await kept_of_result(refresh(world, office, above))
    text = lines(data_of(world, above))
    assert f"- Xã Thất Khê: {FORECAST} Sẽ giảm." in text
    (signed_line,) = [line for line in text if "cấp dưới" in line]
    assert signed_line.startswith("Báo cáo tổng hợp của cấp dưới: 1[I.")
    (late,) = [line for line in text if line.startswith("Nơi chưa ký, đã quá hạn: ")]
    assert "Xã Đồng Đăng" in late
    assert "Xã Thất Khê" not in late
    assert await different(world, data_of(world, above), world.now.date()) == []


# ------------------------------------------------------------------ who may


def test_every_role_and_place_may_what_the_table_says() -> None:
    """R25 Each action × role × place: own, below, above, beside."""
    wrong, tried = [], set()
    for role, own, unit in itertools.product((*Role, OFFICE), (COMMUNE, ABOVE), (COMMUNE, OTHER, ABOVE)):
        actor = Actor("p", own, role)
        for action, done in _done(actor, unit).items():
            tried.add(action)
            must = role in RIGHTS[action].roles and own.holds(unit)
            if isinstance(done, list) is not must:
                wrong.append((action, role, own.code, unit.code, done))
    assert wrong == []
    assert tried == {name for name in RIGHTS if name.startswith("syntheses.")}


ABOVE = Unit(1, "T20", "Tỉnh", "tỉnh", "/T20/")
COMMUNE, OTHER = (Unit(n, f"X{n}", f"Xã {n}", "xã", f"/T20/X{n}/", 1) for n in (2, 3))
TODAY = date(2026, 11, 23)


def _done(actor: Actor, unit: Unit) -> dict[str, object]:
    """What each action decides about a synthesis of this unit."""
    kept = KeptSynthesis("k", unit, "2026-10", Layout.STATE, "vi", SynthesisState.DRAFT, 3, {}, TODAY)
    checked, nobody = replace(kept, state=SynthesisState.CHECKED), WhoSigns(False, False, False)
    return {
        "syntheses.draft": actions.draft(actor, unit, month_of(DAY), Layout.STATE, "vi", TODAY, str),
        "syntheses.write": actions.write(actor, kept, [Wording("III", "Lời.", digest_of(""))], TODAY),
        "syntheses.refresh": actions.refresh(actor, kept, TODAY),
        "syntheses.check": actions.check(actor, kept, 3, 0, 0, TODAY),
        "syntheses.sign": actions.sign(actor, checked, nobody, 3, TODAY),
        "syntheses.take_back": actions.take_back(actor, checked, nobody, 3, TODAY),
        "syntheses.delete": actions.delete(actor, kept, 3),
    }


# ------------------------------------------------------------------ how long it is kept


async def test_its_file_is_in_use_until_its_term_ends(world: World, coordinator: Actor) -> None:
    kept = await drafted(world, coordinator, "X06040")
    later = world.now + timedelta(days=3)
    old = world.parts.settings.documents / "0123456789abcdef.docx"
    old.write_bytes(b"x")
    for path in (old, world.parts.settings.documents / kept.file):
        stamp = (world.now - timedelta(days=9)).timestamp()
        os.utime(path, (stamp, stamp))
    settings = world.parts.settings
    async with world.parts.database.reading() as connection:
        _, unused = await retention.unused_files(
            connection, world.parts.sealer, later.date(), settings.photos, settings.documents
        )
    assert [path.name for path in unused] == [old.name]
    terms = retention.RetentionTerms(60, 24)
    for months, left in ((20, 1), (26, 0)):
        today = world.now.date() + timedelta(days=31 * months)
        async with world.parts.database.writing() as connection:
            await retention.sweep_batch(connection, world.now, today, terms)
        assert len(await world.rows(tables.syntheses.select())) == left
