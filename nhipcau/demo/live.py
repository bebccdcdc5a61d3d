"""What goes on while somebody looks: people go on reporting, what grew is looked at, a synthesis is made."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from nhipcau.demo.after import find_rises, make_synthesis
from nhipcau.demo.office import Sample
from nhipcau.demo.past import past_words
from nhipcau.demo.people import SimulatedPhones
from nhipcau.operations.commit import Committer
from nhipcau.settings import Settings

#: Between two reports, as a multiple of the slowest answer; the first ones come at once.
_PAUSE = 2.0


class Live:
    def __init__(
        self, committer: Committer, settings: Settings, phones: SimulatedPhones, sample: Sample, slowest: float
    ) -> None:
        self._committer, self._settings, self._phones = committer, settings, phones
        self._sample, self._slowest = sample, slowest

    def tasks(self) -> Sequence[Callable[[], Coroutine[Any, Any, None]]]:
        words = past_words()["synthesis"]["other"]
        return [
            self._report,
            partial(find_rises, self._committer, self._settings),
            partial(make_synthesis, self._committer, self._settings, self._sample.unit, words),
        ]

    async def _report(self) -> None:
        """Those of the sample at once, then others, one after the other and each once."""
        await self._phones.started()
        people = itertools.cycle(f"p{number}" for number in range(len(self._sample.cards)))
        for report, mood in self._sample.reports.items():
            await self._phones.file(next(people), report, mood)
        for report, mood in past_words()["live"].items():
            await asyncio.sleep(_PAUSE * self._slowest)
            await self._phones.file(next(people), report, mood)
