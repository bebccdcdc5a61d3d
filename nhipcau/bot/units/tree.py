"""The unit tree: province, communes and agencies, cells. Small (hundreds), so it is kept in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.units.cells import CELL, named
from nhipcau.bot.units.place_names import FormerName, PlaceMatch, PlaceNames
from nhipcau.privacy.screening_places import KnownPlaces

#: Kinds of communes, which all reports but those about an agency concern; a cell is never an area.
AREA_KINDS = frozenset({"xã", "phường", "đặc khu", "thị trấn"})
#: First words of names of units.
_KINDS = frozenset({"xa", "phuong", "tinh", "thon", "ban", "khoi", "xom", "khu"})
_TYPES = ("xã ", "phường ", "đặc khu ", "tỉnh ", "thành phố ")


@dataclass(frozen=True, slots=True)
class Unit:
    id: int
    code: str
    name: str
    kind: str
    #: Codes from the root down: "/T20/X06040/".
    path: str
    parent_id: int | None = None
    #: Of a commune or agency: the cluster it was put in; "": none, so that its former district is meant.
    cluster: str = ""

    @property
    def is_cell(self) -> bool:
        """Whether it is a part of a commune or an agency: a thôn, bản, khối or chi bộ."""
        return self.kind == CELL

    def holds(self, other: Unit) -> bool:
        """Whether `other` is this unit or lies below it."""
        return other.path.startswith(self.path)


class Tree:
    """All units, and the names of places before July 2025."""

    def __init__(self, units: Iterable[Unit], former: Iterable[FormerName] = ()) -> None:
        self.units = sorted(units, key=lambda u: (u.path.count("/"), u.code))
        self.by_id = {u.id: u for u in self.units}
        self.by_code = {u.code: u for u in self.units}
        self.by_path = {u.path: u for u in self.units}
        self._former = tuple(former)
        #: By id of a commune: all areas, nearest first.
        self._near: dict[int, list[Unit]] = {}

    @property
    def root(self) -> Unit | None:
        return next((u for u in self.units if u.parent_id is None), None)

    @cached_property
    def areas(self) -> list[Unit]:
        """What a report may be about: the root for what concerns all, the communes, and the agencies; never a cell."""
        root = [self.root] if self.root and self.root.kind not in AREA_KINDS else []
        communes = [u for u in self.units if u.kind in AREA_KINDS]
        return [*root, *communes, *(u for u in self.units if self._is_agency(u))]

    def _is_agency(self, unit: Unit) -> bool:
        """Whether it answers for itself without being a commune: an agency, a mass organisation."""
        return not unit.is_cell and unit.parent_id is not None and self.commune_in(unit) is None

    @cached_property
    def _places(self) -> PlaceNames:
        return PlaceNames((u for u in self.units if not u.is_cell), self._former)

    @cached_property
    def place_names(self) -> tuple[str, ...]:
        """Names of all units, with their type and without."""
        names = dict.fromkeys(u.name for u in self.units)
        return (*names, *(rest for name in names for kind, _, rest in [name.partition(" ")] if fold(kind) in _KINDS))

    @cached_property
    def known_places(self) -> KnownPlaces:
        """The names, today's and former, that screening leaves as they are."""
        return KnownPlaces([*(u.name for u in self.units), *(former.name for former in self._former)])

    def commune_in(self, unit: Unit) -> Unit | None:
        """The commune this unit is or lies in; None for agencies and the province."""
        while unit.kind not in AREA_KINDS:
            if unit.parent_id is None:
                return None
            unit = self.by_id[unit.parent_id]
        return unit

    def near(self, unit: Unit) -> list[Unit]:
        """Areas, likeliest first: the unit's own commune, then by distance in the order of public codes; for an agency
        itself, then all others.

        Codes were given district by district, so communes with near codes are mostly neighbours.
        """
        own = self.commune_in(unit)
        if own is None:
            first = self.commune_of(unit)
            return [*(u for u in self.areas if u.id == first.id), *(u for u in self.areas if u.id != first.id)]
        if own.id not in self._near:
            siblings = [u for u in self.areas if u.kind in AREA_KINDS]
            places = {u.id: place for place, u in enumerate(siblings)}
            ordered = sorted(siblings, key=lambda u: abs(places[u.id] - places[own.id]))
            self._near[own.id] = [*ordered, *(u for u in self.areas if u.id not in places)]
        return self._near[own.id]

    def search(self, text: str, among: Iterable[Unit] | None = None) -> list[PlaceMatch]:
        """Every place a typed name may mean, today's names first; several where it is ambiguous."""
        return self._places.meant(text, None if among is None else {u.id for u in among})

    def places(self, name_or_code: str) -> list[PlaceMatch]:
        """The units meant in a file or command: by code or full name, else all places of exactly this name."""
        unit = self.by_code.get(name_or_code.strip())
        if unit:
            return [PlaceMatch(unit)]
        wanted = fold(name_or_code)
        called = [u for u in self.units if fold(u.name) == wanted]
        same = [u for u in called if nfc(u.name).casefold() == nfc(name_or_code).casefold()]
        if found := [PlaceMatch(u) for u in same or called] or self._places.meant(name_or_code, loosely=False):
            return found
        return [PlaceMatch(u) for u in named(name_or_code, (u for u in self.units if u.is_cell))]

    def find(self, name_or_code: str) -> list[Unit]:
        """The units of `places`."""
        return [place.unit for place in self.places(name_or_code)]

    def cells(self, unit: Unit) -> list[Unit]:
        """The cells of this commune or agency, by code; of a cell itself, none."""
        return self._cells.get(unit.id, [])

    @cached_property
    def _cells(self) -> dict[int, list[Unit]]:
        found: dict[int, list[Unit]] = {}
        for cell in self.units:
            if cell.is_cell and cell.parent_id is not None:
                found.setdefault(cell.parent_id, []).append(cell)
        return found

    def commune_of(self, unit: Unit) -> Unit:
        """The commune or agency a cell lies in; any other unit itself."""
        while unit.is_cell and unit.parent_id is not None:
            unit = self.by_id[unit.parent_id]
        return unit

    def cluster_of(self, unit: Unit) -> str:
        """The cluster in which results of polls count this unit: that of its commune or agency, else the district the
        commune lay in until July 2025 (the first of several); "" where it has neither."""
        own = self.commune_of(unit)
        return own.cluster or self._districts.get(own.code, "")

    def clusters(self, path: str) -> dict[str, list[Unit]]:
        """Name of each cluster → its communes and agencies at this path and below, by name."""
        found: dict[str, list[Unit]] = {}
        for area in self.areas:
            name = area.cluster or self._districts.get(area.code, "")
            if name and area.parent_id is not None and area.path.startswith(path):
                found.setdefault(name, []).append(area)
        return {name: found[name] for name in sorted(found, key=fold)}

    @cached_property
    def _districts(self) -> dict[str, str]:
        """Code of a commune → the former district it lies in."""
        found: dict[str, str] = {}
        for former in self._former:
            if not former.district:
                for code in former.codes:
                    found.setdefault(code, former.name)
        return found

    def cells_named(self, unit: Unit, name: str, *, exactly: bool = False) -> list[Unit]:
        """The cells of this commune or agency that a name means, with or without its type; see `cells.named`."""
        return named(name, self.cells(unit), exactly=exactly)

    def below(self, unit: Unit) -> list[Unit]:
        return [u for u in self.units if unit.holds(u)]


def bare(name: str) -> str:
    """Folded name without its type: "Xã Đồng Đăng" → "dong dang"."""
    folded = fold(name)
    for kind in _TYPES:
        prefix = fold(kind) + " "
        if folded.startswith(prefix):
            return folded[len(prefix) :]
    return folded
