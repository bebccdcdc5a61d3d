"""Every table, with a comment on each column whose name does not explain it.

Three kinds of rows are kept apart, and `tests/storage/test_schema.py` fails when a column joins them: people and their
contacts; participation (who was asked, who has answered); content (reports, answers). The only link is a tag made under
a key that is destroyed by a date.
"""

from __future__ import annotations

from nhipcau.storage.tables.base import Moment, metadata
from nhipcau.storage.tables.console import (
    console_drafts,
    console_forms,
    console_links,
    console_passkeys,
    console_recovery_codes,
    console_sessions,
    held_acts,
    question_bank,
)
from nhipcau.storage.tables.counts import official_counts, participation_counts, poll_counts, poll_groups, report_counts
from nhipcau.storage.tables.insight import signals, syntheses
from nhipcau.storage.tables.messages import attention, events, outbox, posted, usage
from nhipcau.storage.tables.office import audit, audit_days, data_requests, facts, saved_replies, sections
from nhipcau.storage.tables.people import contacts, conversations, departed, invites, learned, people, units
from nhipcau.storage.tables.reports import (
    issue_acts,
    issues,
    regrouped,
    regroupings,
    report_columns,
    report_notes,
    report_photos,
    reports,
    strands,
    supports,
)
from nhipcau.storage.tables.requests import (
    answer_notes,
    guards,
    official_answers,
    participation,
    poll_answers,
    requests,
    rules,
)

__all__ = [
    "Moment",
    "answer_notes",
    "attention",
    "audit",
    "audit_days",
    "console_drafts",
    "console_forms",
    "console_links",
    "console_passkeys",
    "console_recovery_codes",
    "console_sessions",
    "contacts",
    "conversations",
    "data_requests",
    "departed",
    "events",
    "facts",
    "guards",
    "held_acts",
    "invites",
    "issue_acts",
    "issues",
    "learned",
    "metadata",
    "official_answers",
    "official_counts",
    "outbox",
    "participation",
    "participation_counts",
    "people",
    "poll_answers",
    "poll_counts",
    "poll_groups",
    "posted",
    "question_bank",
    "regrouped",
    "regroupings",
    "report_columns",
    "report_counts",
    "report_notes",
    "report_photos",
    "reports",
    "requests",
    "rules",
    "saved_replies",
    "sections",
    "signals",
    "strands",
    "supports",
    "syntheses",
    "units",
    "usage",
]
