"""Cells of a commune in a world, and provinces of a given size for texts of boards."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.actions.decision import Refusal
from nhipcau.actions.units import make_cell
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.operations import commit
from tests.support.world import World


async def make_cells(world: World, commune: str, *names: str) -> list[str]:
    """Codes of new cells of this commune, as the roster's import makes them."""
    codes: list[str] = []
    async with world.committer.transaction() as work:
        parent = work.tree.by_code[commune]
        for name in names:
            made = make_cell(work.tree, parent, name, codes)
            assert not isinstance(made, Refusal)
            await commit.apply(work, [made])
            codes.append(made.code)
    return codes


def province(communes: int, cells: Sequence[int]) -> Tree:
    """A province with so many communes, the first of them with so many cells each."""
    units = [Unit(1, "T20", "Tỉnh Lạng Sơn", "tỉnh", "/T20/")]
    for n in range(communes):
        code = f"X{n:05}"
        units.append(Unit(len(units) + 1, code, f"Xã Tân Thành {n + 1}", "xã", f"/T20/{code}/", 1))
        parent = units[-1]
        for m in range(cells[n] if n < len(cells) else 0):
            own = f"{code}-{m + 1:02}"
            path = f"{parent.path}{own}/"
            units.append(Unit(len(units) + 1, own, f"Thôn Nà Pàn {m + 1}", "cell", path, parent.id))
    return Tree(units)
