"""Forms that ship with the product: `builtin_forms/*.yaml` with the sentences of one language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.yaml_file import read_yaml


@cache
def builtin_form(name: str, language: str) -> Form:
    """The form of this name with its questions, options and line names in this language. Raises FileNotFoundError."""
    body = read_yaml(files(__package__).joinpath(f"builtin_forms/{name}.yaml"))
    return Form(body["id"], "", tuple(_question(body["id"], q, language) for q in body["questions"]))


def _question(form: str, body: dict[str, Any], language: str) -> Question:
    t = texts(language)
    key = f"{form}.{body['id']}"
    options = tuple(Option(str(k), t(f"{key}.{k}")) for k in body.pop("keys", ()))
    short = t(f"{key}.short") if t.has(f"{key}.short") else ""
    if body.get("group") and t.has(f"{form}.{body['group']}"):
        short = t(f"{form}.{body['group']}")
    return Question(**{**body, "kind": QuestionKind(body["kind"])}, text=t(f"{key}.ask"), options=options, short=short)
