"""Every sentence exists in every language with the same facts, and obeys the rules of tone."""

from __future__ import annotations

import ast
import importlib
import re
from dataclasses import fields
from pathlib import Path
from string import Formatter

import pytest
import yaml

from nhipcau.bot.channels.registry import CHANNELS
from nhipcau.bot.language.catalogue import LANGUAGES, catalogue, texts
from nhipcau.bot.language.yaml_file import read_yaml
from nhipcau.bot.messaging.channel import ChannelError
from nhipcau.model.audit_kinds import AUDIT_KINDS
from nhipcau.storage.sealed_people import PersonDetails
from nhipcau.storage.tables import metadata

CODE = Path(__file__).parents[2] / "nhipcau"
_CALL = re.compile(r'(?:\bt|texts|sentence|\bFault|InvalidTable)\(\s*"([a-z_]+\.[A-Za-z_.!]+)"')


#: In a template: t('console.leave'), t('console.nav.' ~ place.name), t('console.' ~ key ~ '.title').
_IN_TEMPLATE = re.compile(r"\bt\(\s*'([a-z_.]+[a-z_])'")
_BEGUN_IN_TEMPLATE = re.compile(r"\bt\(\s*'([a-z_.]+[._])' ~ [^~'()]+(?:~ '([a-z_.]+)')?")


def facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_keys_and_facts(language: str) -> None:
    ours, vi = catalogue(language), catalogue("vi")
    assert {key: facts(said) for key, said in ours.items()} == {key: facts(said) for key, said in vi.items()}


@pytest.mark.parametrize("twice", ["menu: {a: Một, b: Hai, a: Ba}", "menu: {a: Một}\nform: {b: Hai}\nmenu: {c: Ba}"])
def test_a_key_written_twice_is_refused(tmp_path: Path, twice: str) -> None:
    (file := tmp_path / "vi.yaml").write_text(twice, encoding="utf-8")
    with pytest.raises(yaml.YAMLError, match="stands here twice"):
        read_yaml(file)


def test_languages_are_told_apart_by_their_names() -> None:
    assert len({catalogue(language)["language.name"] for language in LANGUAGES}) == len(LANGUAGES)


def test_every_key_the_code_names_exists() -> None:
    named = {key for path in CODE.rglob("*.py") for key in _CALL.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 150
    assert named - set(catalogue("vi")) - {key for key in named if key.endswith((".", "_"))} == set()


#: Keys made of parts that all come from data: forms and their questions, codes, states of channels.
_FROM_DATA = (
    *("report.", "compose_poll.", "compose_rapid.", "compose_duty.", "compose_notice.", "issue.statement.", "source."),
    *("strand.kind.", "strand.words.", "strand.mark.", "review_document.signs.", "review_document.most."),
    *("stored_code.", "cli.audit.kind.", "status."),
)


def test_every_sentence_is_said_somewhere() -> None:
    """By its whole key, or by the parts of it that stand in the code."""
    whole, parts = _keys_in_code()
    # named after another: what to do about a fault, the texts of a notice after those of all requests
    said = whole | {key.replace(f"{of}.", f"{of}.fix.", 1) for key in whole for of in ("file", "import")}
    said |= {f"{kind}{part}" for kind in ("compose", "notice") for part in whole if part.startswith(".")}
    keys = [key for key in catalogue("vi") if key not in said and not key.startswith(_FROM_DATA)]
    assert [key for key in keys if not parts.fullmatch(key.replace("notice.", "board.", 1))] == []


def test_every_kind_of_the_audit_is_chosen_by_its_words() -> None:
    nouns = {kind.partition(".")[0] for kind in AUDIT_KINDS}
    assert [noun for noun in nouns if not texts("vi").has(f"console.audit.about.{noun}")] == []


def test_no_name_of_a_stored_column_is_left_over() -> None:
    stored = {name for table in metadata.sorted_tables for name in (table.name, *table.columns.keys())}
    stored |= {field.name for field in fields(PersonDetails)} | {"keys", "withheld", "not_so"}
    named = {key.removeprefix("stored.") for key in catalogue("vi") if key.startswith("stored.")}
    assert named - stored == set()


def _keys_in_code() -> tuple[set[str], re.Pattern[str]]:
    """Every text in the code, and a pattern of those with gaps: "law.risk.…_now"."""
    whole, parts = set(), set()
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Constant(value=str(text)):
                    whole.add(text)
                case ast.JoinedStr(values=values):
                    texts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[^.]+" for v in values]
                    parts.add("".join(texts))
                case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add()):
                    parts.add(re.escape(text) + "[^.]+")
    for path in CODE.rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        whole |= set(_IN_TEMPLATE.findall(source))
        parts |= {f"{re.escape(begun)}[^.]+{re.escape(ended)}" for begun, ended in _BEGUN_IN_TEMPLATE.findall(source)}
    telling = re.compile(r"[a-z]{2}.*\\\.|\\\..*[a-z]{2}")
    return whole, re.compile("|".join(sorted(filter(telling.search, parts))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_question_a_sentence_and_short(language: str) -> None:
    for key, sentence in catalogue(language).items():
        assert sentence.count("?") <= 1, key
        assert len(sentence) <= 350, key


def test_buttons_are_short() -> None:
    for key, label in catalogue("vi").items():
        if key.startswith(("menu.", "form.", "inbox.", "topic.")) and key.count(".") == 1 and "." not in label:
            is_sentence = "{" in label or len(label.split()) > 5
            assert is_sentence or len(label) <= 30, key


_LABELS = {
    "form.cancel": "Hủy",
    "form.back": "Lùi",
    "form.skip": "Bỏ qua",
    "form.other": "Khác …",
    "form.more": "Xem thêm",
    "form.nothing": "Không có gì",
    "join.yes": "Đồng ý",
    "answer.more": "Bổ sung",
    "answer.edit": "Sửa câu trả lời",
}
_WORDS = {
    "join.done": "Đã tham gia",
    "join.refused": "không đúng hoặc đã hết hạn",
    "report.done": "Đã ghi nhận báo cáo",
    "answer.done_poll": "Đã ghi nhận câu trả lời",
    "answer.done_rapid": "Đã ghi nhận báo cáo nhanh",
    "answer.stopped_poll": "Cuộc thăm dò đã dừng",
}


def test_promised_labels() -> None:
    assert {key: catalogue("vi")[key] for key in _LABELS} == _LABELS


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_programs_look_for(language: str) -> None:
    assert [key for key, words in _WORDS.items() if words not in catalogue(language)[key]] == []


def test_every_reason_why_nothing_arrived_has_a_sentence() -> None:
    def kinds(error: type[ChannelError]) -> set[type[ChannelError]]:
        return {error}.union(*(kinds(more) for more in error.__subclasses__()))

    # those of the channels too: they are made where a channel is imported
    for file in CODE.glob("bot/channels/*/channel.py"):
        importlib.import_module(f"nhipcau.bot.channels.{file.parent.name}.channel")
    ends = {kind.reason for kind in kinds(ChannelError)} - {"conflict", "hook_refused", "too_big"}
    for language in LANGUAGES:
        assert {reason for reason in ends if f"reason.{reason}" not in catalogue(language)} == set()


@pytest.mark.parametrize("channel", [traits.name for traits in CHANNELS if traits.credential])
def test_how_receiving_goes_has_its_sentences(channel: str) -> None:
    assert {f"status.{channel}.{state}" for state in ("ok", "starting", "refused")} <= set(catalogue("vi"))
