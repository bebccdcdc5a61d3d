"""Reads request files (YAML or JSON): polls, rapid requests, duties, notices. Faults name line and field."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from nhipcau.bot.forms.conditions import InvalidCondition, check, parse
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.kinds.kind import InvalidQuestion
from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.language.command_words import read_command
from nhipcau.bot.language.faults import Fault, reason
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.recurrence.rules import InvalidRule, parse_rule
from nhipcau.model.people import Role
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Each, UnitGroup
from nhipcau.office.request_audience import AudienceReader
from nhipcau.office.yaml_validation import invalid

_LARGEST = 200_000
_MOST_QUESTIONS = 20
#: Choices of one question, and characters of one choice.
MOST_CHOICES = 10
LONGEST_CHOICE = 60
#: Labels of the bot's own buttons.
_OWN_LABELS = frozenset({"xong", "bo qua", "sua", "xem them", "trang", "khong co gi", "huy", "lui", "gui"})
#: Keys of polls and rapid requests alike: one file may be used for both.
_ASKED = ("title", "intro", "sealed", "close", "deadline", "urgent", "audience", "questions", "repeats", "escalate")
_REPEATED = ("every", "working_days", "missed")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "poll": (*_ASKED, *_REPEATED),
    "rapid": (*_ASKED, *_REPEATED),
    "duty": ("title", "intro", "urgent", "audience", "questions", "lead", "each", *_REPEATED),
    "notice": ("text", "urgent", "audience", "file", "picture", *_REPEATED),
}
_NEEDED: Mapping[str, tuple[str, ...]] = {"duty": ("title", "every", "questions"), "notice": ("text",)}
#: Characters of a notice; every app's caption holds the first thousand.
_LONGEST_NOTICE = 1500
#: Keys of every question, and keys that only some kinds have.
_EVERY_QUESTION = ("text", "kind", "optional", "when")
_SOME_QUESTIONS = ("choices", "min", "max", "low", "high")
_KINDS = tuple(kind for kind, each in KINDS.items() if each.in_files)
#: How long each kind of request is open where the file does not say.
_LENGTHS = {"poll": timedelta(days=3), "rapid": timedelta(hours=24), "duty": timedelta(days=2)}
#: The longest time a request may be open: a poll's key exists until it closes.
LONGEST = timedelta(days=366)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class RequestFile:
    """A request as its file describes it."""

    kind: RequestKind
    title: str
    intro: str = ""
    sealed: bool = False
    urgent: bool = False
    #: One of these two is set, except for notices.
    closes_at: datetime | None = None
    duration: timedelta | None = None
    #: Codes or names of units as written, and the line of each.
    units: tuple[str, ...] = ()
    unit_lines: tuple[int, ...] = ()
    #: Names of clusters of communes as written, and their line.
    clusters: tuple[str, ...] = ()
    cluster_line: int = 1
    group: UnitGroup | None = None
    roles: tuple[Role, ...] = (Role.COLLABORATOR,)
    responsible: bool = False
    sample: int | None = None
    #: Name of a file beside this one with a sample drawn beforehand, and its line.
    sample_file: str = ""
    sample_line: int = 1
    questions: tuple[Question, ...] = field(default_factory=tuple)
    #: A recurrence rule (bot/recurrence/rules.py); "": asked once.
    every: str = ""
    working_days: bool = True
    #: Whether the last one missed while the service was down is sent later.
    catch_up: bool = True
    #: Id of the closed poll that this one repeats.
    repeats: str = ""
    #: Rapid requests: units that stay silent are told upwards while it runs.
    escalates: bool = True
    #: Duties: who gives one answer.
    each: Each = Each.CELL
    #: Notices: names of files beside this one.
    file: str = ""
    picture: str = ""


def parse_duration(text: str) -> timedelta | None:
    """ "90m", "24h", "3d"; None for anything else, and for a length of 0."""
    match = re.fullmatch(r"(\d{1,6})\s*([smhd])", text.strip().lower())
    if match is None or int(match[1]) == 0:
        return None
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def parse_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """ "2026-12-01 17:00" in local time; None for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
    except ValueError:
        return None
    if len(text.strip()) < len("2026-12-01 17:00"):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def read_request(path: Path, kind: RequestKind, now: datetime, zone: ZoneInfo) -> RequestFile:
    """Raises InvalidFile with every fault found."""
    reader = _Reader(kind, now, zone)
    root = reader.open(path)
    spec = reader.request(root)
    reader.check()
    return spec


def read_described(described: Mapping[str, Any], kind: RequestKind, now: datetime, zone: ZoneInfo) -> RequestFile:
    """A request described in the shape of a file, by somebody who fills in a form. Raises InvalidFile with every fault
    found; its lines mean nothing."""
    reader = _Reader(kind, now, zone)
    text = json.dumps(described, ensure_ascii=False)
    spec = reader.request(reader.compose(text, _NEEDED.get(kind, ("title", "questions"))))
    reader.check()
    return spec


class _Reader(AudienceReader):
    def __init__(self, kind: RequestKind, now: datetime, zone: ZoneInfo) -> None:
        super().__init__()
        self._kind = kind
        self._now = now
        self._zone = zone

    # -------------------------------------------------- nodes

    def open(self, path: Path) -> yaml.MappingNode:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise invalid("cli.written.not_read", why=reason(error)) from None
        if len(data) > _LARGEST:
            raise invalid("cli.written.big", size=len(data), most=_LARGEST)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise invalid("cli.written.not_utf8") from None
        return self.compose(text, _NEEDED.get(self._kind, ("title", "questions")))

    # -------------------------------------------------- the request

    def request(self, root: yaml.MappingNode) -> RequestFile:
        fields = self.fields(root, _KEYS[self._kind], _NEEDED.get(self._kind, ("title", "questions")))
        if self._kind == "notice":
            return self._with_rule(self._with_audience(self._notice(fields), fields), fields)
        rapid = self._kind == "rapid"
        self._check_sealed(fields, rapid)
        spec = RequestFile(
            kind=self._kind,
            title=self.text_of(fields["title"], "title", 120) if "title" in fields else "",
            intro=self.text_of(fields["intro"], "intro", 500, needed=False) if "intro" in fields else "",
            sealed="sealed" in fields and not rapid and self.is_yes(fields["sealed"], "sealed"),
            urgent=self.is_yes(fields["urgent"], "urgent") if "urgent" in fields else rapid,
            duration=_LENGTHS[self._kind],
            repeats=self.text_of(fields["repeats"], "repeats", 16) if "repeats" in fields else "",
        )
        if "escalate" in fields:
            spec = replace(spec, escalates=self.is_yes(fields["escalate"], "escalate"))
        if "each" in fields:
            spec = replace(spec, each=self._each(fields["each"]))
        end = {"rapid": "deadline", "duty": "lead"}.get(self._kind, "close")
        if end in fields:
            spec = self._end(spec, fields[end], end)
        for other in {"close", "deadline"} - {end} if end not in fields else ():
            # one file may have both; with the other kind's key alone the end would be ignored
            if other in fields:
                self.fault(fields[other], other, "cli.written.other_end", end=end)
        questions = self._questions(fields["questions"]) if "questions" in fields else ()
        return self._with_rule(self._with_audience(replace(spec, questions=questions), fields), fields)

    def _notice(self, fields: dict[str, yaml.Node]) -> RequestFile:
        text = self.text_of(fields["text"], "text", _LONGEST_NOTICE) if "text" in fields else ""
        file, picture = (self.text_of(fields[key], key, 200) if key in fields else "" for key in ("file", "picture"))
        if file and picture:
            self.fault(fields["picture"], "picture", "cli.written.file_or_picture")
        urgent = "urgent" in fields and self.is_yes(fields["urgent"], "urgent")
        return RequestFile(kind=self._kind, title="", intro=text, urgent=urgent, file=file, picture=picture)

    def _with_audience(self, spec: RequestFile, fields: dict[str, yaml.Node]) -> RequestFile:
        return replace(spec, **self.audience_values(fields["audience"])) if "audience" in fields else spec

    def _with_rule(self, spec: RequestFile, fields: dict[str, yaml.Node]) -> RequestFile:
        """Reads `every` and the keys that go with it."""
        if "every" not in fields:
            for name in _REPEATED:
                if name in fields:
                    self.fault(fields[name], name, "cli.written.with_every")
            return spec
        if "repeats" in fields:
            self.fault(fields["repeats"], "repeats", "cli.written.without_every")
        if spec.sample_file:
            self.fault(fields["audience"], "audience.sample_file", "cli.written.sample_once")
        every = self.text_of(fields["every"], "every", 80)
        try:
            rule = parse_rule(every).text
        except InvalidRule as wrong:
            self.fault(fields["every"], "every", wrong)
            return spec
        if spec.duration is None and spec.kind != "notice":
            self.fault(fields["every"], "every", "cli.written.length_for_rule")
        missed = self.text_of(fields["missed"], "missed", 10) if "missed" in fields else "once"
        if missed not in {"once", "pass"}:
            self.fault(fields["missed"], "missed", "cli.written.one_of", value=missed, choices="once, pass")
        working = (
            self.is_yes(fields["working_days"], "working_days") if "working_days" in fields else spec.kind == "duty"
        )
        return replace(spec, every=rule, catch_up=missed == "once", working_days=working)

    def _check_sealed(self, fields: dict[str, yaml.Node], rapid: bool) -> None:
        """A fault where a rapid request is sealed."""
        if rapid and "sealed" in fields and self.is_yes(fields["sealed"], "sealed"):
            self.fault(fields["sealed"], "sealed", "cli.written.sealed")

    def _end(self, spec: RequestFile, node: yaml.Node, name: str) -> RequestFile:
        text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        length = parse_duration(text)
        if length is not None:
            if length > LONGEST:
                self.fault(node, name, "cli.written.longest", value=text, most=LONGEST.days)
            return replace(spec, duration=length)
        if name == "lead":
            self.fault(node, name, "cli.written.length", value=text)
            return spec
        moment = parse_moment(text, self._zone)
        if moment is None:
            self.fault(node, name, "cli.written.moment", value=text)
        elif moment <= self._now:
            self.fault(node, name, "cli.written.past", value=text)
        return replace(spec, closes_at=moment, duration=None)

    def _each(self, node: yaml.Node) -> Each:
        word = self.text_of(node, "each", 20)
        if word not in tuple(Each):
            self.fault(node, "each", "cli.written.one_of", value=word, choices=", ".join(Each))
            return Each.CELL
        return Each(word)

    # -------------------------------------------------- questions

    def _questions(self, node: yaml.Node) -> tuple[Question, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.fault(node, "questions", "cli.written.questions")
            return ()
        if len(node.value) > _MOST_QUESTIONS:
            self.fault(node, "questions", "cli.written.many_questions", n=len(node.value), most=_MOST_QUESTIONS)
        questions: list[Question] = []
        conditions: list[tuple[int, yaml.Node, str]] = []
        for place, item in enumerate(node.value, start=1):
            name = f"questions[{place}]"
            if not isinstance(item, yaml.MappingNode):
                self.fault(item, name, "cli.written.must_hold", names="text, kind")
                questions.append(Question(f"q{place}", QuestionKind.TEXT, ""))
                continue
            fields = self.fields(item, (*_EVERY_QUESTION, *_SOME_QUESTIONS), prefix=f"{name}.")
            questions.append(self._question(item, fields, place, name))
            if "when" in fields:
                conditions.append((place, fields["when"], f"{name}.when"))
        for place, when, name in conditions:
            self._condition(questions, place, when, name)
        return tuple(questions)

    def _question(self, node: yaml.Node, fields: dict[str, yaml.Node], place: int, name: str) -> Question:
        if "text" not in fields:
            self.fault(node, f"{name}.text", "cli.written.missing")
        kind = self._question_kind(fields, name)
        for key in [key for key in _SOME_QUESTIONS if key in fields and key not in KINDS[kind].fields]:
            kinds = ", ".join(other for other in _KINDS if key in KINDS[other].fields)
            self.fault(fields.pop(key), f"{name}.{key}", "cli.written.only_for", kinds=kinds)
        question = Question(
            id=f"q{place}",
            kind=kind,
            text=self.text_of(fields["text"], f"{name}.text", 300) if "text" in fields else "",
            options=self._options(node, fields, kind, name),
            optional=self.is_yes(fields["optional"], f"{name}.optional") if "optional" in fields else False,
            when=str(fields["when"].value).strip() if "when" in fields else "",
        )
        return self._bounds(question, fields, name)

    def _question_kind(self, fields: dict[str, yaml.Node], name: str) -> QuestionKind:
        if "kind" not in fields:
            return QuestionKind.CHOICE if "choices" in fields else QuestionKind.TEXT
        word = str(fields["kind"].value)
        if word not in _KINDS:
            self.fault(fields["kind"], f"{name}.kind", "cli.written.one_of", value=word, choices=", ".join(_KINDS))
            return QuestionKind.TEXT
        kind = QuestionKind(word)
        if self._kind == "poll" and (why := KINDS[kind].why_not_in_polls):
            self.fault(fields["kind"], f"{name}.kind", why)
        return kind

    def _options(
        self, node: yaml.Node, fields: dict[str, yaml.Node], kind: QuestionKind, name: str
    ) -> tuple[Option, ...]:
        name = f"{name}.choices"
        if "choices" not in KINDS[kind].fields:
            return ()
        if "choices" not in fields:
            self.fault(node, name, "cli.written.missing")
            return ()
        items = self.list_of(fields["choices"], name)
        if not 2 <= len(items) <= MOST_CHOICES:
            self.fault(fields["choices"], name, "cli.written.choices", n=len(items), least=2, most=MOST_CHOICES)
        options: list[Option] = []
        seen: set[str] = set()
        for number, item in enumerate(items, start=1):
            label = self.text_of(item, name, LONGEST_CHOICE)
            if why := why_not_a_choice(label, seen):
                self.fault(item, name, why)
            seen.add(fold(label))
            options.append(Option(str(number), label))
        return tuple(options)

    def _bounds(self, question: Question, fields: dict[str, yaml.Node], name: str) -> Question:
        ends = {"min": "minimum", "max": "maximum"}
        given: dict[str, Any] = {ends[k]: self.number_of(fields[k], f"{name}.{k}") for k in ends if k in fields}
        given |= {k: self.text_of(fields[k], f"{name}.{k}", 30) for k in ("low", "high") if k in fields}
        question = replace(question, **given)
        try:
            return KINDS[question.kind].check(question)
        except InvalidQuestion as wrong:
            self.fault(fields.get("max") or fields.get("min") or fields["kind"], name, wrong)
            return question

    def _condition(self, questions: Sequence[Question], place: int, node: yaml.Node, name: str) -> None:
        if place == 1:
            self.fault(node, name, "cli.written.first_when")
            return
        try:
            check(parse(str(node.value).strip()), questions, place)
        except InvalidCondition as wrong:
            self.fault(node, name, wrong)


def why_not_a_choice(label: str, seen: set[str]) -> Fault | None:
    """Why this can't be a choice, or None."""
    folded = fold(label)
    if folded in seen:
        return Fault("cli.written.choice_twice", label=label)
    if read_command(label)[0]:
        return Fault("cli.written.choice_command", label=label)
    if folded.strip(" .…") in _OWN_LABELS:
        return Fault("cli.written.choice_button", label=label)
    return None
