"""Every sentence exists in every language with the same facts, and obeys the rules of tone."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from nhipcau.bot.texts import LANGUAGES, catalogue

CODE = Path(__file__).parents[1] / "nhipcau"
_CALL = re.compile(r'(?:\bsay|texts|sentence)\(\s*"([a-z_]+\.[A-Za-z_.!]+)"')


def facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_languages_have_the_same_keys() -> None:
    assert set(catalogue("vi")) == set(catalogue("en"))


def test_sentences_take_the_same_facts() -> None:
    vi, en = catalogue("vi"), catalogue("en")
    assert {key: facts(vi[key]) for key in vi} == {key: facts(en[key]) for key in vi}


def test_every_key_the_code_names_exists() -> None:
    named = {key for path in CODE.rglob("*.py") for key in _CALL.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 150
    assert named - set(catalogue("vi")) - {key for key in named if key.endswith((".", "_"))} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_question_a_sentence_and_short(language: str) -> None:
    for key, sentence in catalogue(language).items():
        assert sentence.count("?") <= 1, key
        assert len(sentence) <= 350, key


def test_buttons_are_short() -> None:
    for key, label in catalogue("vi").items():
        if key.startswith(("menu.", "form.", "inbox.", "topic.")) and key.count(".") == 1 and "." not in label:
            if "{" not in label and len(label.split()) <= 5:
                assert len(label) <= 30, key


@pytest.mark.parametrize(
    ("key", "label"),
    [("form.cancel", "Hủy"), ("form.back", "Lùi"), ("form.skip", "Bỏ qua"), ("form.other", "Khác …"), ("form.more", "Xem thêm"),
     ("join.yes", "Đồng ý"), ("form.nothing", "Không có gì"), ("answer.more", "Bổ sung"), ("answer.edit", "Sửa câu trả lời")],
)  # fmt: skip
def test_promised_labels(key: str, label: str) -> None:
    assert catalogue("vi")[key] == label


@pytest.mark.parametrize(
    ("key", "words"),
    [("join.done", "Đã tham gia"), ("report.done", "Đã ghi nhận báo cáo"), ("answer.done_poll", "Đã ghi nhận câu trả lời"),
     ("answer.done_rapid", "Đã ghi nhận báo cáo nhanh"), ("join.refused", "không đúng hoặc đã hết hạn"), ("answer.stopped", "Cuộc thăm dò đã dừng")],
)  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_programs_look_for(language: str, key: str, words: str) -> None:
    assert words in catalogue(language)[key]
