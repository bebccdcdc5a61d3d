"""Where the tables name a person: found from the tables themselves, so that a new table can't be forgotten."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Integer, String, Table, or_

from nhipcau.storage.tables import contacts, metadata

#: Length of a person's id; a column of this length may hold one, whatever it is called.
_ID_LENGTH = 32
#: Columns beside foreign keys that hold the id of a contact.
_OF_CONTACT = {"contact_id"}


def naming(table: Table, person_id: str, contact_ids: Collection[int] = ()) -> ColumnElement[bool] | None:
    """The condition on a row of this table that names the person, or a contact of theirs; None: no row can."""
    ids = sorted(contact_ids)
    found: list[ColumnElement[bool]] = []
    for column in table.columns:
        refers_to_contacts = any(key.column.table is contacts for key in column.foreign_keys)
        if isinstance(column.type, Integer) and (refers_to_contacts or column.name in _OF_CONTACT):
            if ids:
                found.append(column.in_(ids))
        elif isinstance(column.type, String) and column.type.length == _ID_LENGTH:
            found.append(column == person_id)
    if table is contacts and ids:
        found.append(contacts.c.id.in_(ids))
    return or_(*found) if found else None


def tables_naming(person_id: str, contact_ids: Collection[int] = ()) -> dict[Table, ColumnElement[bool]]:
    """Every table in which a row may name the person, with that condition."""
    conditions = {table: naming(table, person_id, contact_ids) for table in metadata.sorted_tables}
    return {table: condition for table, condition in conditions.items() if condition is not None}
