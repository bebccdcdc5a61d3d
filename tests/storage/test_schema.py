"""No column joins people to content: the one bridge is a tag under a key that is destroyed by a date."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from sqlalchemy import Table

from nhipcau.bot.forms.report_fields import added_questions
from nhipcau.storage import schema
from nhipcau.storage.tables import Moment, metadata
from tests.support.table_kinds import CONTENT, PEOPLE

#: What apps count of us.
PLANS = {"usage"}
PARTICIPATION = {"participation", "guards"}
#: What the office did, and what it asked: neither people's words nor who they are.
COUNTS = {"participation_counts", "official_counts", "poll_counts", "poll_groups", "report_counts"}
OFFICE = {"units", "requests", "rules", "audit", "audit_days", "facts", "data_requests", "signals"}
# parts of offices, and words they use again
OFFICE |= {"sections", "saved_replies"}
# forms that were sent, and acts of the office that wait a minute
OFFICE |= {"console_forms", "held_acts", "question_bank", "alembic_version"}
#: Every column content may have. A new one has to be thought about here.
ALLOWED = {
    "reports": {
        *("code", "day", "topic", "area_id", "mood", "spread", "urgency", "groups", "source", "text", "proposal"),
        *("state", "issue", "confirmed", "ask_again_on", "month", "tag", "place"),
        # a part of an office, never one of its people; by which day, never when something was done
        *("section", "due"),
        # what it is found by: made of its words
        "words",
    },
    "report_photos": {"name", "report_code", "place"},
    # which side spoke, never who; `place` orders the notes of one report
    "report_notes": {"id", "report_code", "day", "place", "side", "kind", "text"},
    "issues": {
        *("code", "statement", "topic", "owner_unit_id", "state", "answer", "opened", "answered", "latent"),
        "merged_into",
    },
    # a coordinator's words about what people think: nobody's report, and nothing of who wrote it
    "strands": {"id", "issue", "kind", "text", "day"},
    # an office's document and its sentences; `drafter`: an HMAC that joins no two rows
    "syntheses": {
        *("id", "unit_id", "period", "layout", "language", "state", "revision", "words", "body", "file", "drafter"),
        *("changed", "signed", "topics"),
    },
    "issue_acts": {"id", "issue", "report_code", "act", "day"},
    # which issues were merged or split, never by whom; what went: codes of reports, ids of supports and strands
    "regroupings": {*("id", "act", "source", "target", "day", "undone", "source_state", "target_seen", "opened")},
    "regrouped": {"regrouping", "item"},
    # no words at all: that somebody stands behind an issue, found by a tag as a report's is
    "supports": {"id", "issue", "area_id", "month", "tag", "day", "confirmed", "ask_again_on"},
    "poll_answers": {"id", "request_id", "version", "tag", "answers", "sealed"},
    # official, as the answers are: which unit asked or added, never who
    "answer_notes": {"id", "answer_id", "unit_id", "day", "place", "side", "kind", "text"},
    "official_answers": {
        *(
            "id",
            "request_id",
            "unit_id",
            "day",
            "late",
            "nothing_to_report",
            "on_behalf",
            "extra",
            "version",
            "answers",
        ),
    },
}


def tables(names: set[str]) -> list[Table]:
    return [table for name, table in metadata.tables.items() if name in names]


def test_every_table_has_its_place() -> None:
    assert set(metadata.tables) == (PEOPLE | PARTICIPATION | CONTENT | COUNTS | OFFICE | PLANS) - {"alembic_version"}


@pytest.mark.parametrize("name", sorted(CONTENT))
def test_content_has_no_other_column(name: str) -> None:
    assert set(metadata.tables[name].columns.keys()) == ALLOWED[name]


@pytest.mark.parametrize("name", sorted(CONTENT))
def test_content_points_at_nobody(name: str) -> None:
    pointed_at = {key.column.table.name for key in metadata.tables[name].foreign_keys}
    assert pointed_at <= CONTENT | {"requests", "units"}


def test_nothing_of_people_points_at_content() -> None:
    for table in tables(PEOPLE | PARTICIPATION | OFFICE):
        assert not {key.column.table.name for key in table.foreign_keys} & CONTENT, table.name


def test_content_and_participation_keep_no_clock_and_no_counter() -> None:
    for table in tables(CONTENT | PARTICIPATION):
        assert not [c.name for c in table.columns if isinstance(c.type, Moment)], table.name
        assert not [c.name for c in table.primary_key if c.type.python_type is int], table.name


def test_participation_shares_with_answers_only_what_was_asked_whom() -> None:
    """A poll's answers share only the request; official ones carry the unit on purpose."""
    mine = set(metadata.tables["participation"].columns.keys())
    assert mine & ALLOWED["poll_answers"] == {"request_id"}
    assert mine & ALLOWED["official_answers"] == {"request_id", "unit_id"}


def test_counts_say_how_many_and_never_who_or_when() -> None:
    for table in tables(COUNTS):
        assert set(table.columns.keys()) <= {
            *("request_id", "unit_id", "state", "reason", "band", "nothing_to_report", "late"),
            # `name`: of a cluster of communes
            *("question", "option", "number", "name"),
            # of reports: by one or two things they say (`a`, `b`), by area and by month, on each of its days
            *("month", "cut", "area_id", "a", "b", "days"),
        }


def test_guards_stand_beside_nothing() -> None:
    assert set(metadata.tables["guards"].columns.keys()) == {"request_id", "guard"}


def test_what_people_may_add_to_a_report_has_a_column() -> None:
    assert {question.id for question in added_questions()} <= set(metadata.tables["reports"].columns.keys())


def test_every_migration_follows_the_one_before() -> None:
    """Two of one number would make two heads, and no database could be upgraded."""
    steps = sorted(path.name for path in (Path(schema.__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))
    assert [step[:4] for step in steps] == [f"{n:04}" for n in range(1, len(steps) + 1)]
    for before, step in itertools.pairwise(steps):
        text = (Path(schema.__file__).parent / "migrations" / "versions" / step).read_text(encoding="utf-8")
        assert f'revision = "{step[:4]}"\ndown_revision = "{before[:4]}"' in text, step
