"""The copy of everything stored about a person, as plain text: a paragraph a row, a line a column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from nhipcau.bot.language.catalogue import Texts, addresses, texts
from nhipcau.bot.language.periods import period_words
from nhipcau.handlers.situation import Office
from nhipcau.model.people import PersonalRecord


def copy_of(records: Sequence[PersonalRecord], office: Office, t: Texts) -> list[str]:
    """Lines of the copy, each row under the name of its table."""
    lines = []
    for record in records:
        lines += ["", f"[{label(record.table, t)}]"]
        lines += [
            f"- {label(name, t)}: {words_of((record.table, name), value, office, t)}"
            for name, value in record.values.items()
        ]
    return lines


def label(column: str, t: Texts) -> str:
    """What a table or column is called; its own name where nobody has named it yet, so that nothing is left out."""
    return t(f"stored.{column}") if t.has(f"stored.{column}") else column


def words_of(column: tuple[str, str], value: object, office: Office, t: Texts) -> str:
    """A value of this table's column; None: it is there, and not copied."""
    match value:
        case None:
            return t("stored.withheld")
        case bool():
            return t("form.yes") if value else t("stored.not_so")
        case int() if column[1] == "unit_id" and value in office.tree.by_id:
            return office.tree.by_id[value].name
        case datetime():
            return f"{value.astimezone(office.zone):%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
    match column:
        case ("people", "language"):
            return language_words(str(value), t)
        case ("attention", "week"):
            return period_words(str(value), t)
        case ("learned", "lesson"):
            return next(
                (lesson.title for lesson in office.lessons.get(t.language, ()) if lesson.id == value), str(value)
            )
    # what stands behind a colon tells which one: "board:ID"
    code, _, which = str(value).partition(":")
    key = CODED.get(column, "") + code
    return ", ".join(filter(None, (t(key), which))) if column in CODED and t.has(key) else str(value)


def language_words(tag: str, t: Texts) -> str:
    """What a language is called, and how the person is addressed where that is not the usual form."""
    word = addresses(t.language).get(tag) if tag != t.language else None
    return texts(tag)("language.name") + (", " + t("address.called", word=word) if word else "")


#: Table and column of codes → what the keys of their words begin with.
CODED = {
    ("people", "role"): "role.",
    ("people", "state"): "person.",
    ("people", "chosen"): "channel.",
    ("contacts", "channel"): "channel.",
    ("invites", "role"): "role.",
    ("outbox", "lane"): "stored_code.lane.",
    ("outbox", "purpose"): "stored_code.purpose.",
    ("outbox", "channel"): "channel.",
    ("posted", "key"): "stored_code.posted.",
    ("requests", "kind"): "kind.",
    ("requests", "state"): "board.state_",
    ("rules", "kind"): "kind.",
    ("rules", "state"): "stored_code.rule.",
    ("participation", "state"): "stored_code.participation.",
    ("participation", "band"): "stored_code.band.",
    ("participation", "reason"): "reason.",
    ("audit", "kind"): "cli.audit.kind.",
}
