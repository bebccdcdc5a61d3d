"""The lessons of an installation: those that ship with the product, and the office's own in DATA_DIR/lessons."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nhipcau.bot.language.catalogue import LANGUAGES
from nhipcau.bot.language.faults import reason
from nhipcau.office.lesson_file import LARGEST, Lesson, in_order, language_of, read_lesson, shipped
from nhipcau.office.yaml_validation import InvalidFile, invalid
from nhipcau.privacy.atomic_files import write_file
from nhipcau.privacy.photos import NotAPicture, clean_photo

#: Bytes of a lesson's picture.
_LARGEST_PICTURE = 5_000_000


@dataclass(frozen=True, slots=True)
class LessonSet:
    """All lessons as read."""

    #: By language, in order; a lesson that a language lacks is there in another language.
    lessons: Mapping[str, tuple[Lesson, ...]]
    #: The office's files, read or left out.
    own: Sequence[str] = ()
    #: Files left out, and why.
    faults: Mapping[str, InvalidFile] = field(default_factory=dict)
    #: Cleaned pictures, by their name in the photo folder.
    pictures: Mapping[str, bytes] = field(default_factory=dict)


class LessonLibrary:
    """Reads the lessons again when a file of the office changes. `own`: the folder of the office's lessons; `photos`:
    the folder of our pictures."""

    def __init__(self, own: Path, photos: Path) -> None:
        self._own = own
        self._photos = photos
        self._stamp: object = None
        self._current: LessonSet | None = None

    @property
    def current(self) -> LessonSet:
        if self._current is None:
            self._current = read_lessons(self._own)
        return self._current

    def refresh(self) -> bool:
        """Read the lessons again where files changed, and store their pictures. Returns whether anything changed."""
        stamp = [(p.name, s.st_mtime_ns, s.st_size) for p in _listed(self._own) if (s := _stat(p))]
        is_new = stamp != self._stamp
        if is_new:
            self._current, self._stamp = read_lessons(self._own), stamp
        for name, content in self.current.pictures.items():
            if not (self._photos / name).exists():
                write_file(self._photos / name, content)
        return is_new


def read_lessons(own: Path) -> LessonSet:
    """The shipped lessons with the office's own from the folder `own`; broken files are left out and listed."""
    files = [path for path in _listed(own) if path.suffix == ".md"]
    ours: dict[str, dict[str, Lesson]] = {language: {} for language in LANGUAGES}
    faults: dict[str, InvalidFile] = {}
    pictures: dict[str, bytes] = {}
    for path in files:
        known = ours[language_of(path.name)]
        try:
            lesson, picture = read_file(path)
            if lesson.id in known:
                raise invalid("cli.written.lesson_id_taken", field="id", id=lesson.id)
        except InvalidFile as wrong:
            faults[path.name] = wrong
            continue
        known[lesson.id] = lesson
        if picture:
            pictures[lesson.picture] = picture
    lessons = {language: _put_together(shipped()[language], ours[language]) for language in LANGUAGES}
    return LessonSet(_filled(lessons), [path.name for path in files], faults, pictures)


def read_file(path: Path) -> tuple[Lesson, bytes]:
    """A lesson, its `picture` now a name in the photo folder, and the picture's bytes (b"": none). Raises
    InvalidFile."""
    try:
        data = path.read_bytes()
        if len(data) > 4 * LARGEST:
            raise invalid("cli.written.big", size=len(data), most=4 * LARGEST)
        lesson = read_lesson(data.decode("utf-8-sig"))
    except OSError as error:
        raise invalid("cli.written.not_read", why=reason(error)) from None
    except UnicodeDecodeError:
        raise invalid("cli.written.not_utf8") from None
    return _with_picture(lesson, path.parent) if lesson.picture else (lesson, b"")


def _with_picture(lesson: Lesson, folder: Path) -> tuple[Lesson, bytes]:
    name = lesson.picture
    try:
        if (folder / name).stat().st_size > _LARGEST_PICTURE:
            raise invalid("cli.written.picture_big", field="picture", file=name, most=_LARGEST_PICTURE // 1_000_000)
        data = (folder / name).read_bytes()
        cleaned = clean_photo(data)
    except OSError as error:
        raise invalid("cli.not_read", field="picture", file=name, why=reason(error)) from None
    except NotAPicture:
        raise invalid("cli.written.no_picture", field="picture", file=name) from None
    # named by its content, so that the same picture has the same name at every start
    return replace(lesson, picture=hashlib.sha256(data).hexdigest()[:16] + ".jpg"), cleaned


def _put_together(given: Sequence[Lesson], own: Mapping[str, Lesson]) -> tuple[Lesson, ...]:
    """Shipped lessons, each replaced by the office's with the same id; then the office's other lessons."""
    ids = {lesson.id for lesson in given}
    replaced = in_order([own.get(lesson.id, lesson) for lesson in given])
    return (*replaced, *in_order([lesson for lesson in own.values() if lesson.id not in ids]))


def _filled(lessons: Mapping[str, tuple[Lesson, ...]]) -> dict[str, tuple[Lesson, ...]]:
    """Each language, followed by lessons it lacks in another language: better than no lesson."""
    found = {}
    for language, mine in lessons.items():
        ids = {lesson.id for lesson in mine}
        others = [lesson for other in LANGUAGES for lesson in lessons[other] if lesson.id not in ids]
        found[language] = (*mine, *{lesson.id: lesson for lesson in others}.values())
    return found


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
