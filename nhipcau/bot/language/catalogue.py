"""What the product says, one catalogue a language: the bot's sentences (`texts/*.yaml`) and those of the command line
(`texts/cli/*.yaml`); a missing sentence fails a test.

A language can be chosen as soon as its files exist; its `language.name` is its label.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from nhipcau.bot.language.yaml_file import read_yaml

#: The language of whoever has not chosen one.
DEFAULT = "vi"
_FOLDER = files(__package__).joinpath("texts")
#: Named like their files, the default first.
LANGUAGES = tuple(
    sorted(
        (file.name.removesuffix(".yaml") for file in _FOLDER.iterdir() if file.name.endswith(".yaml")),
        key=lambda language: (language != DEFAULT, language),
    )
)


class Texts:
    """Sentences of one language by dotted key."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._sentences = catalogue(language)

    def __call__(self, key: str, **facts: Any) -> str:
        """The sentence with its facts filled in. Raises KeyError for an unknown key or a missing fact."""
        sentence = self._sentences[key]
        return sentence.format(**facts) if facts else sentence

    def has(self, key: str) -> bool:
        return key in self._sentences


@cache
def texts(language: str) -> Texts:
    """The catalogue of this language, read once; Vietnamese for an unknown language."""
    return Texts(language if language in LANGUAGES else DEFAULT)


@cache
def catalogue(language: str) -> dict[str, str]:
    """Dotted key to sentence."""
    name = f"{language}.yaml"
    return dict(_flat("", read_yaml(_FOLDER.joinpath(name))) + _flat("", read_yaml(_FOLDER.joinpath("cli", name))))


def _flat(prefix: str, tree: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            found += _flat(name + ".", value)
        else:
            found.append((name, str(value).strip()))
    return found
