"""Vấn đề: the issues of the scope by state, topic and mark, as a list and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from starlette.responses import Response

from nhipcau.actions.permissions import READERS
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.console.downloads import download
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Visit
from nhipcau.handlers.reports.feedback_messages import issue_state
from nhipcau.model.changes import Audit
from nhipcau.model.issues import LISTED_ISSUE, OPEN_ISSUE, Issue
from nhipcau.model.queries import Issues
from nhipcau.office.export_tables import issue_table
from nhipcau.operations.commit import apply

_PAGE_SIZE = 50
#: In the list of states: all that are not settled.
_OPEN = ",".join(OPEN_ISSUE)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the list is narrowed to; "": all of it."""

    state: str
    topic: str
    latent: str

    @staticmethod
    def of(query: Mapping[str, str]) -> _Wanted:
        state, topic, latent = (query.get(name, "") for name in ("state", "topic", "latent"))
        return _Wanted(
            state if state in (_OPEN, *LISTED_ISSUE) else "",
            topic if topic in TOPICS else "",
            latent if latent in ("1", "0") else "",
        )

    def fits(self, issue: Issue) -> bool:
        if self.state and issue.state not in self.state.split(","):
            return False
        return issue.topic == (self.topic or issue.topic) and self.latent in ("", str(int(issue.latent)))

    def address(self, suffix: str = "", **more: str) -> str:
        given = {"state": self.state, "topic": self.topic, "latent": self.latent, **more}
        named = {name: value for name, value in given.items() if value}
        return f"{ROOT}/issues{suffix}" + (f"?{urlencode(named)}" if named else "")


async def _find(visit: Visit, wanted: _Wanted) -> Sequence[Issue]:
    """Newest first; of one day by code."""
    found = await visit.ask(Issues(visit.scope, LISTED_ISSUE))
    kept = [issue for issue in found if wanted.fits(issue)]
    return sorted(kept, key=lambda issue: (issue.opened, issue.code), reverse=True)


async def show(visit: Visit) -> Response:
    wanted = _Wanted.of(visit.query)
    found = await _find(visit, wanted)
    after = visit.query.get("after", "")
    start = next((n + 1 for n, issue in enumerate(found) if issue.code == after), 0)
    page = found[start : start + _PAGE_SIZE]
    return await render(
        visit,
        "issues.html",
        here="issues",
        wanted=wanted,
        issues=page,
        total=len(found),
        following=wanted.address(after=page[-1].code) if len(found) > start + len(page) else "",
        is_cut=start > 0,
        states=(_OPEN, *LISTED_ISSUE),
        topics=TOPICS,
        state_of=partial(issue_state, t=visit.t),
    )


async def _file(visit: Visit, form: str) -> Response:
    found = sorted(await _find(visit, _Wanted.of(visit.query)), key=lambda issue: (issue.opened, issue.code))
    async with visit.console.committer.transaction() as work:
        await apply(work, [Audit("export.issues", visit.person.id, len(found))])
    return await download("issues", issue_table(found, visit.t), form, visit.t)


PAGES = (
    Page("/issues", READERS, show),
    Page("/issues.csv", READERS, partial(_file, form="csv")),
    Page("/issues.xlsx", READERS, partial(_file, form="xlsx")),
)
