"""Rules: create one from a file, list, end; and how request files become requests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from nhipcau.actions import requests as actions
from nhipcau.actions.opening import OpeningRefusal, Why, plan_first
from nhipcau.actions.requests import end_rule
from nhipcau.bot.forms.model import Form
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.recurrence.rules import parse_rule, rule_phrase
from nhipcau.bot.units.tree import Tree
from nhipcau.cli.runner import WrongUse, find_unit, input_file, print_result, spoken
from nhipcau.cli.transaction import reading, writing
from nhipcau.context import AppContext
from nhipcau.handlers.requests import written_request
from nhipcau.handlers.requests.due_times import next_dues
from nhipcau.handlers.requests.request_draft import NOTICE_LIFETIME
from nhipcau.handlers.requests.request_messages import moment
from nhipcau.handlers.requests.written_request import content_in
from nhipcau.model.queries import CountAudience, CountVouched, RulesOf
from nhipcau.model.request_kinds import KINDS, RequestKind
from nhipcau.model.requests import Attachment, Audience
from nhipcau.model.scope import Scope
from nhipcau.office.request_file import LONGEST, RequestFile, read_request
from nhipcau.office.yaml_validation import InvalidFile, invalid
from nhipcau.privacy.document_check import NotADocument, TooBig, recognise, store_document
from nhipcau.privacy.document_dangers import Reason
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.photos import NotAPicture, clean_photo, store_photo
from nhipcau.privacy.suppression import K

DUTY = (RequestKind.DUTY,)


def read_file(parts: AppContext, path: Path, kind: RequestKind, now: datetime) -> RequestFile:
    """Read a request file. Raises WrongUse with every fault in it."""
    try:
        return read_request(input_file(path), kind, now, parts.settings.zone)
    except InvalidFile as wrong:
        raise WrongUse(wrong) from None


def form_of(spec: RequestFile, id: str, t: Texts) -> Form:
    """The form of the request. Raises WrongUse for a question that may not be asked."""
    try:
        return written_request.form_of(spec, id, t)
    except Fault as wrong:
        raise WrongUse(wrong) from None


def audience_in(tree: Tree, spec: RequestFile, default: str) -> Audience:
    """The audience of the file. Raises WrongUse with the line of an unknown unit or cluster."""
    paths = []
    for name, line in zip(spec.units, spec.unit_lines, strict=True):
        try:
            paths.append(find_unit(tree, name).path)
        except WrongUse as wrong:
            raise WrongUse(invalid(str(wrong.what), line, "audience.units", **wrong.facts)) from None
    try:
        asking = tree.by_path[default]
        return written_request.audience_of(tree, spec, paths, asking, tree.clusters(asking.path))
    except InvalidFile as wrong:
        raise WrongUse(wrong) from None


_REFUSALS = {
    Why.TOO_FEW: "compose.too_few",
    Why.NOBODY: "cli.asked.nobody",
    Why.PAST: "cli.asked.past",
    Why.TOO_FAR: "cli.asked.too_far",
    Why.ENDS_BEFORE: "cli.asked.ends_before",
    Why.LEAD_TOO_LONG: "cli.asked.lead_long",
    Why.TOO_LONG: "cli.asked.too_long",
}


def refusal_error(refusal: OpeningRefusal, opens: str = "") -> WrongUse:
    """The error to raise for a refusal. `opens`: `--open` as typed."""
    facts: dict[str, object] = {"n": refusal.people, "k": K, "opens": opens, "days": LONGEST.days}
    if refusal.held_until:
        return WrongUse("cli.asked.ends_in_quiet_hours", until=f"{refusal.held_until:%H:%M}")
    return WrongUse(_REFUSALS[refusal.why], **facts)


_REFUSED_FILES = {
    Reason.OTHER: "cli.asked.no_document",
    Reason.MACROS: "cli.asked.macros",
    Reason.LOCKED: "cli.asked.locked",
    Reason.SCRIPT: "cli.asked.file_script",
    Reason.PROGRAM: "cli.asked.file_program",
    Reason.REMOTE: "cli.asked.file_remote",
    Reason.MIXED: "cli.asked.file_mixed",
    Reason.UNFOLDS: "cli.asked.file_unfolds",
    Reason.SECRET: "cli.asked.file_secret",
}


def attach(parts: AppContext, spec: RequestFile, path: Path, *, dry_run: bool) -> Attachment:
    """Store the picture or document the file names. Raises WrongUse if it is missing or not one."""
    name = spec.file or spec.picture
    if not name or spec.kind != "notice":
        return Attachment()
    data = input_file(path.parent / name).read_bytes()
    day = datetime.now(parts.settings.zone).date()
    try:
        if dry_run:
            _ = clean_photo(data) if spec.picture else recognise(data)
            return Attachment()
        if spec.picture:
            return Attachment(photo=store_photo(parts.settings.photos, data, day))
        stored = store_document(parts.settings.documents, data, day, Path(name).name)
    except NotAPicture:
        raise WrongUse("cli.asked.no_picture", file=name) from None
    except NotADocument as refusal:
        raise WrongUse(_REFUSED_FILES[refusal.reason], file=name) from None
    except TooBig:
        raise WrongUse("cli.asked.big", file=name) from None
    return Attachment(file=stored.name, file_name=stored.shown)


async def create_rule(
    parts: AppContext, spec: RequestFile, path: Path, unit: str, *, as_json: bool, dry_run: bool
) -> None:
    """Create the rule; prints how many people it reaches now, and its first three dates."""
    t, seconds = spoken(), int((spec.duration or NOTICE_LIFETIME).total_seconds())
    repetition = actions.Repetition(spec.every, seconds, spec.working_days, spec.catch_up)
    async with writing(parts) as transaction:
        actor = transaction.office(unit)
        audience = audience_in(transaction.tree, spec, actor.unit.path)
        people = await transaction.load(CountAudience(Scope.office(), audience))
        is_poll = spec.kind == RequestKind.POLL
        counted = await transaction.load(CountVouched(Scope.office(), audience)) if is_poll else 0
        dues = [
            due.due for due in next_dues(spec.every, spec.working_days, transaction.now, transaction.context.office)
        ]
        first = plan_first(spec.kind, people, dues, repetition.length, transaction.now, counted)
        if isinstance(first, OpeningRefusal):
            raise refusal_error(first)
        id = "" if dry_run else new_id("request")
        form = form_of(spec, id, t)
        # attach last, so that a refusal leaves no file behind
        content = content_in(spec, form, attach(parts, spec, path, dry_run=dry_run))
        if not dry_run:
            await transaction.apply([actions.create_rule(actor, content, audience, repetition, first, id)])
    sentence = t("duty.first", dates="; ".join(moment(due, parts.settings.zone, t) for due in dues))
    body = {"id": id or None, "people": people, "rule": spec.every, "dates": [_iso(due) for due in dues]}
    print_result(as_json, body, asked_line(id, people, t), sentence)


def asked_line(id: str, people: int, t: Texts) -> str:
    """How many it goes to; "": nothing was asked, only counted."""
    return t("cli.asked.made", id=id, n=people) if id else t("cli.asked.would", n=people)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


async def show(parts: AppContext, kinds: tuple[RequestKind, ...] = KINDS, *, as_json: bool) -> None:
    """List active rules, by next date."""
    t, zone = spoken(), parts.settings.zone
    async with reading(parts) as transaction:
        found = await transaction.load(RulesOf(Scope.office(), kinds))
        people = {rule.id: await transaction.load(CountAudience(Scope.office(), rule.audience)) for rule in found}
    rows = [
        {
            "id": rule.id,
            "kind": rule.kind,
            "title": rule.title,
            "unit": rule.unit.code,
            "rule": rule.rule,
            "each": rule.content.each,
            "people": people[rule.id],
            "missed": "once" if rule.catch_up else "pass",
            "dates": [
                _iso(due.due.astimezone(zone))
                for due in next_dues(rule.rule, rule.working_days, transaction.now, transaction.context.office)
            ],
        }
        for rule in found
    ]
    print_result(
        as_json,
        rows,
        *(
            t(
                "cli.asked.rule",
                id=r.id,
                kind=t(f"kind.{r.kind}"),
                rule=rule_phrase(parse_rule(r.rule), t),
                n=people[r.id],
                title=r.title,
            )
            for r in found
        ),
    )


async def end(parts: AppContext, id: str, kinds: tuple[RequestKind, ...] = KINDS, *, as_json: bool) -> None:
    """End a rule of one of these kinds; requests it has made go on."""
    name = "duty" if kinds == DUTY else "schedule"
    if not id:
        raise WrongUse("cli.which_id", kind=name, what="stop")
    async with writing(parts) as transaction:
        rule = next((rule for rule in await transaction.load(RulesOf(Scope.office(), kinds)) if rule.id == id), None)
        if rule is None:
            raise WrongUse("cli.asked.no_rule", id=id, name=name)
        await transaction.apply(end_rule(transaction.office(rule.unit), rule))
    print_result(as_json, {"id": id, "state": "ended"}, spoken()("cli.asked.ended", id=id))
