"""`duty` and `schedule`: what is asked again and again; laid down from a file, listed, ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from nhipcau.actions.opening import Refusal, Why, refuse_audience
from nhipcau.bot.forms.model import Form
from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.recurrence.rules import parse_rule, rule_phrase
from nhipcau.bot.units.tree import Tree
from nhipcau.cli.runner import WrongUse, print_json, print_line, unit_meant
from nhipcau.context import AppContext
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.due_times import fits, times
from nhipcau.handlers.requests.request_draft import NOTICE_LIFETIME, notice_form
from nhipcau.model.changes import MakeRule
from nhipcau.model.request_kinds import KINDS, RequestKind
from nhipcau.model.requests import Attachment, Audience, RequestContent
from nhipcau.model.scope import Scope
from nhipcau.office.request_file import LONGEST, RequestFile, read_request
from nhipcau.office.yaml_validation import FieldFault, InvalidFile
from nhipcau.operations import recurring_requests
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.suppression import K
from nhipcau.storage import audiences, rules
from nhipcau.storage.units import load_tree


def form_of(spec: RequestFile, id: str, print_line: Texts) -> Form:
    """What is asked, as the file says it; official information asks whether it was read."""
    if spec.kind == "notice":
        return notice_form(id, spec.intro, print_line)
    return Form(id, spec.title, spec.questions, spec.intro)


def audience_in(tree: Tree, spec: RequestFile, default: str) -> Audience:
    """Whom the file means. Raises WrongUse with the line of a unit that is not there."""
    paths = []
    for name, line in zip(spec.units, spec.unit_lines, strict=True):
        try:
            paths.append(unit_meant(tree, name).path)
        except WrongUse as wrong:
            raise WrongUse(str(FieldFault(line, "audience.units", str(wrong)))) from None
    return Audience(tuple(paths) or (default,), spec.roles, spec.sample)


def refused(refusal: Refusal, print_line: Texts, opens: str = "") -> WrongUse:
    """The sentence why it can't be asked. `opens`: the moment as it was written."""
    until = refusal.held_until
    quiet = f" (quiet hours until {until:%H:%M}; `--open now` passes them)" if until else ""
    sentences = {
        Why.TOO_FEW: print_line("compose.too_few", n=refusal.people, k=K),
        Why.NOBODY: "Nobody has joined where it would go: invite people first (`nhipcau invite`).",
        Why.PAST: f"--open {opens} is past: leave it out to ask now.",
        Why.TOO_FAR: f"--open {opens} is more than {LONGEST.days} days ahead.",
        Why.ENDS_BEFORE: f"It would close before it goes out{quiet}: give a later --close.",
        Why.TOO_LONG: f"It would be open for more than {LONGEST.days} days: give an earlier --close.",
    }
    return WrongUse(sentences[refusal.why])


def content_in(spec: RequestFile, form: Form, attachment: Attachment) -> RequestContent:
    """What is asked or told, as the file says it."""
    return RequestContent(RequestKind(spec.kind), form.title, spec.intro, form, spec.sealed, spec.urgent, attachment)


def attach(parts: AppContext, spec: RequestFile, path: Path, *, dry_run: bool) -> Attachment:
    """Take along what the file names beside it. Raises WrongUse where it is not there, or no picture or document."""
    from nhipcau.privacy.document_check import NotADocument, TooBig, recognise, store_document
    from nhipcau.privacy.photos import NotAPicture, clean_photo, store_photo

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
    except NotADocument:
        raise WrongUse(f"file: {name} is no PDF, DOC or DOCX without macros.") from None
    except TooBig:
        raise WrongUse(f"file: {name} is too big: 5 MB at most.") from None
    return Attachment(file=stored.name, file_name=stored.shown)


async def duty(parts: AppContext, path: Path, unit: str, *, as_json: bool, dry_run: bool) -> None:
    """Lay down a periodic report from its file."""
    try:
        spec = read_request(path, "duty", datetime.now(UTC), parts.settings.zone)
    except InvalidFile as wrong:
        raise WrongUse(str(wrong)) from None
    await lay_down(parts, spec, path, unit, as_json=as_json, dry_run=dry_run)


async def lay_down(
    parts: AppContext, spec: RequestFile, path: Path, unit: str, *, as_json: bool, dry_run: bool
) -> None:
    """Keep the rule; says how many people it goes to now, and its first three dates."""
    now = datetime.now(UTC)
    words = texts(parts.settings.language)
    async with parts.database.writing() as connection:
        work = await parts.work(connection)
        asker = unit_meant(work.office.tree, unit)
        audience = audience_in(work.office.tree, spec, asker.path)
        people = await audiences.count_audience(connection, Scope.office(), audience)
        if refusal := refuse_audience(spec.kind, people):
            raise refused(refusal, words)
        dues = [due.due for due in times(spec.every, spec.working_days, now, work.office)]
        id = "" if dry_run else new_id("request")
        form = form_of(spec, id, words)
        length = spec.duration or NOTICE_LIFETIME
        if spec.kind == "duty" and not fits(dues, length):
            raise WrongUse("lead: longer than from one time to the next: give a shorter one.")
        # last: what is refused leaves no file behind
        along = attach(parts, spec, path, dry_run=dry_run)
        row = MakeRule(
            id=id,
            unit_id=asker.id,
            content=content_in(spec, form, along),
            audience=audience,
            rule=spec.every,
            seconds=int(length.total_seconds()),
            working_days=spec.working_days,
            catch_up=spec.catch_up,
            due=dues[0],
            next_at=max(now, recurring_requests.opens(spec.kind, int(length.total_seconds()), dues[0])),
            asked_by=None,
        )
        if not dry_run:
            await recurring_requests.make(work, row)
    if as_json:
        print_json({"id": id or None, "people": people, "rule": spec.every, "dates": [_iso(due) for due in dues]})
        return
    said = words(
        "duty.first", dates="; ".join(request_messages.moment(due, parts.settings.zone, words) for due in dues)
    )
    print_line(f"{id or 'would go to'}: {people} people. {said}")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


async def listing(parts: AppContext, kinds: Sequence[str] = KINDS, *, as_json: bool) -> None:
    """Every rule that still asks, those that come first first."""
    words, zone, now = texts(parts.settings.language), parts.settings.zone, datetime.now(UTC)
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        found = await rules.active(connection, Scope.office(), tree, kinds)
        office = await parts.office(connection)
        people = {rule.id: await audiences.count_audience(connection, Scope.office(), rule.audience) for rule in found}
    rows = [
        {
            "id": rule.id,
            "kind": rule.kind,
            "title": rule.title,
            "unit": rule.unit.code,
            "rule": rule.rule,
            "people": people[rule.id],
            "missed": "once" if rule.catch_up else "pass",
            "dates": [_iso(due.due.astimezone(zone)) for due in times(rule.rule, rule.working_days, now, office)],
        }
        for rule in found
    ]
    if as_json:
        print_json(rows)
        return
    for rule, row in zip(found, rows, strict=True):
        said = rule_phrase(parse_rule(rule.rule), words)
        print_line(f"{rule.id}  {rule.kind}  {said}  {row['people']} people  {rule.title}")


async def end(parts: AppContext, id: str, kinds: Sequence[str] = KINDS, *, as_json: bool) -> None:
    """Nothing more is asked by this rule of one of these kinds; what it has asked goes on."""
    async with parts.database.writing() as connection:
        work = await parts.work(connection)
        rule = await rules.find(connection, work.office.tree, id)
        if rule is None or rule.kind not in kinds or not await recurring_requests.end(work, id):
            what = "duty" if tuple(kinds) == ("duty",) else "rule"
            raise WrongUse(f"No {what} {id} is active: see `nhipcau {'duty' if what == 'duty' else 'schedule'} list`.")
    if as_json:
        print_json({"id": id, "state": "ended"})
        return
    print_line(f"{id}: ended. What it has asked already goes on.")
