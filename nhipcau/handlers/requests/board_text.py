"""The words of a board and of official results: counts, units without an answer, answers with words, in pages.

A message holds about 350 characters, so that it is read on a phone without scrolling; the rest follows on pages.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nhipcau.bot.forms.draft import Draft, FormContext
from nhipcau.bot.forms.question_options import one_line
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.cells import type_of
from nhipcau.bot.units.tree import AREA_KINDS, Tree, Unit
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.screens import short_title
from nhipcau.model.answers import AnswerNote
from nhipcau.model.counts import BoardFacts, BoardRow
from nhipcau.model.request_kinds import BY_UNIT
from nhipcau.model.requests import Request
from nhipcau.privacy.suppression import may_show

#: Characters of one message, of one answer in a list, and units without an answer that come before the first answers.
_PAGE_CHARS, _ANSWER_CHARS, _FIRST_MISSING = 350, 90, 5
#: Labels of what is special about an answer.
_LABELS = ("late", "extra", "on_behalf")


@dataclass(frozen=True, slots=True)
class Group:
    """A line of a board: a commune with its cells, or one unit alone."""

    unit: Unit
    rows: Sequence[BoardRow]

    @property
    def answered(self) -> int:
        return sum(1 for row in self.rows if row.settled)

    @property
    def is_silent(self) -> bool:
        return self.answered == 0

    @property
    def is_complete(self) -> bool:
        return self.answered == len(self.rows)


def groups_of(rows: Iterable[BoardRow], tree: Tree) -> list[Group]:
    """By commune or agency where several were asked; within one, each of its cells."""
    by_commune: dict[int, list[BoardRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: _in_order(row.unit)):
        by_commune[tree.commune_of(row.unit).id].append(row)
    if len(by_commune) == 1:
        return [Group(row.unit, [row]) for own in by_commune.values() for row in own]
    found = [Group(tree.by_id[id], own) for id, own in by_commune.items()]
    return sorted(found, key=lambda group: _in_order(group.unit))


def _in_order(unit: Unit) -> list[tuple[int, str]]:
    """By name, "Thôn 2" before "Thôn 10"."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", fold(unit.name))]


def silent_units(rows: Iterable[BoardRow], tree: Tree) -> tuple[int, ...]:
    """Ids of the units a board names as silent."""
    return tuple(group.unit.id for group in groups_of(rows, tree) if group.is_silent)


def noun(units: Sequence[Unit], t: Texts) -> str:
    """What these units are called together: "thôn", "xã, phường", "đơn vị"."""
    if all(unit.is_cell for unit in units):
        types = {type_of(unit.name) for unit in units}
        return types.pop() if len(types) == 1 and t.language == "vi" and "" not in types else t("board.cells")
    kinds = {unit.kind for unit in units}
    if kinds == {"xã"} and t.language == "vi":
        return "xã"
    return t("board.communes" if kinds <= AREA_KINDS else "board.units_word")


# ------------------------------------------------------------------ counts


def board_digest(request: Request, facts: BoardFacts) -> str:
    """A digest of the board without the time left, eight letters; the board is edited when it changes. Of few people it
    holds what their board tells, so that no edit tells more (see `count_lines`)."""
    few = not may_show(sum(row.asked for row in facts.rows))
    displayed = [
        (
            (r.unit.code, r.asked, r.answered, r.nothing, r.late, r.settled, r.spread)
            + (() if few else (r.reached, r.started, r.reasons))
        )
        for r in facts.rows
    ]
    answers = sorted((str(answer["_id"]), len(notes_of(answer))) for answer in facts.answers)
    return hashlib.sha256(repr((request.state, displayed, answers, request.escalated)).encode()).hexdigest()[:8]


#: Fields of a board row that count people.
_SUMMED = ("asked", "reached", "started", "answered", "nothing", "late", "undeliverable")


def count_lines(request: Request, facts: BoardFacts, tree: Tree, t: Texts) -> list[str]:
    """How far units and people are, and why what was not delivered was not.

    Of few people only how many have answered: what waited for somebody arrives the moment they write anything, so that
    "received" would tell that they wrote just now (R31).
    """
    rows = facts.rows
    total = {name: sum(getattr(r, name) for r in rows) for name in _SUMMED}
    reasons = Counter({reason: n for row in rows for reason, n in row.reasons})
    few = not may_show(total["asked"])
    if request.kind in BY_UNIT and (len(rows) > 1 or request.traits.one_a_unit):
        lines = _unit_counts(request, rows, tree, t)
        lines += [] if few else _people_line(request, total, total["asked"] == len(rows), t)
    else:
        lines = _few_counts(request, total, t) if few else _people_counts(request, total, t)
    if total["late"]:
        lines.append(t("board.late", n=total["late"]))
    if spread := sum(row.spread for row in rows):
        lines.append(t("notice.spread_to", n=spread))
    steps = enumerate(request.escalated, start=1)
    lines += [t(f"board.escalated_{step}", n=number) for step, number in steps if number]
    return [*lines, *(f"• {t('reason.' + reason)}: {n}" for reason, n in reasons.most_common(3) if not few)]


def _unit_counts(request: Request, rows: Sequence[BoardRow], tree: Tree, t: Texts) -> list[str]:
    """ "Đã trả lời 12/15 thôn (8 không có gì)"; above communes also how many of their cells."""
    groups = groups_of(rows, tree)
    answered = [group for group in groups if not group.is_silent]
    quiet = sum(1 for row in rows if row.settled and not _has_words(row))
    nothing = " " + t("board.nothing", n=quiet) if quiet else ""
    cells = [row for row in rows if row.unit.is_cell]
    more = ""
    if len(rows) > len(groups) and cells:
        settled = sum(1 for row in cells if row.settled)
        more = t("board.and_cells", n=settled, of=len(cells), noun=noun([row.unit for row in cells], t))
    counted = noun([group.unit for group in groups], t)
    return [t("board.units", n=len(answered), of=len(groups), noun=counted, more=more, nothing=nothing)]


def _has_words(row: BoardRow) -> bool:
    """Somebody of the unit has answered with words. `nothing` counts the answers without."""
    return row.first > row.nothing


def _people_line(request: Request, total: dict[str, int], one_each: bool, t: Texts) -> list[str]:
    """The people asked, without what is zero or said by the units already (`one_each`: each has one person)."""
    is_duty = request.traits.one_a_unit
    if one_each and not is_duty and total["reached"] == total["asked"] and not total["started"]:
        return []
    parts = [t("duty.counts" if one_each or is_duty else "board.people", **total)]
    if total["started"]:
        parts.append(t("board.started", n=total["started"]))
    if total["undeliverable"]:
        parts.append(t("board.dead", n=total["undeliverable"]))
    return [" · ".join(parts)]


def _few_counts(request: Request, total: dict[str, int], t: Texts) -> list[str]:
    """Of a request to few people: how many have answered, or read a notice."""
    is_notice = request.kind == "notice"
    nothing = " " + t("board.nothing", n=total["nothing"]) if request.kind in BY_UNIT else ""
    answered = total["answered"] + (total["started"] if is_notice else 0)
    return [t("notice.few" if is_notice else "board.few", asked=total["asked"], answered=answered, nothing=nothing)]


def _people_counts(request: Request, total: dict[str, int], t: Texts) -> list[str]:
    """Of polls, notices, and requests to the people of one unit."""
    nothing = " " + t("board.nothing", n=total["nothing"]) if request.kind in BY_UNIT else ""
    waiting = total["asked"] - total["answered"] - total["started"] - total["undeliverable"]
    is_notice = request.kind == "notice"
    # who is still answering to how many they passed a notice on has read it
    answered = total["answered"] + (total["started"] if is_notice else 0)
    facts = {"asked": total["asked"], "reached": total["reached"], "answered": answered}
    return [
        t("notice.counts" if is_notice else "board.counts", nothing=nothing, **facts),
        t(
            "notice.rest" if is_notice else "board.rest",
            started=total["started"],
            waiting=waiting,
            dead=total["undeliverable"],
        ),
    ]


# ------------------------------------------------------------------ units and answers


def _missing(request: Request, facts: BoardFacts, tree: Tree, t: Texts) -> list[str]:
    """Units without an answer, with who is responsible there; then communes some of whose cells are missing."""
    if request.kind not in BY_UNIT or (len(facts.rows) < 2 and not request.traits.one_a_unit):
        return _shares(request, facts.rows, t) if request.kind == "notice" else []
    groups = groups_of(facts.rows, tree)
    silent = [_named(group.unit, facts) for group in groups if group.is_silent]
    partly = [
        t(
            "board.part",
            unit=group.unit.name,
            n=group.answered,
            of=len(group.rows),
            noun=noun([row.unit for row in group.rows if row.unit.is_cell] or [group.unit], t),
        )
        for group in groups
        if not group.is_silent and not group.is_complete
    ]
    return [*silent, *partly]


def _named(unit: Unit, facts: BoardFacts) -> str:
    name = facts.responsible.get(unit.id, "")
    return f"• {unit.name} – {name}" if name else f"• {unit.name}"


def _shares(request: Request, rows: Sequence[BoardRow], t: Texts) -> list[str]:
    """Of a notice: units with the smallest share of readers first."""
    if len(rows) < 2:
        return []
    ordered = sorted(rows, key=lambda r: (r.answered / r.asked, r.unit.name))
    return [
        t("board.unit", unit=row.unit.name, answered=row.answered, asked=row.asked)
        + (" " + t("board.unit_dead", n=row.undeliverable) if row.undeliverable and may_show(row.asked) else "")
        for row in ordered
    ]


def answer_words(request: Request, answer: Mapping[str, object], t: Texts) -> str:
    """One official answer in one line, without its unit."""
    form = request_messages.answerable_form(request.form, request.kind, t)
    draft = Draft(form="", nonce="", answers={k: v for k, v in answer.items() if not k.startswith("_")})
    context = FormContext(form=form, texts=t)
    return "; ".join(one_line(context, draft, q.id) for q in form.questions if q.id in draft.answers)


def with_words(answers: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """The answers that say more than "Không có gì", for a reader who may read them."""
    return [a for a in answers if not a.get("_nothing") and any(not key.startswith("_") for key in a)]


def notes_of(answer: Mapping[str, object]) -> Sequence[AnswerNote]:
    """What was asked and added after it."""
    found = answer.get("_notes", ())
    return found if isinstance(found, tuple) else ()


def answer_labels(answer: Mapping[str, object], t: Texts) -> str:
    """What is special about an answer: "muộn, nhập hộ"."""
    return ", ".join(t(f"result.{label}") for label in _LABELS if answer.get(f"_{label}"))


def _labelled(answer: Mapping[str, object], unit: str, t: Texts) -> str:
    labels = answer_labels(answer, t)
    return f"{unit} ({labels})" if labels else unit


def _with_notes(answer: Mapping[str, object], words: str, t: Texts) -> str:
    """The answer's words, what was added since, or that a question waits."""
    notes = notes_of(answer)
    added = [short_title(note.text.replace("\n", " "), _ANSWER_CHARS) for note in notes if note.kind == "reply"]
    parts = [words, *(t("askback.more", words=each) for each in added)]
    if notes and notes[-1].kind == "question":
        parts.append(t("askback.waiting"))
    return " · ".join(parts)


def _answer_lines(request: Request, answers: Iterable[dict[str, object]], tree: Tree, t: Texts) -> list[str]:
    """ "– Thôn Nà Sla (muộn): hai hộ tốc mái"; with the commune where there are several."""
    found = with_words(answers)
    units = {str(a["_code"]): tree.by_code[str(a["_code"])] for a in found}
    several = len({tree.commune_of(unit).id for unit in units.values()}) > 1
    lines = []
    for answer in found:
        unit = units[str(answer["_code"])]
        name = f"{unit.name}, {tree.commune_of(unit).name}" if several and unit.is_cell else unit.name
        words = short_title(answer_words(request, answer, t).replace("\n", " "), _ANSWER_CHARS)
        lines.append(f"– {_labelled(answer, name, t)}: {_with_notes(answer, words, t)}")
    return lines


def answers_on(page: str, request: Request, facts: BoardFacts, tree: Tree, t: Texts) -> list[dict[str, object]]:
    """The answers with words that this page shows, in its order."""
    shown = page.split("\n")
    found = with_words(facts.answers)
    lines = _answer_lines(request, facts.answers, tree, t)
    return [answer for answer, line in zip(found, lines, strict=True) if line in shown]


def _rest(request: Request, facts: BoardFacts, tree: Tree, t: Texts) -> list[str]:
    """ "và 62 xã đã trả lời: không có gì": beside answers with words, those that have no line of their own."""
    spoken = {tree.by_code[str(a["_code"])].id for a in with_words(facts.answers)}
    if request.kind not in BY_UNIT or not spoken:
        return []
    groups = groups_of(facts.rows, tree)
    rest = [g for g in groups if g.is_complete and not {row.unit.id for row in g.rows} & spoken]
    if not rest:
        return []
    return [t("board.rest_answered", n=len(rest), noun=noun([group.unit for group in rest], t))]


# ------------------------------------------------------------------ pages


def _fitting(head: Sequence[str], lines: Sequence[str]) -> int:
    """How many of these lines fit into one message with the head."""
    used = sum(len(line) + 1 for line in head) - 1
    for count, line in enumerate(lines):
        used += len(line) + 1
        if used > _PAGE_CHARS:
            return count
    return len(lines)


def _pages(title: str, head: Sequence[str], first: Sequence[str], rest: Sequence[str]) -> list[str]:
    """Messages of lines: the head with as many of `first` as fit, then all others below the title, numbered."""
    taken = max(1, _fitting(head, first)) if first else 0
    pages, waiting = [[*head, *first[:taken]]], [*first[taken:], *rest]
    while waiting:
        # room for the number
        taken = max(1, _fitting([f"{title} (00/00)"], waiting))
        pages.append(waiting[:taken])
        waiting = waiting[taken:]
    numbered = [[f"{title} ({n}/{len(pages)})", *page] for n, page in enumerate(pages[1:], start=2)]
    return ["\n".join(page) for page in (pages[0], *numbered)]


def board_pages(request: Request, facts: BoardFacts, tree: Tree, now: datetime, t: Texts) -> list[str]:
    """The board: counts; what is missing first, then what was answered, the rest counted."""
    head = t("board.state_" + request.state)
    if request.state == "open":
        head = t("time.left", left=request_messages.time_left(request.closes_at, now, t))
    title = f"{request.title} – {head}"
    heading = [title, *count_lines(request, facts, tree, t)]
    missing = _missing(request, facts, tree, t)
    answers = _answer_lines(request, facts.answers, tree, t)
    if missing and request.kind in BY_UNIT:
        heading.append(t("board.missing"))
    # some answers come before the long tail of what is missing, so that the first message says what is known
    for most in range(_FIRST_MISSING, 0, -1):
        first, later = missing[:most], missing[most:]
        if later:
            first = [*first, t("board.more_missing", n=len(later))]
        end = _rest(request, facts, tree, t)
        told = _fitting([*heading, *first, *end], answers)
        if told or not answers:
            break
    return _pages(title, heading, [*first, *answers[:told], *end], [*later, *answers[told:]])


def result_pages(request: Request, facts: BoardFacts, tree: Tree, t: Texts) -> list[str]:
    """Official answers with their units, then the units without one."""
    first = [a for a in facts.answers if not a.get("_extra")]
    nothing = sum(1 for a in first if a.get("_nothing"))
    title = t("result.title", title=request.title)
    head = [title, t("result.official", n=len(first), nothing=nothing)]
    missing = _missing(request, facts, tree, t)
    lines = _answer_lines(request, facts.answers, tree, t)
    lines += [t("board.missing"), *missing] if missing and request.kind in BY_UNIT else []
    return _pages(title, head, [*lines, *_rest(request, facts, tree, t)], [])
