"""Lessons in the chat: a message with one question, then the explanation and the next lesson."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.bot.forms.draft import PAGE, TICK
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import AnswerLesson, PagedList, ReadLesson, RunCommand, ShowPage, choice
from nhipcau.handlers.screens import closing, is_reporter, menu, page_of
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import MarkLessonDone
from nhipcau.model.queries import LessonsDone
from nhipcau.office.lesson_file import Lesson


def open_lessons(situation: Situation) -> Decision[DecisionResult]:
    """The next lesson not done, or the list if all are."""
    lessons = _lessons(situation)
    if not lessons:
        return reply(menu(situation, situation.texts("lesson.none")))
    done = yield from load(LessonsDone(situation.me.id))
    lesson = _next(lessons, done)
    if lesson is None:
        return reply(_list(situation, done))
    return reply(_show(situation, lesson))


def read_lesson(situation: Situation, pressed: ReadLesson) -> Decision[DecisionResult]:
    """The lesson of the button; if it names none, the next one not done."""
    if not pressed.lesson or not _lessons(situation):
        return (yield from open_lessons(situation))
    lesson = _find(situation, pressed.lesson)
    return reply(_show(situation, lesson)) if lesson else (yield from _gone(situation))


def answer_lesson(situation: Situation, pressed: AnswerLesson) -> Decision[DecisionResult]:
    lesson = _find(situation, pressed.lesson)
    if lesson is None:
        return (yield from _gone(situation))
    if not 1 <= pressed.number <= len(lesson.choices):
        return reply(_show(situation, lesson))
    return (yield from _answered(situation, lesson, pressed.number))


def list_lessons(situation: Situation, start: int = 0) -> Decision[DecisionResult]:
    if not _lessons(situation):
        return (yield from open_lessons(situation))
    return reply(_list(situation, (yield from load(LessonsDone(situation.me.id))), start))


def _gone(situation: Situation) -> Decision[DecisionResult]:
    """That lesson no longer exists."""
    if not _lessons(situation):
        return (yield from open_lessons(situation))
    done = yield from load(LessonsDone(situation.me.id))
    return reply(_list(situation, done, preface=situation.texts("lesson.gone")))


def _find(situation: Situation, id: str) -> Lesson | None:
    return next((lesson for lesson in _lessons(situation) if lesson.id == id), None)


def _lessons(situation: Situation) -> Sequence[Lesson]:
    return situation.office.lessons.get(situation.texts.language, ())


def _next(lessons: Sequence[Lesson], done: frozenset[str]) -> Lesson | None:
    return next((lesson for lesson in lessons if lesson.id not in done), None)


def _show(situation: Situation, lesson: Lesson) -> Message:
    t, lessons = situation.texts, _lessons(situation)
    place = [one.id for one in lessons].index(lesson.id) + 1
    head = t("lesson.head", n=place, all=len(lessons), minutes=lesson.minutes, title=lesson.title)
    choices = [choice(label, AnswerLesson(lesson.id, n)) for n, label in enumerate(lesson.choices, start=1)]
    choices.append(choice(t("lesson.list"), ShowPage(PagedList.LESSONS), way=True))
    displayed = closing(situation, f"{head}\n{lesson.body}\n\n{lesson.question}", *choices)
    return Message(displayed.text, displayed.choices, photo=lesson.picture)


def _answered(situation: Situation, lesson: Lesson, number: int) -> Decision[DecisionResult]:
    """Mark the lesson as done, whether or not the answer is right; the answer is not stored."""
    t, lessons, me = situation.texts, _lessons(situation), situation.me
    done = (yield from load(LessonsDone(me.id))) | {lesson.id}
    right = number == lesson.answer
    sentence = t("lesson.right") if right else t("lesson.wrong", choice=lesson.choices[lesson.answer - 1])
    lines, choices = [sentence, lesson.why], []
    if _next(lessons, done) is None:
        lines.append(t("lesson.all_done", n=len(lessons)))
    else:
        choices.append(choice(t("lesson.next"), ReadLesson()))
    choices.append(choice(t("lesson.list"), ShowPage(PagedList.LESSONS), beside=bool(choices)))
    message = closing(situation, "\n".join(lines), *choices, *_further(situation))
    return reply(message, changes=[MarkLessonDone(me.id, lesson.id)])


def _list(situation: Situation, done: frozenset[str], start: int = 0, preface: str = "") -> Message:
    """A page of the lessons, with "✓" on those done."""
    t, lessons = situation.texts, _lessons(situation)
    displayed, onward = page_of(lessons, start, PAGE)
    choices = [
        choice((TICK if lesson.id in done else "") + lesson.title, ReadLesson(lesson.id)) for lesson in displayed
    ]
    if len(lessons) > PAGE:
        # the last page leads to the first
        choices.append(choice(t("form.more"), ShowPage(PagedList.LESSONS, onward), way=True))
    known = sum(lesson.id in done for lesson in lessons)
    lines = [preface] if preface else []
    left = known < len(lessons)
    lines.append(t("lesson.some", done=known, all=len(lessons)) if left else t("lesson.all_done", n=known))
    return closing(situation, "\n".join(lines), *choices, *_further(situation))


def _further(situation: Situation) -> list[Choice]:
    t = situation.texts
    practice = (
        [choice(t("practice.label"), RunCommand(Command.PRACTICE), way=True)] if is_reporter(situation.me) else []
    )
    return [*practice, choice(t("menu.menu"), RunCommand(Command.MENU), beside=bool(practice), way=True)]
