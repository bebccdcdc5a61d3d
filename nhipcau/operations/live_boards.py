"""Keeps the boards coordinators have open up to date: edits the message, at most once in three seconds."""

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


async def follow(context: OperationContext) -> int:
    """Edit the boards whose counts have changed; returns how many. A board that has ended is edited a last time."""
    sent_messages = await editable_messages.boards(context.connection, context.now)
    finished: dict[str, list[int]] = defaultdict(list)
    by_board: dict[str, list[EditableMessage]] = defaultdict(list)
    for sent_message in sent_messages:
        by_board[sent_message.key.removeprefix(BOARD)].append(sent_message)
    found = await requests.read_requests(context.connection, context.tree, sorted(by_board))
    readers = await people.find_people(
        context.connection,
        context.tree,
        [sent_message.person_id for sent_message in sent_messages if sent_message.person_id],
    )
    edits = []
    for id, request in found.items():
        all_rows = await running_counts.board(context.connection, Scope.office(), context.tree, request)
        for sent_message in by_board[id]:
            reader = readers.get(sent_message.person_id or "")
            rows = _rows_for(reader, request, all_rows)
            if reader is None or rows is None:
                finished[sent_message.key].append(sent_message.contact_id)
                continue
            if request.state != RequestState.OPEN or context.now - sent_message.changed_at > FOLLOW_TIME:
                finished[sent_message.key].append(sent_message.contact_id)
            digest = progress_board.board_digest(request, rows)
            if sent_message.digest != digest and await editable_messages.claim_edit(
                context.connection, sent_message, digest, context.now
            ):
                message = progress_board.board_message(request, rows, context.now, reader, texts(reader.language))
                edits.append(_edit(context, sent_message, message, id))
    for id in by_board.keys() - found.keys():
        finished[BOARD + id] += [sent_message.contact_id for sent_message in by_board[id]]
    await outbox.put(context.connection, context.sealer, context.today, edits)
    await editable_messages.forget(context.connection, finished)
    return len(edits)


def _rows_for(person: Person | None, request: Request, rows: Sequence[BoardRow]) -> Sequence[BoardRow] | None:
    """The rows this person may read. None: they may not read this board (any more)."""
    if person is None or person.state != PersonState.CONSENTED:
        return None
    scope = Scope.of(person)
    readable = rows_within(scope, request, rows)
    is_own = scope.reads(Access.FIGURES) and scope.holds(request.unit)
    return readable if is_own or (readable and not request.is_poll) else None


def _edit(context: OperationContext, sent_message: EditableMessage, message: Message, id: str) -> NewDelivery:
    return NewDelivery(
        contact_id=sent_message.contact_id,
        message=Message(message.text, message.choices, edit=sent_message.ref),
        lane=REMINDER,
        due_at=context.now,
        expires_at=context.now + outbox.REPLY_LIFETIME,
        purpose="edit",
        request_id=id,
    )
