"""A copy of the lasting keys under a passphrase, and the check values by which a wrong key is noticed.

Lasting: what signs links, what finds contacts, what seals the audit, Zalo's pair of tokens, the book of people's keys
with the list of the dead. The keys of months, polls and days are mortal: no copy of them is ever made. A loaded copy
revives nobody: the lists of the dead are merged first.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nhipcau.privacy.atomic_files import write_file
from nhipcau.privacy.keys import sync_folder
from nhipcau.privacy.person_keys import BOOK, DEAD, PersonKeys, book_id, read_dead

#: Letters a passphrase has at least.
LEAST_PASSPHRASE = 12
_FORMAT = b"nhipcau-keys-1\n"
#: Cost of guessing a passphrase: 64 MB and about 0.2 s each.
SCRYPT = {"n": 2**16, "r": 8, "p": 1, "maxmem": 2**27}
_LASTING = ("secret.key", "contacts.key", "audit.key")
#: Changes by itself, so a living one is newer than a copy.
_RENEWED = "zalo-oa.json"
_SAVED = "saved.json"


class NoCopy(Exception):
    """The file is no copy of keys, or damaged."""


class WrongPassphrase(Exception):
    """The passphrase does not open this copy, or the copy was altered."""


class OtherKeysLive(Exception):
    """The folder has other keys than the copy: `names` of them."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


# ------------------------------------------------------------------ saving and loading


def save(folder: Path, file: Path, passphrase: str, today: date) -> int:
    """Write the copy; returns how many people's keys are in it. The folder remembers the day."""
    names = [*_LASTING, _RENEWED, BOOK, DEAD]
    content = {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}
    salt, nonce = os.urandom(16), os.urandom(12)
    packed = json.dumps({name: base64.b64encode(data).decode() for name, data in content.items()}).encode()
    write_file(file, _FORMAT + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, packed, _FORMAT))
    size = len(content.get(BOOK, b""))
    _remember(folder, size, today)
    return PersonKeys(folder).living_after(0) if size else 0


def _remember(folder: Path, size: int, today: date) -> None:
    """That there is a copy of today, with the first `size` bytes of the key book."""
    state = {"day": today.isoformat(), "book": size, "keys": _digest(folder)}
    write_file(folder / _SAVED, json.dumps(state).encode())


def load(folder: Path, file: Path, passphrase: str, today: date, *, replace: bool = False) -> int:
    """Put the keys of a copy into the folder; returns how many people have a key now.

    Raises OtherKeysLive where it has others and may not replace them, NoCopy, WrongPassphrase, OSError.
    """
    content = _open(file.read_bytes(), passphrase)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    others = [name for name in _LASTING if name in content and _differs(folder / name, content[name])]
    book = folder / BOOK
    is_other_book = BOOK in content and book.exists() and book_id(book) != content[BOOK][16:32]
    if (others or is_other_book) and not replace:
        raise OtherKeysLive([*others, *([BOOK] if is_other_book else [])])
    dead = read_dead(folder / DEAD) | _dead_in(content.get(DEAD, b""))
    for name in _LASTING:
        if name in content:
            write_file(folder / name, content[name])
    if _RENEWED in content and (replace or not (folder / _RENEWED).exists()):
        write_file(folder / _RENEWED, content[_RENEWED])
    if BOOK in content and (is_other_book or not book.exists()):
        write_file(book, content[BOOK])
    sync_folder(folder)
    _remember(folder, len(content.get(BOOK, b"")), today)
    if BOOK not in content:
        return 0
    people = PersonKeys(folder)
    people.add(content[BOOK], but=dead)
    people.destroy_hashed(dead)
    return len(people.living())


def _open(data: bytes, passphrase: str) -> dict[str, bytes]:
    begun = len(_FORMAT)
    if not data.startswith(_FORMAT) or len(data) < begun + 28 + 16:
        raise NoCopy
    salt, nonce, sealed = data[begun : begun + 16], data[begun + 16 : begun + 28], data[begun + 28 :]
    try:
        packed = AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, _FORMAT)
    except InvalidTag:
        raise WrongPassphrase from None
    known = {*_LASTING, _RENEWED, BOOK, DEAD}
    return {name: base64.b64decode(text) for name, text in json.loads(packed).items() if name in known}


def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, dklen=32, **SCRYPT)


def _differs(path: Path, data: bytes) -> bool:
    return path.exists() and path.read_bytes() != data


def _dead_in(data: bytes) -> set[bytes]:
    return {data[at : at + 16] for at in range(0, len(data) - len(data) % 16, 16)}


# ------------------------------------------------------------------ reminding


@dataclass(frozen=True, slots=True)
class CopyState:
    """How good the last copy of the keys is."""

    #: None: none was ever made.
    day: date | None
    #: People whose keys are in no copy.
    people: int
    #: The same lasting keys are in it.
    is_current: bool


def copy_state(folder: Path) -> CopyState:
    people = PersonKeys(folder) if (folder / BOOK).exists() else None
    try:
        saved = json.loads((folder / _SAVED).read_bytes())
        day, size, keys = date.fromisoformat(saved["day"]), int(saved["book"]), saved["keys"]
    except (OSError, ValueError, KeyError, TypeError):
        return CopyState(None, people.living_after(0) if people else 0, is_current=False)
    return CopyState(day, people.living_after(size) if people else 0, is_current=keys == _digest(folder))


def _digest(folder: Path) -> str:
    """Tells whether lasting keys are those of the last copy, and nothing about them."""
    digest = hashlib.sha256(b"copy")
    for name in _LASTING:
        if (folder / name).exists():
            digest.update(hashlib.sha256(name.encode() + (folder / name).read_bytes()).digest())
    return digest.hexdigest()[:16]


# ------------------------------------------------------------------ check values


def check_value(key: bytes) -> str:
    """What the database keeps of a lasting key, so that another one is noticed; it tells nothing about the key."""
    return hmac.digest(key, b"check value", "sha256").hex()[:16]
