"""A request as somebody wrote it, in a file or in a form, becomes what is asked of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nhipcau.actions.opening import SENTENCES, OpeningInput, OpeningRefusal, Why
from nhipcau.actions.sensitive_questions import refuse_sensitive
from nhipcau.bot.forms.model import Form
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.tree import AREA_KINDS, Tree, Unit
from nhipcau.handlers.requests.request_draft import NOTICE_LIFETIME, notice_form
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Attachment, Audience, RequestContent, UnitGroup
from nhipcau.office.request_file import LONGEST, RequestFile, read_described
from nhipcau.office.yaml_validation import FieldFault, InvalidFile, invalid
from nhipcau.privacy.screening import has_classification
from nhipcau.privacy.suppression import K

#: Name of each cluster in the unit that asks → its communes and agencies.
Clusters = Mapping[str, Sequence[Unit]]


def form_of(spec: RequestFile, id: str, t: Texts) -> Form:
    """The form of the request; a notice asks whether it was read.

    Raises Fault for a question that may not be asked, and for words stamped as secret.
    """
    words = [spec.title, spec.intro, *(q.text for q in spec.questions)]
    words += [option.label for q in spec.questions for option in q.options]
    if any(has_classification(each) for each in words):
        raise Fault("wrong.secret")
    if spec.kind == "notice":
        return notice_form(id, spec.intro, t)
    form = Form(id, spec.title, spec.questions, spec.intro)
    if refused := refuse_sensitive(form):
        raise refused.fault()
    return form


def check_question(described: Mapping[str, Any], now: datetime, zone: ZoneInfo, t: Texts) -> None:
    """Whether a question by itself, in the shape of a request file, could be asked. Raises Fault if not."""
    alone = {name: value for name, value in described.items() if name != "when"}
    form_of(read_described({"title": "?", "questions": [alone]}, RequestKind.RAPID, now, zone), "", t)


def content_in(spec: RequestFile, form: Form, attachment: Attachment) -> RequestContent:
    """What people are asked and shown, as the file says it."""
    shown = (spec.kind, form.title, spec.intro, form)
    return RequestContent(*shown, spec.sealed, spec.urgent, attachment, spec.each, spec.escalates)


def audience_below(tree: Tree, spec: RequestFile, asking: Unit, clusters: Clusters) -> Audience:
    """The audience, all of it in the unit that asks and below. Raises InvalidFile for any other unit."""
    paths = []
    for given, line in zip(spec.units, spec.unit_lines, strict=True):
        found = [place.unit for place in tree.places(given) if place.is_sure and asking.holds(place.unit)]
        if len(found) != 1:
            key = "unit_unsure" if found else "unit_elsewhere"
            named = ", ".join(f"{unit.code} ({unit.name})" for unit in found)
            raise invalid(f"compose.{key}", line, "audience.units", given=given, units=named, unit=asking.name)
        paths.append(found[0].path)
    return audience_of(tree, spec, paths, asking, clusters)


def audience_of(tree: Tree, spec: RequestFile, paths: Sequence[str], asking: Unit, clusters: Clusters) -> Audience:
    """The audience of the units at these paths and of the clusters named; of the whole unit that asks where there are
    none. Raises InvalidFile for a cluster that has nothing in that unit, and where nothing is of the group named."""
    chosen = dict.fromkeys(paths)
    for given in spec.clusters:
        name = next((each for each in clusters if fold(each) == fold(given)), None)
        if name is None:
            facts = {"given": given, "unit": asking.name, "clusters": ", ".join(clusters) or "–"}
            raise invalid("compose.no_cluster", spec.cluster_line, "audience.clusters", **facts)
        chosen |= dict.fromkeys(unit.path for unit in clusters[name])
    places = tuple(chosen) or (asking.path,)
    if spec.group:
        places = tuple(unit.path for unit in units_of(tree, spec.group) if any(map(unit.path.startswith, places)))
        if not places:
            raise invalid("compose.none_of_group", field="audience.group", group=spec.group)
    return Audience(places, spec.roles, spec.sample, responsible=spec.responsible)


def units_of(tree: Tree, group: UnitGroup) -> list[Unit]:
    """Every unit of the group; cells go with their commune or agency."""
    areas = [unit for unit in tree.areas if unit.parent_id is not None]
    return [unit for unit in areas if (unit.kind in AREA_KINDS) is (group is UnitGroup.COMMUNES)]


def opening_input(spec: RequestFile, people: int, vouched: int, opens_at: datetime | None) -> OpeningInput:
    """What a request that is asked once wants, as far as its words say."""
    closes = spec.closes_at or spec.duration or NOTICE_LIFETIME
    return OpeningInput(spec.kind, people, opens_at, closes, spec.urgent, vouched=vouched)


#: Refusal → where in the file.
_FIELDS = {
    Why.TOO_FEW: "audience.units",
    Why.NOBODY: "audience.units",
    Why.PAST: "opens",
    Why.TOO_FAR: "opens",
    Why.ENDS_BEFORE: "close",
    Why.TOO_LONG: "close",
    Why.LEAD_TOO_LONG: "lead",
}


def refused_opening(refusal: OpeningRefusal) -> InvalidFile:
    """The fault of a refusal, at the field that is to be changed."""
    field, key = _FIELDS[refusal.why], SENTENCES[refusal.why]
    return InvalidFile([FieldFault(1, field, Fault(key, n=refusal.people, k=K, days=LONGEST.days))])
