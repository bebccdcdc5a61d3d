"""Writes what decide decided: one call a kind for a whole batch, kinds in the order of `_KINDS`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model import changes
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import answers, contacts, handover, invites, issues, lessons_done, people, report_notes, reports
from nhipcau.storage.database import execute_many
from nhipcau.storage.tables import audit

#: What stands as the actor of the command line and the clock.
OFFICE = "office"


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """What every write needs."""

    connection: AsyncConnection
    sealer: Sealer
    now: datetime
    today: date
    #: Contact id → (channel, address) of the doors of this batch.
    doors: Mapping[int, tuple[str, str]]
    #: Language of new people.
    language: str = "vi"


async def save(at: ChangeContext, rows: Sequence[Any]) -> list[Any]:
    """Write what is rows; returns what is more than rows (asking, ending, ringing), in order, for the caller."""
    by_kind: dict[type, list[Any]] = defaultdict(list)
    acts = []
    for row in rows:
        if type(row) in _KINDS:
            by_kind[type(row)].append(row)
        else:
            acts.append(row)
    for kind, write in _KINDS.items():
        if kind in by_kind:
            await write(at, by_kind[kind])
    return acts


async def note(connection: AsyncConnection, now: datetime, act: str, subject: str, actor: str = OFFICE) -> None:
    """One line of the audit: what was done by whom in the office, never content."""
    await connection.execute(insert(audit).values(at=now, actor=actor, act=act, subject=subject))


Write = Callable[[ChangeContext, Any], Awaitable[None]]


def _each(write_one: Write) -> Write:
    async def write_all(at: ChangeContext, rows: Sequence[Any]) -> None:
        for row in rows:
            await write_one(at, row)

    return write_all


async def _forget(at: ChangeContext, row: changes.ForgetContact) -> None:
    await contacts.forget_contact(at.connection, row)


async def _keep(at: ChangeContext, row: changes.KeepInvitation) -> None:
    await invites.keep_invitation(at.connection, row)


async def _join(at: ChangeContext, row: changes.Join) -> None:
    await invites.join(at.connection, row, at.language)


async def _add_door(at: ChangeContext, row: changes.LinkContact) -> None:
    await invites.link_contact(at.connection, row)


async def _change_person(at: ChangeContext, row: changes.ChangePerson) -> None:
    await people.change_person(at.connection, row.person_id, row.values)


async def _delete_person(at: ChangeContext, row: changes.DeletePerson) -> None:
    await people.delete_person(at.connection, row, at.now)


async def _replace_person(at: ChangeContext, row: changes.ReplacePerson) -> None:
    await handover.replace(at.connection, row, at.language, at.now)
    await note(at.connection, at.now, "person.replace", row.person_id, row.actor)


async def _close_door(at: ChangeContext, row: changes.CloseContact) -> None:
    await contacts.mark_closed(at.connection, row.contact_id)


async def _file(at: ChangeContext, rows: Sequence[changes.FileReport]) -> None:
    await reports.file_reports(at.connection, at.sealer, rows)


async def _change_report(at: ChangeContext, row: changes.ChangeReport) -> None:
    await reports.change_report(at.connection, row)
    if row.actor and "state" in row.values:
        await note(at.connection, at.now, f"report.{row.act or row.values['state']}", row.code, row.actor)


async def _add_notes(at: ChangeContext, rows: Sequence[changes.AddReportNote]) -> None:
    await report_notes.add_notes(at.connection, rows, at.today)


async def _open_issue(at: ChangeContext, row: changes.OpenIssue) -> None:
    await issues.open_issue(at.connection, row, at.today)
    await note(at.connection, at.now, "issue.open", row.code, row.actor)


async def _merge(at: ChangeContext, row: changes.MergeReport) -> None:
    await issues.merge(at.connection, row, at.today)
    await note(at.connection, at.now, f"issue.{row.act}", f"{row.issue} {row.code}", row.actor)


async def _change_issue(at: ChangeContext, row: changes.ChangeIssue) -> None:
    await issues.change_issue(at.connection, row, at.today)
    await note(at.connection, at.now, f"issue.{row.kind}", row.code, row.actor)


async def _support(at: ChangeContext, rows: Sequence[changes.AddSupport]) -> None:
    await issues.add_supports(at.connection, at.sealer, rows, at.today)


async def _started(at: ChangeContext, rows: Sequence[changes.MarkStarted]) -> None:
    await answers.mark_started(at.connection, rows)


async def _polls(at: ChangeContext, rows: Sequence[changes.RecordPollAnswer]) -> None:
    await answers.record_poll(at.connection, at.sealer, rows, at.doors)


async def _officials(at: ChangeContext, rows: Sequence[changes.RecordOfficial]) -> None:
    await answers.record_official(at.connection, rows, at.today)


async def _revoke(at: ChangeContext, row: changes.RevokeCards) -> None:
    await invites.revoke_cards(at.connection, row.person_id)


async def _invites(at: ChangeContext, rows: Sequence[changes.MakeInvite]) -> None:
    await invites.make_invites(at.connection, rows, at.today)
    for row in rows:
        await note(at.connection, at.now, "invite.make", row.person_id or str(row.unit_id), row.actor)


async def _learned(at: ChangeContext, rows: Sequence[changes.MarkLessonDone]) -> None:
    await lessons_done.note_learned(at.connection, rows, at.today)


async def _audit(at: ChangeContext, rows: Sequence[changes.Audit]) -> None:
    lines = [{"at": at.now, "actor": r.actor, "act": r.act, "subject": r.subject} for r in rows]
    await execute_many(at.connection, insert(audit), lines)


_KINDS: dict[type, Write] = {
    changes.ForgetContact: _each(_forget),
    changes.KeepInvitation: _each(_keep),
    changes.Join: _each(_join),
    changes.LinkContact: _each(_add_door),
    changes.ChangePerson: _each(_change_person),
    # before the successor's card points at them
    changes.ReplacePerson: _each(_replace_person),
    changes.CloseContact: _each(_close_door),
    changes.FileReport: _file,
    changes.ChangeReport: _each(_change_report),
    changes.OpenIssue: _each(_open_issue),
    changes.MergeReport: _each(_merge),
    changes.ChangeIssue: _each(_change_issue),
    changes.AddReportNote: _add_notes,
    changes.AddSupport: _support,
    changes.MarkStarted: _started,
    changes.RecordPollAnswer: _polls,
    changes.RecordOfficial: _officials,
    changes.RevokeCards: _each(_revoke),
    changes.MakeInvite: _invites,
    changes.MarkLessonDone: _learned,
    changes.DeletePerson: _each(_delete_person),
    changes.Audit: _audit,
}
