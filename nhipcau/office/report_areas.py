"""Finds the area that a row of a file of reports means: a commune or an agency of the unit that imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nhipcau.bot.language.faults import Fault
from nhipcau.bot.units.place_names import PlaceMatch
from nhipcau.bot.units.tree import Tree, Unit

#: Candidates named in a fault.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class FoundArea:
    """The area meant, or why none is."""

    area: Unit | None = None
    #: The part of the area that was named instead of it; "" for none.
    cell: str = ""
    #: The name of before July 2025 that was read as it.
    former: bool = False
    fault: Fault | None = None


class Areas:
    """Areas by what stands in the cells, each read once: thousands of rows name a few."""

    def __init__(self, tree: Tree, within: Unit) -> None:
        self._tree, self._within = tree, within
        self._known: dict[tuple[str, ...], FoundArea] = {}

    def find(self, written: Sequence[str]) -> FoundArea:
        """`written`: a code, a name, or both of one area."""
        key = tuple(written)
        if key not in self._known:
            self._known[key] = self._find(key)
        return self._known[key]

    def _find(self, written: tuple[str, ...]) -> FoundArea:
        if not written:
            return FoundArea(fault=Fault("import.no_area"))
        meant = [self._tree.places(each) for each in written]
        if unknown := next((each for each, found in zip(written, meant, strict=True) if not found), None):
            return FoundArea(fault=Fault("file.unit_unknown", value=unknown))
        shared = {place.unit.id for place in meant[0]}.intersection(*({p.unit.id for p in each} for each in meant))
        if not shared:
            return FoundArea(fault=Fault("import.area_disagrees", values=" ≠ ".join(written)))
        # the first that means one place alone, as a code beside a name does
        places = [place for place in min(meant, key=len) if place.unit.id in shared]
        inside = [place for place in places if self._within.holds(self._area_of(place.unit))]
        if not inside:
            named = places[0].unit.name
            return FoundArea(fault=Fault("import.area_outside", value=named, unit=self._within.name))
        if len(inside) > 1 or not inside[0].is_sure:
            return FoundArea(fault=Fault("file.unit_unsure", value=written[0], units=self._listed(inside)))
        unit = inside[0].unit
        area = self._area_of(unit)
        return FoundArea(area, unit.name if unit is not area else "", bool(inside[0].former_name))

    def _area_of(self, unit: Unit) -> Unit:
        """The commune of whatever lies in one; an agency itself, or that of its cell."""
        return self._tree.commune_in(unit) or self._tree.commune_of(unit)

    def _listed(self, places: Sequence[PlaceMatch]) -> str:
        named = ", ".join(f"{p.unit.code} {p.unit.name}" for p in places[:_NAMED])
        return named + (" …" if len(places) > _NAMED else "")
