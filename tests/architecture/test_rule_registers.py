"""Which test holds each rule: R01–R36 (protection, from docs/protection.md), W1–W10 (the web chat's page) and K1–K18
(the console). C1–C32 stand in tests/conversations/test_dialogue_rules.py.

A rule without a test says why.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROTECTION = ROOT / "docs" / "protection.md"

_NO_CONSOLE = "open: the console is not there yet"

#: Rule → the tests that hold it, or "open: why".
WEB = {
    "W1 large text, targets, contrast, 320 px": (
        "test_web_chat_states::test_questions_and_the_summary "
        "test_web_chat_page::test_half_of_a_small_screen_is_the_conversation"
    ),
    "W2 a polite log, all by keyboard": (
        "test_web_chat_page::test_the_whole_way_in_by_keyboard "
        "test_web_chat_states::test_without_network_and_after_the_session"
    ),
    "W3 50 kB, a plain form without script": (
        "test_web_chat_page::test_the_first_load_is_small test_web_chat_page::test_without_a_script_it_is_a_plain_form"
    ),
    "W4 unsent words outlive the network": (
        "test_web_chat_pictures::test_an_unsent_picture_and_unsent_words_outlive_a_reload "
        "test_web_chat_states::test_without_network_and_after_the_session"
    ),
    "W5 nothing foreign": "test_web_chat_page::test_the_first_load_is_small",
    "W6 pictures small, after words, never in the way": (
        "test_web_chat_pictures::test_a_picture_goes_out_small_and_without_its_place "
        "test_web_chat_pictures::test_words_do_not_wait_for_a_picture_on_a_slow_network "
        "test_web_chat_pictures::test_only_silence_ends_a_transfer"
    ),
    "W7 half of a small screen is the conversation": (
        "test_web_chat_page::test_half_of_a_small_screen_is_the_conversation"
    ),
    "W8 numbers and links are tapped, times stand there": (
        "test_web_chat_page::test_addresses_and_numbers_are_tapped "
        "test_web_chat_page::test_days_and_times_stand_in_the_conversation "
        "test_web_chat::test_the_header_says_whose_it_is"
    ),
    "W9 told when closed": "open: no push yet; the home screen is offered (test_the_home_screen_is_offered_once)",
    "W10 no dead end on another browser": (
        "test_web_chat::test_a_used_card_on_a_second_device_says_how_to_get_a_new_one "
        "test_web_chat::test_the_earlier_browser_gives_a_code_for_the_new_one"
    ),
}
CONSOLE = {
    "K1 tasks first": _NO_CONSOLE,
    "K2 a poll in five clicks": _NO_CONSOLE,
    "K3 before sending: how many, by which app, what it costs": (
        "test_openings::test_the_preview_says_when_it_goes_out "
        "test_delivery_windows::test_a_closed_contact_is_passed_by_and_said_beforehand "
        "test_office_eyes::test_a_preview_does_not_tell_who_wrote_just_now"
    ),
    "K4 large sendings: a typed number, a minute to undo": "test_dialogues::test_dialogue",
    "K5 a total opens its list": "test_period_review::test_every_figure_is_what_a_count_by_hand_says",
    "K6 people and content never together, no finer than a day": (
        "test_exports::test_people_and_content_never_share_a_file "
        "test_schema::test_content_and_participation_keep_no_clock_and_no_counter"
    ),
    "K7 under k nothing is shown, filtered or not": (
        "test_exports::test_fewer_than_five_people_show_nothing "
        "test_period_review::test_hidden_groups_are_two_at_least_and_k_people_together"
    ),
    "K8 a state comes with words, previewed": (
        "test_feedback::test_words_previewed_for_one_reporter_are_not_told_to_the_area"
    ),
    "K9 not possible is not done": "test_dialogues::test_dialogue",
    "K10 merging is undone for 30 days": "test_issues::test_a_merge_is_undone_within_thirty_days_and_its_history_stays",
    "K11 destructive acts are confirmed and recorded": (
        "test_audit_commands::test_every_command_leaves_a_line_or_says_why_none"
    ),
    "K12 a form's columns never shift": "test_exports::test_every_export_has_the_promised_columns_in_every_format",
    "K13 times in the office's zone": "test_exports::test_unit_means_the_unit_of_the_rows",
    "K14 CSV opens in Excel, formulas are harmless": "test_exports::test_cells_that_would_be_formulas_are_harmless",
    "K15 a failing app is told": "test_backup_and_doctor::test_doctor_says_what_is_wrong_and_what_to_do",
    "K16 access by the report's area": "test_scopes::test_every_query_gives_the_scope_and_the_role_their_own",
    "K17 empty states say what to do": _NO_CONSOLE,
    "K18 by keyboard, at 400 %": _NO_CONSOLE,
}


@cache
def _functions() -> frozenset[str]:
    """`module::function` of every test."""
    return frozenset(
        f"{file.stem}::{name}"
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
    )


def _missing(rules: dict[str, str]) -> list[str]:
    names = (name for held in rules.values() if not held.startswith("open: ") for name in held.split())
    return sorted(name for name in names if name not in _functions())


def test_every_rule_of_page_and_console_has_tests() -> None:
    assert [rule.split()[0] for rule in WEB] == [f"W{n}" for n in range(1, 11)]
    assert [rule.split()[0] for rule in CONSOLE] == [f"K{n}" for n in range(1, 19)]
    assert (_missing(WEB), _missing(CONSOLE)) == ([], [])


def _protection() -> dict[str, str]:
    """Rule → its part of docs/protection.md."""
    parts = re.split(r"^### (R\d\d)\b", PROTECTION.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], (re.split(r"^## ", part, flags=re.MULTILINE)[0] for part in parts[2::2]), strict=True))


def test_every_rule_of_protection_has_code_tests_and_a_limit() -> None:
    rules = _protection()
    assert list(rules) == [f"R{n:02d}" for n in range(1, 37)]
    for rule, words in rules.items():
        where = re.findall(r"`(nhipcau/[\w/.]+)`", words)
        tests = re.findall(r"`(test_\w+::test_\w+)`", words)
        limit = re.search(r"^- Not against: \S.{20,}", words, re.MULTILINE)
        assert (rule, bool(where), bool(tests), bool(limit)) == (rule, True, True, True)
        assert (rule, [path for path in where if not (ROOT / path).exists()]) == (rule, [])
        assert (rule, [name for name in tests if name not in _functions()]) == (rule, [])
