"""`nhipcau screen` masks lines, and leaves the places of the office's own units, cells too, as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.processes import nhipcau


@pytest.mark.slow
def test_names_of_the_offices_own_cells_stay(tmp_path: Path) -> None:
    text = tmp_path / "lines.txt"
    text.write_text("hỏi chuyện Hoàng Văn Sáng thì mất nước\n", encoding="utf-8")
    assert nhipcau(tmp_path, "screen", str(text)) == "hỏi chuyện [HỌ TÊN] thì mất nước\n"
    assert not (tmp_path / "n.db").exists(), "screening sets up no office"
    nhipcau(tmp_path, "unit", "add", "Xã Đồng Đăng", "--kind", "xã", "--code", "X1")
    nhipcau(tmp_path, "unit", "add", "Thôn Hoàng Văn Sáng", "--kind", "cell", "--code", "X1-1", "--parent", "X1")
    assert nhipcau(tmp_path, "screen", str(text)) == "hỏi chuyện Hoàng Văn Sáng thì mất nước\n"
