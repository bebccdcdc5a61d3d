"""Lessons: files a province writes, as plain text in the chat; what is kept is only that one was done."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from nhipcau.bot.language.catalogue import LANGUAGES, catalogue, texts
from nhipcau.bot.language.markdown_to_text import plain
from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.messaging.render import render, units
from nhipcau.cli import lessons as command
from nhipcau.cli.doctor import examine
from nhipcau.cli.runner import CommandFailed, WrongUse
from nhipcau.handlers.buttons import AnswerLesson, PagedList, ReadLesson, ShowPage
from nhipcau.handlers.lessons import read_lesson as handler
from nhipcau.office.lesson_file import LONGEST_BODY, Lesson, read_lesson, shipped
from nhipcau.office.lesson_library import LessonLibrary, read_lessons
from nhipcau.office.yaml_validation import InvalidFile
from nhipcau.storage.tables import learned, people
from nhipcau.web.chat_backend import ChatBackend
from tests.support.situations import situation_with
from tests.support.web_office import open_web_office
from tests.support.world import World

pytestmark = pytest.mark.slow

HEADER: dict[str, Any] = {
    "id": "nuoc-sach",
    "order": 3,
    "title": "Nước sạch",
    "minutes": 2,
    "question": "Câu nào rõ nhất?",
    "choices": ["Nước bẩn lắm", "Giếng thôn Nà Han đục từ hôm qua"],
    "answer": 2,
    "why": "Câu này có nơi, có lúc.",
}
BODY = "Ghi rõ nơi và lúc.\n"
#: As the apps are: Telegram, Zalo Bot, Zalo OA, web chat.
APPS = (
    Limits(text=4096, caption=1024),
    Limits(text=2000, caption=2000, buttons=0, edits=False),
    Limits(text=2000, caption=2000, buttons=5, edits=False),
    Limits(text=20_000, caption=20_000),
)


def written(body: str = BODY, **changed: Any) -> str:
    """A lesson's file; a field set to None is left out. (JSON is YAML.)"""
    header = {key: value for key, value in {**HEADER, **changed}.items() if value is not None}
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in header.items()]
    return "\n".join(["---", *lines, "---", body])


def picture(colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


def write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


# ------------------------------------------------------------------ reading a file


def test_a_lesson_is_read_as_plain_text() -> None:
    body = "# Nước\n\nGhi **rõ nơi**\nvà *lúc*.\n\n- một\n  dòng dài\n- [hai](https://a.vn)\n\n> Lời `dặn`\n"
    lesson = read_lesson(written(body, picture="gieng.png"))
    assert lesson.body == "Nước\n\nGhi rõ nơi và lúc.\n\n• một dòng dài\n• hai (https://a.vn)\n\nLời dặn"
    assert (lesson.id, lesson.order, lesson.minutes, lesson.answer) == ("nuoc-sach", 3, 2, 2)
    assert lesson.choices == tuple(HEADER["choices"])
    assert lesson.picture == "gieng.png"


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("Tựa\n=====\nlời", "Tựa\nlời"),
        ("một\n***\nhai", "một\nhai"),
        ("| Việc | Nơi |\n|---|:--:|\n| đường | thôn |", "Việc – Nơi\nđường – thôn"),
        ("1. một\n2) hai\n   thêm", "1. một\n2) hai thêm"),
        ("* [ ] ***đậm nghiêng***", "• [ ] đậm nghiêng"),
        ("a_b_c và _nghiêng_ và __đậm__", "a_b_c và nghiêng và đậm"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        (r"\*không đậm\*, giá \#1", "*không đậm*, giá #1"),
        ("dòng một  \ndòng hai\\\ndòng ba", "dòng một\ndòng hai\ndòng ba"),
        ("<b>đậm</b><br>xuống<!-- ẩn\nđi -->", "đậm\n\nxuống"),
        ("A &amp; B &lt;3", "A & B <3"),
        ("```python\nx = 1\n```", "x = 1"),
        ("![bản đồ](a.png) <https://a.vn>", "bản đồ https://a.vn"),
        ("## Tựa ##", "Tựa"),
        ("- - # **x", "• x"),
        ("&#42;&#42;x", "x"),
    ],
)
def test_markdown_becomes_words(markdown: str, words: str) -> None:
    assert plain(markdown) == words


_PIECES = st.sampled_from(
    [
        *("**", "*", "***", "#", "##", "_", "`", "```", "~~", "> ", "- ", "1. ", "|", "[a](b)", "\\", "<b>"),
        *("---", "===", "\n", "\n\n", " ", "  \n", "&#42;", "&#35;", "đường", "👍🏽", "x", "\u200d", "\ue02a\ue02a"),
    ]
)
_MARKDOWN = st.one_of(st.lists(_PIECES, max_size=60).map("".join), st.text(max_size=200))


@given(_MARKDOWN)
@example("\\*\\*x")
@example("**\n#")
@example("• # #")
def test_no_markup_is_left(markdown: str) -> None:
    words = plain(markdown)
    assert "**" not in words
    assert not re.search(r"^(?:•\s+|\d+[.)]\s+|\s)*#", words, re.MULTILINE), words
    assert "\n\n\n" not in words
    assert words == words.strip()


@settings(max_examples=40)
@given(_MARKDOWN, st.integers(1, 60), st.booleans())
def test_no_body_makes_a_message_above_the_limits(piece: str, times: int, with_picture: bool) -> None:
    text = written(piece * times, title="**" + "T" * 58, choices=["C" * 60, "D" * 60, "E" * 60, "F" * 60])
    try:
        lesson = read_lesson(text)
    except InvalidFile as wrong:
        assume({fault.field for fault in wrong.faults} <= {"body", ""})
        return
    assert units(lesson.body) <= LONGEST_BODY
    message = as_message(lesson, "0123456789abcdef.jpg" if with_picture else "")
    for limits in APPS:
        pieces = render(message, limits)
        assert len(pieces) <= (3 if with_picture else 1)
        for bubble in pieces:
            assert units(bubble.text) <= (limits.caption if bubble.photo else limits.text)


def as_message(lesson: Lesson, photo: str = "") -> Message:
    """The lesson as the handler shows it."""
    with pytest.raises(StopIteration) as told:
        next(handler.read_lesson(situation_with([lesson]), ReadLesson(lesson.id)))
    [shown] = told.value.value.messages
    return Message(shown.text, shown.choices, photo=photo)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the file must begin with a line ---"),
        ("# Bài\n", "line 1: the file must begin with a line ---"),
        ("---\nid: a\n", "line 3: the line --- that ends the header is missing"),
        ("---\n- a\n---\n", "line 2: must hold id,"),
        ("---\nid: [a\n---\nx", "line 2: not YAML:"),
        (written(id=None), "line 2, id: is missing"),
        (written(why=None), "line 2, why: is missing"),
        (written(id="Nước sạch"), "line 2, id: 'Nước sạch': small letters"),
        (written(id="a" * 41), "line 2, id:"),
        (written(order="đầu"), "line 3, order: 'đầu': a whole number from 1 to 999"),
        (written(title="T" * 61), "line 4, title: has 61 characters, at most 60"),
        (written(title="**"), "line 4, title: is empty"),
        (written(title=["a"]), "line 4, title: must be a text"),
        (written(minutes=0), "line 5, minutes: '0': a whole number from 1 to 60"),
        (written(question="Q" * 201), "line 6, question: has 201 characters, at most 200"),
        (written(choices=["Một"]), "line 7, choices: 1 choices: from 2 to 4"),
        (written(choices="Một"), "line 7, choices: 0 choices: from 2 to 4"),
        (written(choices=["Một", "mot"]), 'line 7, choices: "mot" stands here twice'),
        (written(choices=["Một", "Hủy"]), 'line 7, choices: "Hủy" is a word that always works'),
        (written(choices=["Một", "H" * 61]), "line 7, choices: has 61 characters, at most 60"),
        (written(answer=3), "line 8, answer: '3': a whole number from 1 to 2"),
        (written(answer="Một"), "line 8, answer: 'Một': a whole number"),
        (written(why="w" * 201), "line 9, why: has 201 characters, at most 200"),
        (written(picture="../keys/secret.png"), "line 10, picture: '../keys/secret.png': the name of a .jpg"),
        (written(picture="anh.svg"), "line 10, picture: 'anh.svg'"),
        (written(tilte="x"), "line 10, tilte: is not known: did you mean title?"),
        (written().replace("order: 3", "id: b"), "line 3, id: stands here twice"),
        (written("\n\n"), "line 11, body: is empty"),
        (written("<!-- để sau -->"), "line 11, body: is empty"),
        (written("a" * 901), "line 11, body: has 901 characters, at most 900"),
        (written("a" * 9000), "line 1: has 9"),
    ],
)
def test_every_fault_names_its_line_and_field(text: str, said: str) -> None:
    with pytest.raises(InvalidFile) as raised:
        read_lesson(text)
    assert said in raised.value.say(texts("en"))


def test_all_faults_of_a_file_are_named_at_once() -> None:
    with pytest.raises(InvalidFile) as raised:
        read_lesson(written("", title="", answer=9))
    assert [fault.field for fault in raised.value.faults] == ["title", "answer", "body"]


# ------------------------------------------------------------------ those that ship


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+|\n+", text) if part.strip()]


@pytest.mark.parametrize("language", [language for language in LANGUAGES if shipped()[language]])
def test_shipped_lessons_are_short_and_say_one_thing_a_sentence(language: str) -> None:
    lessons = shipped()[language]
    assert [lesson.order for lesson in lessons] == [1, 2, 3, 4, 5]
    for lesson in lessons:
        for sentence in sentences("\n".join((lesson.title, lesson.body, lesson.question, lesson.why))):
            assert len(sentence.split()) <= 20, sentence
        assert lesson.question.count("?") == 1
        assert "?" not in lesson.body
        assert len(sentences(lesson.why)) == 1
        # a phone shows a whole button
        assert all(len(choice) <= 40 for choice in lesson.choices)
        assert len(lesson.choices) == 3


def test_shipped_lessons_ask_the_same_in_every_language() -> None:
    told = {
        language: [(x.id, x.order, x.minutes, x.answer) for x in lessons] for language, lessons in shipped().items()
    }
    # a language may come before its lessons: those of another are shown then
    assert [language for language, lessons in told.items() if lessons not in ([], told["vi"])] == []
    # who always presses the first learns nothing
    assert len({answer for *_, answer in told["vi"]}) == 3


def test_shipped_lessons_name_the_buttons_and_words_there_are() -> None:
    for language, kept, words in (("vi", "Thêm nguồn", "của tôi"), ("en", "Add source", "mine")):
        text = "\n".join(lesson.body for lesson in shipped()[language])
        say = catalogue(language)
        assert f'"{kept}"' in text
        assert kept == say["form.add"].format(what=say["report.source.short"])
        assert f'"{say["report.spread.1"]}"' in text
        assert f'"{words}"' in text


# ------------------------------------------------------------------ the office's own


def ids(lessons: Sequence[Lesson]) -> list[str]:
    return [lesson.id for lesson in lessons]


def test_an_offices_lesson_replaces_its_id_and_others_come_after(tmp_path: Path) -> None:
    write(tmp_path, "a.vi.md", written(id="thay-tan-mat", order=4, title="Tận mắt ở tỉnh ta"))
    write(tmp_path, "b.md", written(id="nuoc-sach", order=1))
    write(tmp_path, "c.en.md", written(id="rung", order=1, title="Forest"))
    write(tmp_path, "ghi-chu.txt", "không phải bài")
    shelf = read_lessons(tmp_path)
    assert shelf.faults == {}
    assert list(shelf.own) == ["a.vi.md", "b.md", "c.en.md"]
    given = ids(shipped()["vi"])
    # what one language lacks is shown in the other
    assert ids(shelf.lessons["vi"]) == [*given, "nuoc-sach", "rung"]
    assert ids(shelf.lessons["en"]) == [*given, "rung", "nuoc-sach"]
    titles = {language: shelf.lessons[language][3].title for language in ("vi", "en")}
    assert titles == {"vi": "Tận mắt ở tỉnh ta", "en": shipped()["en"][3].title}


def test_broken_files_are_left_out_and_named(tmp_path: Path) -> None:
    write(tmp_path, "a.vi.md", written(id="tot"))
    write(tmp_path, "b.vi.md", written(id="tot"))
    write(tmp_path, "c.vi.md", written(answer=7))
    write(tmp_path, "d.vi.md", written(id="anh", picture="mat.png"))
    write(tmp_path, "e.vi.md", written(id="hong", picture="hong.png"))
    (tmp_path / "f.vi.md").write_bytes(b"---\nid: \xff\n")
    (tmp_path / "g.vi.md").mkdir()
    (tmp_path / "hong.png").write_bytes(b"no picture")
    shelf = read_lessons(tmp_path)
    assert ids(shelf.lessons["vi"])[5:] == ["tot"]
    assert {name: wrong.say(texts("en")).partition(":")[0] for name, wrong in shelf.faults.items()} == {
        "b.vi.md": "line 1, id",
        "c.vi.md": "line 8, answer",
        "d.vi.md": "line 1, picture",
        "e.vi.md": "line 1, picture",
        "f.vi.md": "line 1",
        "g.vi.md": "line 1",
    }


def test_files_are_read_anew_only_when_they_changed(tmp_path: Path) -> None:
    lessons = LessonLibrary(tmp_path / "lessons", tmp_path / "photos")
    assert ids(lessons.current.lessons["vi"]) == ids(shipped()["vi"])
    assert (lessons.refresh(), lessons.refresh()) == (True, False)
    write(tmp_path / "lessons", "a.md", written())
    assert lessons.refresh()
    assert ids(lessons.current.lessons["vi"])[5:] == ["nuoc-sach"]
    (tmp_path / "lessons" / "a.md").unlink()
    assert lessons.refresh()
    assert ids(lessons.current.lessons["vi"])[5:] == []


def test_a_lessons_picture_lies_cleaned_under_one_name(tmp_path: Path) -> None:
    write(tmp_path / "lessons", "a.md", written(picture="gieng.png"))
    (tmp_path / "lessons" / "gieng.png").write_bytes(picture())
    lessons = LessonLibrary(tmp_path / "lessons", tmp_path / "photos")
    lessons.refresh()
    (laid,) = (tmp_path / "photos").iterdir()
    assert re.fullmatch(r"[0-9a-f]{16}\.jpg", laid.name)
    assert laid.read_bytes().startswith(b"\xff\xd8")
    assert lessons.current.lessons["vi"][5].picture == laid.name
    # lost, it is laid out again, with the same name after a restart
    laid.unlink()
    LessonLibrary(tmp_path / "lessons", tmp_path / "photos").refresh()
    assert laid.exists()


# ------------------------------------------------------------------ in the chat


async def with_own(world: World) -> str:
    """A lesson of the office's with a picture is taught from now on; the picture's name."""
    folder = world.parts.settings.lessons
    write(folder, "a.md", written(picture="gieng.png"))
    (folder / "gieng.png").write_bytes(picture())
    world.parts.lessons.refresh()
    return world.parts.lessons.current.lessons["vi"][5].picture


async def test_only_that_a_lesson_was_done_is_kept_and_goes_with_the_person(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    mai = await world.joined("Người Khác")
    await lan.say("bài học")
    assert await world.rows(select(learned)) == []
    await lan.say("1")
    await lan.press(AnswerLesson("mot-viec-mot-cau", 2))
    await mai.press(AnswerLesson("mot-viec-mot-cau", 3))
    rows = await world.rows(select(learned))
    assert {(row.lesson, row.day) for row in rows} == {("mot-viec-mot-cau", world.now.date().replace(day=1))}
    assert len(rows) == 2
    await lan.say("riêng tư")
    assert "• Bài học đã xong: 1" in lan.last.text
    await lan.tap("Xóa dữ liệu của tôi")
    await lan.tap("Xóa và rời hẳn")
    [left] = await world.rows(select(learned.c.person_id))
    assert left in await world.rows(select(people.c.id))


async def test_old_and_made_up_buttons_answer_nothing_wrong(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    for data, words in (
        (AnswerLesson("khong-co", 1), "Bài này không còn nữa"),
        (AnswerLesson("mot-viec-mot-cau", 9), "Bài 1/5"),
        (ReadLesson("mot-viec-mot-cau"), "Bài 1/5"),
        (ShowPage(PagedList.LESSONS, 99), "Bài học: bác đã xong 0/5"),
        ("ha:mot-viec-mot-cau:²", "Nút này đã cũ"),
        ("hoc:a:b:c", "Bài này không còn nữa"),
    ):
        await lan.press(data)
        assert lan.last.text.startswith(words), data
    assert await world.rows(select(learned)) == []


async def test_many_lessons_are_listed_five_at_a_time(world: World) -> None:
    await with_own(world)
    lan = await world.joined("Hoàng Thị Lan")
    await lan.press(ShowPage(PagedList.LESSONS))
    assert lan.labels()[5:] == ["Xem thêm", "Tập viết báo cáo", "Về đầu"]
    await lan.tap("Xem thêm")
    assert lan.labels() == ["Nước sạch", "Xem thêm", "Tập viết báo cáo", "Về đầu"]
    await lan.say("xem thêm")
    assert lan.labels()[0] == "Một việc, một câu"


async def test_a_lessons_picture_is_for_members_and_outlives_the_sweep(world: World) -> None:
    name = await with_own(world)
    lan = await world.joined("Hoàng Thị Lan")
    await lan.press(ReadLesson("nuoc-sach"))
    assert lan.last.photo == name
    assert lan.labels()[:2] == HEADER["choices"]
    desk = ChatBackend(world.parts, world.dispatch)
    assert ((await desk.read_photo(lan.address, name)) or b"").startswith(b"\xff\xd8")
    assert await desk.read_photo("stranger", name) is None
    assert await desk.read_photo(lan.address, "0123456789abcdef.jpg") is None
    photos = world.parts.settings.photos
    (photos / "aaaabbbbccccdddd.jpg").write_bytes(b"nobody's")
    for path in photos.iterdir():
        os.utime(path, (1, 1))
    assert (await world.clock.sweep()).pictures == 1
    assert [path.name for path in photos.iterdir()] == [name]


# ------------------------------------------------------------------ the command line


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NHIPCAU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NHIPCAU_LANGUAGE", "en")
    return tmp_path / "lessons"


def test_lesson_check_says_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command.check(None, as_json=False)
    assert "There are no files" in capsys.readouterr().out
    write(folder, "a.md", written("Ghi **rõ**."))
    write(folder, "b.md", written(id="hai", answer=7, title=""))
    with pytest.raises(CommandFailed, match=r"^Left out until mended: b\.md$"):
        command.check(None, as_json=False)
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "ok   a.md: Nước sạch",
        "BAD  b.md line 4, title: is empty",
        "BAD  b.md line 8, answer: '7': a whole number from 1 to 2",
    ]
    assert said.err == ""
    with pytest.raises(CommandFailed):
        command.check(None, as_json=True)
    rows = json.loads(capsys.readouterr().out)
    assert [(row["file"], row["ok"], row["id"]) for row in rows] == [("a.md", True, "nuoc-sach"), ("b.md", False, None)]
    assert rows[1]["faults"][1] == {"line": 8, "field": "answer", "sentence": "'7': a whole number from 1 to 2"}


def test_lesson_check_shows_one_file_as_people_would_read_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, "a.md", written("Ghi **rõ**."))
    command.check(folder / "a.md", as_json=False)
    said = capsys.readouterr().out
    assert "Ghi rõ." in said
    assert "2. Giếng thôn Nà Han đục từ hôm qua" in said
    with pytest.raises(WrongUse, match="can't be read"):
        command.check(folder / "mat.md", as_json=False)


async def test_doctor_names_a_lesson_that_is_left_out(world: World) -> None:
    settings = world.parts.settings

    async def doctors_check() -> tuple[str, bool, str]:
        return next(check for check in await examine(settings, texts("en")) if check[0] == "lessons")

    assert await doctors_check() == ("lessons", True, "5 to learn, 0 files of the office's own")
    write(settings.lessons, "a.md", written())
    assert (await doctors_check())[2] == "6 to learn, 1 files of the office's own"
    write(settings.lessons, "b.md", written(id="hai", answer=7))
    name, ok, detail = await doctors_check()
    assert (name, ok) == ("lessons", False)
    assert detail.startswith("1 left out, b.md line 8, answer:")
    assert "nhipcau lesson check" in detail


@pytest.mark.slow
def test_a_service_starts_with_a_broken_lesson_and_teaches_the_others(tmp_path: Path) -> None:
    own = tmp_path / "lessons"
    write(own, "a.md", written(picture="gieng.png"))
    write(own, "b.md", written(id="hai", title="Bí mật " * 10))
    (own / "gieng.png").write_bytes(picture())
    with open_web_office(tmp_path) as office:
        device = office.joined()
        device.say("bài học")
        assert "Bài 1/6" in device.read()
        device.tap("Danh sách bài")
        device.read()
        device.say("xem thêm")
        device.read()
        device.say("1")
        assert "Ghi rõ nơi và lúc." in device.read()
        name = device.shown[-1]["photo"].rpartition("/")[2]
        assert device.get(f"/photo/{name}").status == 200
        assert office.started().get(f"/photo/{name}").status == 404
        [line] = [line for line in office.log.splitlines() if "lesson left out" in line]
        assert "b.md" in line
        assert "line 4 title" in line
        assert "Bí mật" not in line
