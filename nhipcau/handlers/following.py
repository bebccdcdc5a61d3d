"""Boards that coordinators have open follow what happens: the message is edited, at most once in three seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from nhipcau.bot.messages import Message
from nhipcau.bot.texts import texts
from nhipcau.handlers import boards
from nhipcau.handlers.asking import Work
from nhipcau.model.people import Person
from nhipcau.model.records import BoardRow, Request
from nhipcau.storage import counts, outbox, people, posted, requests
from nhipcau.storage.outbox import REMINDER, Parcel
from nhipcau.storage.posted import BOARD, FOLLOWED, Place


async def follow(work: Work) -> int:
    """Edit the boards whose counts have changed; returns how many. One that has ended is edited a last time."""
    places = await posted.boards(work.connection, work.now)
    gone: dict[str, list[int]] = defaultdict(list)
    by_board: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_board[place.key.removeprefix(BOARD)].append(place)
    found = await requests.read_requests(work.connection, work.office.tree, sorted(by_board))
    readers = await people.find_people(
        work.connection, work.office.tree, [place.person_id for place in places if place.person_id]
    )
    edits = []
    for id, request in found.items():
        rows = await counts.board(work.connection, work.office.tree, id)
        for place in by_board[id]:
            reader = readers.get(place.person_id or "")
            if reader is None or not _may_read(reader, request, rows):
                gone[place.key].append(place.contact_id)
                continue
            if request.state != "open" or work.now - place.changed_at > FOLLOWED:
                gone[place.key].append(place.contact_id)
            mark = boards.mark_of(request, boards.rows_for(request, rows, reader))
            if place.mark != mark and await posted.change(work.connection, place, mark, work.now):
                message = boards.board_message(request, rows, work.now, reader, texts(reader.language))
                edits.append(_edit(work, place, message, id))
    for id in by_board.keys() - found.keys():
        gone[BOARD + id] += [place.contact_id for place in by_board[id]]
    await outbox.put(work.connection, work.sealer, work.today, edits)
    await posted.forget(work.connection, gone)
    return len(edits)


def _may_read(person: Person, request: Request, rows: Sequence[BoardRow]) -> bool:
    """Still one of its readers, not in another unit meanwhile; of what others ask, where it asks their own units."""
    if person.role not in boards.READERS or person.state != "consented":
        return False
    asks_theirs = not request.is_poll and bool(boards.rows_for(request, rows, person))
    return person.unit.holds(request.unit) or asks_theirs


def _edit(work: Work, place: Place, message: Message, id: str) -> Parcel:
    return Parcel(
        contact_id=place.contact_id,
        message=Message(message.text, message.choices, edit=place.ref),
        lane=REMINDER,
        due_at=work.now,
        expires_at=work.now + outbox.REPLY_LIFE,
        purpose="edit",
        request_id=id,
    )
