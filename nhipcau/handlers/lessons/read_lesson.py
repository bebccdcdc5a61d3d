"""Lessons in the chat, at a person's own pace: one message a lesson with its one question, then why, then the next."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.bot.forms.draft import PAGE, TICK
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.screens import closing, is_reporter, menu, page_of
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import MarkLessonDone
from nhipcau.model.queries import LessonsDone
from nhipcau.office.lesson_file import Lesson

# What a choice carries: `hoc:ID:NUMBER` answers, `hoc:ID:read` shows; `hoc::next`, `hoc:PLACE:list`.


def opened(situation: Situation, _: str) -> Decision[DecisionResult]:
    """The next lesson not done, or the list once all are."""
    lessons = _lessons(situation)
    if not lessons:
        return reply(menu(situation, situation.texts("lesson.none")))
    done = yield from load(LessonsDone(situation.me.id))
    lesson = _next(lessons, done)
    if lesson is None:
        return reply(_list(situation, done))
    return reply(_show(situation, lesson))


def pressed(situation: Situation, rest: str) -> Decision[DecisionResult]:
    id, _, verb = rest.partition(":")
    if verb == "next" or not _lessons(situation):
        return (yield from opened(situation, ""))
    lesson = next((lesson for lesson in _lessons(situation) if lesson.id == id), None)
    if verb == "list" or lesson is None:
        done = yield from load(LessonsDone(situation.me.id))
        preface = "" if verb == "list" else situation.texts("lesson.gone")
        return reply(_list(situation, done, id if verb == "list" else "", preface))
    if verb.isascii() and verb.isdecimal() and 1 <= int(verb) <= len(lesson.choices):
        return (yield from _answered(situation, lesson, int(verb)))
    return reply(_show(situation, lesson))


def _lessons(situation: Situation) -> Sequence[Lesson]:
    return situation.office.lessons.get(situation.texts.language, ())


def _next(lessons: Sequence[Lesson], done: frozenset[str]) -> Lesson | None:
    return next((lesson for lesson in lessons if lesson.id not in done), None)


def _show(situation: Situation, lesson: Lesson) -> Message:
    t, lessons = situation.texts, _lessons(situation)
    place = [one.id for one in lessons].index(lesson.id) + 1
    head = t("lesson.head", n=place, all=len(lessons), minutes=lesson.minutes, title=lesson.title)
    choices = [Choice(label, f"hoc:{lesson.id}:{n}") for n, label in enumerate(lesson.choices, start=1)]
    choices.append(Choice(t("lesson.list"), "hoc::list", way=True))
    shown = closing(situation, f"{head}\n{lesson.body}\n\n{lesson.question}", *choices)
    return Message(shown.text, shown.choices, photo=lesson.picture)


def _answered(situation: Situation, lesson: Lesson, number: int) -> Decision[DecisionResult]:
    """Right or not, the lesson is done: what is kept is that, never the answer."""
    t, lessons, me = situation.texts, _lessons(situation), situation.me
    done = (yield from load(LessonsDone(me.id))) | {lesson.id}
    right = number == lesson.answer
    said = t("lesson.right") if right else t("lesson.wrong", choice=lesson.choices[lesson.answer - 1])
    lines, choices = [said, lesson.why], []
    if _next(lessons, done) is None:
        lines.append(t("lesson.all_done", n=len(lessons)))
    else:
        choices.append(Choice(t("lesson.next"), "hoc::next"))
    choices.append(Choice(t("lesson.list"), "hoc::list", beside=bool(choices)))
    message = closing(situation, "\n".join(lines), *choices, *_further(situation))
    return reply(message, changes=[MarkLessonDone(me.id, lesson.id)])


def _list(situation: Situation, done: frozenset[str], start: str = "", preface: str = "") -> Message:
    """Every lesson with "✓" on those done, so many at a time."""
    t, lessons = situation.texts, _lessons(situation)
    shown, onward = page_of(lessons, start, PAGE)
    choices = [Choice((TICK if lesson.id in done else "") + lesson.title, f"hoc:{lesson.id}:read") for lesson in shown]
    if len(lessons) > PAGE:
        choices.append(Choice(t("form.more"), f"hoc:{onward}:list", way=True))
    known = sum(lesson.id in done for lesson in lessons)
    lines = [preface] if preface else []
    left = known < len(lessons)
    lines.append(t("lesson.some", done=known, all=len(lessons)) if left else t("lesson.all_done", n=known))
    return closing(situation, "\n".join(lines), *choices, *_further(situation))


def _further(situation: Situation) -> list[Choice]:
    t = situation.texts
    practice = [Choice(t("practice.label"), "c:tapviet", way=True)] if is_reporter(situation.me) else []
    return [*practice, Choice(t("menu.menu"), "c:menu", beside=bool(practice), way=True)]
