"""The composer's form: what was filled in becomes a request in the shape of its file, and back; faults find their
field."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.datastructures import FormData

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.console.visit import Visit
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Audience, Request
from nhipcau.model.sendings import Sending
from nhipcau.office.yaml_validation import InvalidFile

#: Questions of one request; the reader of request files refuses more.
MOST_QUESTIONS = 20
#: Kinds of question offered, in the order of the list.
QUESTION_KINDS = tuple(kind for kind, each in KINDS.items() if each.in_files)
_NAMED = {str(kind): each for kind, each in KINDS.items()}
#: Lengths offered for each kind of request, the usual one first.
LENGTHS: Mapping[str, Sequence[str]] = {
    "poll": ("3d", "1d", "2d", "7d"),
    "rapid": ("24h", "2h", "6h", "48h"),
    "duty": ("2d", "1d", "3d", "7d"),
}
#: The key of a file that says when a request of this kind closes.
_END = {"poll": "close", "rapid": "deadline", "duty": "lead"}
#: The choice of a moment in place of a length.
AT = "at"
_ROLES = {
    "collaborator": ["collaborator"],
    "coordinator": ["coordinator"],
    "both": ["collaborator", "coordinator"],
}
#: In the list of roles: whoever the roster marks as responsible for their unit, of whatever role.
RESPONSIBLE = "responsible"
ROLES = (*_ROLES, RESPONSIBLE)
#: Before the name of a cluster, where a code of a unit could stand.
CLUSTER = "cluster:"
#: The condition that a form can show: an earlier question, and one of its answers.
_SIMPLE = re.compile(r'answer\((\d+)\) == "([^"]*)"')
_OF_SEVERAL = re.compile(r'"([^"]*)" in answer\((\d+)\)')
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Written:
    """What was filled in."""

    kind: RequestKind
    described: dict[str, Any]
    opens: str
    passes_quiet: bool
    attached: str = ""

    def digest(self) -> str:
        """Equal for what a preview has shown and what is sent."""
        body = json.dumps([self.kind, self.described, self.opens, self.passes_quiet, self.attached], ensure_ascii=False)
        return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def kind_of(visit: Visit) -> RequestKind:
    """The kind the page composes; a poll where the address names none."""
    given = visit.value("kind") or visit.query.get("kind", "")
    return RequestKind(given) if given in tuple(RequestKind) else RequestKind.POLL


def questions_in(visit: Visit) -> int:
    given = visit.value("questions", "1")
    return max(1, min(MOST_QUESTIONS, int(given))) if given.isascii() and given.isdecimal() and len(given) < 4 else 1


def _text(visit: Visit, name: str) -> str:
    return _UNSEEN.sub("", visit.value(name).replace("\r\n", "\n"))


def read(visit: Visit, clusters: Collection[str]) -> Written:
    """The form as it was filled in, without a judgement. `clusters`: names that are no units."""
    kind = kind_of(visit)
    described: dict[str, Any] = {}
    if kind is RequestKind.NOTICE:
        described["text"] = _text(visit, "text")
    else:
        described["title"] = _text(visit, "title")
        if intro := _text(visit, "intro"):
            described["intro"] = intro
        described["questions"] = [_question(visit, number) for number in range(1, questions_in(visit) + 1)]
        closing = _text(visit, "close") or LENGTHS[kind][0]
        described[_END[kind]] = _moment(visit, "closes") if closing == AT else closing
    if visit.value("sealed"):
        described["sealed"] = True
    if kind is not RequestKind.RAPID:
        described |= {"urgent": True} if visit.value("urgent") else {}
    elif visit.value("calm"):
        described["urgent"] = False
    if kind is RequestKind.RAPID and visit.value("unescalated"):
        described["escalate"] = False
    described["audience"] = _audience(visit, clusters)
    described |= _rhythm(visit, kind)
    # "later" without a moment is no "now"
    opens = _moment(visit, "opens") or "?" if visit.value("when") == "later" else ""
    return Written(kind, described, opens, bool(visit.value("passes")), visit.value("attached"))


def _moment(visit: Visit, name: str) -> str:
    return _text(visit, name).replace("T", " ")


def _rhythm(visit: Visit, kind: RequestKind) -> dict[str, Any]:
    """How a request repeats, and what it repeats."""
    found: dict[str, Any] = {}
    if kind is RequestKind.DUTY or _text(visit, "every"):
        found["every"] = _text(visit, "every")
    if kind is RequestKind.DUTY and visit.value("each"):
        found["each"] = visit.value("each")
    if "every" not in found and visit.value("repeats"):
        found["repeats"] = _text(visit, "repeats")
    return found


def _audience(visit: Visit, named: Collection[str]) -> dict[str, Any]:
    tree, own = visit.office.tree, visit.person.unit
    known = {fold(name): name for name in named}
    units: list[str] = []
    clusters: list[str] = []
    for given in [_text(visit, "unit"), *re.split(r"[;\n]", _text(visit, "units"))]:
        name = given.strip()
        if name.startswith(CLUSTER):
            clusters.append(name.removeprefix(CLUSTER))
        elif fold(name) in known and not any(fold(unit.name) == fold(name) for unit in tree.below(own)):
            clusters.append(known[fold(name)])
        elif name:
            units.append(name)
    found: dict[str, Any] = {name: given for name, given in (("units", units), ("clusters", clusters)) if given}
    if visit.value("roles") == RESPONSIBLE:
        found["responsible"] = True
    else:
        found["roles"] = _ROLES.get(visit.value("roles"), ["collaborator"])
    return found | {name: given for name in ("group", "sample") if (given := _text(visit, name))}


def _question(visit: Visit, number: int) -> dict[str, Any]:
    def given(name: str) -> str:
        return _text(visit, f"q{number}-{name}")

    word = given("kind") or str(QUESTION_KINDS[0])
    question: dict[str, Any] = {"text": given("text"), "kind": word}
    kind = _NAMED.get(word)
    fields = kind.fields if kind else ()
    if "choices" in fields:
        question["choices"] = [line.strip() for line in given("choices").split("\n") if line.strip()]
    question |= {name: given(name) for name in ("min", "max", "low", "high") if name in fields and given(name)}
    if given("optional"):
        question["optional"] = True
    if when := _condition(visit, number):
        question["when"] = when
    return question


def read_question(visit: Visit) -> dict[str, Any]:
    """A question that stands alone on its page."""
    return _question(visit, 1)


def form_of_question(described: Mapping[str, Any]) -> FormData:
    """The form of a question that stands alone."""
    return FormData([(f"q1-{name}", value) for name, value in _question_fields(described)])


def _condition(visit: Visit, number: int) -> str:
    place, answer = _text(visit, f"q{number}-if"), _text(visit, f"q{number}-is").replace('"', "'")
    if place == "as-written":
        return _text(visit, f"q{number}-when")
    if not (place.isascii() and place.isdecimal()):
        return ""
    kind = _NAMED.get(_text(visit, f"q{place}-kind"))
    is_listed = kind is not None and kind.many
    return f'"{answer}" in answer({place})' if is_listed else f'answer({place}) == "{answer}"'


# ------------------------------------------------------------------ back into the form


#: Keys of a file that are fields of the form by the same name.
_SAME = ("title", "intro", "text", "every", "each", "repeats")


def form_of(sending: Sending, attached: str = "") -> FormData:
    """The form as it was filled in. `attached`: the signed name of its file."""
    return FormData([(name, value) for name, value in _fields(sending, attached)])


def _fields(sending: Sending, attached: str) -> list[tuple[str, str]]:
    described = sending.described
    fields = [("kind", str(sending.kind)), ("attached", attached)]
    fields += [(name, str(described[name])) for name in _SAME if name in described]
    closing = str(described.get(_END.get(sending.kind, ""), ""))
    if closing:
        is_length = re.fullmatch(r"\d+[smhd]", closing) is not None
        fields += [("close", closing)] if is_length else [("close", AT), ("closes", closing.replace(" ", "T"))]
    fields += [("sealed", "yes")] if described.get("sealed") else []
    fields += [("urgent", "yes")] if described.get("urgent") else []
    fields += [("calm", "yes")] if described.get("urgent") is False else []
    fields += [("unescalated", "yes")] if described.get("escalate") is False else []
    fields += _audience_fields(described.get("audience", {}))
    if sending.opens:
        fields += [("when", "later"), ("opens", sending.opens.replace(" ", "T"))]
    fields += [("passes", "yes")] if sending.passes_quiet else []
    questions = described.get("questions", [])
    fields.append(("questions", str(max(1, len(questions)))))
    for number, question in enumerate(questions, start=1):
        fields += [(f"q{number}-{name}", value) for name, value in _question_fields(question)]
    return fields


def _audience_fields(audience: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    places = [*audience.get("units", ()), *(CLUSTER + name for name in audience.get("clusters", ()))]
    yield "unit", places[0] if places else ""
    yield "units", "; ".join(place.removeprefix(CLUSTER) for place in places[1:])
    same = (name for name, roles in _ROLES.items() if roles == audience.get("roles"))
    yield "roles", RESPONSIBLE if audience.get("responsible") else next(same, ROLES[0])
    for name in ("group", "sample"):
        if name in audience:
            yield name, str(audience[name])


def _question_fields(question: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("text", "kind", "min", "max", "low", "high"):
        if question.get(name) not in (None, ""):
            yield name, str(question[name])
    yield "choices", "\n".join(question.get("choices", ()))
    if question.get("optional"):
        yield "optional", "yes"
    when = question.get("when", "")
    if match := _SIMPLE.fullmatch(when):
        yield "if", match[1]
        yield "is", match[2]
    elif match := _OF_SEVERAL.fullmatch(when):
        yield "if", match[2]
        yield "is", match[1]
    elif when:
        yield "if", "as-written"
        yield "when", when


def described_of(
    request: Request, audience: Audience | None, tree: Tree, clusters: Mapping[str, Sequence[Unit]], *, again: bool
) -> Sending:
    """An earlier request as a new one. `clusters`: of the unit that asks; `again`: it asks the closed poll anew."""
    described: dict[str, Any] = {"title": request.title, "intro": request.content.intro}
    if request.kind is RequestKind.NOTICE:
        described = {"text": request.content.intro}
    else:
        described["questions"] = [_described_question(question) for question in request.form.questions]
    if request.content.sealed:
        described["sealed"] = True
    if not request.content.escalates:
        described["escalate"] = False
    if audience is not None:
        described["audience"] = _described_audience(audience, tree, clusters)
    if again:
        described["repeats"] = request.id
    kind = request.kind
    length = request.closes_at - request.opens_at
    usual = {text: _length(text) for text in LENGTHS.get(kind, ())}
    found = next((text for text, each in usual.items() if abs(each - length) < timedelta(minutes=1)), "")
    if found and kind in _END:
        described[_END[kind]] = found
    return Sending("", kind, described, request.unit.code, "")


def _described_audience(audience: Audience, tree: Tree, clusters: Mapping[str, Sequence[Unit]]) -> dict[str, Any]:
    """Clusters all of whose units are meant stand by their name."""
    paths = set(audience.paths)
    of_cluster = {name: {unit.path for unit in units} for name, units in clusters.items() if len(units) > 1}
    whole = {name: places for name, places in of_cluster.items() if places <= paths}
    in_cluster = set().union(*whole.values())
    found: dict[str, Any] = {
        "units": [
            tree.by_path[path].code for path in audience.paths if path not in in_cluster and path in tree.by_path
        ],
        "clusters": list(whole),
        "roles": [str(role) for role in audience.roles],
    }
    if audience.responsible:
        found["responsible"] = True
    if audience.sample:
        found["sample"] = audience.sample
    return found


def _length(text: str) -> timedelta:
    return timedelta(hours=int(text[:-1])) if text.endswith("h") else timedelta(days=int(text[:-1]))


def _described_question(question: Any) -> dict[str, Any]:
    bounds = {"min": question.minimum, "max": question.maximum}
    found: dict[str, Any] = {"text": question.text, "kind": str(question.kind)}
    found |= {name: f"{value:g}" for name, value in bounds.items() if value is not None}
    found |= {name: value for name, value in (("low", question.low), ("high", question.high)) if value}
    if question.options:
        found["choices"] = [option.label for option in question.options]
    if question.optional:
        found["optional"] = True
    if question.when:
        found["when"] = question.when
    return found


# ------------------------------------------------------------------ faults


@dataclass
class Faults:
    """Sentences by field of the form; what belongs to none stands above the page."""

    by_field: defaultdict[str, str] = field(default_factory=lambda: defaultdict(str))
    above: list[str] = field(default_factory=list)

    def add(self, wrong: Fault, t: Texts, *, first: int = 1) -> None:
        """`first`: number of the first question it speaks of."""
        if not isinstance(wrong, InvalidFile):
            self.above.append(wrong.say(t))
            return
        for fault in wrong.faults:
            name = _field_of(fault.field, first)
            if name:
                self.by_field.setdefault(name, fault.why.say(t))
            else:
                self.above.append(fault.why.say(t))


_FIELDS = {
    "title": "title",
    "intro": "intro",
    "text": "text",
    "close": "close",
    "deadline": "close",
    "lead": "close",
    "every": "every",
    "each": "each",
    "opens": "opens",
    "audience.units": "unit",
    "audience.clusters": "unit",
    "audience.group": "group",
    "audience.roles": "roles",
    "audience.sample": "sample",
}


def _field_of(name: str, first: int) -> str:
    """The form's field of a file's field; "" where it has none."""
    match = re.fullmatch(r"questions\[(\d+)\](?:\.(\w+))?", name)
    if match is None:
        return _FIELDS.get(name, "")
    return f"q{int(match[1]) + first - 1}-{ {'when': 'is'}.get(match[2] or 'text', match[2] or 'text') }"
