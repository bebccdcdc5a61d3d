"""A kind of question is one file: no other file asks which kind a question is, and no part of a kind can be missing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from mypy import api

from nhipcau.bot.forms import kinds
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import Kind
from nhipcau.bot.forms.model import QuestionKind

ROOT = Path(__file__).parents[2]
CODE = ROOT / "nhipcau"
FOLDER = Path(kinds.__file__).parent
#: `question.kind`, `form.questions[0].kind`, `q.kind`, but not what it is looked up for.
_KIND_OF_A_QUESTION = re.compile(r"\b(?:question|questions\[.+\]|q)\.kind\b(?!\])")
#: What a file says that could ask: the others are not parsed, which takes a second and a half.
_MAY_ASK = re.compile(r"QuestionKind|(?:question|\]|\bq)\.kind\b")


def _asks_for_a_kind(node: ast.AST) -> bool:
    """Compares a question's kind, or lists kinds. Making a question of a kind is no such thing."""
    match node:
        case ast.Compare():
            operands = [ast.unparse(each) for each in (node.left, *node.comparators)]
            return any("QuestionKind" in each or _KIND_OF_A_QUESTION.search(each) for each in operands)
        case ast.Match():
            return bool(_KIND_OF_A_QUESTION.search(ast.unparse(node.subject)))
        case ast.MatchValue() | ast.Set() | ast.List() | ast.Dict():
            return "QuestionKind." in ast.unparse(node)
        case ast.For() | ast.comprehension():
            return ast.unparse(node.iter) == "QuestionKind"
    return False


def test_no_other_file_asks_which_kind_a_question_is() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node).splitlines()[0]}"
        for path in sorted(CODE.rglob("*.py"))
        if path.parent != FOLDER and _MAY_ASK.search(text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if _asks_for_a_kind(node)
    ]
    assert found == []


def test_every_kind_has_its_file_and_every_file_its_kind() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "kind"}
    assert files == set(QuestionKind) == set(KINDS)


#: What each kind has to say of itself, as a kind would say it.
_PARTS = {
    "fields": "fields = ()",
    "number_answers": "number_answers = False",
    "needs_summary": "needs_summary = False",
    "counted": "counted = Counted.VALUES",
    "read": (
        "def read(self, question: Question, text: str, options: Sequence[Option], today: date | None, *,"
        " numbers: bool) -> Any: return text"
    ),
    "words": "def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str: return ''",
    "middle": "def middle(self, counts: Mapping[str, int]) -> str: return ''",
}
_HEAD = """\
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from nhipcau.bot.forms.kinds.kind import Counted, Kind
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts
"""


def test_the_parts_a_kind_needs_are_those_without_a_value() -> None:
    said = {name for name in Kind.__annotations__ if not hasattr(Kind, name)}
    assert said | set(Kind.__abstractmethods__) == set(_PARTS)


@pytest.mark.slow
def test_a_kind_without_one_of_its_parts_fails_type_checking(tmp_path: Path) -> None:
    lines = [_HEAD]
    for missing in ("nothing", *_PARTS):
        body = [f"    {line}" for name, line in _PARTS.items() if name != missing]
        lines += [f"class Without_{missing}(Kind):", *body, f"KIND_{missing}: Kind = Without_{missing}()"]
    path = tmp_path / "made_up.py"
    path.write_text("\n".join(lines), encoding="utf-8")
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path)]
    told, errors, _ = api.run([*options, "--follow-imports", "silent", str(path)])
    assert errors == ""
    refused = re.findall(r'Cannot instantiate abstract class "Without_(\w+)" with abstract attribute "(\w+)"', told)
    assert sorted(refused) == sorted((name, name) for name in _PARTS), told
