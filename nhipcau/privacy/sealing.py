"""Tags that find a person's own content while a key exists, and sealed (encrypted) content that expires with its key.

A tag is HMAC-SHA256 cut to 16 bytes. A report's tag covers its code too, so no two rows of one person look alike.
Sealed bytes are AES-256-GCM: 12 random bytes, then ciphertext and authentication tag, bound to the row they belong to.
What is personal of somebody is sealed under their own key (`person_keys.py`), padded so that its length tells little.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nhipcau.privacy.keys import KeyGone, KeyRing
from nhipcau.privacy.person_keys import PersonKeys

T = TypeVar("T")

#: Sealed details of people are padded to a multiple of this many bytes.
_PADDED = 128
#: How many people's opened details are kept in memory.
_MAX_OPENED = 100_000


class Unreadable(Exception):
    """Sealed bytes that no existing key opens."""


def month_key(day: date) -> str:
    """Name of the key under which reports of this local day are tagged."""
    return f"month-{day:%Y-%m}"


def day_key(day: date) -> str:
    """Name of the key under which drafts and bodies of this local day are sealed."""
    return f"day-{day.isoformat()}"


def poll_key(poll_id: str) -> str:
    return f"poll-{poll_id.lower()}"


def padded(text: str, least: int) -> str:
    """The text filled up with spaces to so many bytes, or twice, four times … as many, so that a seal tells little."""
    length, size = len(text.encode()), least
    while size < length:
        size *= 2
    return text + " " * (size - length)


def _secret(tag_secret: str) -> str:
    if not tag_secret:
        # the details of this person can't be read: a tag over nothing would be everybody's
        raise Unreadable("person")
    return tag_secret


def _mac(key: bytes, purpose: bytes, content: str) -> bytes:
    return hmac.digest(key, purpose + b"|" + content.encode(), hashlib.sha256)[:16]


class PollSealer:
    """What is done under the key of one poll. The key is read once, so keep it no longer than a transaction: another
    process may destroy it."""

    def __init__(self, poll_id: str, key: bytes) -> None:
        self._key, self._cipher, self._owner = key, AESGCM(key), f"answer:{poll_id}".encode()

    def guard(self, channel: str, address: str) -> bytes:
        """An HMAC over the contact, stored with a poll so that leaving and joining again gives no second vote."""
        return _mac(self._key, b"guard", f"{channel}|{address}")

    def tag(self, tag_secret: str) -> bytes:
        """The tag of this person's answer. Raises Unreadable for an empty secret."""
        return _mac(self._key, b"answer", _secret(tag_secret))

    def seal(self, content: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, content.encode(), self._owner)

    def open(self, sealed: bytes) -> str:
        """Raises Unreadable."""
        try:
            return self._cipher.decrypt(sealed[:12], sealed[12:], self._owner).decode()
        except (InvalidTag, ValueError) as wrong:  # ValueError: what is left is too short
            raise Unreadable("poll") from wrong


class Sealer:
    """Everything that needs keys: lookups, tags, sealing. Ciphers are cached by key."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self._ciphers: dict[str, AESGCM] = {}
        self._contacts = ring.get("contacts")
        self.people = PersonKeys(ring.folder)
        #: Person id → sealed details as they were opened, and the details.
        self._opened: dict[str, tuple[bytes, Any]] = {}

    def lookup(self, channel: str, address: str) -> bytes:
        """The digest by which a contact is found, so that its address need not be stored readable."""
        return _mac(self._contacts, b"lookup", f"{channel}|{address}")

    def code_lookup(self, code: str) -> str:
        """The digest by which somebody is found by the office's number, which is sealed; 32 hex digits."""
        return _mac(self._contacts, b"code", code).hex()

    def recovery_digest(self, person_id: str, code: str) -> bytes:
        """By which a recovery code of the console is known again, which is kept nowhere."""
        return _mac(self._contacts, b"recovery", f"{person_id}|{code}")

    def sign_sample(self, content: str) -> str:
        """The office's signature of a sample it has drawn; 32 hex digits."""
        return _mac(self._contacts, b"sample", content).hex()

    def has_poll_key(self, poll_id: str) -> bool:
        """Whether the poll's key exists. Only opening the poll makes it."""
        return self.ring.has(poll_key(poll_id))

    def of_poll(self, poll_id: str) -> PollSealer:
        """What is done under this poll's key. Raises KeyGone; never makes a key."""
        return PollSealer(poll_id, self.ring.find(poll_key(poll_id)))

    def report_tag(self, day: date, code: str, tag_secret: str) -> bytes:
        return _mac(self.ring.get(month_key(day)), b"report", f"{code}|{_secret(tag_secret)}")

    def find_mine(self, rows: Iterable[tuple[str, str, bytes]], tag_secret: str) -> list[str]:
        """Codes among (code, month, tag) whose tag was made for this person, under keys that still exist."""
        keys: dict[str, bytes | None] = {}
        mine = []
        for code, month, tag in rows:
            if month not in keys:
                try:
                    keys[month] = self.ring.find(month)
                except KeyGone:
                    keys[month] = None
            key = keys[month]
            if key is not None and hmac.compare_digest(_mac(key, b"report", f"{code}|{tag_secret}"), tag):
                mine.append(code)
        return mine

    def is_living(self, month: str) -> bool:
        """Whether tags of this month can still be traced: its key exists."""
        try:
            self.ring.find(month)
        except KeyGone:
            return False
        return True

    def find_owners(
        self, rows: Iterable[tuple[str, str, bytes | None]], tag_secrets: Sequence[str]
    ) -> list[int | None]:
        """For each (code, month, tag) the index in `tag_secrets` of the secret it was made over; None: none of them, or
        the month has no key. Takes a few µs a row and secret, so put the likeliest first."""
        return [self._owner(code, month, tag, tag_secrets) for code, month, tag in rows]

    def _owner(self, code: str, month: str, tag: bytes | None, tag_secrets: Sequence[str]) -> int | None:
        if tag is None:
            return None
        try:
            key = self.ring.find(month)
        except KeyGone:
            return None
        # `_mac` inlined for speed, since every secret is tried
        before, digest = f"report|{code}|".encode(), hmac.digest
        for place, tag_secret in enumerate(tag_secrets):
            if digest(key, before + tag_secret.encode(), "sha256")[:16] == tag:
                return place
        return None

    def seal(self, day: date, content: str, owner: str) -> bytes:
        """Seal under the day's key; `owner` (the row's identity) must be the same at opening."""
        nonce = os.urandom(12)
        return nonce + self._cipher(day_key(day)).encrypt(nonce, content.encode(), owner.encode())

    def open(self, day: date, sealed: bytes, owner: str) -> str:
        """Raises Unreadable when the day's key is gone or the bytes were altered."""
        name = day_key(day)
        if name not in self._ciphers:
            try:
                self._ciphers[name] = AESGCM(self.ring.find(name))
            except KeyGone as gone:
                raise Unreadable(name) from gone
        return self._open(name, sealed, owner)

    def seal_lasting(self, content: str, owner: str) -> bytes:
        """Seal an address or a phone number under the contacts key."""
        nonce = os.urandom(12)
        return nonce + self._cipher("contacts").encrypt(nonce, content.encode(), owner.encode())

    def open_lasting(self, sealed: bytes, owner: str) -> str:
        return self._open("contacts", sealed, owner)

    def seal_person(self, person_id: str, details: Sequence[str]) -> bytes:
        """Seal what is personal of somebody under their own key, which `people.make` has made. Raises KeyGone."""
        key = self.people.find(person_id)
        content = json.dumps(details, ensure_ascii=False, separators=(",", ":")).encode()
        nonce = os.urandom(12)
        content = content.ljust(-(-len(content) // _PADDED) * _PADDED)
        return nonce + AESGCM(key).encrypt(nonce, content, f"person:{person_id}".encode())

    def open_person(self, person_id: str, sealed: bytes, read: Callable[..., T]) -> T:
        """`read(*details)`. Raises Unreadable where their key is gone or the bytes were altered. What was read is
        remembered, as the same people come with every batch; so `read` must always be the same function."""
        known = self._opened.get(person_id)
        if known is not None and known[0] == sealed:
            remembered: T = known[1]
            return remembered
        try:
            content = AESGCM(self.people.find(person_id)).decrypt(
                sealed[:12], sealed[12:], f"person:{person_id}".encode()
            )
        except (KeyGone, InvalidTag, ValueError) as wrong:
            raise Unreadable("person") from wrong
        if len(self._opened) >= _MAX_OPENED:
            self._opened.clear()
        details = read(*json.loads(content))
        self._opened[person_id] = (sealed, details)
        return details

    def forget_people(self, person_ids: Iterable[str]) -> int:
        """Destroy the keys of people who left; returns how many there were."""
        ids = list(person_ids)
        for id in ids:
            self._opened.pop(id, None)
        return self.people.destroy(ids)

    def forget(self, name: str) -> bool:
        """Destroy an expiring key, in memory and on disk; False if there was none."""
        self._ciphers.pop(name, None)
        return self.ring.destroy(name)

    def forget_destroyed(self) -> None:
        """Drop keys from memory whose file another process has destroyed."""
        living = self.ring.forget_destroyed()
        for name in set(self._ciphers) - living:
            del self._ciphers[name]
        if self.people.refresh():
            self._opened.clear()

    def _open(self, name: str, sealed: bytes, owner: str) -> str:
        try:
            return self._cipher(name).decrypt(sealed[:12], sealed[12:], owner.encode()).decode()
        except (InvalidTag, ValueError) as wrong:  # ValueError: what is left is too short
            raise Unreadable(name) from wrong

    def _cipher(self, name: str) -> AESGCM:
        cipher = self._ciphers.get(name)
        if cipher is None:
            cipher = self._ciphers[name] = AESGCM(self.ring.get(name))
        return cipher
