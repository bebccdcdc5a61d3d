"""Which tables hold people, and which hold what people said."""

from __future__ import annotations

PEOPLE = {
    "people",
    "departed",
    "contacts",
    "conversations",
    "invites",
    "outbox",
    "events",
    "attention",
    "posted",
    "learned",
}


CONTENT = {
    *("reports", "report_photos", "report_notes", "poll_answers", "official_answers"),
    "answer_notes",
    *("issues", "issue_acts", "strands", "supports"),
}
