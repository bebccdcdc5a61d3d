"""The coordinators' console in the browser: sessions and one-time links of people, the question bank, and acts that
wait a minute."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, LargeBinary, String, Table, Text

from nhipcau.storage.tables.base import Moment, metadata

console_sessions = Table(
    "console_sessions",
    metadata,
    #: Random; named where a session is ended. The session's token is stored nowhere, only its digest.
    Column("id", String(32), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("person_id", String(32), ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("begun", Date, nullable=False),
    #: To five minutes; a session ends 12 hours after it.
    Column("used_at", Moment, nullable=False),
    #: The browser and its system in two words, as the list of sessions shows them.
    Column("device", String(60), nullable=False),
)

#: Passkeys: a second factor beside the app, whose secret is sealed with its person.
console_passkeys = Table(
    "console_passkeys",
    metadata,
    #: Random; named where one is removed.
    Column("id", String(32), primary_key=True),
    Column("person_id", String(32), ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    #: By what the device finds it, and its public half (COSE).
    Column("credential", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    #: How often it was used, as its device counts: a copied key counts behind.
    Column("uses", BigInteger, nullable=False),
    Column("device", String(60), nullable=False),
    Column("added", Date, nullable=False),
)

console_recovery_codes = Table(
    "console_recovery_codes",
    metadata,
    #: An HMAC; the code is shown once and kept nowhere.
    Column("digest", LargeBinary(16), primary_key=True),
    Column("person_id", String(32), ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
)

console_links = Table(
    "console_links",
    metadata,
    #: Of the link's token.
    Column("digest", LargeBinary(32), primary_key=True),
    #: Of the six digits sent with it; none where it came from the command line.
    Column("code", LargeBinary(32), index=True),
    Column("person_id", String(32), ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("until", Moment, nullable=False),
)

#: What somebody had typed when their session ended, until they have signed in again; sealed under the key of its day.
console_drafts = Table(
    "console_drafts",
    metadata,
    #: Of the token in the browser's cookie.
    Column("digest", LargeBinary(32), primary_key=True),
    Column("day", Date, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

#: Forms that were acted on, so that the same one sent twice acts once.
console_forms = Table(
    "console_forms",
    metadata,
    #: Of the form's token and all that was filled in.
    Column("digest", LargeBinary(32), primary_key=True),
    Column("day", Date, nullable=False),
    #: The address shown after it.
    Column("place", String(300), nullable=False),
)

#: Questions that a unit keeps to ask them again; nothing of who wrote them.
question_bank = Table(
    "question_bank",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    #: JSON, as a request file says a question.
    Column("body", Text, nullable=False),
)

#: Acts of the office that are done a minute later unless they are undone; nothing of who decided them but what is said.
held_acts = Table(
    "held_acts",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    #: What it is about: report, issue, request; and its code.
    Column("kind", String(10), nullable=False),
    Column("subject", String(32), nullable=False, index=True),
    Column("due_at", Moment, nullable=False, index=True),
    #: JSON: what is done then.
    Column("body", Text, nullable=False),
    #: JSON: what undoing it puts back.
    Column("undo", Text, nullable=False),
    #: Taken back; kept until its moment, so that whoever presses twice reads the same.
    Column("undone", Boolean, nullable=False),
)
