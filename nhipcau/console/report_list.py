"""Hộp thư: the reports of the scope by filters in the address, searched, page after page, and as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from starlette.responses import Response

from nhipcau.actions.permissions import COORDINATORS
from nhipcau.actions.sections import MAX_NAME_CHARS
from nhipcau.bot.language.search_words import excerpt_of
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.console.downloads import download
from nhipcau.console.own_words import MAX_ANSWER_CHARS
from nhipcau.console.pages import render
from nhipcau.console.report_filters import DUES, AskedFor, areas_of, options_of, read_filter
from nhipcau.console.routes import Page
from nhipcau.console.visit import Visit
from nhipcau.handlers.screens import refused_right
from nhipcau.model.changes import Audit
from nhipcau.model.issues import OPEN_ISSUE
from nhipcau.model.office_queries import SavedReplies
from nhipcau.model.queries import Issues
from nhipcau.model.report_filter import ReplyState, ReportList, ReportPage
from nhipcau.model.reports import ONE_TAP_STATES, UNSETTLED, ReportState
from nhipcau.model.sections import Section
from nhipcau.office.export_tables import report_table
from nhipcau.operations.commit import apply

_PAGE_SIZE = 50
#: Letters of what is shown of a report that was found by words.
_EXCERPT = 120
#: Rows of one file; more are narrowed by a filter.
MAX_ROWS = 50_000
#: Reports chosen at once: those of one page.
MAX_CHOSEN = _PAGE_SIZE
_DID = re.compile(r"(received|answer|passed_on|merge|assign)\.(\d{1,3})\.(\d{1,3})")
_LEFT = re.compile(r"(PA-[0-9A-Z]{7})\.(withdrawn|same_section|same|changed|already|gone|not_new|long)")
#: States to choose from: all that is not settled first, then all that is under way.
_STATES = (",".join(UNSETTLED), ",".join(ONE_TAP_STATES), *ReportState)


async def show(visit: Visit) -> Response:
    asked = await read_filter(visit)
    page = await _page(visit, asked, visit.query.get("after", ""))
    if page.is_about_person:
        # said in the audit, as where it is asked in the chat
        await _record(visit, refused_right(visit.person))
    visit.problem = visit.problem or _problem(visit, asked, page)
    return await render(
        visit,
        "reports.html",
        here="reports",
        asked=asked,
        page=page,
        following=asked.address(after=page.following) if page.following else "",
        is_cut=bool(visit.query.get("after")),
        topics=TOPICS,
        areas=areas_of(visit),
        states=_STATES,
        moods=options_of("mood"),
        urgencies=options_of("urgency"),
        excerpt=partial(excerpt_of, asked.wanted.phrases, length=_EXCERPT),
        replies=tuple(ReplyState),
        sections=[section for section in asked.sections if not section.closed],
        section_choices=_section_choices(visit, asked),
        dues=DUES,
        unsettled=_STATES[0],
        max_section=MAX_NAME_CHARS,
        saved_replies=await visit.ask(SavedReplies(visit.scope)),
        open_issues=await visit.ask(Issues(visit.scope, OPEN_ISSUE)),
        did=_DID.fullmatch(visit.query.get("did", "")),
        left=_LEFT.findall(visit.query.get("left", "")),
        max_answer=MAX_ANSWER_CHARS,
    )


def _section_choices(visit: Visit, asked: AskedFor) -> list[tuple[str, str]]:
    """Value and label: one's own first, where there are several, then each."""
    mine = own_sections(visit, asked.sections)
    several = [(",".join(mine), visit.t("section.mine"))] if len(mine) > 1 else []
    return [*several, *((section.id, section.name) for section in asked.sections)]


def own_sections(visit: Visit, known: Sequence[Section]) -> list[str]:
    """Ids of those of their unit that they chose; closed ones too, as what was assigned still waits."""
    return [section.id for section in known if section.id in visit.person.sections]


def _problem(visit: Visit, asked: AskedFor, page: ReportPage) -> str:
    t, wanted = visit.t, asked.wanted
    if page.is_about_person:
        return t("who_wrote.search")
    if wanted.since and wanted.until and wanted.since > wanted.until:
        return t("console.reports.since_after_until")
    return asked.unknown


async def _page(visit: Visit, asked: AskedFor, after: str, size: int = _PAGE_SIZE) -> ReportPage:
    if asked.is_about_person:
        return ReportPage((), 0, "", is_about_person=True)
    return await visit.ask(ReportList(visit.scope, asked.wanted, after, size))


async def _record(visit: Visit, entry: Audit) -> None:
    async with visit.console.committer.transaction() as work:
        await apply(work, [entry])


async def _file(visit: Visit, form: str) -> Response:
    """The reports of the list, oldest first as in every export. Noted in the audit before it is written."""
    asked = await read_filter(visit)
    page = await _page(visit, asked, "", MAX_ROWS)
    if page.is_about_person or page.following:
        visit.problem = visit.t("console.reports.too_many", most=MAX_ROWS) if page.following else ""
        return await show(visit)
    found = sorted(page.reports, key=lambda report: (report.day, report.code))
    await _record(visit, Audit("export.reports", visit.person.id, len(found)))
    return await download("reports", report_table(found, visit.t), form, visit.t)


PAGES = (
    Page("/reports.csv", COORDINATORS, partial(_file, form="csv")),
    Page("/reports.xlsx", COORDINATORS, partial(_file, form="xlsx")),
)
