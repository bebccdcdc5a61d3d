"""What people type, in every spelling, for the choices that occur: it means what they mean, or is asked again.

`tests/data/typed_variants.txt` says of each whole message what it means in which question, or that one has to ask.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhipcau.bot.forms.answer_matching import match_option
from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input, SearchResult
from nhipcau.bot.forms.engine import answer
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind
from nhipcau.bot.forms.question_options import options_of
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.command_words import read_command
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.handlers.membership.join import read_consent
from nhipcau.handlers.reports.report_form import places_found
from nhipcau.handlers.requests.compose_request import context as composing_context
from nhipcau.handlers.screens import menu_choices
from tests.support import DATA
from tests.support.places import province

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 23)
SAY = texts("vi")
ASK = "?"


def _labels(*labels: str) -> Question:
    options = tuple(Option(str(n), label) for n, label in enumerate(labels, start=1))
    return Question("q", QuestionKind.CHOICE, "…", options, optional=True)


#: Questions of offices' files, and what they may choose from.
_ASKED = {
    "yesno": Question("q", QuestionKind.YESNO, "…", optional=True),
    "yesno3": _labels("Có", "Không", "Chưa rõ"),
    "agree": _labels("Đồng tình", "Không đồng tình", "Chưa rõ"),
    "degree": _labels("Rất đồng tình", "Không đồng tình"),
    "quality": _labels("Tốt", "Bình thường", "Hỏng"),
    "nam": _labels("Nam", "Nữ"),
    "rapid": _labels("Không có gì", "Có", "Không"),
    "scale": Question("q", QuestionKind.SCALE, "…", low="rất kém", high="rất tốt"),
    "number": Question("q", QuestionKind.NUMBER, "…"),
    "date": Question("q", QuestionKind.DATE, "…"),
}
#: Questions of our own forms.
_OURS = {
    **{name: ("report", name) for name in ("topic", "area", "spread", "mood", "urgency", "groups", "source")},
    "photo": ("report", "photos"),
    "roles": ("compose_poll", "roles"),
    "close": ("compose_poll", "close"),
    "sets": ("compose_poll", "options"),
    "hours": ("compose_rapid", "close"),
}


def _options(question: Question, draft: Draft) -> list[Option]:
    if question.source == "topics":
        first = ["GT", "DD", "MT", "DN", "YT"]
        return [Option(c, SAY(f"topic.{c}")) for c in [*first, *(c for c in TOPICS if c not in first)]]
    if question.source == "areas":
        tree = province()
        return [Option(u.code, u.name) for u in tree.near(tree.find("Xã Đồng Đăng")[0])]
    return list(question.options)


def _search(question: Question, text: str) -> SearchResult:
    tree = province()
    return places_found(tree.search(text, tree.areas), SAY) if question.source == "areas" else SearchResult()


@cache
def _walk(section: str) -> tuple[FormContext, str]:
    if section in _ASKED:
        question = _ASKED[section]
        return FormContext(Form("poll", "…", (question,)), SAY, today=TODAY), question.id
    form, id = _OURS[section]
    if id == "options":
        office = SimpleNamespace(tree=province())
        situation: Any = SimpleNamespace(
            texts=SAY, office=office, me=SimpleNamespace(unit=province().root), today=TODAY
        )
        return composing_context(situation, Draft(form, "n")), id
    return FormContext(builtin_form(form, "vi"), SAY, options=_options, search=_search, today=TODAY), id


def _asked(section: str, text: str) -> str:
    """What the engine takes words for: the label of an answer or of a way out, or "?"."""
    walk, id = _walk(section)
    draft = Draft("report", "n", at=id)
    if walk.form.id == "report":
        draft.answers, draft.trail = {"content": "cầu hỏng"}, ["content"]
    step = answer(walk, draft, Input(text=text))
    if id in draft.answers:
        return _in_words(walk, walk.form.question(id), draft.answers[id])
    signs = {
        "form.cancel": step.end is FormEnd.CANCELLED,
        "form.more": draft.page > 0,
        "form.rephrase": draft.at == "content",
        "form.other": step.message is not None and SAY("form.type_name") in step.message.text,
    }
    return next((SAY(key) for key, is_so in signs.items() if is_so), ASK)


def _in_words(walk: FormContext, question: Question, value: Any) -> str:
    if value is None:
        return SAY("form.skip")
    if question.kind in {QuestionKind.DATE, QuestionKind.NUMBER, QuestionKind.SCALE}:
        return str(value)
    options = options_of(walk, Draft("", ""), question)
    words = KINDS[question.kind].words(question, value, options, SAY)
    return words.replace(", ", "; ") if isinstance(value, list) else words


def _consent(text: str) -> str:
    event = Event("web", "e1", "a", EventKind.TEXT, text=text)
    situation: Any = SimpleNamespace(texts=SAY)
    key = read_consent(situation, event)
    return SAY(f"join.{key}") if key else ASK


def _menu(text: str) -> str:
    labels = [choice.label for choice in menu_choices(SimpleNamespace(acting_role="collaborator"), SAY)]  # type: ignore[arg-type]
    index = match_option(text, labels, numbers=True)
    return ASK if index is None else labels[index]


def understood(section: str, text: str) -> str:
    """What a whole message means where this question stands last: commands are read first, but before consent."""
    if section == "consent":
        return _consent(text)
    if command := read_command(text)[0]:
        return f"/{command}"
    if section == "menu":
        return _menu(text)
    return ASK if section == "command" else _asked(section, text)


def _lines() -> list[tuple[str, str, str]]:
    found, section = [], ""
    for line in (DATA / "typed_variants.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            typed, expected = line.split("\t")
            found.append((section, typed, expected))
    return found


def test_what_people_type_is_what_they_mean_or_is_asked_again() -> None:
    lines = _lines()
    said = [(section, typed, expected, understood(section, typed)) for section, typed, expected in lines]
    meant = [row for row in said if row[2] != ASK]
    missed = [row for row in meant if row[3] == ASK]
    guessed = [row for row in said if row[3] not in {ASK, row[2]}]
    print(f"{len(lines)} variants: {len(meant) - len(missed)} of {len(meant)} resolved, ", end="")
    print(f"{len(missed)} asked again, {len(guessed)} guessed wrongly", *missed, *guessed, sep="\n  ")
    assert len(lines) >= 500
    assert guessed == []
    assert len(missed) <= 0.02 * len(meant)


def _sentences() -> list[str]:
    """Samples of this folder: what people write freely."""
    cases = (DATA / "screening_cases.txt").read_text(encoding="utf-8").splitlines()
    texts_of_cases = [line.partition("\t")[0].strip() for line in cases if line.strip() and not line.startswith("#")]
    return [text for text in texts_of_cases if len(text.split()) > 2]


def test_no_sample_sentence_is_a_command() -> None:
    sentences = _sentences()
    assert len(sentences) > 50
    assert [text for text in sentences if read_command(text)[0]] == []


_WORDS = st.sampled_from(
    [
        *(
            "hủy",
            "lùi",
            "việc",
            "của",
            "tôi",
            "báo",
            "cáo",
            "dừng",
            "mời",
            "ạ",
            "dạ",
            "nhé",
            "không",
            "có",
            "bỏ",
            "qua",
        ),
        *(
            "huyr",
            "quay",
            "laij",
            "xóa",
            "dữ",
            "liệu",
            "số",
            "1",
            "2",
            "đường",
            "hỏng",
            "Đồng",
            "Đăng",
            "k",
            "đồng",
            "tình",
        ),
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_WORDS, min_size=6, max_size=12).map(" ".join))
def test_six_words_or_more_are_never_a_command(text: str) -> None:
    assert read_command(text) == (None, "")


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(), st.lists(_WORDS, max_size=12).map(" ".join)))
def test_free_text_is_kept_as_it_was_typed(text: str) -> None:
    walk = FormContext(Form("poll", "…", (Question("q", QuestionKind.TEXT, "…"),)), SAY)
    draft = Draft("poll", "n", at="q")
    answer(walk, draft, Input(text=text))
    assert draft.answers.get("q", nfc(text)) == nfc(text)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted({*_ASKED} - {"number", "date", "scale"})), st.lists(_WORDS, max_size=4).map(" ".join))
def test_a_denial_is_never_taken_for_what_it_denies(section: str, text: str) -> None:
    walk, id = _walk(section)
    draft = Draft("poll", "n", at=id)
    answer(walk, draft, Input(text=f"không {text}"))
    if draft.answers.get(id) is not None:
        assert "Không" in _in_words(walk, walk.form.question(id), draft.answers[id])
