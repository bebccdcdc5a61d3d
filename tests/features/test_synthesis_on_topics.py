"""A synthesis on chosen topics: in its title, in the query of every figure, and in what is counted anew."""

from __future__ import annotations

import random
from datetime import date

import pytest

from nhipcau.actions.decision import Refusal
from nhipcau.actions.syntheses import draft
from nhipcau.bot.language.periods import read_period
from nhipcau.model.synthesis import MAX_TOPICS, Layout
from nhipcau.privacy.identifiers import new_id
from tests.support import kept_syntheses as kept_of
from tests.support.kept_syntheses import actor_of
from tests.support.syntheses import (
    SAY,
    Row,
    compose,
    different,
    figures,
    lines,
    put_issue,
    put_reports,
    queries,
    random_rows,
    written,
)
from tests.support.world import World

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 10)
AREAS = ("X06040", "X06184")


def report(topic: str, mood: str = "buc_xuc", issue: str = "", state: str = "new") -> Row:
    return Row(DAY, "X06040", topic, mood, 3, state, issue)


async def test_every_figure_is_of_the_topics_and_equals_a_recount(world: World) -> None:
    rows = random_rows(random.Random(7), 300, AREAS, ("", "VD-A", "VD-B"))
    await put_issue(world, "VD-A", "Đường hỏng", DAY, topic="GT")
    await put_issue(world, "VD-B", "Sổ đỏ chậm", DAY, topic="DD")
    await put_reports(world, rows)
    chosen = ("DD", "GT")
    data = (await written(world, "2026-11", topics=chosen)).data
    november = [r for r in rows if r.day.month == 11 and r.state != "withdrawn" and r.topic in chosen]
    october = [r for r in rows if r.day.month == 10 and r.state != "withdrawn" and r.topic in chosen]
    found = figures(data)
    assert (found["I.1"], found["I.2"]) == (str(len(november)), str(len(october)))
    assert all(query["topics"] == ["DD", "GT"] for query in queries(data).values())
    by_issue = {
        (q["cut"]["issue"][0], q["period"]): int(found[name])
        for name, q in queries(data).items()
        if q["counts"] == "reports" and q.get("cut", {}).keys() == {"issue"} and "key" not in q
    }
    assert by_issue == {
        (code, month): sum(r.issue == code for r in those)
        for code in ("VD-A", "VD-B")
        for month, those in (("2026-11", november), ("2026-10", october))
    }
    spread = sum(
        int(found[name])
        for name, q in queries(data).items()
        if name.startswith("II.") and set(q.get("cut", {})) == {"spread", "mood"}
    )
    assert spread == len(november)
    text = "\n".join(lines(data))
    assert "Tình hình dư luận xã hội tháng 11 năm 2026 về Đất đai, mặt bằng; Giao thông, hạ tầng" in text
    assert "Điện, nước sinh hoạt" not in text
    assert await different(world, data) == []


async def test_what_is_reported_on_other_topics_changes_no_figure(world: World) -> None:
    await put_reports(world, [report("DD")])
    data = (await written(world, "2026-11", topics=("DD",))).data
    await put_reports(world, [report("GT")], first=5)
    assert await different(world, data) == []
    await put_reports(world, [report("DD")], first=9)
    assert "I.1" in {each.reference for each in await different(world, data)}


async def test_what_is_about_no_topic_is_left_out(world: World) -> None:
    office = await actor_of(world, "office", "T20")
    await put_reports(world, [report("DD")])
    await kept_of.signed(world, office, office, "X06040", "2026-11")
    assert "cấp dưới" in "\n".join(line.text for line in (await compose(world, "2026-11")).parts[0].lines)
    theme = await compose(world, "2026-11", topics=("DD",))
    text = "\n".join(line.text for part in theme.parts for line in part.lines)
    assert "Báo cáo theo chuyên đề" in text
    assert "cấp dưới" not in text


async def test_one_of_each_choice_is_kept_and_only_the_whole_goes_up(world: World) -> None:
    await put_reports(world, [report("DD"), report("GT")])
    office = await actor_of(world, "office", "T20")
    whole = await kept_of.drafted(world, office, "X06040", "2026-11")
    theme = await kept_of.draft(world, office, "X06040", "2026-11", ("GT", "DD"))
    assert not isinstance(theme, Refusal)
    assert (theme.topics, whole.topics) == (("DD", "GT"), ())
    again = await kept_of.draft(world, office, "X06040", "2026-11", ("DD", "GT"))
    assert isinstance(again, Refusal)
    theme = await kept_of.fill(world, office, theme)
    checked = await kept_of.check(world, office, theme)
    assert not isinstance(checked, Refusal)
    assert checked is not None
    assert not isinstance(await kept_of.sign(world, office, checked), Refusal)
    facts = "\n".join(line.text for line in (await compose(world, "2026-11")).parts[0].lines)
    assert "nơi đã ký" in facts
    assert "Xã Thất Khê" in facts.partition("Nơi chưa ký")[2]


async def test_more_topics_than_a_theme_has_are_refused(world: World) -> None:
    office = await actor_of(world, "office", "T20")
    period = read_period("2026-11", DAY)
    assert period is not None
    many = [f"T{n}" for n in range(MAX_TOPICS + 1)]
    refused = draft(office, office.unit, period, Layout.STATE, "vi", DAY, new_id, many)
    assert isinstance(refused, Refusal)
    assert str(MAX_TOPICS) in refused.words(SAY)
