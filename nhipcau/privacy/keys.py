"""The key ring: one file a key, in a folder that is in no backup.

Lasting keys (`secret`, `contacts`) live as long as the installation. Expiring keys (`month-2026-11`, `poll-ID`,
`day-2026-11-23`) are destroyed, and with them every tag and sealed content made under them becomes useless. A key file
is created exclusively and synced before its first use: of two processes that make it, the loser reads the winner's.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path

_NAME = re.compile(r"[a-z0-9-]+")
_SIZE = 32


class DamagedKey(ValueError):
    """A key file has another length than keys have."""

    def __init__(self, file: Path, length: int) -> None:
        super().__init__(f"key file {file.name} is damaged: {length} bytes, expected {_SIZE}")
        self.file = file


class KeyGone(Exception):
    """The key was destroyed, or never existed: what it sealed can't be read any more."""


class KeyRing:
    """Keys by name, 32 random bytes each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, bytes] = {}
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    def get(self, name: str) -> bytes:
        """The key; made if there is none."""
        key = self._known.get(name)
        if key is None:
            key = self._known[name] = self._read(name) or self._make(name)
        return key

    def find(self, name: str) -> bytes:
        """The key if it exists. Raises KeyGone. Read from disk each time: another process may have destroyed it."""
        key = self._read(name)
        if key is None:
            self._known.pop(name, None)
            raise KeyGone(name)
        return key

    def has(self, name: str) -> bool:
        """Whether the key exists on disk."""
        return self._path(name).exists()

    def destroy(self, name: str) -> bool:
        """Delete the key's file and sync the folder. False if there was none."""
        self._known.pop(name, None)
        # a crash while making the key may have left a temporary copy of it
        for aside in self.folder.glob(f".{name}.*"):
            aside.unlink(missing_ok=True)
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            return False
        sync_folder(self.folder)
        return True

    def forget_destroyed(self) -> set[str]:
        """Drop keys from memory whose file is gone; returns the names of those that exist."""
        living = set(self.names())
        for name in set(self._known) - living:
            del self._known[name]
        return living

    def names(self, prefix: str = "") -> list[str]:
        """Names of existing keys that begin with `prefix`, sorted."""
        return sorted(p.stem for p in self.folder.glob("*.key") if p.stem.startswith(prefix))

    def check_files(self) -> None:
        """Raises DamagedKey for the first key file that is none."""
        for name in self.names():
            self._read(name)

    def age(self, name: str) -> float:
        """Seconds since the key was made; 0 if there is none."""
        try:
            return max(0.0, time.time() - self._path(name).stat().st_mtime)
        except FileNotFoundError:
            return 0.0

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a key name: {name}")
        return self.folder / f"{name}.key"

    def _read(self, name: str) -> bytes | None:
        try:
            key = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        if len(key) != _SIZE:
            raise DamagedKey(self._path(name), len(key))
        return key

    def _make(self, name: str) -> bytes:
        """Write to a temporary file, sync, then link to the name: that never holds half a key."""
        key = secrets.token_bytes(_SIZE)
        aside = self.folder / f".{name}.{secrets.token_hex(8)}"
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, key)
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(aside, self._path(name))
        except FileExistsError:
            won = self._read(name)
            if won is None:
                raise KeyGone(name) from None
            key = won
        finally:
            aside.unlink()
        sync_folder(self.folder)
        return key


def sync_folder(folder: Path) -> None:
    """Make names that were added to or taken from a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
