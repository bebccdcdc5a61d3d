"""Answers the queries of decisions: one call for each kind of query in a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from nhipcau.model.queries import Query
from nhipcau.storage import (
    answer_notes,
    answers,
    audiences,
    confirmations,
    contact_routes,
    inbound,
    invites,
    issues,
    lessons_done,
    network_lists,
    people,
    personal_data,
    poll_groups,
    question_bank,
    regroupings,
    report_list,
    reports,
    request_lists,
    requests,
    review_figures,
    rising_words,
    rules,
    running_counts,
    saved_replies,
    sections,
    sendings,
    signals,
    similar_reports,
    syntheses,
    tallies,
    vouched,
    waiting,
)
from nhipcau.storage.registry import ANSWERERS, QueryContext

#: Files that register functions for answering queries (registry.py) when they are imported.
ANSWERING: tuple[ModuleType, ...] = (
    answer_notes,
    answers,
    audiences,
    confirmations,
    contact_routes,
    inbound,
    invites,
    issues,
    lessons_done,
    network_lists,
    people,
    personal_data,
    poll_groups,
    question_bank,
    regroupings,
    report_list,
    reports,
    request_lists,
    requests,
    review_figures,
    rising_words,
    rules,
    running_counts,
    saved_replies,
    sections,
    sendings,
    signals,
    similar_reports,
    syntheses,
    tallies,
    vouched,
    waiting,
)


async def answer(at: QueryContext, needs: Sequence[Query[Any]]) -> dict[Query[Any], Any]:
    """Each query with its result; equal ones are answered once."""
    by_kind: dict[type, list[Any]] = defaultdict(list)
    for need in dict.fromkeys(needs):
        by_kind[type(need)].append(need)
    found: dict[Query[Any], Any] = {}
    for kind, batch in by_kind.items():
        found |= await ANSWERERS[kind](at, batch)
    return found
