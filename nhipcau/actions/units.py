"""The unit tree: a cell is made where somebody belongs to one that is not there yet; communes are put into clusters."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.units.cells import CELL
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.changes import AddUnit, Audit, Change, SetCluster

#: Letters of a unit's name that the database holds, and of a cluster's that a table shows.
LONGEST_NAME, LONGEST_CLUSTER = 200, 80


def make_cell(tree: Tree, parent: Unit, name: str, taken: Collection[str] = ()) -> AddUnit | Refusal:
    """A new cell of this commune or agency: "X06040-03". `taken`: codes of cells made in the same act.

    Whether there is one of this name already is asked with `tree.cells_named`.
    """
    name = " ".join(nfc(name).split())
    if parent.is_cell or parent.parent_id is None:
        return Refusal("file.below_cell" if parent.is_cell else "file.below_root", {"unit": parent.name})
    if not any(c.isalnum() for c in name) or len(name) > LONGEST_NAME:
        return Refusal("file.long_cell" if name else "file.unit_blank")
    used = {*tree.by_code, *taken}
    code = next(code for n in range(1, len(used) + 2) if (code := f"{parent.code}-{n:02}") not in used)
    return AddUnit(code, name, CELL, parent.code)


def set_cluster(actor: Actor, communes: Sequence[Unit], name: str) -> list[Change] | Refusal:
    """Put communes and agencies into a cluster of this name; "": back to that of their former district."""
    cluster = " ".join(nfc(name).split())
    if len(cluster) > LONGEST_CLUSTER:
        return Refusal("units.cluster_long", {"most": LONGEST_CLUSTER})
    if not communes or not all(actor.unit.holds(unit) and not unit.is_cell for unit in communes):
        return Refusal("units.cluster_of_none")
    changed = SetCluster(tuple(unit.id for unit in communes), cluster)
    return [changed, Audit("unit.cluster", actor.id, len(communes))]
