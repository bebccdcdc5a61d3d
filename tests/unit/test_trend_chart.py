"""The picture of reports week by week: its axes name each number once."""

from __future__ import annotations

import re

import pytest
import vl_convert

from nhipcau.bot.language.catalogue import texts
from nhipcau.insight.trend_chart import trend_chart
from nhipcau.model.signals import WeekCount


@pytest.mark.parametrize("most", [0, 1, 2, 3, 5, 65])
def test_no_number_of_units_is_named_twice(most: int) -> None:
    weeks = [WeekCount(f"{day:02}/11", 5 * (day % 3), most * (day % 2)) for day in range(1, 13)]
    drawn = vl_convert.vegalite_to_svg(trend_chart("Phản ánh mỗi tuần", weeks, None, texts("vi")), allowed_base_urls=[])
    axes = re.findall(r'<g[^>]*class="[^"]*role-axis-label[^"]*".*?</g></g>', drawn, re.DOTALL) or [drawn]
    named = [re.findall(r">(\d+)</text>", axis) for axis in axes]
    assert any(named)
    for numbers in named:
        assert len(numbers) == len(set(numbers)), numbers
