"""What the product says, one catalogue a language: the bot's sentences (`texts/*.yaml`), those of the command line
(`texts/cli/*.yaml`) and of the console (`texts/console/*.yaml`); a missing sentence fails a test.

A language can be chosen as soon as its files exist; its `language.name` is its label.

A person's language is a tag that may also say how they are addressed: "vi-x-chi" is Vietnamese that says "chị" where
the catalogue says "bác" (a private-use subtag of RFC 5646; the forms are `address.words`, the usual one first).
"""

from __future__ import annotations

import itertools
import re
from functools import cache
from importlib.resources import files
from typing import Any

from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.language.yaml_file import read_yaml

#: The language of whoever has not chosen one.
DEFAULT = "vi"
_FOLDER = files(__package__).joinpath("texts")
#: Folders in it with a file a language of their own.
_ROOMS = ("cli", "console")
#: Named like their files, the default first.
LANGUAGES = tuple(
    sorted(
        (file.name.removesuffix(".yaml") for file in _FOLDER.iterdir() if file.name.endswith(".yaml")),
        key=lambda language: (language != DEFAULT, language),
    )
)


_PRIVATE_USE = "-x-"


class Texts:
    """Sentences of one language by dotted key, in one form of address."""

    def __init__(self, language: str, address: str = "") -> None:
        self.language = language
        #: Language and form of address, as stored of a person.
        self.tag = f"{language}{_PRIVATE_USE}{address}" if address else language
        self._sentences = _addressed(language, address) if address else catalogue(language)

    def __call__(self, key: str, **facts: Any) -> str:
        """The sentence with its facts filled in. Raises KeyError for an unknown key or a missing fact."""
        sentence = self._sentences[key]
        return sentence.format(**facts) if facts else sentence

    def has(self, key: str) -> bool:
        return key in self._sentences


@cache
def texts(tag: str) -> Texts:
    """The catalogue of this language, read once; Vietnamese for an unknown language, its usual address for an unknown
    one."""
    language, _, address = tag.partition(_PRIVATE_USE)
    language = language if language in LANGUAGES else DEFAULT
    return Texts(language, address if tag in addresses(language) else "")


@cache
def addresses(language: str) -> dict[str, str]:
    """Tag → word of each form of address in this language, the usual one first; only that in most languages."""
    usual, *others = catalogue(language)["address.words"].split(", ")
    return {language: usual} | {f"{language}{_PRIVATE_USE}{_short(word)}": word for word in others}


def _short(word: str) -> str:
    """At most three letters of a form of address, for the tag: "chi", "dc"."""
    syllables = fold(word).split()
    return syllables[0][:3] if len(syllables) == 1 else "".join(syllable[0] for syllable in syllables)


@cache
def _addressed(language: str, address: str) -> dict[str, str]:
    """The catalogue with another form of address than its usual one; the forms themselves stay."""
    forms = addresses(language)
    usual, word = forms[language], forms[f"{language}{_PRIVATE_USE}{address}"]
    said = re.compile(rf"\b{usual}\b(?! sĩ)", re.IGNORECASE)

    def put(match: re.Match[str]) -> str:
        return word[0].upper() + word[1:] if match[0][0].isupper() else word

    sentences = catalogue(language).items()
    return {key: line if key.startswith("address.") else said.sub(put, line) for key, line in sentences}


@cache
def catalogue(language: str) -> dict[str, str]:
    """Dotted key to sentence."""
    name = f"{language}.yaml"
    read = (read_yaml(folder.joinpath(name)) for folder in (_FOLDER, *(_FOLDER.joinpath(room) for room in _ROOMS)))
    return dict(itertools.chain.from_iterable(_flat("", tree) for tree in read))


def _flat(prefix: str, tree: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            found += _flat(name + ".", value)
        else:
            found.append((name, str(value).strip()))
    return found
