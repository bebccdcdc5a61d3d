"""Every page of the console. One that is missing here is served nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.console import (
    audit,
    cards,
    insight_acts,
    issue_acts,
    issue_list,
    network,
    person,
    photos,
    report_acts,
    report_bulk,
    report_list,
    request_bank,
    request_board,
    request_files,
    request_list,
    request_new,
    request_page,
    roster,
    saved_replies,
    sections,
    security,
    sessions,
    settings,
    synthesis_list,
    synthesis_page,
    today,
)
from nhipcau.console.routes import Page

ALL_PAGES: Sequence[Page] = (
    *today.PAGES,
    *insight_acts.PAGES,
    *report_list.PAGES,
    *report_bulk.PAGES,
    *request_list.PAGES,
    *request_new.PAGES,
    *request_bank.PAGES,
    *request_files.PAGES,
    *request_board.PAGES,
    *request_page.PAGES,
    *report_acts.PAGES,
    *photos.PAGES,
    *saved_replies.PAGES,
    *sections.PAGES,
    *issue_list.PAGES,
    *issue_acts.PAGES,
    *network.PAGES,
    *person.PAGES,
    *roster.PAGES,
    *cards.PAGES,
    *audit.PAGES,
    *settings.PAGES,
    *sessions.PAGES,
    *security.PAGES,
    *synthesis_list.PAGES,
    *synthesis_page.PAGES,
)
