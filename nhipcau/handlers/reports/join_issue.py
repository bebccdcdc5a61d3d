""" "Cũng vậy": support an open issue instead of filing another report about the same."""

from __future__ import annotations

from nhipcau.bot.forms.draft import SUMMARY, Draft
from nhipcau.bot.forms.model import Option
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.language.similarity import most_similar
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import RunCommand, choice
from nhipcau.handlers.screens import closing, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.issue_changes import AddSupport
from nhipcau.model.issues import Issue
from nhipcau.model.queries import AreaIssues, MyIssues, MyReports

#: Characters of a choice that names an issue.
_MAX_LABEL_CHARS = 60


def load_similar_issues(situation: Situation, draft: Draft) -> Decision[bool]:
    """Before the summary, load similar open issues of the chosen area. True: they have changed."""
    if draft.at != SUMMARY or draft.extra.get("on_behalf") or draft.extra.get("corrects") or draft.is_practice:
        return False
    basis = [draft.answers["area"], draft.answers["content"]]
    if draft.extra.get("like_of") == basis:
        return False
    earlier = draft.extra.get("like")
    area = situation.office.tree.by_code[draft.answers["area"]]
    found = {issue.code: issue for issue in (yield from load(AreaIssues(area.id)))}
    alike = most_similar(str(draft.answers["content"]), [(i.code, i.statement) for i in found.values()])
    draft.extra["like"] = [[code, found[code].statement] for code in alike]
    draft.extra["like_of"] = basis
    return bool(alike or earlier)


def offers(situation: Situation, draft: Draft) -> list[Option]:
    """Similar issues as choices of the summary, below "Gửi"."""
    t = situation.texts
    room = _MAX_LABEL_CHARS - len(t("issue.also", statement=""))
    return [
        Option(code, t("issue.also", statement=short_title(statement, room)))
        for code, statement in draft.extra.get("like", [])
    ]


def join(situation: Situation, draft: Draft, code: str) -> Decision[DecisionResult | None]:
    """Support the issue instead of filing the draft. None: the issue has ended meanwhile, the draft goes on."""
    t, me = situation.texts, situation.me
    area = situation.office.tree.by_code[draft.answers["area"]]
    open_issues: dict[str, Issue] = {issue.code: issue for issue in (yield from load(AreaIssues(area.id)))}
    issue = open_issues.get(code)
    if issue is None:
        draft.extra["like"] = [row for row in draft.extra["like"] if row[0] != code]
        return None
    mine = yield from load(MyReports(me.tag_secret))
    joined = yield from load(MyIssues(me.tag_secret))
    situation.conversation.drop(draft)
    lines = [t("report.emergency")] if draft.answers.get("urgency") == "khan" else []
    if any(r.issue == code for r in mine) or any(i.code == code for i in joined):
        lines.append(t("issue.joined_already", statement=issue.statement))
        return reply(_receipt(situation, lines))
    lines.append(t("issue.joined", band=t(f"issue.band.{issue.band}"), statement=issue.statement))
    return reply(_receipt(situation, lines), changes=[AddSupport(situation.new_id("id"), code, area.id, me.tag_secret)])


def _receipt(situation: Situation, lines: list[str]) -> Message:
    t = situation.texts
    return closing(
        situation,
        "\n".join(lines),
        choice(t("report.more"), RunCommand(Command.REPORT)),
        choice(t("menu.cuatoi"), RunCommand(Command.MY_REPORTS), beside=True),
    )
