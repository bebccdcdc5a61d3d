"""Strands of opinion of an issue, and the mark "latent": written by coordinators, masked, read with the issue."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from nhipcau.actions import strands as actions
from nhipcau.actions.decision import Actor, Refusal
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import ManageIssue, ManageStrands, StrandAct
from nhipcau.model.issue_changes import AddStrand, ChangeStrand, DeleteStrand
from nhipcau.model.issues import Issue, IssueState, Strand, StrandKind
from nhipcau.model.scope import Scope
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import mix
from nhipcau.storage.issues import issues_in
from nhipcau.storage.tables import audit, issues, strands
from nhipcau.storage.units import load_tree
from tests.support.reports import filed, merged
from tests.support.world import MORNING, Phone, World

pytestmark = pytest.mark.slow

ROAD = "đường liên thôn hỏng nặng, ổ gà nhiều"
STATEMENT = "Đường liên thôn nhiều ổ gà"
LABELS = {StrandKind.MAJORITY: "Đa số", StrandKind.PART: "Một bộ phận", StrandKind.SINGLE: "Cá biệt"}
TODAY = MORNING.date()


async def opened(world: World) -> tuple[Phone, str]:
    """A coordinator's phone, and an issue of theirs."""
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    return khoi, await merged(khoi, await filed(lan, ROAD), STATEMENT)


async def written(phone: Phone, issue: str, kind: StrandKind, words: str) -> None:
    await phone.press(ManageStrands(issue, StrandAct.ADD))
    await phone.tap(LABELS[kind])
    await phone.say(words)
    await phone.tap("Lưu")


async def strands_kept(world: World) -> list[tuple[str, str]]:
    return [(row.kind, row.text) for row in await world.rows(select(strands).order_by(strands.c.text))]


# ------------------------------------------------------------------ what is decided

UNIT = Unit(1, "X1", "Xã Một", "xã", "/X1/")
KINDS, WORDS = st.sampled_from(list(StrandKind)), st.sampled_from(["sửa ngay", "chờ dự án", "không cần", "sợ bụi"])


@given(st.lists(st.tuples(st.sampled_from(["add", "change", "delete"]), KINDS, WORDS, st.integers(0, 5)), max_size=30))
def test_whatever_is_done_no_strand_is_lost_or_doubled(acts: list[tuple[str, StrandKind, str, int]]) -> None:
    """Only a deletion takes one away, and only the one that was seen."""
    issue = Issue("VD-1", STATEMENT, "GT", UNIT, IssueState.OPEN, TODAY, None, "", (UNIT,), "1")
    actor, ids, held = Actor("p1", UNIT, "coordinator"), iter(range(100)), list[Strand]()
    for act, kind, words, place in acts:
        issue = Issue(**{name: getattr(issue, name) for name in Issue.__slots__} | {"strands": tuple(held)})
        one = held[place % len(held)] if held else Strand("none", "VD-1", kind, words, TODAY)
        match act:
            case "add":
                decided = actions.add(actor, issue, kind, words, TODAY, lambda _: f"s{next(ids)}")
                is_there = any((s.kind, s.words) == (kind, words) for s in held)
                assert isinstance(decided, Refusal) is (is_there or len(held) == actions.MAX_STRANDS)
            case "change":
                decided = actions.change(actor, issue, one.id, one.digest, kind, words, TODAY)
                assert isinstance(decided, Refusal) is (not held)
            case _:
                decided = actions.delete(actor, issue, one.id, one.digest)
                assert isinstance(decided, Refusal) is (not held)
        for change in [] if isinstance(decided, Refusal) else decided:
            match change:
                case AddStrand(strand):
                    held.append(strand)
                case ChangeStrand(strand, seen):
                    held[held.index(seen)] = strand
                case DeleteStrand(seen):
                    held.remove(seen)
        assert len({strand.id for strand in held}) == len(held) <= actions.MAX_STRANDS


def test_what_somebody_changed_meanwhile_stays_as_it_is() -> None:
    now = Strand("s1", "VD-1", StrandKind.PART, "chờ dự án", TODAY)
    issue = Issue("VD-1", STATEMENT, "GT", UNIT, IssueState.OPEN, TODAY, None, "", (), "0", strands=(now,))
    actor, earlier = Actor("p1", UNIT, "coordinator"), Strand("s1", "VD-1", StrandKind.PART, "sửa ngay", TODAY).digest
    wrong = Refusal("strand.changed_meanwhile")
    assert actions.change(actor, issue, "s1", earlier, StrandKind.SINGLE, "x", TODAY) == wrong
    assert actions.delete(actor, issue, "s1", earlier) == wrong
    assert actions.delete(actor, issue, "s2", earlier) == Refusal("strand.gone")
    beside = Actor("p2", Unit(2, "X2", "Xã Hai", "xã", "/X2/"), "coordinator")
    assert actions.mark_latent(beside, issue, latent=True) == Refusal("issue.not_owner", {"unit": "Xã Một"})


# ------------------------------------------------------------------ on both databases


async def test_what_was_written_is_read_with_the_issue(office: World) -> None:
    """Rows at random, each strand found again by whoever reads its issue: none is dropped, however many issues."""
    chance = random.Random(5)
    rows: list[dict[str, Any]] = []
    codes = [f"VD-{n:07}" for n in range(700)]
    async with office.parts.database.writing() as connection:
        tree = await load_tree(connection)
        own, beside = tree.by_code["X06184"], tree.by_code["X06040"]
        of = {code: chance.choice((own, beside)) for code in codes}
        what = {"statement": "x", "topic": "GT", "state": "open", "opened": TODAY}
        await connection.execute(insert(issues), [{"code": c, "owner_unit_id": of[c].id, **what} for c in codes])
        for code in codes:
            for _ in range(chance.randrange(4)):
                kind = chance.choice(list(StrandKind))
                rows.append({"id": new_id("id"), "issue": code, "kind": kind, "text": f"y{len(rows)}", "day": TODAY})
        await connection.execute(insert(strands), rows)
    for unit in (own, beside, tree.by_code["T20"]):
        scope = Scope("leader", unit.path)
        async with office.parts.database.reading() as connection:
            found = {issue.code: issue.strands for issue in await issues_in(connection, scope, tree) if issue.strands}
        must = sorted(row["text"] for row in rows if unit.holds(of[row["issue"]]))
        assert sorted(strand.words for each in found.values() for strand in each) == must
        order = list(StrandKind)
        assert all(
            [order.index(s.kind) for s in each] == sorted(order.index(s.kind) for s in each) for each in found.values()
        )


async def test_strands_are_masked_recorded_mixed_and_deleted(office: World) -> None:
    khoi, issue = await opened(office)
    await written(khoi, issue, StrandKind.MAJORITY, "mong sửa ngay, gọi ông Nông Văn Thử 0912 000 345")
    await written(khoi, issue, StrandKind.SINGLE, "đường vẫn đi được")
    await khoi.press(ManageStrands(issue, StrandAct.LATENT))
    held = await strands_kept(office)
    assert {kind for kind, _ in held} == {"majority", "single"}
    assert "mong sửa ngay, gọi ông [HỌ TÊN] [SĐT]" in dict(held).values()
    parts = office.parts
    folders = mix.Folders(parts.settings.data_dir, parts.settings.data_dir)
    await mix.mix(parts.database, parts.sealer, office.now, parts.settings.zone, folders)
    assert await strands_kept(office) == held
    await khoi.press(ManageStrands(issue))
    await khoi.tap("đường vẫn đi được")
    await khoi.tap("Xóa")
    await khoi.tap("Xóa")
    assert [kind for kind, _ in await strands_kept(office)] == ["majority"]
    kinds = sorted(row.kind for row in await office.rows(select(audit)) if row.kind.startswith(("strand", "issue.l")))
    assert kinds == ["issue.latent", "strand.add", "strand.add", "strand.delete"]
    office.now += timedelta(days=366 * (parts.settings.report_months // 12 + 1))
    await office.clock.sweep()
    assert await strands_kept(office) == []


async def test_of_two_who_change_one_at_once_both_texts_are_read(office: World) -> None:
    """One batch holds both: neither decision saw the other, so the rows must."""
    khoi, issue = await opened(office)
    binh = await office.joined("Lê Thị Bình", "T20", "coordinator")
    await written(khoi, issue, StrandKind.PART, "chờ dự án")
    ((id,),) = await office.rows(select(strands.c.id))
    for phone, words in ((khoi, "chờ dự án của tỉnh"), (binh, "chờ tới sang năm")):
        await phone.press(ManageStrands(issue, StrandAct.EDIT, id))
        await phone.tap("Sửa ý kiến")
        await phone.say(words)
    saves = [(phone, next(c.data for c in phone.last.choices if c.label == "Lưu")) for phone in (khoi, binh)]
    both = [Event("web", office.next_event(), phone.address, EventKind.TAP, data=data) for phone, data in saves]
    await office.dispatch.submit(both)
    heard = {phone.address: (await phone.read())[-1].text for phone in (khoi, binh)}
    assert sum(text.startswith("Đã sửa luồng ý kiến") for text in heard.values()) == 1, heard
    (second,) = [phone for phone in (khoi, binh) if not heard[phone.address].startswith("Đã sửa")]
    assert second.last.text.startswith("Có người vừa sửa luồng ý kiến này")
    assert "chờ dự án của tỉnh" in second.last.text
    assert "chờ tới sang năm" in second.last.text
    await second.tap("Lưu")
    assert second.last.text.startswith("Đã sửa luồng ý kiến")
    assert len(await strands_kept(office)) == 1


# ------------------------------------------------------------------ in the chat


async def test_who_reads_an_issue_of_others_reads_its_strands_only(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    binh = await world.joined("Lê Thị Bình", "T20", "coordinator")
    issue = await merged(binh, await filed(lan, ROAD), STATEMENT)
    await written(binh, issue, StrandKind.PART, "chờ dự án")
    await khoi.press(ManageIssue(issue))
    assert 'Một bộ phận: "chờ dự án"' in khoi.last.text
    assert khoi.labels() == ["Các vấn đề"]
    for act in StrandAct:
        await khoi.press(ManageStrands(issue, act, (await world.rows(select(strands.c.id)))[0][0]))
        assert khoi.last.text.startswith("Vấn đề này do Tỉnh Lạng Sơn phụ trách."), act
    assert await strands_kept(world) == [("part", "chờ dự án")]
    await lan.press(ManageStrands(issue))
    assert lan.last.text.startswith("Việc này không thuộc vai trò của bác.")


async def test_a_seventh_strand_and_the_same_twice_are_refused(world: World) -> None:
    khoi, issue = await opened(world)
    words = ["sửa ngay", "chờ dự án", "sợ bụi", "lo xe quá tải", "xin rải đá", "chưa cần sửa"]
    for each in words[:-1]:
        await written(khoi, issue, StrandKind.PART, each)
    await written(khoi, issue, StrandKind.PART, words[0])
    assert khoi.last.text.startswith("Luồng ý kiến này đã có rồi.")
    await khoi.tap("Sửa ý kiến")
    await khoi.say(words[-1])
    await khoi.tap("Lưu")
    await khoi.tap("Luồng ý kiến")
    assert "Thêm luồng ý kiến" not in khoi.labels()
    await khoi.press(ManageStrands(issue, StrandAct.ADD))
    assert khoi.last.text.startswith("Một vấn đề ghi tối đa 6 luồng ý kiến.")
    assert sorted(text for _, text in await strands_kept(world)) == sorted(words)


async def test_what_is_written_about_a_deleted_strand_is_added_anew(world: World) -> None:
    khoi, issue = await opened(world)
    binh = await world.joined("Lê Thị Bình", "T20", "coordinator")
    await written(khoi, issue, StrandKind.PART, "chờ dự án")
    ((id,),) = await world.rows(select(strands.c.id))
    await khoi.press(ManageStrands(issue, StrandAct.EDIT, id))
    await khoi.tap("Sửa ý kiến")
    await khoi.say("chờ dự án của tỉnh")
    await binh.press(ManageStrands(issue, StrandAct.SHOW, id))
    await binh.tap("Xóa")
    await binh.tap("Xóa")
    await khoi.tap("Lưu")
    assert khoi.last.text.startswith("Luồng ý kiến này không còn nữa.")
    await khoi.tap("Lưu")
    assert await strands_kept(world) == [("part", "chờ dự án của tỉnh")]
