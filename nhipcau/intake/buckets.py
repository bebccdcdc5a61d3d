"""Buckets of allowed tries, in memory only: what they count is forgotten with the process."""

from __future__ import annotations

from collections import OrderedDict

#: Senders remembered at most; whoever was seen longest ago is forgotten first.
_MOST_KEYS = 20_000


class Buckets:
    """A bucket of tries for each key. It holds so many, and one more comes back each so many seconds."""

    def __init__(self, size: int, seconds: float) -> None:
        """`seconds`: after which one try comes back."""
        self._size = size
        self._seconds = seconds
        #: Tries left and when that was, of buckets that are not full.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """Buckets that are not full, as far as they are remembered."""
        return len(self._left)

    def left(self, key: str, now: float) -> float:
        """Tries left; `now` in seconds. A clock set back gives nothing back."""
        tries, since = self._left.get(key, (float(self._size), now))
        return min(float(self._size), tries + max(0.0, now - since) / self._seconds)

    def is_empty(self, key: str, now: float) -> bool:
        return self.left(key, now) < 1

    def is_full(self, key: str, now: float) -> bool:
        return self.left(key, now) >= self._size

    def take(self, key: str, now: float) -> None:
        self._left[key] = max(0.0, self.left(key, now) - 1), now
        self._left.move_to_end(key)
        if len(self._left) > _MOST_KEYS:
            self._left.popitem(last=False)
