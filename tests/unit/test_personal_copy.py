"""The copy of one's own data says every code in words, in every language (R09)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, get_args

import pytest
from sqlalchemy import Column, SmallInteger, String

from nhipcau.bot.channels.registry import CHANNELS
from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.handlers.membership.personal_copy import CODED
from nhipcau.handlers.requests.request_messages import Band
from nhipcau.model.audit_kinds import AUDIT_KINDS
from nhipcau.model.people import PersonState, Role
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import ParticipationState, RequestState, RuleState
from nhipcau.storage.editable_messages import BOARD, NOTICE
from nhipcau.storage.outbox import LATER, Purpose
from nhipcau.storage.person_references import tables_naming
from nhipcau.storage.personal_data import OF_OFFICE
from nhipcau.storage.tables import audit

_CHANNELS = {traits.name for traits in CHANNELS}
#: What every coded column may hold; why nothing arrived (`reason`) is looked at in test_catalogue.py.
CODES: dict[tuple[str, str], Collection[str]] = {
    ("people", "role"): set(Role),
    ("people", "state"): set(PersonState),
    ("people", "chosen"): _CHANNELS,
    ("contacts", "channel"): _CHANNELS,
    ("invites", "role"): set(Role),
    ("outbox", "lane"): set(map(str, range(LATER + 1))),
    ("outbox", "purpose"): set(get_args(Purpose)),
    ("outbox", "channel"): _CHANNELS,
    ("posted", "key"): {BOARD.rstrip(":"), NOTICE.rstrip(":")},
    ("requests", "kind"): set(RequestKind),
    ("requests", "state"): set(RequestState),
    ("rules", "kind"): set(RequestKind),
    ("rules", "state"): set(RuleState),
    ("participation", "state"): set(ParticipationState),
    ("participation", "band"): set(get_args(Band)),
    ("participation", "reason"): {"no_door", "expired"},
    ("audit", "kind"): AUDIT_KINDS,
}
#: Short texts that are no codes: days of a text's version, periods, ids, what people or offices wrote.
NO_CODES = {
    *(("people", "language"), ("people", "consent_version"), ("people", "code_lookup"), ("invites", "code")),
    *(("contacts", "invite_code"), ("learned", "lesson"), ("attention", "week"), ("outbox", "request_id")),
    *(("outbox", "lost"), ("posted", "mark"), ("participation", "request_id"), ("requests", "id"), ("rules", "id")),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_words(language: str) -> None:
    t = texts(language)
    assert CODES.keys() == CODED.keys()
    assert [key for column, codes in CODES.items() for c in codes if not t.has(key := CODED[column] + c)] == []


def test_every_short_column_is_a_code_or_known_to_be_none() -> None:
    t = texts("vi")
    copied = [table for table in [*tables_naming(""), audit] if t.has(f"stored.{table.name}")]
    short = {
        (table.name, column.name)
        for table in copied
        for column in table.columns
        if column.name in OF_OFFICE.get(table.name, column.name) and _is_short(column)
    }
    assert short - CODED.keys() - NO_CODES == set()


def _is_short(column: Column[Any]) -> bool:
    """Whether it may hold a code: ids of people have 32 letters."""
    if isinstance(column.type, String):
        return 0 < (column.type.length or 0) <= 40 and column.type.length != 32
    return isinstance(column.type, SmallInteger)
