"""Review figures and trends: what they count is what a count by hand says, within the scope, never by person."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.periods import Period, read_period, week_of
from nhipcau.bot.units.tree import AREA_KINDS, Tree, Unit
from nhipcau.handlers.buttons import ShowPeriod
from nhipcau.handlers.insight.period_review import head, picture_text, review_picture, review_text
from nhipcau.model.reviews import BANDS, Review, ReviewFigures, TopicTrend, UnitReview
from nhipcau.model.scope import Scope
from nhipcau.office.review_tables import FEW, review_sheets, review_table, total_row
from nhipcau.privacy.suppression import K, hidden_among
from nhipcau.storage import tables
from nhipcau.storage.review_figures import review_of, trend_of
from nhipcau.storage.units import add_units, load_tree
from tests.support.charts import words
from tests.support.people import change
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

SAY = texts("vi")
TODAY = date(2026, 11, 23)
MORE_UNITS = [
    ("S01", "Sở Y tế", "cơ quan", "T20"),
    ("C01", "Chi bộ Bản Một", "chi bộ", "X06184"),
    ("C02", "Chi bộ Bản Hai", "chi bộ", "X06184"),
]


@pytest.fixture
async def office(office: World) -> World:
    """With more units."""
    async with office.parts.database.writing() as connection:
        await add_units(connection, [dict(zip(("code", "name", "kind", "parent"), u, strict=True)) for u in MORE_UNITS])
    return office


async def review(world: World, unit: str, text: str, today: date = TODAY) -> Review:
    period = read_period(text, today)
    assert period is not None
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        return await review_of(
            connection, Scope.office(tree.by_code[unit]), tree, period, today, world.parts.settings.zone
        )


# ------------------------------------------------------------------ an office made by chance, and counted by hand


def a_moment(chance: random.Random) -> datetime:
    """Near the ends of periods too: midnight in Vietnam is 17:00 UTC."""
    day = datetime(2026, 9, 20, tzinfo=UTC) + timedelta(days=chance.randrange(100))
    return day + timedelta(seconds=chance.choice([0, 16 * 3600 + 3599, 17 * 3600, chance.randrange(86400)]))


def a_day(chance: random.Random) -> date:
    return date(2026, 9, 20) + timedelta(days=chance.randrange(100))


def made(chance: random.Random, unit_ids: list[int]) -> dict[Any, list[dict[str, Any]]]:
    """Rows of every table a review reads."""
    rows: dict[Any, list[dict[str, Any]]] = {}
    some = rows.setdefault
    for n in range(24):
        opens, length = a_moment(chance), timedelta(days=chance.randrange(1, 9))
        some(tables.requests, []).append(
            {
                "id": f"r{n}",
                "kind": chance.choice(["poll", "rapid", "duty", "duty", "notice"]),
                "unit_id": chance.choice(unit_ids),
                "title": "x",
                "form": json.dumps({"id": "x", "title": "x", "questions": []}),
                "audience": "{}",
                "state": chance.choice(["open", "closed", "closed", "stopped", "scheduled"]),
                "opens_at": opens,
                "closes_at": opens + length,
            }
        )
    for request in rows[tables.requests]:
        asked = [chance.choice(unit_ids) for _ in range(chance.randrange(12))]
        for n, unit_id in enumerate(asked):
            state = chance.choice(["asked", "reached", "started", "answered", "answered", "undeliverable"])
            is_poll = request["kind"] == "poll"
            band = chance.choice(["quarter", "half", "in_time", "late"]) if is_poll and state == "answered" else None
            key = {"request_id": request["id"], "person_id": f"p{n}", "unit_id": unit_id}
            some(tables.participation, []).append({**key, "state": state, "band": band})
        if request["kind"] != "poll":
            firsts: set[int] = set()
            for n in range(chance.randrange(8)):
                unit_id = chance.choice(asked or unit_ids)
                late, extra = chance.random() < 0.3, request["kind"] == "duty" and unit_id in firsts
                firsts.add(unit_id)
                some(tables.official_answers, []).append(
                    {
                        "id": f"{request['id']}-{n}",
                        "request_id": request["id"],
                        "unit_id": unit_id,
                        "day": a_day(chance),
                        "late": late,
                        "nothing_to_report": chance.random() < 0.5,
                        "extra": extra,
                        "version": 1,
                        "answers": "{}",
                    }
                )
    states = ["new", "received", "verifying", "in_progress", "done", "done", "not_possible", "passed_on", "withdrawn"]
    for n in range(120):
        some(tables.reports, []).append(
            {
                "code": f"PA-{n}",
                "day": a_day(chance),
                "topic": chance.choice(["GT", "MT", "DD"]),
                "area_id": chance.choice(unit_ids),
                "mood": "quan_tam",
                "spread": 1,
                "urgency": "thuong",
                "text": "x",
                "state": chance.choice(states),
                "confirmed": chance.choice(["", "yes", "no"]),
                "month": "m",
            }
        )
        for place in range(chance.randrange(3)):
            some(tables.report_notes, []).append(
                {
                    "id": f"n{n}-{place}",
                    "report_code": f"PA-{n}",
                    "day": a_day(chance),
                    "place": place,
                    "side": chance.choice(["office", "reporter", "area"]),
                    "kind": chance.choice(["answer", "question", "received"]),
                    "text": chance.choice(["", "Đã sửa xong."]),
                }
            )
    for n in range(20):
        some(tables.issues, []).append(
            {
                "code": f"VD-{n}",
                "statement": "x",
                "topic": "GT",
                "owner_unit_id": chance.choice(unit_ids),
                "state": chance.choice(["open", "in_progress", "done", "passed_on"]),
                "opened": a_day(chance),
                "answered": chance.choice([None, a_day(chance)]),
            }
        )
    for n in range(chance.randrange(10, 40)):
        some(tables.people, []).append(
            {
                "id": f"p{n}",
                "unit_id": chance.choice(unit_ids),
                "role": chance.choice(["collaborator", "collaborator", "coordinator"]),
                "state": chance.choice(["invited", "consented", "paused", "unreachable", "left"]),
            }
        )
    return rows


async def furnish(world: World, rows: dict[Any, list[dict[str, Any]]]) -> None:
    """These rows and no others."""
    async with world.parts.database.writing() as connection:
        for table in (tables.report_notes, tables.reports, tables.issues, tables.requests, tables.people):
            await connection.execute(delete(table))
        for table in (tables.people, tables.requests, tables.participation, tables.official_answers):
            if rows.get(table):
                await connection.execute(insert(table), rows[table])
        for table in (tables.reports, tables.report_notes, tables.issues):
            if rows.get(table):
                await connection.execute(insert(table), rows[table])


def is_within(tree: Tree, unit_id: int, above: Unit) -> bool:
    """Walking up the tree, not by paths."""
    unit: Unit | None = tree.by_id[unit_id]
    while unit is not None:
        if unit.id == above.id:
            return True
        unit = tree.by_id[unit.parent_id] if unit.parent_id else None
    return False


class ByHand:
    """Counts one group of units row by row."""

    def __init__(self, rows: dict[Any, list[dict[str, Any]]], units: set[int], period: Period) -> None:
        self.rows, self.units, self.period = rows, units, period
        self.of = {row["id"]: row for row in rows[tables.requests]}

    def day_of(self, moment: datetime) -> date:
        return (moment + timedelta(hours=7)).date()

    def holds(self, day: date) -> bool:
        return self.period.first <= day <= self.period.last

    def some(self, table: Any, column: str = "unit_id") -> Iterator[dict[str, Any]]:
        return (row for row in self.rows.get(table, []) if row[column] in self.units)

    def figures(self) -> ReviewFigures:
        n: Counter[str] = Counter()
        self._duties(n)
        self._asked(n)
        self._reports(n)
        for row in self.some(tables.issues, "owner_unit_id"):
            if self.holds(row["opened"]):
                n["issues"] += 1
                n["issues_answered"] += row["answered"] is not None
                n["issues_done"] += row["state"] == "done"
        for row in self.some(tables.people):
            if row["role"] == "collaborator" and row["state"] != "left":
                n["collaborators"] += 1
                n["joined"] += row["state"] == "consented"
        return ReviewFigures(**n)

    def _is_put(self, id: str, kind: str, moment: str) -> bool:
        request = self.of[id]
        is_of_kind = request["kind"] == kind and request["state"] in {"open", "closed"}
        return is_of_kind and self.holds(self.day_of(request[moment]))

    def _duties(self, n: Counter[str]) -> None:
        firsts: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for row in self.some(tables.official_answers):
            if self._is_put(row["request_id"], "duty", "closes_at"):
                firsts.setdefault((row["request_id"], row["unit_id"]), [])
                if not row["extra"]:
                    firsts[row["request_id"], row["unit_id"]].append(row)
        asked = {
            (row["request_id"], row["unit_id"])
            for row in self.some(tables.participation)
            if self._is_put(row["request_id"], "duty", "closes_at")
        }
        for id, unit_id in asked | {key for key, found in firsts.items() if found}:
            found = firsts.get((id, unit_id), [])
            n["duties_due"] += 1
            if not found:
                n["duties_missed" if self.of[id]["state"] == "closed" else "duties_open"] += 1
                continue
            n["duties_answered"] += 1
            n["duties_late" if any(a["late"] for a in found) else "duties_on_time"] += 1
            n["duties_nothing"] += any(a["nothing_to_report"] for a in found)

    def _asked(self, n: Counter[str]) -> None:
        ids: dict[str, set[str]] = {"poll": set(), "rapid": set()}
        for row in self.some(tables.participation):
            for kind in ids:
                if self._is_put(row["request_id"], kind, "opens_at"):
                    ids[kind].add(row["request_id"])
                    n[f"{kind}s_asked"] += 1
                    if row["state"] == "answered":
                        n[f"{kind}s_answered"] += 1
                        if kind == "poll":
                            n[f"polls_{row['band']}"] += 1
        n["polls"], n["rapids"] = len(ids["poll"]), len(ids["rapid"])
        for row in self.some(tables.official_answers):
            if self._is_put(row["request_id"], "rapid", "opens_at") and not row["extra"]:
                n["rapids_late" if row["late"] else "rapids_on_time"] += 1

    def _reports(self, n: Counter[str]) -> None:
        notes = self.rows.get(tables.report_notes, [])
        noted = {n["report_code"] for n in notes if n["side"] == "office" and n["kind"] != "question" and n["text"]}
        for row in self.some(tables.reports, "area_id"):
            if not self.holds(row["day"]):
                continue
            if row["state"] == "withdrawn":
                n["reports_withdrawn"] += 1
                continue
            n["reports"] += 1
            n["reports_answered"] += row["state"] in {"done", "not_possible", "passed_on"} or row["code"] in noted
            if row["state"] in {"done", "not_possible", "passed_on"}:
                n[f"reports_{row['state']}"] += 1
            n["reports_confirmed"] += row["state"] == "done" and row["confirmed"] == "yes"

    def sign(self, tree: Tree) -> str:
        until = min(self.period.last, TODAY)
        days = [until - timedelta(days=n) for n in range(28)]
        news = nothing = could = False
        for row in self.some(tables.reports, "area_id"):
            news |= row["day"] in days and row["state"] != "withdrawn"
        for row in self.some(tables.official_answers):
            if row["day"] in days and self.of[row["request_id"]]["kind"] != "notice":
                news, nothing = news or not row["nothing_to_report"], nothing or row["nothing_to_report"]
        for row in self.some(tables.participation):
            request = self.of[row["request_id"]]
            opens, closes = self.day_of(request["opens_at"]), self.day_of(request["closes_at"])
            is_put = request["kind"] in {"rapid", "duty"} and request["state"] in {"open", "closed"}
            could |= is_put and opens <= days[0] and closes >= days[-1]
        could |= any(tree.by_id[id].kind in AREA_KINDS for id in self.units)
        return "news" if news else "nothing_new" if nothing else "silent" if could else ""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
async def test_every_figure_is_what_a_count_by_hand_says(office: World, seed: int) -> None:
    chance = random.Random(seed)
    async with office.parts.database.reading() as connection:
        tree = await load_tree(connection)
    rows = made(chance, sorted(tree.by_id))
    await furnish(office, rows)
    for code in ("T20", "X06184", "X06040", "C01"):
        for text in ("2026-W47", "2026-W48", "2026-11", "2026-Q4", "2026-10", "2026"):
            found = await review(office, code, text)
            scope = tree.by_code[code]
            below = {u.id for u in tree.units if is_within(tree, u.id, scope)}
            assert found.total == ByHand(rows, below, found.period).figures(), (seed, code, text)
            children = [u for u in tree.units if u.parent_id == scope.id]
            assert [row.unit for row in found.rows if row.unit.id != scope.id] == sorted(children, key=lambda u: u.code)
            for row in found.rows:
                one = {u.id for u in tree.units if is_within(tree, u.id, row.unit)}
                hand = ByHand(rows, one if row.unit in children or not children else {scope.id}, found.period)
                assert row.figures == hand.figures(), (seed, code, text, row.unit.code)
                if row.unit in children or not children:
                    assert row.is_empty is (row.figures.collaborators == 0)
                    assert row.sign == ("" if row.is_empty else hand.sign(tree)), (seed, code, text, row.unit.code)
            check_sums(found)


def test_the_offices_made_hold_something_of_everything() -> None:
    """What is never anything but zero is not tested."""
    year = Period(date(2026, 1, 1), date(2026, 12, 31), "2026")
    hands = [ByHand(made(random.Random(seed), [1, 2, 3]), {1, 2, 3}, year).figures() for seed in range(8)]
    assert [field.name for field in fields(ReviewFigures) if not any(getattr(f, field.name) for f in hands)] == []


def vars_of(figures: ReviewFigures) -> dict[str, int]:
    return {field.name: getattr(figures, field.name) for field in fields(ReviewFigures)}


def check_sums(found: Review) -> None:
    """The rows make the total, but for requests that asked several units; nothing is counted twice inside a row."""
    for name, value in vars_of(found.total).items():
        summed = sum(getattr(row.figures, name) for row in found.rows)
        assert summed >= value if name in {"polls", "rapids"} else summed == value, name
    for f in [found.total, *(row.figures for row in found.rows)]:
        assert f.duties_due == f.duties_answered + f.duties_missed + f.duties_open
        assert f.duties_answered == f.duties_on_time + f.duties_late
        assert f.polls_answered == f.polls_quarter + f.polls_half + f.polls_in_time + f.polls_late
        assert f.reports >= f.reports_answered >= f.reports_done >= f.reports_confirmed


@pytest.mark.parametrize("seed", range(3))
async def test_another_scope_changes_nothing_here(office: World, seed: int) -> None:
    async with office.parts.database.reading() as connection:
        tree = await load_tree(connection)
    rows = made(random.Random(seed), sorted(tree.by_id))
    await furnish(office, rows)
    before = await review(office, "X06184", "2026")
    mine = {u.id for u in tree.units if is_within(tree, u.id, tree.by_code["X06184"])}
    async with office.parts.database.writing() as connection:
        elsewhere = tables.reports.c.area_id.not_in(mine)
        await connection.execute(update(tables.reports).where(elsewhere).values(state="done", confirmed="yes"))
        for table in (tables.participation, tables.official_answers, tables.people):
            await connection.execute(delete(table).where(table.c.unit_id.not_in(mine)))
        await connection.execute(delete(tables.issues).where(tables.issues.c.owner_unit_id.not_in(mine)))
    assert await review(office, "X06184", "2026") == before
    assert {row.unit.id for row in before.rows} <= mine
    said = review_text(before, SAY) + picture_text(before, SAY)
    assert not [u.name for u in tree.units if u.id not in mine and u.name in said]


# ------------------------------------------------------------------ in words, in a picture, in files


async def a_province(world: World, seed: int = 5) -> Review:
    """With seventy more communes than it has."""
    async with world.parts.database.writing() as connection:
        rows = [{"code": f"Y{n:02d}", "name": f"Xã Số {n:02d}", "kind": "xã", "parent": "T20"} for n in range(70)]
        await add_units(connection, rows)
        tree = await load_tree(connection)
    await furnish(world, made(random.Random(seed), sorted(tree.by_id)))
    return await review(world, "T20", "2026-Q4")


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_a_province_fits_the_screen_and_words_and_picture_agree(world: World, language: str) -> None:
    say = texts(language)
    found = await a_province(world)
    said = review_text(found, say).split("\n")
    assert len(said) <= 25
    assert say("board.more_units", n=sum(row.is_empty for row in found.rows) - 6) in "\n".join(said)
    lines = picture_text(found, say).split("\n")
    assert len(lines) <= 25
    drawn = " ".join(words(review_picture(found, say)))
    for row in found.rows:
        in_words = any(line.startswith(f"• {row.unit.name}:") for line in lines)
        assert (row.unit.name in drawn) == in_words
        if row.figures.is_blank:
            assert not in_words
    named = [say(f"review.table.{name}") for name in ("unit", "duties", "rapids", "reports", "answered", "done")]
    for line in (*head(found, say), *named):
        assert line in drawn


async def test_a_picture_leaves_out_the_units_where_nothing_waits_first(world: World) -> None:
    tree_unit = replace(Unit(1, "T", "Tỉnh T", "tỉnh", "/T/"))
    units = [Unit(n, f"X{n:02d}", f"Xã {n:02d}", "xã", f"/T/X{n:02d}/", 1) for n in range(2, 32)]
    rows = [UnitReview(u, ReviewFigures(reports=2, reports_answered=2 - (u.id > 20))) for u in units]
    total = ReviewFigures(reports=60, reports_answered=49)
    week = week_of(TODAY)
    found = Review(tree_unit, week, week.last, total, tuple(rows))
    lines = picture_text(found, SAY).split("\n")
    assert lines[-1] == "… và 10 đơn vị khác"
    assert {u.name for u in units if u.id > 20} <= {line[2:].split(":")[0] for line in lines if line.startswith("•")}


@given(st.lists(st.integers(0, 12), max_size=12))
def test_hidden_groups_are_two_at_least_and_k_people_together(numbers: list[int]) -> None:
    hidden = hidden_among(numbers)
    few = {n for n, number in enumerate(numbers) if 0 < number < K}
    assert few <= hidden
    assert bool(hidden) == bool(few)
    assert not [n for n in hidden if not numbers[n]]
    rest = {n for n, number in enumerate(numbers) if number} - hidden
    if hidden and rest:
        assert len(hidden) >= 2
        assert sum(numbers[n] for n in hidden) >= K
        # no more than need be
        assert max(numbers[n] for n in hidden) <= min(numbers[n] for n in rest)


def _answered(code: str, number: int) -> UnitReview:
    figures = ReviewFigures(polls=1, polls_asked=9, polls_answered=number, polls_late=number, collaborators=9)
    return UnitReview(Unit(len(code), code, f"Xã {code}", "xã", f"/T/{code}/", 1), figures, "news")


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [((7, 8), []), ((0, 8), []), ((2, 8, 9), ["A", "B"]), ((2, 1, 9), ["A", "B", "C"]), ((4, 4, 9), ["A", "B"])],
)
def test_how_soon_a_few_people_answered_is_told_of_no_unit(numbers: tuple[int, ...], hidden: list[str]) -> None:
    rows = tuple(_answered(code, number) for code, number in zip("ABC", numbers, strict=False))
    total = ReviewFigures(polls=1, polls_asked=27, polls_answered=sum(numbers), polls_late=sum(numbers))
    week = week_of(TODAY)
    found = Review(Unit(1, "T", "Tỉnh T", "tỉnh", "/T/"), week, TODAY, total, rows)
    table = review_table(found, SAY)
    assert [row["unit"] for row in table.rows if row["polls_late"] == FEW] == hidden
    for row in table.rows:
        assert {row[band] for band in BANDS} == {FEW} or FEW not in {row[band] for band in BANDS}
        assert isinstance(row["polls_answered"], int)
    assert total_row(found)["polls_late"] == sum(numbers)


def test_the_total_of_a_few_people_tells_no_times_either() -> None:
    week = week_of(TODAY)
    total = ReviewFigures(polls=1, polls_asked=9, polls_answered=4, polls_quarter=4)
    found = Review(Unit(1, "T", "Tỉnh T", "tỉnh", "/T/"), week, TODAY, total, ())
    assert total_row(found)["polls_quarter"] == FEW
    assert "thời hạn" not in review_text(found, SAY)
    more = replace(found, total=replace(total, polls_answered=5, polls_quarter=5))
    assert total_row(more)["polls_quarter"] == 5
    assert "Trả lời trong một phần tư thời hạn 5" in review_text(more, SAY)


async def test_files_hold_a_row_a_unit_with_codes_and_labels_and_nobody(office: World) -> None:
    async with office.parts.database.reading() as connection:
        tree = await load_tree(connection)
    rows = made(random.Random(3), sorted(tree.by_id))
    await furnish(office, rows)
    found = await review(office, "T20", "2026")
    for language in ("vi", "en"):
        say = texts(language)
        table = review_table(found, say)
        assert set(table.codes) == {"unit", "sign", *(field.name for field in fields(ReviewFigures))}
        assert [row["unit"] for row in table.rows] == [row.unit.code for row in found.rows]
        assert {row["sign"] for row in table.rows} <= {"news", "nothing_new", "silent", "empty", ""}
        total, by_unit, codes = review_sheets(found, head(found, say), say)
        assert total.above == head(found, say)
        assert [say("review.column.reports"), found.total.reports] in total.rows
        assert {row[1] for row in codes.rows} == set(table.header)
        assert set(by_unit.titles) == {row[0] for row in codes.rows}
        assert len(by_unit.rows) == len(found.rows)
        told = json.dumps([total.rows, by_unit.rows, codes.rows], ensure_ascii=False)
        assert not [person["id"] for person in rows[tables.people] if f'"{person["id"]}"' in told]


# ------------------------------------------------------------------ in the chat


async def test_units_empty_silent_and_with_nothing_new_are_told_apart(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", "T20", "coordinator")
    for n, unit in enumerate(("X06184", "X06040", "X06043")):
        await world.joined(f"Người {n}", unit)
    async with world.parts.database.writing() as connection:
        tree = await load_tree(connection)
        id = {code: tree.by_code[code].id for code in ("X06184", "X06040")}
        rows = made(random.Random(1), [id["X06040"]])
        request = {**rows[tables.requests][0], "kind": "rapid", "state": "closed"}
        await connection.execute(insert(tables.requests), [request])
        answer = {**rows[tables.official_answers][0], "request_id": request["id"], "nothing_to_report": True}
        await connection.execute(insert(tables.official_answers), [{**answer, "day": TODAY - timedelta(days=27)}])
        # a report of the day before the four weeks: still silent
        report = {**rows[tables.reports][0], "area_id": id["X06184"], "state": "new"}
        old = {**report, "day": TODAY - timedelta(days=28)}
        await connection.execute(insert(tables.reports), [{**old, "code": "PA-old"}])
    await khoi.say("tổng hợp tuần này")
    said = khoi.last.text
    assert "• Bốn tuần không có tin: Xã Tràng Định, Xã Đồng Đăng" in said
    assert '• Chỉ báo "không có gì mới": Xã Thất Khê' in said
    assert "• Chưa có cộng tác viên: Phường Đông Kinh, Xã Đoàn Kết, Xã Na Sầm, Xã Văn Lãng" in said
    world.now += timedelta(days=1)
    await khoi.say("tổng hợp tuần này")
    assert "không có gì mới" not in khoi.last.text


@pytest.mark.parametrize(
    ("opens", "closes", "sign"),
    [
        # the four weeks up to the day of the review begin on 27 October, at midnight in Vietnam
        (datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 10, 26, 16, 59, tzinfo=UTC), ""),
        (datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 10, 26, 17, 0, tzinfo=UTC), "silent"),
        (datetime(2026, 11, 23, 16, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), "silent"),
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), ""),
    ],
)
async def test_only_who_was_asked_within_the_weeks_is_silent(
    office: World, opens: datetime, closes: datetime, sign: str
) -> None:
    """Nothing is expected of a cell but answers: it is silent only where it was asked in that time."""
    await office.joined("Lan", "C01")
    async with office.parts.database.writing() as connection:
        cell = (await load_tree(connection)).by_code["C01"].id
        request = {**made(random.Random(1), [cell])[tables.requests][0], "kind": "duty", "state": "open"}
        await connection.execute(insert(tables.requests), [{**request, "opens_at": opens, "closes_at": closes}])
        asked = {"request_id": request["id"], "person_id": "p0", "unit_id": cell, "state": "reached"}
        await connection.execute(insert(tables.participation), [asked])
    found = await review(office, "X06184", "2026-W48")
    assert {row.unit.code: row.sign for row in found.rows if row.unit.code == "C01"} == {"C01": sign}


async def test_an_empty_period_and_one_to_come(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await khoi.say("tổng hợp")
    await khoi.say("năm 2020")
    assert khoi.last.text.startswith("Tổng hợp năm 2020, xã Đồng Đăng\nKỳ này chưa có việc nào được ghi nhận.")
    assert khoi.labels() == ["Kỳ khác", "Về đầu"]
    assert "• Chưa có cộng tác viên: Xã Đồng Đăng" in khoi.last.text
    await khoi.say("2027")
    assert khoi.last.text.startswith("Năm 2027 chưa bắt đầu")
    assert khoi.labels()[0] == "Tuần này"


async def test_only_who_reads_boards_reads_figures_whatever_is_pressed(world: World) -> None:
    for role in ("collaborator", "admin"):
        phone = await world.joined(role, "X06184", role)
        for act in (
            phone.say("tổng hợp"),
            phone.say("xu hướng"),
            phone.press(ShowPeriod("2026")),
            phone.press(ShowPeriod("2026", picture=True)),
        ):
            await act
            assert phone.last.text.startswith("Việc này không thuộc vai trò của bác."), phone.last.text
    lead = await world.joined("Lãnh đạo", "X06184", "leader")
    await lead.press(ShowPeriod())
    assert lead.labels()[0] == "Tuần này"
    await lead.press(ShowPeriod("rubbish"))
    assert lead.labels()[0] == "Tuần này"
    await lead.say("trợ giúp")
    assert '"tổng hợp" và "xu hướng"' in lead.last.text


async def test_words_below_the_figures_that_mean_no_period_stay_a_report(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await khoi.say("tổng hợp")
    await khoi.say("năm hộ thiếu gạo ăn ba hôm nay")
    assert "Bác muốn gửi câu này thành một phản ánh?" in khoi.last.text
    await khoi.say("không")
    await khoi.say("tháng 10")
    # what stood there is over: now it is words like any other
    assert "Bác muốn gửi câu này thành một phản ánh?" in khoi.last.text


# ------------------------------------------------------------------ what grew


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
async def test_a_trend_is_what_a_count_by_hand_says(office: World, seed: int) -> None:
    async with office.parts.database.reading() as connection:
        tree = await load_tree(connection)
    rows = made(random.Random(seed), sorted(tree.by_id))
    for n, row in enumerate(rows[tables.reports]):
        row["day"] = TODAY - timedelta(days=(n * 7 + seed) % 38 - 1)
    await furnish(office, rows)
    for code in ("T20", "X06184"):
        async with office.parts.database.reading() as connection:
            found = await trend_of(connection, Scope.office(tree.by_code[code]), TODAY)
        week: dict[str, list[int]] = {}
        earlier: Counter[str] = Counter()
        for row in rows[tables.reports]:
            ago = (TODAY - row["day"]).days
            if row["state"] == "withdrawn" or not is_within(tree, row["area_id"], tree.by_code[code]):
                continue
            if 0 <= ago < 7:
                week.setdefault(row["topic"], []).append(row["area_id"])
            elif 7 <= ago < 35:
                earlier[row["topic"]] += 1
        hand = {TopicTrend(topic, len(areas), len(set(areas)), earlier[topic]) for topic, areas in week.items()}
        assert set(found.topics) == hand
        assert [t.week for t in found.topics] == sorted((t.week for t in found.topics), reverse=True)


async def in_week(world: World, topic: str, area: str, number: int, ago: int = 0) -> None:
    async with world.parts.database.writing() as connection:
        tree = await load_tree(connection)
        row = made(random.Random(1), [tree.by_code[area].id])[tables.reports][0]
        row |= {"topic": topic, "state": "new", "day": TODAY - timedelta(days=ago)}
        codes = [f"{topic}{area[-3:]}{ago}-{n}" for n in range(number)]
        await connection.execute(insert(tables.reports), [{**row, "code": code} for code in codes])


async def trends(phone: Phone) -> list[str]:
    await phone.say("xu hướng")
    return [line for line in phone.last.text.split("\n") if line.startswith("•")]


async def test_most_reported_topic_stands_first_within_the_scope(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", "T20", "coordinator")
    chi = await world.joined("Lý Thị Chi", "X06184", "coordinator")
    await in_week(world, "MT", "X06184", 5)
    await in_week(world, "GT", "X06184", 2)
    await in_week(world, "GT", "X06040", 1, ago=6)
    await in_week(world, "GT", "X06040", 6, ago=7)
    assert await trends(khoi) == [
        "• Môi trường, rác thải: 5 phản ánh ở 1 nơi, bốn tuần trước trung bình 0 mỗi tuần",
        "• Giao thông, hạ tầng: 3 phản ánh ở 2 nơi, bốn tuần trước trung bình 1,5 mỗi tuần",
    ]
    assert await trends(chi) == [
        "• Môi trường, rác thải: 5 phản ánh ở 1 nơi, bốn tuần trước trung bình 0 mỗi tuần",
        "• Giao thông, hạ tầng: 2 phản ánh ở 1 nơi, bốn tuần trước trung bình 0 mỗi tuần",
    ]
    assert "nhận định do cán bộ viết" in chi.last.text
    assert chi.labels() == ["Xem dạng ảnh", "Xem báo cáo", "Về đầu"]


async def test_nobody_who_left_is_counted_and_no_row_is_written_by_reading(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await world.joined("Người Rời", "X06184")
    await change(world, "Người Rời", state="left")
    await khoi.say("tổng hợp năm nay")
    assert "Cộng tác viên: 0/0 đã tham gia" in khoi.last.text
    assert await world.rows(select(tables.audit.c.kind).where(tables.audit.c.kind.like("review%"))) == []
