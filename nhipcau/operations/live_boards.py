"""Boards that coordinators have open follow what happens: the message is edited, at most once in three seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.requests import progress_board
from nhipcau.model.counts import BoardRow, rows_within
from nhipcau.model.people import Person, PersonState
from nhipcau.model.requests import Request, RequestState
from nhipcau.model.scope import Access, Scope
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import editable_messages, outbox, people, requests, running_counts
from nhipcau.storage.editable_messages import BOARD, FOLLOW_TIME, EditableMessage
from nhipcau.storage.outbox import REMINDER, NewDelivery


async def follow(work: OperationContext) -> int:
    """Edit the boards whose counts have changed; returns how many. One that has ended is edited a last time."""
    places = await editable_messages.boards(work.connection, work.now)
    gone: dict[str, list[int]] = defaultdict(list)
    by_board: dict[str, list[EditableMessage]] = defaultdict(list)
    for place in places:
        by_board[place.key.removeprefix(BOARD)].append(place)
    found = await requests.read_requests(work.connection, work.office.tree, sorted(by_board))
    readers = await people.find_people(
        work.connection, work.office.tree, [place.person_id for place in places if place.person_id]
    )
    edits = []
    for id, request in found.items():
        everywhere = await running_counts.board(work.connection, Scope.office(), work.office.tree, request)
        for place in by_board[id]:
            reader = readers.get(place.person_id or "")
            rows = _rows_for(reader, request, everywhere)
            if reader is None or rows is None:
                gone[place.key].append(place.contact_id)
                continue
            if request.state != RequestState.OPEN or work.now - place.changed_at > FOLLOW_TIME:
                gone[place.key].append(place.contact_id)
            digest = progress_board.mark_of(request, rows)
            if place.digest != digest and await editable_messages.claim_edit(work.connection, place, digest, work.now):
                message = progress_board.board_message(request, rows, work.now, reader, texts(reader.language))
                edits.append(_edit(work, place, message, id))
    for id in by_board.keys() - found.keys():
        gone[BOARD + id] += [place.contact_id for place in by_board[id]]
    await outbox.put(work.connection, work.sealer, work.today, edits)
    await editable_messages.forget(work.connection, gone)
    return len(edits)


def _rows_for(person: Person | None, request: Request, rows: Sequence[BoardRow]) -> Sequence[BoardRow] | None:
    """Those this person may read. None: they are none of its readers, or in another unit meanwhile, or others ask, and
    not their own units."""
    if person is None or person.state != PersonState.CONSENTED:
        return None
    scope = Scope.of(person)
    mine = rows_within(scope, request, rows)
    ours = scope.reads(Access.FIGURES) and scope.holds(request.unit)
    return mine if ours or (mine and not request.is_poll) else None


def _edit(work: OperationContext, place: EditableMessage, message: Message, id: str) -> NewDelivery:
    return NewDelivery(
        contact_id=place.contact_id,
        message=Message(message.text, message.choices, edit=place.ref),
        lane=REMINDER,
        due_at=work.now,
        expires_at=work.now + outbox.REPLY_LIFETIME,
        purpose="edit",
        request_id=id,
    )
