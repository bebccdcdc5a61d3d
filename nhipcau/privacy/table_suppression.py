"""Which cells of a table of two facts may be shown where its totals are known (rule R14): cells of fewer than k people
are hidden, and as many others as it takes so that every hidden cell can still be several numbers. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from nhipcau.privacy.suppression import K

#: By how much each hidden cell can vary, at least: between its smallest and its largest possible number.
_ROOM = 3

Table = Sequence[Sequence[int]]
#: Row and column.
Cell = tuple[int, int]


def shown_in_table(table: Table, k: int = K) -> set[Cell]:
    """The cells that may be shown beside the sums of all rows and columns. Zero is hidden like one to four: a row of
    which one cell is full tells what everybody in it said."""
    sums = [sum(column) for column in zip(*table, strict=True)]
    # where a row or column is empty its total says so already
    cells = {(r, c) for r, row in enumerate(table) for c in range(len(row)) if any(row) and sums[c]}
    hidden = {(r, c) for r, c in cells if table[r][c] < k}
    while hidden != cells:
        tight = next((cell for cell in sorted(hidden) if not _varies(table, hidden, cell)), None)
        if tight is None:
            break
        shown = cells - hidden
        beside = {cell for cell in shown if cell[0] == tight[0] or cell[1] == tight[1]} or shown
        least = min(table[r][c] for r, c in beside)
        hidden |= {(r, c) for r, c in beside if table[r][c] == least}
    return cells - hidden


def _varies(table: Table, hidden: set[Cell], cell: Cell) -> bool:
    return _moves(table, hidden, cell, 1) + _moves(table, hidden, cell, -1) >= _ROOM


def _moves(table: Table, hidden: set[Cell], cell: Cell, by: int) -> int:
    """How often this cell can be changed by one, up to _ROOM, all sums staying as they are and no cell below zero."""
    numbers = {each: table[each[0]][each[1]] for each in hidden}
    done = 0
    while done < _ROOM and (by > 0 or numbers[cell] > 0) and (ring := _ring(numbers, cell, by)):
        for step, other in enumerate([cell, *ring]):
            numbers[other] += by if step % 2 == 0 else -by
        done += 1
    return done


def _ring(numbers: dict[Cell, int], cell: Cell, by: int) -> list[Cell] | None:
    """Hidden cells that lead from this one back to it, by turns along its column, a row, a column …, the last in its
    row: what one gains the next one loses. None: there are none."""
    came: dict[tuple[bool, int], list[Cell]] = {(True, cell[1]): []}
    waiting = deque([(True, cell[1])])
    while waiting:
        down, line = waiting.popleft()
        path = came[down, line]
        # along a column the sign is the other one than the cell's, along a row the same
        change = -by if down else by
        for other in numbers:
            if other == cell or other[1 if down else 0] != line or (change < 0 and numbers[other] < 1):
                continue
            end = (not down, other[0] if down else other[1])
            if end not in came:
                came[end] = [*path, other]
                waiting.append(end)
    # the row of the cell is reached along a column, by a cell that changes as the ring needs
    return came.get((False, cell[0]))
