"""The rules of how the bot talks, C1 to C30: which test holds each, and those over the catalogues and every dialogue.

Each rule stands here in one line. What does not hold yet is said beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import PAGE
from nhipcau.bot.language.catalogue import LANGUAGES, catalogue
from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import render
from nhipcau.handlers.buttons import (
    AnswerForm,
    AnswerRequest,
    AskedRequest,
    Consent,
    GiveName,
    OfferKept,
    ReportAgain,
    RunCommand,
)
from nhipcau.storage.outbox import REPLY
from nhipcau.storage.tables import official_answers, outbox, poll_answers, reports
from nhipcau.storage.talks import all_conversations
from tests.support.dialogues import FOLDER, Player
from tests.support.world import MORNING, Phone, World

#: Rule → the tests that hold it, one a line; those of this module without it. Files of
#: tests/conversations/dialogues/ are played by test_dialogues::test_dialogue.
RULES = {
    "C1 one question a message": "test_a_message_asks_one_thing test_a_sentence_asks_one_thing",
    "C2 tapped, by number, by word": (
        "test_dialogues_on_apps::test_dialogue "
        "test_requests::test_every_kind_of_question_is_answered_by_taps_and_by_words"
    ),
    "C3 six taps a report, one a short poll": (
        "test_a_report_takes_six_taps test_a_report_is_read_in_a_minute "
        "test_telegram_service::test_a_poll_reaches_all_is_tapped_and_its_result_comes_back"
    ),
    # five questions at most are advice to offices: a file may hold twenty
    "C4 who asks, how many, how long, what is kept": (
        "test_wrong_use::test_more_than_five_questions_are_advised_against_not_refused "
        "test_a_push_says_who_how_many_how_long_and_what_is_kept"
    ),
    "C5 ways out at every step, never stored": "test_words_that_always_work_do_at_every_step",
    "C6 back shows the old answer": "test_back_shows_the_old_answer_and_keeps_it_with_one_tap",
    "C7 half-finished survives": (
        "test_clock_jumps::test_a_half_written_report_outlives_jumps_both_ways "
        "test_kill_9::test_kills_lose_no_report_and_repeat_only_what_was_in_flight "
        "test_link_app::test_a_report_begun_on_one_is_finished_on_another"
    ),
    "C8 old buttons change nothing": "test_a_dialogue_keeps_the_rules",
    "C9 a summary with mends before sending": "test_a_dialogue_keeps_the_rules test_nothing_is_sent_without_a_summary",
    # the two seconds themselves are measured: "reply while 10,000 are asked" of the benchmarks
    "C10 the code, what next, when, how to see it": (
        "test_a_receipt_says_what_comes_next test_a_receipt_waits_for_nothing"
    ),
    "C11 what is wrong, how, an example": "test_what_was_not_understood_says_how",
    "C12 never a third identical prompt": "test_no_prompt_comes_a_third_time test_a_dialogue_keeps_the_rules",
    "C13 three bubbles at most": "test_a_dialogue_keeps_the_rules",
    "C14 the same twice changes nothing": (
        "test_redelivery::test_updates_repeated_after_a_restart_change_and_say_nothing"
    ),
    "C15 short, everyday words": "test_sentences_are_short test_a_dialogue_keeps_the_rules",
    "C16 few and short choices": "test_a_dialogue_keeps_the_rules test_our_own_questions_have_few_answers",
    "C17 progress": "test_progress_is_shown_and_never_grows",
    "C18 not knowing is an answer": (
        "test_requests::test_poll_questions_may_be_skipped_rapid_ones_only_where_said "
        "test_own_lists_have_a_way_for_what_they_lack"
    ),
    "C19 first contact": (
        "test_first_contact_says_who_what_and_how_to_leave "
        "test_data_folder::test_before_consent_only_the_invitation_is_kept"
    ),
    "C20 nothing known is asked": "test_no_form_asks_for_what_is_known_or_who_somebody_is",
    "C21 two reminders, by day": (
        "test_request_times::test_a_poll_reminds_only_the_silent_once_at_half_time "
        "test_request_times::test_a_rapid_request_reminds_at_half_and_at_nine_tenths "
        "test_request_times::test_a_reminder_due_at_night_is_made_in_the_morning"
    ),
    "C22 a push offers the way back": "test_dialogues::test_dialogue",
    "C23 free text is never lost": "test_dialogues::test_dialogue",
    "C24 emergency numbers first": "test_what_is_urgent_names_the_emergency_numbers_first",
    "C25 pictures without their past, places by list": (
        "test_data_folder::test_pictures_lose_their_past_and_go_with_their_draft "
        "test_place_names::test_the_chat_asks_which_place_and_says_what_it_is_called_now"
    ),
    "C26 a person, and when": "test_a_person_can_always_be_reached_and_it_says_when",
    "C27 one form of address": "test_everybody_is_addressed_the_same_way",
    # the second itself is measured: "10,000 taps within a minute" of the benchmarks
    "C28 taps acknowledged after the commit": (
        "test_telegram_channel::test_a_tap_is_acknowledged_once_and_its_buttons_go "
        "test_telegram_channel::test_a_tap_is_acknowledged_right_after_its_commit_not_before"
    ),
    "C29 every spelling": "test_typed_variants::test_what_people_type_is_what_they_mean_or_is_asked_again",
    "C30 results go back": ("test_telegram_service::test_a_poll_reaches_all_is_tapped_and_its_result_comes_back"),
}


def test_every_rule_has_its_tests() -> None:
    assert [rule.split()[0] for rule in RULES] == [f"C{n}" for n in range(1, 31)]
    missing = []
    for name in {name for names in RULES.values() for name in names.split()}:
        module, _, function = name.rpartition("::")
        file = next(Path(__file__).parents[1].rglob(f"{module}.py")) if module else Path(__file__)
        if not re.search(rf"^(async )?def {function}\(", file.read_text(encoding="utf-8"), re.MULTILINE):
            missing.append(name)
    assert missing == []


# ------------------------------------------------------------------ the catalogues


def _own(text: str) -> str:
    """Without what is quoted: a title, somebody's words, a word to type."""
    return re.sub(r'"[^"]*"', '""', text)


def _sentences(text: str) -> Iterator[str]:
    for part in re.split(r"(?<=[.!?…:])\s+|\n", _own(text)):
        if part.strip():
            yield part


def _long(text: str) -> list[str]:
    return [s for s in _sentences(text) if sum(any(c.isalnum() for c in word) for word in s.split()) > 20]


def _each() -> list[tuple[str, str, str]]:
    return [(language, key, said) for language in LANGUAGES for key, said in catalogue(language).items()]


def test_a_sentence_asks_one_thing() -> None:
    assert [(language, key) for language, key, said in _each() if _own(said).count("?") > 1] == []


def test_sentences_are_short() -> None:
    assert [(language, key) for language, key, said in _each() if len(said) > 350 or _long(said)] == []


#: Said where typed words were no answer: each shows one that is.
_WITH_EXAMPLE = ("choice", "empty", "number", "range", "date", "several", "list")
#: What was wrong is not in the person's hands; or it is the words below that count.
_BLAME = {
    "vi": r"không hợp lệ|\b[Ss]ai\b|\b[Ll]ỗi\b(?! của bác)|bị từ chối",
    "en": r"[Ii]nvalid|[Ii]llegal|\b[Ee]rror|your (fault|mistake)(?<!not your fault)",
}
_HOW = {
    "vi": r"[Bb]ác .*(giúp|nhé|bấm|nhắn|thử|gõ|gửi|xem|viết|bỏ|chọn)|[Vv]í dụ|bấm|[Mm]uốn .* bác",
    "en": r"[Pp]lease|[Ff]or example|[Pp]ress|[Tt]ype|[Tt]ry|[Ss]ee|[Ss]end|[Cc]hoose|[Tt]ap|[Ww]rite",
}


@pytest.mark.parametrize("language", _HOW)
def test_what_was_not_understood_says_how(language: str) -> None:
    said = catalogue(language)
    wrong = {key: text for key, text in said.items() if key.startswith("wrong.") or key in _MORE_WRONG}
    assert [key for key, text in wrong.items() if re.search(_BLAME[language], text)] == []
    assert [key for key, text in wrong.items() if not re.search(_HOW[language], text)] == []
    example = "ví dụ" if language == "vi" else "example"
    shown = {f"wrong.{key}": said[f"wrong.{key}"].lower() for key in _WITH_EXAMPLE} | {"name": said["join.bad_name"]}
    assert [key for key, text in shown.items() if example not in text and '"' not in text] == []


_MORE_WRONG = ("join.bad_name", "join.refused", "join.please_choose", "form.needed", "compose.nobody")


def test_everybody_is_addressed_the_same_way() -> None:
    # "bà con" are people in general, "quý" a part of the year, "thông báo", "bản" and the like no address
    other = r"\b(bạn|anh|chị|quý (?:vị|bác)|cô|chú|ông|bà(?! con)|các bác|mày|em)\b"
    said = {key: text for key, text in catalogue("vi").items() if key != "address.words"}
    assert [key for key, text in said.items() if re.search(other, text, re.IGNORECASE)] == []
    assert [key for key, text in said.items() if re.search(r"😀|😊|🎉|[!]{1,}", text)] == []


def test_a_push_says_who_how_many_how_long_and_what_is_kept() -> None:
    for language in LANGUAGES:
        said = catalogue(language)
        assert [
            k for k in ("push.poll", "push.sealed") if not {"{unit}", "{questions}", "{until}"} <= _facts(said[k])
        ] == []
        assert {"{unit}", "{until}"} <= _facts(said["push.rapid"])
    kept = {
        "push.poll": "không giữ ai chọn gì",
        "push.sealed": "không ai biết bác chọn gì",
        "push.rapid": "mang tên đơn vị",
    }
    assert [key for key, words in kept.items() if words not in catalogue("vi")[key]] == []


def _facts(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def test_a_receipt_says_what_comes_next() -> None:
    said = catalogue("vi")
    for part in ("{code}", "Cán bộ phụ trách", "2 ngày làm việc", '"của tôi"'):
        assert part in said["report.done"]
    assert all("{until}" in said[key] for key in ("answer.done_poll", "answer.done_sealed"))


def test_first_contact_says_who_what_and_how_to_leave() -> None:
    lines = catalogue("vi")["join.notice"].split("\n")
    assert len(lines) == 3
    assert "{unit}" in lines[0]
    assert "Giữ lại" in lines[1]
    assert "Không ghi" in lines[1]
    assert '"dừng"' in lines[2]
    assert lines[2].endswith("?")


def test_a_person_can_always_be_reached_and_it_says_when() -> None:
    for key in ("rights.person", "rights.nobody"):
        assert "2 ngày làm việc" in catalogue("vi")[key]
        assert "2 working days" in catalogue("en")[key]
    assert '"gặp người"' in catalogue("vi")["wrong.again"]


def test_no_form_asks_for_what_is_known_or_who_somebody_is() -> None:
    known = {"name", "unit", "language", "age", "sex", "phone", "role"}
    assert known.isdisjoint(q.id for q in builtin_form("report", "vi").questions)
    asked = " ".join(q.text for q in builtin_form("report", "vi").questions).lower()
    assert not re.search(r"tuổi|giới tính|họ tên|số điện thoại|dân tộc nào|tôn giáo", asked)


def test_own_lists_have_a_way_for_what_they_lack() -> None:
    said = catalogue("vi")
    assert said["topic.KH"] == "Chưa rõ lĩnh vực"
    assert "report.groups.dan_cu_chung" in said
    # what need not be known is offered, not asked
    offered = {q.id for q in builtin_form("report", "vi").questions if q.offered}
    assert {"photos", "proposal", "groups", "source"} <= offered


def test_our_own_questions_have_few_answers() -> None:
    # offered on the summary, not asked: closed lists of the field
    long = {"groups", "source"}
    for form in ("report", "compose_poll", "compose_rapid"):
        for question in builtin_form(form, "vi").questions:
            assert len(question.options) <= 5 or question.id in long, question.id
    assert PAGE <= 5


# ------------------------------------------------------------------ every dialogue, played


#: Choices that leave or detour are promised as they are; places, titles and names are not ours to shorten.
_OURS = {
    text
    for key, text in catalogue("vi").items()
    if "{" not in text
    and key.partition(".")[0] in {"menu", "form", "topic", "inbox", "answer", "mine", "join", "report"}
}
#: Labels longer than 20 letters, and why they stay.
_LONG_LABELS = {
    "Y tế, an toàn thực phẩm",  # two fields of one agency: a shorter one would lose half
    "Chủ trương, chính sách",
    "Nhắc người chưa trả lời",  # says whom
    "Rời hẳn, xóa dữ liệu của tôi",  # must not be taken for the pause beside it
    "Đồng tình / Không / Chưa rõ",  # the three answers themselves
}
#: Messages longer than 350 letters, and why: they are read once, or are what somebody asked to see whole.
_LONG_MESSAGES = {
    "Đây là Nhịp Cầu của": "the notice before consent",
    "Tên người và số điện thoại trong câu": "what is kept, asked for",
    "Bác xem lại giúp": "a summary",
    "Nguy hiểm đến tính mạng": "a summary of something urgent",
    "Những gì được giữ về bác": "all that is kept",
    "Bản chép ngày": "a copy of all that is kept",
    "Người nhận sẽ thấy": "a preview",
    "Kết quả:": "a result",
    "Đã đóng:": "a result, to whoever asked",
    "Bác nhắn một câu là thành báo cáo": "help, and the open question below it",
    "Đọc:": "help",
    "Bài ": "a lesson, said to take two minutes",
    "Lesson ": "a lesson",
    "PA-": "a report with all that came of it",
    "Báo cáo này có trả lời mới": "a report with all that came of it",
    "Tổng hợp": "figures of a period",
    "Xu hướng": "what was reported in a week",
}


#: A refusal of each of several commands, not a question asked again.
_REFUSED = catalogue("vi")["menu.not_yours"]


@dataclass
class Played:
    """One dialogue as it was played."""

    world: World
    player: Player
    #: What each act led to, in order: whose phone, what they did, what was said.
    acts: list[tuple[str, str, list[Message]]] = field(default_factory=list)

    @property
    def messages_shown(self) -> list[Message]:
        return [message for _, _, messages in self.acts for message in messages]


async def play(path: Path, world: World) -> Played:
    player = Player(world)
    played = Played(world, player)
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(("@", "▸", "⏱")):
            messages = await player.act(line)
            who = re.match(r"▸ (\w+)", line)
            played.acts.append((who[1] if who else "", line, messages))
    return played


def _is_answer(choice: Choice) -> bool:
    return not choice.way


def _check(message: Message) -> Iterator[str]:
    own = _own(message.text)
    if own.count("?") > 1:
        yield f"C1 two questions: {message.text}"
    # a line of news may stand above what is long by its nature
    if len(message.text) > 350 and not any(f"\n{start}" in f"\n{message.text}" for start in _LONG_MESSAGES):
        yield f"C15 {len(message.text)} letters: {message.text}"
    for label in (c.label for c in message.choices):
        if len(label) > 20 and label in _OURS and label not in _LONG_LABELS:
            yield f"C16 long label: {label}"
    answers = [c for c in message.choices if _is_answer(c) and isinstance(unpack(c.data), AnswerForm | AnswerRequest)]
    if len(answers) > 10:
        yield f"C16 {len(answers)} answers: {message.text}"


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda p: p.stem)
async def test_a_dialogue_keeps_the_rules(path: Path, world: World) -> None:
    played = await play(path, world)
    assert [*_wrong(played)] == []
    await _old_buttons_change_no_record(played)


def _wrong(played: Played) -> Iterator[str]:
    for message in played.messages_shown:
        yield from _check(message)
    for who, line, messages in played.acts:
        bubbles = [b for m in messages for b in render(m, Limits(text=4096, caption=1024)) if not m.edit]
        if who and "reads" not in line and len(bubbles) > 3:
            yield f"C13 {len(bubbles)} bubbles after {line}"
        for message in messages:
            labels = [c.label for c in message.choices]
            is_summary = "Bác xem lại giúp:" in message.text
            if is_summary and not ("Gửi" in labels and any(x.startswith("Sửa") for x in labels)):
                yield f"C9 a summary without its ways: {labels}"
    for phone in played.player.phones.values():
        texts = [(m.text, tuple(c.label for c in m.choices)) for m in phone.messages]
        thrice = [t for t, u, v in zip(texts, texts[1:], texts[2:], strict=False) if t == u == v]
        yield from (f"C12 three times: {text}" for text, _ in thrice if not text.startswith(_REFUSED))


_OF_THE_PAST = (AnswerForm, AnswerRequest, AskedRequest, OfferKept, ReportAgain, GiveName, Consent, RunCommand)


async def _old_buttons_change_no_record(played: Played) -> None:
    before = await _records(played.world)
    for phone in played.player.phones.values():
        old = [c.data for message in phone.messages[:-1] for c in message.choices]
        for data in dict.fromkeys(old):
            # what leaves, deletes, closes or sends asks again or does what it says: those are no answers of the past
            if isinstance(unpack(data), _OF_THE_PAST):
                await phone.press(data)
    after = await _records(played.world)
    assert {table: rows for table, rows in before.items() if not rows <= after[table]} == {}
    assert len(after["reports"]) == len(before["reports"])


async def _records(world: World) -> dict[str, set[str]]:
    return {
        table.name: {repr(tuple(row)) for row in await world.rows(select(table))}
        for table in (reports, poll_answers, official_answers)
    }


# ------------------------------------------------------------------ a report, step by step


_ANSWERS = {
    "content": "cầu treo hỏng ván",
    "topic": "giao thông",
    "area": "đồng đăng",
    "spread": "2",
    "mood": "băn khoăn",
    "urgency": "sớm",
}


async def _draft(world: World) -> Any:
    async with world.parts.database.reading() as connection:
        talks = await all_conversations(connection, world.parts.sealer, world.now.date())
    return next((draft for talk in talks for draft in talk.drafts.values()), None)


async def _begun(world: World, name: str = "Hoàng Thị Lan") -> Phone:
    phone = await world.joined(name, "X06184")
    await phone.say("báo cáo")
    return phone


def _question(message: Message) -> str:
    """The question itself: the last line but for what was answered before."""
    return next(line for line in reversed(message.text.split("\n")) if "?" in _own(line))


@pytest.mark.slow
@pytest.mark.parametrize("spelling", ["with marks", "without"])
async def test_words_that_always_work_do_at_every_step(world: World, spelling: str) -> None:
    phone = await _begun(world)
    bare = spelling == "without"
    help_, person, skip = ("tro giup", "gap nguoi", "bo qua") if bare else ("trợ giúp", "gặp người", "bỏ qua")
    stop, back, stay = ("dung", "quay lai", "Thôi, ở lại") if bare else ("dừng", "quay lại", "Thôi, ở lại")
    for id, words in _ANSWERS.items():
        asked = _question(phone.last)
        kept = (await _draft(world)).answers
        for word, sign in ((help_, "gặp người"), (person, "2 ngày làm việc"), (skip, "")):
            await phone.say(word)
            assert sign in phone.last.text
            assert asked in phone.last.text
        await phone.say(stop)
        await phone.tap(stay)
        await phone.say("báo cáo")
        await phone.tap("Tiếp tục")
        assert asked in phone.last.text
        assert (await _draft(world)).answers == kept
        await phone.say(words)
        assert (await _draft(world)).answers[id]
        await phone.say(back)
        assert asked in phone.last.text
        await phone.tap("Giữ như cũ")
    assert phone.last.text.startswith("Bác xem lại giúp:")
    await phone.say("huy" if bare else "hủy")
    assert await _draft(world) is None
    assert await world.rows(select(reports)) == []


@pytest.mark.slow
async def test_cancelling_leaves_every_step(world: World) -> None:
    phone = await world.joined("Hoàng Thị Lan", "X06184")
    for steps in range(len(_ANSWERS) + 1):
        await phone.say("báo cáo")
        for words in list(_ANSWERS.values())[:steps]:
            await phone.say(words)
        await phone.say("hủy")
        assert phone.last.text.startswith("Đã hủy, không giữ lại gì.")
        assert await _draft(world) is None


async def test_back_shows_the_old_answer_and_keeps_it_with_one_tap(world: World) -> None:
    phone = await _begun(world)
    for words in ("cầu treo hỏng ván", "giao thông", "đồng đăng"):
        await phone.say(words)
    await phone.tap("Lùi")
    assert phone.last.text == "Ở xã, phường nào? (2/5)\nLần trước bác trả lời: Xã Đồng Đăng"
    assert phone.labels()[0] == "Giữ như cũ"
    await phone.tap("Giữ như cũ")
    assert phone.last.text.startswith("Việc này lan rộng tới đâu?")


@pytest.mark.slow
async def test_no_prompt_comes_a_third_time(world: World) -> None:
    phone = await _begun(world)
    for words in (*_ANSWERS.values(), ""):
        said = []
        for _ in range(3):
            # nothing that any question could take
            await phone.say("…" if words == _ANSWERS["content"] else "bla bla bla")
            said.append(phone.last.text)
        assert len(set(said)) > 1, said
        assert any('"gặp người"' in text for text in said), said
        if words:
            await phone.say(words)


@pytest.mark.slow
async def test_progress_is_shown_and_never_grows(world: World) -> None:
    phone = await _begun(world)
    progress = []
    for words in _ANSWERS.values():
        await phone.say(words)
        progress += re.findall(r"\((\d)/(\d)\)", phone.last.text)
    assert progress == [(str(n), "5") for n in range(1, 6)]


async def test_a_report_takes_six_taps(world: World) -> None:
    phone = await world.joined("Hoàng Thị Lan", "X06184")
    await phone.say("cầu treo hỏng ván")
    await phone.tap("Gửi thành phản ánh")
    taps = 1
    while "Đã ghi nhận báo cáo" not in phone.last.text:
        await phone.press(phone.last.choices[0].data)
        taps += 1
    # one more where the words came before anybody asked for them
    assert taps == 7


async def test_a_report_is_read_in_a_minute(world: World) -> None:
    """Every question of a report with every answer of its lists, at 240 syllables a minute: about the pace of silent
    reading (238 words a minute: Brysbaert, "How many words do we read per minute?", 2019)."""
    phone = await _begun(world)
    await phone.say("cầu treo hỏng ván, bà con đi lại khó")
    while "Đã ghi nhận báo cáo" not in phone.last.text:
        await phone.press(phone.last.choices[0].data)
    asked = phone.messages[next(i for i, m in enumerate(phone.messages) if "việc gì" in m.text.lower()) :]
    shown = [text for m in asked for text in (m.text, *(c.label for c in m.choices if not c.way))]
    assert 100 < sum(len(text.split()) for text in shown) <= 240


async def test_a_receipt_waits_for_nothing(world: World) -> None:
    """It is ready the moment the report is stored, at night too; replies go before all else that waits (test_pace)."""
    phone = await world.joined("Hoàng Thị Lan", "X06184")
    world.now = MORNING.replace(hour=16)
    await phone.say("báo cáo")
    for words in _ANSWERS.values():
        await phone.say(words)
    assert world.parts.settings.quiet_hours.holds(world.now.astimezone(world.parts.settings.zone))
    await world.dispatch.submit([Event("web", world.next_event(), phone.address, EventKind.TEXT, text="gửi")])
    (code,) = await world.rows(select(reports.c.code))
    (receipt,) = await world.rows(select(outbox).where(outbox.c.lane == REPLY))
    assert receipt.due_at == world.now
    assert not receipt.held
    (message,) = await phone.read()
    assert code[0] in message.text


async def test_nothing_is_sent_without_a_summary(world: World) -> None:
    phone = await _begun(world)
    for words in _ANSWERS.values():
        await phone.say(words)
    assert await world.rows(select(reports)) == []
    assert phone.labels()[0] == "Gửi"
    await phone.tap("Sửa …")
    assert {"Sửa nội dung", "Sửa lĩnh vực", "Sửa địa bàn", "Sửa mức độ"} <= set(phone.labels())
    await phone.tap("Lùi")
    await phone.tap("Gửi")
    assert len(await world.rows(select(reports))) == 1


async def test_what_is_urgent_names_the_emergency_numbers_first(world: World) -> None:
    phone = await _begun(world)
    for words in [*list(_ANSWERS.values())[:-1], "khẩn"]:
        await phone.say(words)
    first, *_ = phone.last.text.split("\n")
    assert all(number in first for number in ("113", "114", "115"))
    assert "không thay được tổng đài cấp cứu" in first


@pytest.mark.slow
async def test_a_message_asks_one_thing(world: World) -> None:
    """The prefaces too, above each question they can stand before."""
    phone = await _begun(world)
    for words in _ANSWERS.values():
        for said in ("bỏ qua", "trợ giúp", "…", words):
            await phone.say(said)
            assert _own(phone.last.text).count("?") <= 1, phone.last.text
