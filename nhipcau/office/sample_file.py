"""The file of a random sample: how it was drawn, and whom it drew, by id only. A signature tells that it is as
`nhipcau sample` wrote it: people picked by hand are no random sample."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from nhipcau.bot.language.faults import Fault
from nhipcau.model.requests import SampleDraw, Stratum

#: People in one sample: databases limit how many values a statement may carry.
MOST_PEOPLE = 20_000
_LARGEST = 2_000_000


class InvalidSample(Fault):
    """The file is no sample of this office: one sentence."""


@dataclass(frozen=True, slots=True)
class Sample:
    #: Code of the unit whose collaborators it was drawn from, those below it among them.
    unit: str
    draw: SampleDraw
    people: tuple[str, ...] = field(repr=False)


def write_sample(sample: Sample, sign: Callable[[str], str]) -> bytes:
    """`sign`: the office's signature of a text."""
    body = _body(sample)
    lines = json.dumps({**body, "signature": sign(_signed(body))}, ensure_ascii=False, indent=1)
    return lines.encode() + b"\n"


def read_sample(path: Path, sign: Callable[[str], str]) -> Sample:
    """Raises InvalidSample, and OSError."""
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    try:
        body = json.loads(data)
        signature = str(body.pop("signature"))
        if not hmac.compare_digest(signature.encode(), sign(_signed(body)).encode()):
            raise InvalidSample("sample.not_ours", file=path.name)
        draw = body["draw"]
        by = Stratum(draw["by"]) if draw["by"] else None
        read = SampleDraw(draw["seed"], draw["size"], draw["frame"], date.fromisoformat(draw["day"]), by)
        return Sample(body["unit"], read, tuple(body["people"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidSample("sample.not_ours", file=path.name) from None


def _body(sample: Sample) -> dict[str, Any]:
    draw = {**asdict(sample.draw), "day": sample.draw.day.isoformat()}
    return {"unit": sample.unit, "draw": draw, "people": sorted(sample.people)}


def _signed(body: Any) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))
