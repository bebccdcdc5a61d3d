"""Rules: create one from a file, list, end; and how request files become requests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from nhipcau.actions import requests as actions
from nhipcau.actions.opening import OpeningRefusal, Why, plan_first
from nhipcau.actions.requests import end_rule
from nhipcau.actions.sensitive_questions import refuse_sensitive
from nhipcau.bot.forms.model import Form
from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.recurrence.rules import parse_rule, rule_phrase
from nhipcau.bot.units.tree import Tree
from nhipcau.cli.runner import WrongUse, find_unit, input_file, print_result
from nhipcau.cli.transaction import reading, writing
from nhipcau.context import AppContext
from nhipcau.handlers.requests.due_times import next_dues
from nhipcau.handlers.requests.request_draft import NOTICE_LIFETIME, notice_form
from nhipcau.handlers.requests.request_messages import moment
from nhipcau.model.queries import CountAudience, RulesOf
from nhipcau.model.request_kinds import KINDS, RequestKind
from nhipcau.model.requests import Attachment, Audience, RequestContent
from nhipcau.model.scope import Scope
from nhipcau.office.request_file import LONGEST, RequestFile, read_request
from nhipcau.office.yaml_validation import FieldFault, InvalidFile
from nhipcau.privacy.document_check import NotADocument, Reason, TooBig, recognise, store_document
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.photos import NotAPicture, clean_photo, store_photo
from nhipcau.privacy.suppression import K

DUTY = (RequestKind.DUTY,)


def read_file(parts: AppContext, path: Path, kind: RequestKind, now: datetime) -> RequestFile:
    """Read a request file. Raises WrongUse with every fault in it."""
    try:
        return read_request(input_file(path), kind, now, parts.settings.zone)
    except InvalidFile as wrong:
        raise WrongUse(str(wrong)) from None


def form_of(spec: RequestFile, id: str, t: Texts) -> Form:
    """The form of the request; a notice asks whether it was read.

    Raises WrongUse for a question that may not be asked.
    """
    if spec.kind == "notice":
        return notice_form(id, spec.intro, t)
    form = Form(id, spec.title, spec.questions, spec.intro)
    if refused := refuse_sensitive(form):
        raise WrongUse(refused.words(t))
    return form


def audience_in(tree: Tree, spec: RequestFile, default: str) -> Audience:
    """The audience of the file. Raises WrongUse with the line of an unknown unit."""
    paths = []
    for name, line in zip(spec.units, spec.unit_lines, strict=True):
        try:
            paths.append(find_unit(tree, name).path)
        except WrongUse as wrong:
            raise WrongUse(str(FieldFault(line, "audience.units", str(wrong)))) from None
    return Audience(tuple(paths) or (default,), spec.roles, spec.sample)


def refusal_error(refusal: OpeningRefusal, t: Texts, opens: str = "") -> WrongUse:
    """The error to raise for a refusal. `opens`: `--open` as typed."""
    until = refusal.held_until
    quiet = f" (quiet hours until {until:%H:%M}; `--open now` passes them)" if until else ""
    sentences = {
        Why.TOO_FEW: t("compose.too_few", n=refusal.people, k=K),
        Why.NOBODY: "Nobody has joined where it would go: invite people first (`nhipcau invite`).",
        Why.PAST: f"--open {opens} is past: leave it out to ask now.",
        Why.TOO_FAR: f"--open {opens} is more than {LONGEST.days} days ahead.",
        Why.ENDS_BEFORE: f"It would close before it goes out{quiet}: give a later --close.",
        Why.LEAD_TOO_LONG: "lead: longer than from one time to the next: give a shorter one.",
        Why.TOO_LONG: f"It would be open for more than {LONGEST.days} days: give an earlier --close.",
    }
    return WrongUse(sentences[refusal.why])


def content_in(spec: RequestFile, form: Form, attachment: Attachment) -> RequestContent:
    """The content of the request."""
    return RequestContent(spec.kind, form.title, spec.intro, form, spec.sealed, spec.urgent, attachment, spec.each)


_REFUSED = {
    Reason.OTHER: "is no PDF, DOC or DOCX",
    Reason.MACROS: "has macros or other active content; save it without them",
    Reason.LOCKED: "is locked by a password; save it without one",
}


def attach(parts: AppContext, spec: RequestFile, path: Path, *, dry_run: bool) -> Attachment:
    """Store the picture or document the file names. Raises WrongUse if it is missing or not one."""
    name = spec.file or spec.picture
    if not name or spec.kind != "notice":
        return Attachment()
    try:
        data = (path.parent / name).read_bytes()
    except OSError as error:
        raise WrongUse(f"{path.parent / name} can't be read: {error.strerror}.") from None
    day = datetime.now(parts.settings.zone).date()
    try:
        if dry_run:
            _ = clean_photo(data) if spec.picture else recognise(data)
            return Attachment()
        if spec.picture:
            return Attachment(photo=store_photo(parts.settings.photos, data, day))
        stored = store_document(parts.settings.documents, data, day, Path(name).name)
    except NotAPicture:
        raise WrongUse(f"picture: {name} is no picture.") from None
    except NotADocument as refusal:
        raise WrongUse(f"file: {name} {_REFUSED[refusal.reason]}.") from None
    except TooBig:
        raise WrongUse(f"file: {name} is too big: 5 MB at most.") from None
    return Attachment(file=stored.name, file_name=stored.shown)


async def create_rule(
    parts: AppContext, spec: RequestFile, path: Path, unit: str, *, as_json: bool, dry_run: bool
) -> None:
    """Create the rule; prints how many people it reaches now, and its first three dates."""
    t, seconds = texts(parts.settings.language), int((spec.duration or NOTICE_LIFETIME).total_seconds())
    repetition = actions.Repetition(spec.every, seconds, spec.working_days, spec.catch_up)
    async with writing(parts) as transaction:
        actor = transaction.office(unit)
        audience = audience_in(transaction.tree, spec, actor.unit.path)
        people = await transaction.load(CountAudience(Scope.office(), audience))
        dues = [
            due.due for due in next_dues(spec.every, spec.working_days, transaction.now, transaction.context.office)
        ]
        first = plan_first(spec.kind, people, dues, repetition.length, transaction.now)
        if isinstance(first, OpeningRefusal):
            raise refusal_error(first, t)
        id = "" if dry_run else new_id("request")
        form = form_of(spec, id, t)
        # attach last, so that a refusal leaves no file behind
        content = content_in(spec, form, attach(parts, spec, path, dry_run=dry_run))
        if not dry_run:
            await transaction.apply([actions.create_rule(actor, content, audience, repetition, first, id)])
    sentence = t("duty.first", dates="; ".join(moment(due, parts.settings.zone, t) for due in dues))
    body = {"id": id or None, "people": people, "rule": spec.every, "dates": [_iso(due) for due in dues]}
    print_result(as_json, body, f"{id or 'would go to'}: {people} people. {sentence}")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


async def show(parts: AppContext, kinds: tuple[RequestKind, ...] = KINDS, *, as_json: bool) -> None:
    """List active rules, by next date."""
    t, zone = texts(parts.settings.language), parts.settings.zone
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
        *(f"{r.id}  {r.kind}  {rule_phrase(parse_rule(r.rule), t)}  {people[r.id]} people  {r.title}" for r in found),
    )


async def end(parts: AppContext, id: str, kinds: tuple[RequestKind, ...] = KINDS, *, as_json: bool) -> None:
    """End a rule of one of these kinds; requests it has made go on."""
    name = "duty" if kinds == DUTY else "schedule"
    if not id:
        raise WrongUse(f"Which one? `nhipcau {name} stop ID`; `nhipcau {name} list` shows them.")
    async with writing(parts) as transaction:
        rule = next((rule for rule in await transaction.load(RulesOf(Scope.office(), kinds)) if rule.id == id), None)
        if rule is None:
            what = "duty" if name == "duty" else "rule"
            raise WrongUse(f"No {what} {id} is active: see `nhipcau {name} list`.")
        await transaction.apply(end_rule(transaction.office(rule.unit), rule))
    print_result(as_json, {"id": id, "state": "ended"}, f"{id}: ended. What it has asked already goes on.")
