"""One kept synthesis: its parts with the sentences beside the figures; refresh, check, sign, take back, download."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nhipcau.actions import syntheses as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import COORDINATORS, READERS, may
from nhipcau.actions.syntheses import Wording
from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.console.downloads import attachment, record_export
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.synthesis_figures import Piece, pieces
from nhipcau.console.synthesis_list import workshop
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.handlers.insight.synthesis_messages import file_name, theme_words
from nhipcau.handlers.reports.report_form import refuse_secrets
from nhipcau.handlers.screens import unit_name
from nhipcau.insight.synthesis.own_words import MAX_CHARS, with_words, writing_places
from nhipcau.insight.synthesis.parts import LineKind, Part, Row, Synthesis
from nhipcau.insight.synthesis.stored import from_json
from nhipcau.model.changes import Change
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisAct, SynthesisState, WhoSigns, digest_of
from nhipcau.model.synthesis_queries import SynthesisIn, SynthesisSigners
from nhipcau.office.pdf import NoPdf, can_write_pdf, pdf_of
from nhipcau.operations.kept_syntheses import Known
from nhipcau.privacy.screening import screen

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Fields of a place: what is written there, and the digest of what was seen there.
_WORDS, _SEEN = "w:", "s:"


@dataclass(frozen=True, slots=True)
class ShownLine:
    kind: str
    pieces: Sequence[Piece]
    #: Where something is written.
    place: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class ShownPart:
    title: str
    lines: Sequence[ShownLine]


async def show(visit: Visit) -> Response:
    return await _page(visit, await _synthesis(visit))


async def _synthesis(visit: Visit) -> KeptSynthesis:
    kept = await visit.ask(SynthesisIn(visit.scope, visit.request.path_params["synthesis"]))
    if kept is None:
        raise NotHere
    return kept


async def _page(visit: Visit, kept: KeptSynthesis) -> Response:
    t, who = visit.t, await visit.ask(SynthesisSigners(visit.scope, kept.id, visit.person.id))
    if who is None:
        raise NotHere
    counted = from_json(kept.body)
    may_write = kept.state is SynthesisState.DRAFT and may(visit.person, COORDINATORS)
    refused = actions.refuse_signing(visit.actor, kept, who)
    return await render(
        visit,
        "synthesis.html",
        here="syntheses",
        kept=kept,
        period=theme_words(kept, t),
        unit=unit_name(kept.unit.name),
        parts=[_part(visit, part, counted, kept, may_write=may_write) for part in counted.parts],
        tables=_tables(visit, counted),
        has_pdf=can_write_pdf(),
        waiting=len(with_words(counted, kept.words).open_parts),
        may_write=may_write,
        may_sign=refused is None,
        why_not=refused.words(t) if refused and kept.state is SynthesisState.CHECKED else "",
        may_take_back=_may_take_back(visit, kept, who),
        digest_of=digest_of,
        most=MAX_CHARS,
    )


def _may_take_back(visit: Visit, kept: KeptSynthesis, who: WhoSigns) -> bool:
    decided = actions.take_back(visit.actor, kept, who, kept.revision, visit.today)
    return isinstance(decided, list) and bool(decided)


def _part(visit: Visit, part: Part, counted: Synthesis, kept: KeptSynthesis, *, may_write: bool) -> ShownPart:
    """Each place where it stands in the document, to be written in or to be read."""
    lines, places = [], {each.place: each for each in writing_places(part, kept.words)}
    for line in part.lines:
        if line.kind is LineKind.OPEN:
            lines += _place(line.place, places.pop(line.place).asked, kept, may_write=may_write)
        else:
            lines.append(ShownLine(line.kind, pieces(visit, line.text, counted.figures)))
    for place in places:
        lines += _place(place, "", kept, may_write=may_write)
    return ShownPart(f"{part.number}. {part.title}", lines)


def _place(place: str, asked: str, kept: KeptSynthesis, *, may_write: bool) -> list[ShownLine]:
    if may_write:
        return [ShownLine("write", [], place, asked)]
    written = kept.words.get(place, "")
    if not written:
        return [ShownLine(LineKind.OPEN, [Piece(asked)])] if asked else []
    return [ShownLine("written", [Piece(line)]) for line in written.splitlines()]


def _tables(visit: Visit, counted: Synthesis) -> list[tuple[str, list[tuple[str, list[Piece]]]]]:
    """Topics and areas: name, then sum, the period before and the change."""

    def row(of: Row) -> tuple[str, list[Piece]]:
        return of.name, [piece for cell in of.cells[-3:] for piece in pieces(visit, cell, counted.figures)]

    return [
        ("topics", [row(each) for each in (*counted.topics, counted.topics_sum)]),
        ("areas", [row(each) for each in (*counted.areas, counted.areas_sum)]),
    ]


# ------------------------------------------------------------------ acts


async def _act(
    visit: Visit, act: SynthesisAct, decide: Callable[[Known], Sequence[Change] | Refusal], done: str
) -> Response:
    """Do it, and show the page again: with what was done, or why not and all that was typed."""
    id = visit.request.path_params["synthesis"]
    decided = await workshop(visit).change(visit.scope, id, visit.person.id, act, decide)
    if decided is None:
        return visit.go(f"{ROOT}/syntheses", done)
    if not isinstance(decided, Refusal):
        return visit.go(f"{ROOT}/syntheses/{id}", done)
    visit.refuse(decided)
    return await _shown_anew(visit, id)


async def _shown_anew(visit: Visit, id: str) -> Response:
    """The page as it is now, not as it was when the form was read."""
    async with visit.console.reading() as (at, office):
        now = replace(visit, office=office, at=at)
        return await _page(now, await _synthesis(now))


def _wordings(visit: Visit) -> list[Wording]:
    """What was typed, masked. Raises InvalidAnswer."""
    found = []
    for name, value in visit.typed.multi_items():
        if name.startswith(_WORDS) and isinstance(value, str):
            text = "\n".join(line.rstrip() for line in nfc(value).strip().splitlines())
            refuse_secrets(text)
            place = name.removeprefix(_WORDS)[:40]
            masked = screen(text[: 2 * MAX_CHARS], visit.office.tree.known_places).text if text else ""
            found.append(Wording(place, masked, visit.value(f"{_SEEN}{place}")))
    return found


async def _write(visit: Visit) -> Response | int:
    """Save what was typed. The revision that whoever typed it knows now: the one of the form, or what their own words
    made of it; or the page that says why nothing was saved."""
    try:
        wordings = await run_in_threadpool(_wordings, visit)
    except InvalidAnswer as wrong:
        visit.problem = visit.t(f"wrong.{wrong.why}", **wrong.facts)
        return await _page(visit, await _synthesis(visit))
    id, seen = visit.request.path_params["synthesis"], _revision(visit)

    def decide(known: Known) -> Sequence[Change] | Refusal:
        return actions.write(visit.actor, known.kept, wordings, known.today)

    before = await _synthesis(visit)
    saved = await workshop(visit).change(visit.scope, id, visit.person.id, SynthesisAct.WRITE, decide)
    if saved is None:
        raise NotHere
    if isinstance(saved, Refusal):
        visit.refuse(saved)
        return await _shown_anew(visit, id)
    is_next = before.revision == seen and saved.revision == seen + 1 and saved.words != before.words
    return saved.revision if is_next else seen


async def save(visit: Visit) -> Response:
    saved = await _write(visit)
    if isinstance(saved, Response):
        return saved
    return visit.go(f"{ROOT}/syntheses/{visit.request.path_params['synthesis']}", "synthesis_written")


async def refresh(visit: Visit) -> Response:
    """What was typed is saved first."""
    saved = await _write(visit)
    if isinstance(saved, Response):
        return saved
    return await _act(
        visit,
        SynthesisAct.REFRESH,
        lambda known: actions.refresh(visit.actor, known.kept, known.today),
        "synthesis_refreshed",
    )


async def check(visit: Visit) -> Response:
    """What was typed is saved first. Whoever checks has read what they typed, and nobody else's words since."""
    seen = await _write(visit)
    if isinstance(seen, Response):
        return seen
    return await _act(
        visit,
        SynthesisAct.CHECK,
        lambda known: actions.check(visit.actor, known.kept, seen, known.waiting, known.differing, known.today),
        "synthesis_checked",
    )


async def sign(visit: Visit) -> Response:
    seen = _revision(visit)
    return await _act(
        visit,
        SynthesisAct.SIGN,
        lambda known: actions.sign(visit.actor, known.kept, known.who, seen, known.today),
        "synthesis_signed",
    )


async def take_back(visit: Visit) -> Response:
    seen = _revision(visit)
    return await _act(
        visit,
        SynthesisAct.TAKE_BACK,
        lambda known: actions.take_back(visit.actor, known.kept, known.who, seen, known.today),
        "synthesis_taken_back",
    )


async def delete(visit: Visit) -> Response:
    """Needs the word typed once more (rule K11)."""
    if fold(visit.value("again")) != fold(visit.t("console.synthesis.delete_word")):
        visit.problem = visit.t("console.synthesis.type_delete")
        return await _page(visit, await _synthesis(visit))
    seen = _revision(visit)
    return await _act(
        visit, SynthesisAct.DELETE, lambda known: actions.delete(visit.actor, known.kept, seen), "synthesis_deleted"
    )


def _revision(visit: Visit) -> int:
    typed = visit.value("revision")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


async def take_document(visit: Visit) -> Response:
    """The document as it is now, as a file."""
    kept = await _synthesis(visit)
    return await _given_out(visit, kept, await _document(visit, kept), "docx", _DOCX)


async def take_pdf(visit: Visit) -> Response:
    """The same as PDF; where it can't be made, the page says why."""
    kept = await _synthesis(visit)
    data = await _document(visit, kept)
    try:
        made = await run_in_threadpool(pdf_of, data)
    except NoPdf as wrong:
        visit.problem = visit.t("console.synthesis.no_pdf", why=visit.t(f"pdf.{wrong.reason}"))
        return await _page(visit, kept)
    return await _given_out(visit, kept, made, "pdf", "application/pdf")


async def _document(visit: Visit, kept: KeptSynthesis) -> bytes:
    path = visit.console.parts.settings.documents / kept.file
    try:
        return await run_in_threadpool(path.read_bytes)
    except OSError:
        raise NotHere from None


async def _given_out(visit: Visit, kept: KeptSynthesis, data: bytes, ending: str, kind: str) -> Response:
    await record_export(visit, "export.synthesis")
    response = attachment(data, f"synthesis-{kept.period}.{ending}", kind)
    shown = quote(file_name(kept, visit.t, ending), safe="")
    response.headers["Content-Disposition"] += f"; filename*=UTF-8''{shown}"
    return response


PAGES = (
    Page(
        "/syntheses/{synthesis}",
        READERS,
        show,
        {
            "save": Act(save, writes=False),
            "refresh": Act(refresh, writes=False),
            "check": Act(check, writes=False),
            "sign": Act(sign, writes=False),
            "take_back": Act(take_back, writes=False),
            "delete": Act(delete, writes=False),
        },
    ),
    Page("/syntheses/{synthesis}/document", READERS, take_document),
    Page("/syntheses/{synthesis}/pdf", READERS, take_pdf),
)
