"""Every kind of question from its file to the export: nothing a kind needs is missing, and none counts nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.kinds import KINDS, read_answer
from nhipcau.bot.forms.kinds.kind import Counted, same_words
from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.insight.poll_charts import compare_chart, result_chart
from nhipcau.insight.poll_comparison import compare, compare_text
from nhipcau.insight.poll_results import Bar, poll_result, publishable_result
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.tally import tally_of
from nhipcau.office.request_file import read_request
from nhipcau.office.yaml_validation import InvalidFile
from nhipcau.storage.tables import official_answers
from tests.support.apps import NUMBER, app_world
from tests.support.charts import bars, words
from tests.support.requests import ask, crowd, csv_rows, end, exported, read_all, stored
from tests.support.sample_polls import FORM, SAMPLES, asked
from tests.support.world import MORNING, Phone, World

SAY = texts("vi")
IN_FILES = [kind for kind in KINDS if KINDS[kind].in_files]
IN_POLLS = [kind for kind in IN_FILES if not KINDS[kind].why_not_in_polls]
TODAY = date(2026, 11, 23)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def question(kind: QuestionKind) -> Question:
    file = SAMPLES[kind].file
    options = tuple(Option(str(n), label) for n, label in enumerate(file.get("choices", ()), start=1))
    given = {"minimum": file.get("min"), "low": file.get("low", ""), "high": file.get("high", "")}
    return Question("q1", kind, "Xin cho biết?", options, **given)


def answers_of(kind: QuestionKind, one: int, other: int) -> list[dict[str, Any]]:
    return [{"q1": SAMPLES[kind].value}] * one + [{"q1": SAMPLES[kind].other}] * other


# ------------------------------------------------------------------ what a kind says of itself


def test_the_sample_poll_asks_every_kind_a_poll_may_ask() -> None:
    assert {q.kind for q in FORM.questions} == set(IN_POLLS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_read_and_said_in_words(kind: QuestionKind) -> None:
    sample, asks = SAMPLES[kind], question(kind)
    options = KINDS[kind].options(asks, SAY)
    for typed in sample.typed:
        assert read_answer(asks, typed, options, TODAY) == sample.value
    with pytest.raises(InvalidAnswer) as wrong:
        read_answer(asks, sample.wrong, options, TODAY)
    assert SAY.has(f"wrong.{wrong.value.why}")
    assert KINDS[kind].words(asks, sample.value, options, SAY) == sample.words


@pytest.mark.parametrize("kind", KINDS)
def test_what_takes_a_picture_or_a_document_keeps_it(kind: QuestionKind) -> None:
    if KINDS[kind].takes_photo:
        value, sentence = KINDS[kind].keep(question(kind), None, {"photo": "a.jpg"}, SAY)
        assert (value in (["a.jpg"], {"photo": "a.jpg"}), sentence) == (True, SAY("form.photo_kept"))
    if KINDS[kind].takes_file:
        document = {"file": "a.pdf", "title": "A.pdf"}
        assert KINDS[kind].keep(question(kind), None, document, SAY) == (document, SAY("form.file_kept", title="A.pdf"))
    if not KINDS[kind].takes_photo:
        assert KINDS[kind].keep(question(kind), None, {"photo": "a.jpg"}, SAY) == (None, SAY("wrong.no_photo"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_in_polls_counts_something(kind: QuestionKind) -> None:
    assert (KINDS[kind].counted is Counted.NOTHING) == (kind not in IN_POLLS)


# ------------------------------------------------------------------ in a file


@pytest.mark.parametrize("kind", IN_FILES)
def test_a_file_may_say_of_a_question_what_its_kind_has(kind: QuestionKind, tmp_path: Path) -> None:
    values = {"choices": ["A", "B"], "min": 1, "max": 3, "low": "ít", "high": "nhiều"}
    needed = {"choices": ["A", "B"]} if "choices" in KINDS[kind].fields else {}
    path = tmp_path / "r.json"
    for field, value in values.items():
        asks = {"text": "A?", "kind": kind, **needed, field: value}
        path.write_text(json.dumps({"title": "T", "questions": [asks]}), encoding="utf-8")
        if field in KINDS[kind].fields:
            (read,) = read_request(path, RequestKind.RAPID, MORNING, ZONE).questions
            assert read == KINDS[kind].check(read)
        else:
            with pytest.raises(InvalidFile) as wrong:
                read_request(path, RequestKind.RAPID, MORNING, ZONE)
            assert [fault.field for fault in wrong.value.faults] == [f"questions[1].{field}"]


# ------------------------------------------------------------------ counted, shown, compared


@pytest.mark.parametrize("kind", IN_POLLS)
def test_a_result_says_what_was_answered_and_its_chart_the_same(kind: QuestionKind) -> None:
    form = Form("f", "Hỏi", (question(kind),))
    answers = answers_of(kind, 20, 8)
    tally = tally_of(form, answers)
    assert tally.base("q1") == 28
    result = publishable_result("Hỏi", form, tally, 40, SAY, texts=True)
    said = poll_result("Hỏi", form, tally, 40, SAY, texts=True)
    sample = SAMPLES[kind]
    match KINDS[kind].counted:
        case Counted.OPTIONS:
            assert set(tally.of("q1").values()) == {20, 8}
            chosen = {bar.label for bar in result.questions[0].bars if bar.count == 20}
            assert chosen == set(sample.words.split(", "))
            assert len(bars(result_chart("Hỏi", "", result.questions))) == len(result.questions[0].bars) > 1
        case _:
            # a median in words, or the words themselves
            assert sample.words in said
            assert not [line for line in result.questions[0].lines if isinstance(line, Bar)]
    chart = words(result_chart(result.title, result.base_line, result.questions, result.notes))
    assert {w for line in said.splitlines() for w in line.split() if w.strip("▓░")} == set(chart)


@pytest.mark.parametrize("kind", IN_POLLS)
def test_two_polls_are_compared_where_options_or_order_allow_it(kind: QuestionKind) -> None:
    form = Form("f", "Hỏi", (question(kind),))
    before, after = tally_of(form, answers_of(kind, 30, 10)), tally_of(form, answers_of(kind, 9, 31))
    (compared,) = found = compare(form, before, form, after, SAY)
    assert compared.why == ("texts" if KINDS[kind].is_free else "")
    assert bool(compared.pairs) == (KINDS[kind].counted is Counted.OPTIONS)
    assert bool(compared.median_before) == (KINDS[kind].counted is Counted.VALUES)
    chances = [compared.significance] if compared.significance else [pair.significance for pair in compared.pairs]
    assert all(chance is not None and chance.p < 0.05 for chance in chances)
    drawn = set(words(compare_chart("Hỏi", found, SAY)))
    assert {w for line in compare_text("Hỏi", found, SAY).splitlines()[-2:] for w in line.split()} <= drawn


@pytest.mark.parametrize("kind", IN_POLLS)
def test_questions_of_different_kinds_are_not_compared(kind: QuestionKind) -> None:
    form = Form("f", "Hỏi", (question(kind),))
    tally = tally_of(form, answers_of(kind, 20, 20))
    for other in IN_POLLS:
        theirs = Form("g", "Hỏi", (question(other),))
        (found,) = compare(form, tally, theirs, tally_of(theirs, answers_of(other, 20, 20)), SAY)
        same = KINDS[kind].alike(question(kind)) == KINDS[other].alike(question(other))
        assert (found.why == "kind") != same
        assert same or kind is not other


def test_a_kind_without_a_file_is_not_passed_over_in_silence() -> None:
    made_up: Any = "none such"
    form = Form("f", "Hỏi", (Question("q1", made_up, "Bao nhiêu phần trăm?"),))
    with pytest.raises(KeyError):
        poll_result("Hỏi", form, tally_of(form, [{"q1": 40}] * 20), 20, SAY)


# ------------------------------------------------------------------ asked and answered


async def _answer(phone: Phone, kind: QuestionKind, way: int) -> None:
    """The sample answer, in the way of this number: pressed, or typed."""
    sample = SAMPLES[kind]
    ways = [sample.taps, *([words] for words in sample.typed)] if sample.taps else [[w] for w in sample.typed]
    if not ways:
        await phone.photo()
        return
    acts = ways[way % len(ways)]
    for act in acts:
        await (phone.tap(act) if acts is sample.taps else phone.say(act))


async def _finish(phone: Phone, kind: QuestionKind) -> None:
    if KINDS[kind].needs_summary:
        assert SAMPLES[kind].words in phone.last.text
        await phone.tap("Gửi")


@pytest.mark.slow
@pytest.mark.parametrize("kind", IN_POLLS)
async def test_a_pushed_question_is_answered_in_every_way(world: World, kind: QuestionKind) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, {"title": "Hỏi", "questions": [asked(kind)]})
    await read_all(phones)
    assert KINDS[kind].ask(question(kind), SAY) in phones[0].last.text
    assert phones[0].last.number_answers == KINDS[kind].number_answers
    for number, phone in enumerate(phones):
        await _answer(phone, kind, number)
        await _finish(phone, kind)
        assert "Đã ghi nhận câu trả lời" in phone.last.text
    assert [given["q1"] for given in await stored(world, id)] == [SAMPLES[kind].value] * 5


@pytest.mark.slow
@pytest.mark.parametrize("kind", IN_POLLS)
async def test_a_question_inside_a_poll_is_answered_and_exported(world: World, kind: QuestionKind) -> None:
    phones = await crowd(world, 6)
    id = await ask(world, {"title": "Hỏi", "questions": [{"text": "Ở đâu?"}, asked(kind)]})
    await read_all(phones)
    for number, phone in enumerate(phones[:5]):
        await phone.say("ngoài chợ")
        await phone.say(SAMPLES[kind].wrong)
        assert KINDS[kind].ask(question(kind), SAY) in phone.last.text
        await _answer(phone, kind, number)
        assert f"2. Xin cho biết? → {SAMPLES[kind].words}" in phone.last.text
        await phone.tap("Gửi")
    # one of six is of another mind, or all would say the same and nothing might be shown
    await phones[5].say("ở nhà")
    await phones[5].tap("Bỏ qua")
    await phones[5].tap("Gửi")
    await end(world, id)
    rows = await csv_rows(world, "answers", poll=id)
    lines = (await exported(world, "answers", "jsonl", poll=id)).read_text(encoding="utf-8").splitlines()
    counted = not KINDS[kind].is_free
    # all said the same: what is counted is not shown, words are
    assert {row["q2"] for row in rows} == ({""} if counted else {SAMPLES[kind].value, ""})
    assert {json.loads(line)["q2"] for line in lines} == ({None} if counted else {SAMPLES[kind].value, None})


@pytest.mark.slow
@pytest.mark.parametrize("kind", IN_FILES)
async def test_an_official_answer_stands_in_the_export_with_its_words(world: World, kind: QuestionKind) -> None:
    (phone,) = await crowd(world, 1)
    await ask(world, {"title": "Hỏi", "questions": [asked(kind)]}, "rapid")
    await phone.read()
    await _answer(phone, kind, len(SAMPLES[kind].typed))
    await _finish(phone, kind)
    assert "Đã ghi nhận báo cáo nhanh" in phone.last.text
    (kept,) = await world.rows(select(official_answers.c.answers))
    value = json.loads(kept.answers)["q1"]
    assert value == SAMPLES[kind].value or KINDS[kind].takes_photo
    (row,) = await csv_rows(world, "answers")
    (line,) = (await exported(world, "answers", "jsonl")).read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["q1"] == value
    assert row["q1"] == ("; ".join(value) if isinstance(value, list) else str(value))
    assert row["q1_label"] == ("" if KINDS[kind].is_free else SAMPLES[kind].words)


@pytest.mark.slow
async def test_every_kind_is_answered_on_an_app_without_buttons(tmp_path: Path) -> None:
    async with app_world(tmp_path, MORNING, "zalo_bot", NUMBER) as office:
        phone = await office.joined("Lan", "X06040", "collaborator")
        for kind in IN_FILES:
            await ask(office.world, {"title": "Hỏi", "questions": [asked(kind)]}, "rapid")
            await phone.read()
            sample = SAMPLES[kind]
            if KINDS[kind].takes_photo:
                await phone.photo()
            elif sample.taps and not KINDS[kind].many:
                await phone.tap(sample.taps[0])
            else:
                await phone.say(sample.typed[-1])
            if KINDS[kind].needs_summary:
                await phone.tap("Gửi")
            assert "Đã ghi nhận báo cáo nhanh" in phone.last.text, kind


# ------------------------------------------------------------------ what one forgot for a kind


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        (QuestionKind.NUMBER, "1", SAY("wrong.range", low="10", high="…")),
        (QuestionKind.NUMBER, "9", SAY("wrong.range", low="10", high="…")),
        (QuestionKind.SCALE, "9", SAY("wrong.range", low=2, high=5)),
        (QuestionKind.DATE, "1", SAY("wrong.date")),
    ],
)
async def test_a_number_is_an_answer_where_numbers_answer(
    world: World, kind: QuestionKind, typed: str, sentence: str
) -> None:
    phones = await crowd(world, 5)
    await ask(world, {"title": "Hỏi", "questions": [asked(kind)]})
    await read_all(phones)
    # "Bỏ qua" is the first or the fifth below it: it is not meant
    await phones[0].say(typed)
    assert sentence in phones[0].last.text
    await phones[0].say(SAMPLES[kind].typed[0])
    assert "Đã ghi nhận câu trả lời" in phones[0].last.text


@pytest.mark.slow
async def test_a_pushed_question_says_how_a_day_is_typed(world: World) -> None:
    (phone,) = await crowd(world, 1)
    await ask(world, {"title": "Hỏi", "questions": [asked(QuestionKind.DATE)]}, "rapid")
    await phone.read()
    assert f"Xin cho biết? {SAY('form.date_hint')}" in phone.last.text


@pytest.mark.slow
async def test_words_with_a_picture_that_are_not_kept_are_told(world: World) -> None:
    (phone,) = await crowd(world, 1)
    await ask(world, {"title": "Hỏi", "questions": [asked(QuestionKind.PHOTO)]}, "rapid")
    await phone.read()
    await phone.photo(caption="Cầu Khuổi Nặm sập rồi")
    assert SAY("form.caption_left") in phone.last.text


def test_labels_that_read_alike_are_the_same() -> None:
    assert same_words("Rất TỐT…") == same_words("rat tot")
