"""A key a person, all in one book: a file of fixed slots, so that twenty thousand keys cost one sync, not one each.

Leaving is the key's death: its slot is overwritten, and the hash of the person's id joins the list of the dead, which
no later restore and no loaded copy can shorten. What the key sealed is noise then wherever it lies: in the database,
its log, its free pages, in every backup.

The book (`people.book`) is a head of 64 bytes (name of the format, a random id of the book) and slots of 64 bytes: the
hash of a person's id, the key, the day it was made, a checksum. Slots are only added at the end or zeroed in place. A
slot cut short by a crash was never used, and is overwritten by the next one. The list of the dead (`people.dead`) is
hashes alone. Processes share both under a lock on the book.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import struct
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nhipcau.privacy.keys import DamagedKey, KeyGone, sync_folder

BOOK, DEAD = "people.book", "people.dead"
_FORMAT = b"nhipcau-people-1"
_SLOT = struct.Struct(">16s32sI12s")
_SIZE = _SLOT.size
_HASH = 16
_KEY = 32
_DAY_SECONDS = 86_400


def hashed(person_id: str) -> bytes:
    """What stands in the book for a person: their id is random, so its hash tells nothing and can't be guessed."""
    return hashlib.sha256(b"person|" + person_id.encode()).digest()[:_HASH]


def _check(owner: bytes, key: bytes, day: int) -> bytes:
    return hashlib.sha256(owner + key + day.to_bytes(4)).digest()[:12]


class PersonKeys:
    """The book of a key folder, shared by all processes of an installation."""

    def __init__(self, folder: Path) -> None:
        self._book, self._dead_list = folder / BOOK, folder / DEAD
        #: Hash of the person's id → key, and the offset of its slot.
        self._keys: dict[bytes, tuple[bytes, int]] = {}
        self._dead: set[bytes] = set()
        #: The state of both files when they were read.
        self._seen: tuple[int, ...] = ()
        #: Slots that are neither whole nor empty.
        self.damaged = 0
        self.id = self._open_or_make()
        with self._locked(fcntl.LOCK_SH) as book:
            self._read(book)

    # ------------------------------------------------------------------ using keys

    def find(self, person_id: str) -> bytes:
        """Raises KeyGone where it was destroyed, or never was."""
        owner = hashed(person_id)
        if owner not in self._keys:
            self.refresh()
        if owner not in self._keys:
            raise KeyGone("person")
        return self._keys[owner][0]

    def make(self, person_ids: Iterable[str]) -> None:
        """Give each a key who has none; they are on the disk when this returns. Raises KeyGone for one of the dead."""
        wanted = {hashed(id) for id in person_ids}
        if wanted <= self._keys.keys():
            return
        with self._locked(fcntl.LOCK_EX) as book:
            self._read(book)
            if wanted & self._dead:
                raise KeyGone("person")
            self._append(book, {owner: secrets.token_bytes(_KEY) for owner in sorted(wanted - self._keys.keys())})

    def destroy(self, person_ids: Iterable[str]) -> int:
        """Destroy their keys for good; returns how many there were."""
        return self.destroy_hashed({hashed(id) for id in person_ids})

    def destroy_hashed(self, owners: Iterable[bytes]) -> int:
        """The same by the hashes of their ids. Also ends what a crash left half done."""
        with self._locked(fcntl.LOCK_EX) as book:
            self._read(book)
            self._list_dead(set(owners) - self._dead)
            return self._bury(book)

    def refresh(self) -> bool:
        """Read what other processes changed. True: some key is gone."""
        if self._state(self._book.stat()) == self._seen:
            return False
        before = self._keys.keys()
        with self._locked(fcntl.LOCK_SH) as book:
            self._read(book)
        return not before <= self._keys.keys()

    def lives(self, person_id: str) -> bool:
        try:
            self.find(person_id)
        except KeyGone:
            return False
        return True

    def is_dead(self, owner: bytes) -> bool:
        return owner in self._dead

    def dead(self) -> set[bytes]:
        """Hashes of the ids of those whose keys were destroyed."""
        return set(self._dead)

    def living(self) -> dict[bytes, bytes]:
        """Hash of the id → key, in the order of the book."""
        return {owner: key for owner, (key, _) in sorted(self._keys.items(), key=lambda each: each[1][1])}

    def living_after(self, size: int) -> int:
        """How many living keys stand behind the first `size` bytes of the book."""
        return sum(offset >= size for _, offset in self._keys.values())

    def add(self, book: bytes, but: Collection[bytes]) -> None:
        """Take over the keys of a copy of this book that are missing here, except of `but`."""
        copied = {owner: key for owner, key, _ in _slots(book) if key is not None and owner not in but}
        with self._locked(fcntl.LOCK_EX) as own:
            self._read(own)
            missing = copied.keys() - self._keys.keys() - self._dead
            if missing:
                self._append(own, {owner: copied[owner] for owner in sorted(missing)})

    # ------------------------------------------------------------------ the file

    def _open_or_make(self) -> bytes:
        """The id of the book; of two processes that make one, the loser reads the winner's."""
        if not self._book.exists():
            aside = self._book.with_name(f".{BOOK}.{secrets.token_hex(8)}")
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(handle, (_FORMAT + secrets.token_bytes(16)).ljust(_SIZE, b"\0"))
                os.fsync(handle)
            finally:
                os.close(handle)
            try:
                os.link(aside, self._book)
            except FileExistsError:
                pass
            finally:
                aside.unlink()
            sync_folder(self._book.parent)
        return book_id(self._book)

    @contextmanager
    def _locked(self, kind: int) -> Iterator[int]:
        handle = os.open(self._book, os.O_RDWR)
        try:
            fcntl.flock(handle, kind)
            yield handle
        finally:
            os.close(handle)

    def _read(self, book: int) -> None:
        """Read both files again where they changed, while the lock is held."""
        found = os.fstat(book)
        if self._state(found) == self._seen:
            return
        self._keys, self.damaged = {}, 0
        whole = found.st_size - found.st_size % _SIZE
        for owner, key, offset in _slots(os.pread(book, whole, 0)):
            if key is None:
                self.damaged += 1
            else:
                self._keys[owner] = (key, offset)
        self._dead = read_dead(self._dead_list)
        for owner in self._dead & self._keys.keys():
            # listed, but the program ended before the slot was overwritten
            del self._keys[owner]
        self._seen = self._state(found)

    def _state(self, book: os.stat_result) -> tuple[int, ...]:
        # a destroyed key changes neither the size of the book nor, within one tick of the clock, its time
        dead = self._dead_list.stat().st_size if self._dead_list.exists() else 0
        return book.st_size, book.st_mtime_ns, dead

    def _append(self, book: int, keys: dict[bytes, bytes]) -> None:
        end = os.fstat(book).st_size
        end -= end % _SIZE
        day = int(time.time()) // _DAY_SECONDS
        slots = b"".join(_SLOT.pack(owner, key, day, _check(owner, key, day)) for owner, key in keys.items())
        _write_all(book, slots, end)
        os.fsync(book)
        for place, (owner, key) in enumerate(keys.items()):
            self._keys[owner] = (key, end + place * _SIZE)
        self._seen = self._state(os.fstat(book))

    def _list_dead(self, owners: Iterable[bytes]) -> None:
        added = sorted(owners)
        if not added:
            return
        is_new = not self._dead_list.exists()
        handle = os.open(self._dead_list, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            end = os.fstat(handle).st_size
            _write_all(handle, b"".join(added), end - end % _HASH)
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            sync_folder(self._dead_list.parent)
        self._dead |= set(added)

    def _bury(self, book: int) -> int:
        """Overwrite the slots of all the dead; returns how many there were."""
        size = os.fstat(book).st_size
        data = os.pread(book, size, 0)
        slots = [at for at in range(_SIZE, size - size % _SIZE, _SIZE) if data[at : at + _HASH] in self._dead]
        for offset in slots:
            _write_all(book, bytes(_SIZE), offset)
        if slots:
            os.fsync(book)
        for owner in self._dead & self._keys.keys():
            del self._keys[owner]
        self._seen = self._state(os.fstat(book))
        return len(slots)


def _slots(book: bytes) -> Iterator[tuple[bytes, bytes | None, int]]:
    """Owner, key and offset of each slot of a book that is not empty; without a key where it is damaged."""
    for offset in range(_SIZE, len(book) - len(book) % _SIZE, _SIZE):
        owner, key, day, check = _SLOT.unpack_from(book, offset)
        if check == _check(owner, key, day):
            yield owner, key, offset
        elif book[offset : offset + _SIZE].strip(b"\0"):
            yield owner, None, offset


def book_id(book: Path) -> bytes:
    """The random id of a book. Raises DamagedKey where it is none."""
    with book.open("rb") as file:
        head = file.read(_SIZE)
    if len(head) != _SIZE or not head.startswith(_FORMAT):
        raise DamagedKey(book, len(head))
    return head[len(_FORMAT) : len(_FORMAT) + 16]


def read_dead(path: Path) -> set[bytes]:
    """The hashes in a list of the dead."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return set()
    return {data[at : at + _HASH] for at in range(0, len(data) - len(data) % _HASH, _HASH)}


def _write_all(handle: int, data: bytes, offset: int) -> None:
    done = 0
    while done < len(data):
        done += os.pwrite(handle, data[done:], offset + done)
