"""Files stay short enough to be read at one sitting."""

from __future__ import annotations

from pathlib import Path

PRODUCT = Path(__file__).parents[2] / "nhipcau"
#: Lines of one file.
MOST = 400


def test_no_file_of_the_product_is_too_long() -> None:
    files = [path for path in PRODUCT.rglob("*.py") if "versions" not in path.parts]
    assert len(files) > 200
    assert [path.name for path in files if len(path.read_text(encoding="utf-8").splitlines()) > MOST] == []
