"""A poll to everybody in tests of faults: asked, and who has it, by the phones and by the database."""

from __future__ import annotations

import json

from tests.support.installation import Installation
from tests.support.people import names_in
from tests.support.standins.telegram import TelegramStandIn
from tests.support.telegram_office import UNIT, Place, command, rows

_POLL = "title: Giờ tiếp dân\nquestions:\n  - {text: 'Thuận không?', kind: yesno}\n"
_REACHED = """SELECT people.id, people.sealed FROM participation JOIN people ON people.id = person_id
    WHERE participation.state IN ('reached', 'started', 'answered')"""


async def ask_all(place: Place, number: int) -> str:
    """Ask all these people, as the office does; the poll's id."""
    folder = place.folder if isinstance(place, Installation) else place
    file = folder / "hoi.yaml"
    file.write_text(_POLL, encoding="utf-8")
    made = json.loads(await command(place, "poll", str(file), "--unit", UNIT, "--json"))
    assert made["people"] == number
    return str(made["id"])


async def close(place: Place, id: str) -> None:
    await command(place, "poll", "close", id)


def people_reached(place: Place) -> set[str]:
    """Names of those who have the question, as the database knows."""
    folder = place.folder if isinstance(place, Installation) else place
    return set(names_in(folder, rows(place, _REACHED)))


def said_to(tg: TelegramStandIn) -> dict[int, list[str]]:
    """Everything said to each chat, word for word with its buttons, in order."""
    said: dict[int, list[str]] = {}
    for method, parameters in tg.calls:
        if method == "sendMessage":
            said.setdefault(int(parameters["chat_id"]), []).append(json.dumps(parameters, sort_keys=True))
    return said


def copies(tg: TelegramStandIn, words: str = "") -> dict[str, int]:
    """How many messages with these words lie on each phone, by the name of its owner; a question asked again, as its
    answer was unclear, is no second copy."""
    seen = {
        p.first_name: sum(words in m.text and not m.text.startswith("Tôi chưa rõ") for m in p.messages)
        for p in tg.phones.values()
    }
    return {name: count for name, count in seen.items() if count}
