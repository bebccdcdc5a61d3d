"""Finds the units that a typed place name may mean, by today's names and those used until 30 June 2025.

Former names are ambiguous ("Hoàng Văn Thụ" was three places), and communes have taken names of former districts. So the
result is every place that may be meant, today's names first; the person chooses, never the program.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from nhipcau.bot.language.label_matching import LONGEST, Words, readings, words_of
from nhipcau.bot.language.vietnamese import nfc

if TYPE_CHECKING:
    from nhipcau.bot.units.tree import Unit

_COMMUNES = ("Xã", "Phường", "Thị trấn", "Đặc khu")
_DISTRICTS = ("Huyện", "Quận", "Thị xã", "Thành phố")
_KINDS = (*_COMMUNES, *_DISTRICTS, "Tỉnh")
_BY_WORDS: dict[Words, str] = {words_of(kind): kind for kind in _KINDS}
_SHORT: dict[Words, str] = {
    **{("x",): "Xã", ("p",): "Phường", ("f",): "Phường", ("tt",): "Thị trấn"},
    **{("h",): "Huyện", ("q",): "Quận", ("tx",): "Thị xã", ("tp",): "Thành phố"},
}
_TYPED_KINDS: dict[Words, str] = _BY_WORDS | _SHORT
#: Words that people put before a place: "ở …", "UBND xã …".
_LEADS = (("uy", "ban", "nhan", "dan"), ("ubnd",), ("ub",), ("o",), ("tai",), ("thuoc",), ("ben",))
#: Letters needed to match the beginning of a name, and for one wrong letter to be accepted.
_BEGINNING, _FORGIVING = 3, 6


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name from before July 2025, of a commune or a whole district."""

    #: With its type: "Phường Vĩnh Trại", "Huyện Cao Lộc".
    name: str
    #: The district a commune lay in; "" for a district itself.
    district: str
    #: Codes of the units that are there now.
    codes: tuple[str, ...]


@cache
def former_names(province: str) -> tuple[FormerName, ...]:
    """The names used until 30 June 2025 in a province (two digits of its public code); empty for any other code."""
    with files(__package__).joinpath("former_names.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(line for line in file if line.startswith(f"{province},")))
    return tuple(FormerName(row[2] or row[1], row[1] if row[2] else "", _codes(row[3])) for row in rows)


def _codes(codes: str) -> tuple[str, ...]:
    return tuple(f"X{code}" for code in codes.split())


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    unit: Unit
    #: The former commune that was named, without its type; "" where the unit's own name was, or a whole district.
    former_name: str = ""
    #: False: the name also meant other places, which are not among those that may be meant here.
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class _Name:
    """One name, today's or former, and its units."""

    kind: str
    words: Words
    #: Without its type, with its diacritics.
    plain: str
    units: tuple[Unit, ...]
    is_former: bool = False
    #: Words of the district it lay in.
    district: Words = ()

    @property
    def text(self) -> str:
        return " ".join(self.words)


def _split(name: str) -> tuple[str, str]:
    """Type and name of an official name: ("Xã", "Quan Sơn")."""
    lowered = name.casefold()
    kind = next((kind for kind in _KINDS if lowered.startswith(kind.casefold() + " ")), "")
    return kind, name[len(kind) :].strip()


class PlaceNames:
    def __init__(self, units: Iterable[Unit], former: Iterable[FormerName]) -> None:
        listed = list(units)
        by_code = {unit.code: unit for unit in listed}
        self._names: list[_Name] = []
        self._districts: list[_Name] = []
        for unit in listed:
            kind, plain = _split(nfc(unit.name))
            self._names.append(_Name(kind, words_of(plain), plain.casefold(), (unit,)))
        for row in former:
            kind, plain = _split(row.name)
            there = tuple(by_code[code] for code in row.codes if code in by_code)
            name = _Name(kind, words_of(plain), plain, there, True, words_of(_split(row.district)[1]))
            if row.district:
                # kept even where none of its units are here: the name then also means another place
                self._names.append(name)
            elif there:
                self._districts.append(name)

    def meant(self, text: str, among: Collection[int] | None = None, *, loosely: bool = True) -> list[PlaceMatch]:
        """Every place the text may mean, today's names first. `among`: ids of units that may be meant.

        `loosely`: where no name matches exactly, also accept a part of a name, or one wrong letter in a long one.
        """
        if len(text) > LONGEST:
            return []
        said = [reading for reading in readings(nfc(text)) if reading]
        said += [" ".join(words) for words in map(_without_leads, map(words_of, said)) if words]
        for reading in said:
            if (called := self._called(reading, among)) is not None:
                return called
        for test in (_begins, _holds, _nearly) if loosely else ():
            for words in filter(None, map(words_of, said)):
                for _, short in _typed(words):
                    names = [name for name in self._names if test(" ".join(short), name)]
                    found = _places(names, among)
                    # so few letters are enough to offer several places, not to decide on one
                    if len(found) > 1 or (found and len(" ".join(short)) > _BEGINNING):
                        return found
        return []

    def _called(self, text: str, among: Collection[int] | None) -> list[PlaceMatch] | None:
        """The places of exactly this name that may be meant; None where no place has or had this name."""
        name, within = self._within(text)
        for kind, short in _typed(words_of(name)):
            known = _marked(name, [n for n in self._names if n.words == short])
            known = [n for n in known if self._lies_in(n, within)] or known
            districts = _marked(name, [d for d in self._districts if d.words == short])
            if kind in _DISTRICTS and districts:
                # first today's commune that has kept the name
                return sorted(_places(districts, among), key=lambda p: words_of(_split(p.unit.name)[1]) != short)
            if kind and (typed := [n for n in known if n.kind == kind]):
                return _places(typed, among)
            found = _places(known, among)
            if len(found) < 2 and not within:
                # "Lộc Bình": today's commune, or anywhere in the former district of that name
                found += [p for p in _places(districts, among) if p.unit not in [f.unit for f in found]]
            if found or known:
                return found
        return None

    def _within(self, text: str) -> tuple[str, Words]:
        """ "Hoàng Văn Thụ, huyện Bình Gia": a name and the district it lay in, or () where none is named."""
        known = {d.words for d in self._districts}
        for place in re.finditer(r"[,(–]| - |\s(?=\S)", text):
            district = words_of(text[place.end() :])
            is_typed = bool(re.match(r"[,(–]| - ", place[0]))
            for kind, short in _typed(district):
                if short in known and (is_typed or kind in _DISTRICTS) and words_of(text[: place.start()]):
                    return text[: place.start()], short
        return text, ()

    def _lies_in(self, name: _Name, district: Words) -> bool:
        if not district or name.district == district:
            return True
        there = {unit.id for d in self._districts if d.words == district for unit in d.units}
        return not name.is_former and any(unit.id in there for unit in name.units)


def _typed(words: Words) -> Iterator[tuple[str, Words]]:
    """Type and name of a typed name; then the whole as a name ("Quan Sơn" is not "quận Sơn")."""
    for length in (2, 1):
        if len(words) > length and (kind := _TYPED_KINDS.get(words[:length])):
            yield kind, words[length:]
    yield "", words


def _without_leads(words: Words) -> Words:
    for lead in _LEADS:
        if words[: len(lead)] == lead:
            return words[len(lead) :]
    return ()


def _marked(text: str, names: list[_Name]) -> list[_Name]:
    """The names with the same diacritics, where diacritics were typed and some name has them; else all."""
    typed = nfc(text).casefold().strip(" .!?…")
    same = [name for name in names if typed.endswith(name.plain.casefold())]
    return names if typed.isascii() or not same else same


def _begins(short: str, name: _Name) -> bool:
    return len(short) >= _BEGINNING and name.text.startswith(short)


def _holds(short: str, name: _Name) -> bool:
    return len(short) >= _BEGINNING and not name.is_former and short in name.text


def _nearly(short: str, name: _Name) -> bool:
    # imported with the first text to compare: 3 MB
    from rapidfuzz.distance import OSA

    text = name.text
    return min(len(short), len(text)) >= _FORGIVING and OSA.distance(short, text, score_cutoff=1) <= 1


def _places(names: list[_Name], among: Collection[int] | None) -> list[PlaceMatch]:
    """Each unit once, those with the name today before those that had it formerly."""
    found: dict[int, PlaceMatch] = {}
    for name in sorted(names, key=lambda name: name.is_former):
        was = name.plain if name.is_former and name.district else ""
        for unit in name.units:
            if among is None or unit.id in among:
                found.setdefault(unit.id, PlaceMatch(unit, was))
    elsewhere = any(not any(among is None or unit.id in among for unit in name.units) for name in names)
    if elsewhere and all(place.former_name for place in found.values()):
        return [replace(place, is_sure=False) for place in found.values()]
    return list(found.values())
