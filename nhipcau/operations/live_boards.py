"""Keeps the boards coordinators have open up to date: edits the message, at most once in three seconds."""

from __future__ import annotations

from collections import defaultdict

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.tree import Tree
from nhipcau.handlers.requests import progress_board
from nhipcau.handlers.requests.board_text import board_digest
from nhipcau.model.counts import BoardFacts, rows_within
from nhipcau.model.people import Person, PersonState
from nhipcau.model.request_kinds import BY_UNIT
from nhipcau.model.requests import Request, RequestState
from nhipcau.model.scope import Access, Scope
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import answers, editable_messages, outbox, people, requests, running_counts
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
        context.sealer,
        context.tree,
        [sent_message.person_id for sent_message in sent_messages if sent_message.person_id],
    )
    edits = []
    for id, request in found.items():
        everything = await board_facts(context, Scope.office(), request)
        for sent_message in by_board[id]:
            reader = readers.get(sent_message.person_id or "")
            facts = _facts_for(reader, request, everything, context.tree)
            if reader is None or facts is None:
                finished[sent_message.key].append(sent_message.contact_id)
                continue
            if request.state != RequestState.OPEN or context.now - sent_message.changed_at > FOLLOW_TIME:
                finished[sent_message.key].append(sent_message.contact_id)
            digest = board_digest(request, facts)
            if sent_message.digest != digest and await editable_messages.claim_edit(
                context.connection, sent_message, digest, context.now
            ):
                t = texts(reader.language)
                message = progress_board.board_message(request, facts, context.tree, context.now, reader, t)
                edits.append(_edit(context, sent_message, message, id))
    for id in by_board.keys() - found.keys():
        finished[BOARD + id] += [sent_message.contact_id for sent_message in by_board[id]]
    await outbox.put(context.connection, context.sealer, context.today, edits)
    await editable_messages.forget(context.connection, finished)
    return len(edits)


async def board_facts(context: OperationContext, scope: Scope, request: Request) -> BoardFacts:
    """What a board shows a reader of this scope."""
    connection, tree = context.connection, context.tree
    rows = await running_counts.board(connection, scope, tree, request)
    if request.kind not in BY_UNIT:
        return BoardFacts(rows)
    # a commune is named where none of its cells has answered: names for both, as readers see other parts of the tree
    silent = [row.unit for row in rows if not row.settled]
    ids = {unit.id for unit in silent} | {tree.commune_of(unit).id for unit in silent}
    answered = await answers.answers_of(connection, scope, tree, request.id)
    return BoardFacts(rows, answered, await people.responsible_names(connection, scope, context.sealer, ids))


def _facts_for(person: Person | None, request: Request, facts: BoardFacts, tree: Tree) -> BoardFacts | None:
    """What of everything this person may read. None: they may not read this board (any more)."""
    if person is None or person.state != PersonState.CONSENTED:
        return None
    scope = Scope.of(person)
    readable = rows_within(scope, request, facts.rows)
    is_own = scope.reads(Access.FIGURES) and scope.holds(request.unit)
    if not (is_own or (readable and not request.is_poll)):
        return None
    return BoardFacts(
        readable,
        [_readable(scope, answer) for answer in facts.answers if scope.holds(tree.by_code[str(answer["_code"])])],
        {id: name for id, name in facts.responsible.items() if scope.reads(Access.NETWORK) and _holds(scope, tree, id)},
    )


def _readable(scope: Scope, answer: dict[str, object]) -> dict[str, object]:
    if scope.reads(Access.CONTENT):
        return answer
    return {key: value for key, value in answer.items() if key.startswith("_") and key != "_notes"}


def _holds(scope: Scope, tree: Tree, unit_id: int) -> bool:
    return scope.holds(tree.by_id[unit_id])


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
