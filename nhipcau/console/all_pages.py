"""Every page of the console. One that is missing here is served nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.console import network, person, report_list, roster, today
from nhipcau.console.routes import Page

ALL_PAGES: Sequence[Page] = (
    *today.PAGES,
    *report_list.PAGES,
    *network.PAGES,
    *person.PAGES,
    *roster.PAGES,
)
