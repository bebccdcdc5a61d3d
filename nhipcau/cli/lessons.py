"""`lesson check`: faults in lesson files, before people read them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import CommandFailed, Json, input_file, print_json, print_line, settings_or_exit, spoken

if TYPE_CHECKING:
    from nhipcau.office.lesson_file import Lesson
    from nhipcau.office.yaml_validation import InvalidFile

app = Family()
lesson_app = Family(no_args_is_help=True)
app.add_typer(lesson_app, name="lesson")


@lesson_app.command("check")
def check(file: Annotated[Path | None, typer.Argument()] = None, as_json: Json = False) -> None:
    """What is wrong with this file, or with all in DATA_DIR/lessons."""
    from nhipcau.office.yaml_validation import InvalidFile

    found = _check_one(input_file(file)) if file else _check_all(settings_or_exit().lessons)
    if as_json:
        print_json([_row(name, result) for name, result in found.items()])
    else:
        for name, result in found.items():
            _print_lesson(name, result, whole=file is not None)
        if not found:
            print_line(spoken()("cli.lesson.none", folder=settings_or_exit().lessons))
    if wrong := [name for name, result in found.items() if isinstance(result, InvalidFile)]:
        raise CommandFailed("cli.lesson.left_out", files=", ".join(wrong))


def _check_one(file: Path) -> dict[str, Lesson | InvalidFile]:
    from nhipcau.office.lesson_library import read_file
    from nhipcau.office.yaml_validation import InvalidFile

    try:
        return {str(file): read_file(file)[0]}
    except InvalidFile as wrong:
        return {str(file): wrong}


def _check_all(folder: Path) -> dict[str, Lesson | InvalidFile]:
    from nhipcau.office.lesson_library import read_file, read_lessons

    shelf = read_lessons(folder)
    return {name: shelf.faults.get(name) or read_file(folder / name)[0] for name in shelf.own}


def _row(name: str, result: Lesson | InvalidFile) -> dict[str, object]:
    from nhipcau.office.yaml_validation import InvalidFile

    if isinstance(result, InvalidFile):
        faults = [{"line": f.line, "field": f.field, "sentence": f.why.say(spoken())} for f in result.faults]
        return {"file": name, "ok": False, "id": None, "title": None, "faults": faults}
    return {"file": name, "ok": True, "id": result.id, "title": result.title, "faults": []}


def _print_lesson(name: str, result: Lesson | InvalidFile, *, whole: bool) -> None:
    from nhipcau.office.yaml_validation import InvalidFile

    t = spoken()
    if isinstance(result, InvalidFile):
        for fault in result.faults:
            print_line(f"{t('cli.doctor.bad'):5}{name} {fault.say(t)}")
        return
    print_line(f"{t('cli.doctor.ok'):5}{name}: {result.title}")
    if whole:
        choices = [f"{n}. {choice}" for n, choice in enumerate(result.choices, start=1)]
        print_line("\n".join(["", result.body, "", result.question, *choices, "", f"{result.answer}. {result.why}"]))
