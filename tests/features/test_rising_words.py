"""Rising words in `xu hướng`: told to who reads figures of the scope, their reports opened by coordinators alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from nhipcau.privacy.sealing import month_key
from nhipcau.storage.tables import reports, units
from tests.support.world import World

pytestmark = pytest.mark.slow

EVERYDAY = ("đường liên thôn nhiều ổ gà", "rác chưa thu gom", "điện yếu buổi tối", "lễ hội vui", "giá na thấp")


async def lay(office: World, commune: str, texts: list[str], age: int, mark: str, state: str = "new") -> None:
    area = await office.rows(select(units.c.id).where(units.c.code == commune))
    today = office.now.date()
    async with office.parts.database.writing() as connection:
        for n, text in enumerate(texts):
            day = today - timedelta(age + n % 6)
            values = {"topic": "NN", "mood": "ban_khoan", "spread": 2, "urgency": "thuong", "state": state}
            key = {"code": f"PA-{mark}{n:04}", "area_id": area[0][0], "day": day, "month": month_key(day)}
            await connection.execute(insert(reports).values(**values, **key, text=text))


async def test_words_are_told_by_scope_and_role(office: World) -> None:
    khoi = await office.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    sep = await office.joined("Hoàng Văn Sếp", "X06184", "leader")
    far = await office.joined("Cán bộ Xa", "X06001", "coordinator")
    await lay(office, "X06184", [EVERYDAY[n % 5] for n in range(60)], 8, "OLD")
    await lay(office, "X06184", [f"sương muối làm hỏng rau, {EVERYDAY[n % 5]}" for n in range(7)], 0, "NEW")
    await lay(office, "X06184", ["trâu bò chết rét hàng loạt"] * 7, 0, "GONE", "withdrawn")
    await khoi.say("xu hướng")
    assert 'Từ ngữ nổi lên: "sương muối' in khoi.last.text
    assert "chết rét" not in khoi.last.text
    assert "PA-NEW" not in khoi.last.text
    await sep.say("xu hướng")
    assert "Từ ngữ nổi lên: " in sep.last.text
    assert "Từ ngữ nổi lên" not in sep.labels()
    await far.say("xu hướng")
    assert "Từ ngữ nổi lên" not in far.last.text
    await khoi.tap("Từ ngữ nổi lên")
    [label] = [label for label in khoi.labels() if label.startswith('"sương muối')]
    assert label.endswith("(7)")
    await khoi.tap(label)
    assert khoi.last.text.count("PA-NEW") == 5
    await khoi.tap("Xem thêm")
    assert khoi.last.text.count("PA-NEW") == 2
    await khoi.tap(khoi.labels()[0])
    assert "PA-NEW" in khoi.last.text


async def test_a_word_is_gone_with_its_reports(office: World) -> None:
    khoi = await office.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await lay(office, "X06184", [EVERYDAY[n % 5] for n in range(60)], 8, "OLD")
    await lay(office, "X06184", ["sương muối làm hỏng rau"] * 6, 0, "NEW")
    await khoi.say("xu hướng")
    await khoi.tap("Từ ngữ nổi lên")
    async with office.parts.database.writing() as connection:
        await connection.execute(delete(reports).where(reports.c.code.like("PA-NEW%")))
    await khoi.tap(khoi.labels()[0])
    assert khoi.last.text.startswith("Không còn từ ngữ nào nổi lên.")
