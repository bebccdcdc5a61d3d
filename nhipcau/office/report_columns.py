"""The columns of a file of reports: how offices title them, and the codes and labels that may stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.report_fields import added_questions
from nhipcau.bot.language.catalogue import LANGUAGES, Texts, texts
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.bot.language.vietnamese import fold
from nhipcau.model.reports import ReportState
from nhipcau.office.table_columns import Titles

NEEDED = ("day", "area", "text")
#: Columns of an export that are not imported: pictures are no part of the file, issues are made by people.
LEFT_OUT = ("issue", "photos")
#: How offices call the columns besides their names and titles in an export, folded.
_SYNONYMS: Mapping[str, Iterable[str]] = {
    "code": ("ma phan anh", "ma phieu"),
    "day": (
        *("ngay phan anh", "ngay ghi nhan", "ngay tiep nhan", "ngay nhan", "ngay gui", "ngay thang", "ngay thang nam"),
        *("thoi gian", "thoi diem", "ngay xay ra", "date"),
    ),
    "area": (
        *(
            "xa",
            "phuong",
            "xa phuong",
            "ten xa",
            "don vi",
            "khu vuc",
            "noi phan anh",
            "ma don vi",
            "ma dia ban",
            "unit",
        ),
        *("co quan", "xa phuong co quan", "xa phuong dac khu"),
    ),
    "text": (
        *(
            "noi dung phan anh",
            "noi dung phan anh kien nghi",
            "noi dung y kien",
            "phan anh",
            "y kien",
            "noi dung tom tat",
        ),
        *("tom tat noi dung", "y kien phan anh", "phan anh kien nghi", "noi dung y kien phan anh", "noi dung vu viec"),
    ),
    "topic": ("linh vuc", "nhom linh vuc"),
    "place": ("thon", "ban", "khoi", "thon ban khoi", "noi xay ra", "dia diem", "thon xom", "noi", "dia diem cu the"),
    "mood": ("cam xuc", "thai do", "tam trang ba con"),
    "spread": ("muc do lan rong", "muc lan toa"),
    "urgency": ("do khan", "muc do khan", "muc do khan cap", "khan cap"),
    "groups": ("doi tuong", "nhom doi tuong", "doi tuong lien quan"),
    "source": ("nguon tin",),
    "proposal": ("kien nghi", "de xuat kien nghi", "giai phap", "kien nghi de xuat"),
    "state": ("trang thai", "tinh trang xu ly"),
    # a number of the row: neither stored nor worth a word
    "number": ("stt", "tt", "so tt", "so thu tu", "no"),
}
_EXPORTED = (
    *("code", "day", "topic", "area", "place", "mood", "spread", "urgency", "text", "state", "practice"),
    *LEFT_OUT,
)


@cache
def report_titles() -> Titles:
    """The columns of `export reports` by name, by their titles in every language, and as offices call them."""
    names = [*dict.fromkeys((*_EXPORTED, *(question.id for question in added_questions())))]
    found = {name: {name, f"{name}_label", *_titles(name), *_SYNONYMS.get(name, ())} for name in names}
    return Titles({**found, "number": {"number", *_SYNONYMS["number"]}}, needed=NEEDED)


def _titles(name: str) -> set[str]:
    keys = (f"export.column.reports.{name}", f"export.column.{name}")
    return {fold(t(key)) for t in map(texts, LANGUAGES) for key in keys if t.has(key)}


def title_of(name: str, t: Texts) -> str:
    """The title of a column in an export."""
    return t(f"export.column.{name}")


@cache
def meanings(column: str) -> Mapping[str, str]:
    """What may stand in a column of codes, as `plain` gives it → the code: the code itself, and its labels."""
    found: dict[str, str] = {}
    for code in codes_of(column):
        for t in map(texts, LANGUAGES):
            keys = (f"{column}.{code}", f"report.{column}.{code}")
            found |= {plain(t(key)): code for key in keys if t.has(key)}
    return found | {plain(code): code for code in codes_of(column)}


def codes_of(column: str) -> tuple[str, ...]:
    if column == "topic":
        return TOPICS
    if column == "state":
        return tuple(ReportState)
    keys = next(q for q in builtin_form("report", "vi").questions if q.id == column).options
    # what coordinators file for others is no choice of the form
    return (*(option.key for option in keys), *(("nhap_ho",) if column == "source" else ()))


def plain(written: str) -> str:
    """A label as it is compared: without diacritics, case and kinds of dashes."""
    return re.sub(r"\s*[-–—]\s*", "-", fold(written)).strip(" .")
