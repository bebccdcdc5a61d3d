"""Fillings of hostile texts, and the readers of free words, found by what their signatures say."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from types import ModuleType
from typing import Any

import nhipcau.bot.forms
import nhipcau.bot.language
import nhipcau.bot.messaging
import nhipcau.bot.recurrence
import nhipcau.bot.units
import nhipcau.handlers.membership
import nhipcau.privacy
from nhipcau.actions import sensitive_questions

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LABELS = ("Đồng tình", "Không đồng tình", "Khẩn, trong ngày", "Có")

FILLINGS = (
    *("f1", "w", "uw", "oo", "dd", "a", "A", "Đ", "o", "9", "(", "[", ".", ",", ";", ":", "-", "*", "@", "#", "/", "|"),
    *(
        "\n",
        "\n- ",
        "\u0301\u0316",
        "a\u0301\u0316",
        "e\u0302\u0323",
        "\u200d",
        "🙂",
        "👨\u200d👩\u200d👧",
        "漢",
        "é",
        "ơ",
    ),
    *(
        "<a ",
        "://",
        "www.",
        "http://a ",
        "a@",
        "a@b.vn ",
        "a.",
        "a.b",
        "a-",
        "a,",
        "1/",
        "5/",
        "1.1.",
        "1,",
        "+84",
        "- 1",
    ),
    *(
        "a ",
        "1 ",
        "1 1",
        "o ",
        ". ",
        ", ",
        "- ",
        "| ",
        "k ",
        "bt ",
        "0912 ",
        "0912345678 ",
        "9" * 30 + " ",
        "1h",
        "5/1h ",
    ),
    *("không ", "một ", "hai ba ", "năm ", "dạ ", "ạ ", "chọn ", "ông ", "xã ", "Nguyễn Văn ", "anh Hùng ", "Ông Ba "),
    *("tháng ", "ngày 1 ", "12 tháng 1 ", "thứ ", "thôn a, ", "so nha 1/", "số 1 ", "zalo a", "a cong ", "a at "),
    *("biển ", "MẬT ", "gọi", "cứu ", "chay ", "\\", '"', "'", "x=", "\t", "\0", "\u0338", "\ufe0f", "\u202e", "A B "),
)

#: Packages whose functions read free words.
_READING: tuple[ModuleType, ...] = (
    nhipcau.bot.forms,
    nhipcau.bot.language,
    nhipcau.bot.messaging,
    nhipcau.bot.recurrence,
    nhipcau.bot.units,
    nhipcau.handlers.membership,
    nhipcau.privacy,
)
#: What a reader is called with beside the words, by the parameter's name.
_GIVEN: dict[str, Any] = {
    **{"today": TODAY, "now": NOW, "labels": LABELS, "count": 9, "proper": "báo cáo", "other": "đường hỏng"},
    **{"among": [("x", "đường hỏng"), ("y", "nước đục")], "numbers": True, "cells": (), "limit": 4000, "command": None},
    **{"kind": "pdf", "ways": (), "least": 256},
}
#: Names a first parameter has where it takes words as somebody wrote them.
_WORDS = frozenset({"text", "typed", "words", "name", "code", "title", "markdown", "label", "one", "data"})
#: What has such a parameter, and takes no words of people.
_NONE_OF_PEOPLE = {
    *("bot.forms.builtin.builtin_form", "privacy.screening_words.listed", "privacy.screening_words.spellings"),
    # an office's own calendar and schedule, read from its files
    *("bot.recurrence.working_days.read_calendar", "bot.recurrence.crontab.crontab_fields"),
    # parts of `screen`, which is read as a whole
    *(f"privacy.screening_{part}" for part in ("contacts.find_emails", "contacts.find_links", "contacts.find_births")),
    *(f"privacy.screening_{part}" for part in ("contacts.find_addresses", "names.find_names")),
    *(f"privacy.screening_{part}" for part in ("numbers.find_plates", "numbers.find_numbers")),
    # reads the answers of a form, in its own condition
    "bot.forms.conditions.holds",
}


def readers() -> dict[str, Callable[[str], object]]:
    """Every public function of the reading packages that takes words first, ready to be called with them."""
    found: dict[str, Callable[[str], object]] = {}
    for name, function in _functions():
        first, *others = inspect.signature(function).parameters.values()
        if name in _NONE_OF_PEOPLE or first.annotation != "str" or first.name not in _WORDS:
            continue
        needed = [each.name for each in others if each.default is each.empty]
        if unknown := [each for each in needed if each not in _GIVEN]:
            raise AssertionError(f"say in _GIVEN with which {unknown} {name} is called, or why it reads no free words")
        found[name] = partial(_whole, function, {each: _GIVEN[each] for each in needed})
    return found


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    modules = [
        importlib.import_module(f"{package.__name__}.{each.name}")
        for package in _READING
        for each in pkgutil.iter_modules(package.__path__)
    ]
    for module in [*modules, sensitive_questions]:
        for name, function in vars(module).items():
            ours = getattr(function, "__module__", "") == module.__name__ and not name.startswith("_")
            if ours and callable(function) and not inspect.isclass(function) and inspect.signature(function).parameters:
                yield f"{module.__name__.removeprefix('nhipcau.')}.{name}", function


def _whole(function: Callable[..., object], given: dict[str, Any], words: str) -> object:
    """The reading itself: with what it remembers of earlier calls left out, and to the end where it yields."""
    plain = inspect.unwrap(function)
    result = plain(words, **given)
    return list(result) if isinstance(result, Iterator) else result
