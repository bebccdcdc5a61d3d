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
    # who is signed in at the console; of `console_drafts` only the office's own words, sealed, without a person
    "console_sessions",
    "console_links",
    "console_passkeys",
    "console_recovery_codes",
    "console_drafts",
}


CONTENT = {
    *("reports", "report_photos", "report_notes", "poll_answers", "official_answers"),
    "answer_notes",
    *("issues", "issue_acts", "regroupings", "regrouped", "strands", "supports", "syntheses"),
}
