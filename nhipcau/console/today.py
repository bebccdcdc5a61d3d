"""Việc hôm nay: what waits, each number a link to exactly its list (rule K1)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from nhipcau.actions.permissions import NETWORKERS, READERS
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import Visit


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line: how many of what; its words are `console.today.NAME`."""

    name: str
    number: int
    path: str
    is_late: bool = False


async def show(visit: Visit) -> Response:
    lines: list[Waiting] = []
    return await render(visit, "today.html", here="today", lines=lines)


PAGES = (Page("", READERS | NETWORKERS, show),)
