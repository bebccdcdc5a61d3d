"""SQLite's file and log, read page by page without SQLite: https://www.sqlite.org/fileformat2.html."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: What a record holds: NULL, numbers, bytes, text.
Value = None | int | float | bytes | str
_INTERIOR_INDEX, _INTERIOR_TABLE, _LEAF_INDEX, _LEAF_TABLE = 2, 5, 10, 13
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


@dataclass(frozen=True)
class Cell:
    """One cell of a leaf: `at` is where it lies in the file, since cells come into a page from its end."""

    page: int
    at: int
    rowid: int
    values: tuple[Value, ...]


@dataclass
class SqliteFile:
    """A file as of its last commit: pages of the main file, the log's valid frames over them."""

    pages: dict[int, bytes]
    size: int
    #: Pages of the main file alone, as of the last checkpoint.
    main: dict[int, bytes] = field(default_factory=dict)
    #: Transactions the log still holds, oldest first, those of earlier rounds of the log among them: pages by number.
    commits: list[dict[int, bytes]] = field(default_factory=list)

    def trees(self) -> dict[str, int]:
        """Name of each table and index → its root page."""
        found = {"sqlite_schema": 1}
        for cell in self.cells(1):
            name, root = cell.values[1], cell.values[3]
            if isinstance(root, int) and root:
                found[str(name)] = root
        return found

    def cells(self, root: int) -> Iterator[Cell]:
        for page in self.leaves(root):
            yield from read_cells(page, self.pages.get(page, b""), self.size, self.pages)

    def leaves(self, root: int) -> Iterator[int]:
        """Pages that hold rows, in the order of keys; interior pages of an index hold some too."""
        data = self.pages.get(root)
        if data is None:
            return
        start = 100 if root == 1 else 0
        kind = data[start]
        if kind not in (_INTERIOR_INDEX, _INTERIOR_TABLE):
            yield root
            return
        (count,) = struct.unpack_from(">H", data, start + 3)
        for n in range(count):
            (cell,) = struct.unpack_from(">H", data, start + 12 + 2 * n)
            yield from self.leaves(struct.unpack_from(">I", data, cell)[0])
        yield from self.leaves(struct.unpack_from(">I", data, start + 8)[0])
        if kind == _INTERIOR_INDEX:
            yield root


def read_cells(page: int, data: bytes, size: int, pages: dict[int, bytes]) -> list[Cell]:
    """Cells of a leaf or of an index's interior page; none where it is something else."""
    start = 100 if page == 1 else 0
    if len(data) <= start or data[start] not in (_LEAF_TABLE, _LEAF_INDEX, _INTERIOR_INDEX):
        return []
    kind = data[start]
    (count,) = struct.unpack_from(">H", data, start + 3)
    header = 12 if kind == _INTERIOR_INDEX else 8
    found = []
    for n in range(count):
        try:
            (at,) = struct.unpack_from(">H", data, start + header + 2 * n)
            found.append(_cell(page, at, kind, data, size, pages))
        except (IndexError, struct.error):
            continue
    return found


def _cell(page: int, at: int, kind: int, data: bytes, size: int, pages: dict[int, bytes]) -> Cell:
    place = at + (4 if kind == _INTERIOR_INDEX else 0)
    length, place = _varint(data, place)
    rowid = 0
    if kind == _LEAF_TABLE:
        rowid, place = _varint(data, place)
    most = size - 35 if kind == _LEAF_TABLE else (size - 12) * 64 // 255 - 23
    return Cell(page, page * size + at, rowid, _record(_payload(data, place, length, most, size, pages)))


def _payload(data: bytes, place: int, length: int, most: int, size: int, pages: dict[int, bytes]) -> bytes:
    """What a cell holds, with what overflows it."""
    if length <= most:
        return data[place : place + length]
    least = (size - 12) * 32 // 255 - 23
    local = least + (length - least) % (size - 4)
    local = local if local <= most else least
    payload = data[place : place + local]
    (following,) = struct.unpack_from(">I", data, place + local)
    while following and len(payload) < length and following in pages:
        overflow = pages[following]
        payload += overflow[4:]
        (following,) = struct.unpack_from(">I", overflow)
    return payload[:length]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for n in range(9):
        byte = data[at + n]
        if n == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if not byte & 0x80:
            return value, at + n + 1
    raise IndexError


def _record(payload: bytes) -> tuple[Value, ...]:
    end, at = _varint(payload, 0)
    types = []
    while at < end:
        kind, at = _varint(payload, at)
        types.append(kind)
    values: list[Value] = []
    for kind in types:
        value, at = _value(payload, kind, at)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, kind: int, at: int) -> tuple[Value, int]:
    if kind in _INTEGERS:
        end = at + _INTEGERS[kind]
        return int.from_bytes(payload[at:end], "big", signed=True), end
    if kind == 7:
        return struct.unpack_from(">d", payload, at)[0], at + 8
    if kind < 12:
        return {8: 0, 9: 1}.get(kind), at
    length = (kind - 12) // 2
    taken = payload[at : at + length]
    return (taken if kind % 2 == 0 else taken.decode("utf-8", "replace")), at + length


def read_file(path: Path) -> SqliteFile:
    data = path.read_bytes()
    size = int.from_bytes(data[16:18], "big")
    size = 65536 if size == 1 else size
    pages = {n + 1: data[n * size : (n + 1) * size] for n in range(len(data) // size)}
    main = dict(pages)
    log = path.with_name(path.name + "-wal")
    commits, left_over = _frames(log.read_bytes() if log.exists() else b"", size)
    for commit in commits:
        pages.update(commit)
    return SqliteFile(pages, size, main, [*left_over, *commits])


def _frames(log: bytes, size: int) -> tuple[list[dict[int, bytes]], list[dict[int, bytes]]]:
    """Transactions in the log: those of its present round, and what is left over of the round before."""
    if len(log) < 32:
        return [], []
    salt = log[16:24]
    rounds: tuple[list[dict[int, bytes]], list[dict[int, bytes]]] = ([], [])
    open_frames: dict[int, bytes] = {}
    is_left_over = False
    for at in range(32, len(log) - size - 23, size + 24):
        page, commit = struct.unpack_from(">II", log, at)
        if not is_left_over and log[at + 8 : at + 16] != salt:
            is_left_over, open_frames = True, {}
        open_frames[page] = log[at + 24 : at + 24 + size]
        if commit:
            rounds[is_left_over].append(open_frames)
            open_frames = {}
    return rounds


def roots_by_page(file: SqliteFile) -> dict[int, str]:
    """Which table or index a page with rows belongs to."""
    return {page: name for name, root in file.trees().items() for page in file.leaves(root)}


def changes_in_log(file: SqliteFile) -> Iterator[tuple[int, str, Cell]]:
    """Rows that each transaction of the log wrote or changed: its number, the table or index, the row."""
    names = roots_by_page(file)
    known: dict[int, set[tuple[Any, ...]]] = {}
    for number, commit in enumerate(file.commits):
        for page, data in sorted(commit.items()):
            cells = read_cells(page, data, file.size, {**file.pages, **commit})
            now = {(cell.rowid, cell.values) for cell in cells}
            if page not in known:
                known[page] = {
                    (c.rowid, c.values) for c in read_cells(page, file.main.get(page, b""), file.size, file.main)
                }
            before, known[page] = known[page], now
            for cell in cells:
                if (cell.rowid, cell.values) not in before:
                    yield number, names.get(page, "?"), cell
