"""The publication sheet of a closed poll (rule R16): AAPOR's disclosure items, and the result exactly as
poll_results.py and group_results.py show it. Pure: what may be shown was decided before, and nothing is added to it but
what follows from numbers that are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.units.tree import Unit
from nhipcau.insight.condition_words import condition_words
from nhipcau.insight.group_results import group_name
from nhipcau.insight.poll_results import Bar, ChartQuestion, Result, publishable_result
from nhipcau.insight.sampling_figures import margin_of_error, weighted_shares
from nhipcau.model.poll_groups import GroupCount
from nhipcau.model.requests import Audience, Request, SampleDraw
from nhipcau.model.tally import ALL, Tally
from nhipcau.privacy.suppression import PERCENT_FROM, K


@dataclass(frozen=True, slots=True)
class Heading:
    words: str


@dataclass(frozen=True, slots=True)
class Words:
    words: str
    #: It stands above a table: bold, and on the same page.
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """A table; `shares`: how wide its columns are, in hundredths of the page."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]


Block = Heading | Words | Columns


@dataclass(frozen=True, slots=True)
class Sheet:
    #: Lines of the heading.
    titles: tuple[str, ...]
    blocks: tuple[Block, ...]
    #: The day on which the poll closed: the document's only date.
    day: date


@dataclass(frozen=True, slots=True)
class Published:
    """A closed poll, as far as anybody may know it."""

    request: Request
    #: Without free texts, which are never published.
    tally: Tally
    #: What is shown by cluster; empty where nothing is.
    groups: Sequence[GroupCount]
    audience: Audience
    #: The units it was asked in.
    units: Sequence[Unit]
    #: People asked by cluster, as clusters are now.
    asked_in: Mapping[str, int]
    #: Apps it was sent by, by name.
    apps: Sequence[str]


def publication_sheet(poll: Published, zone: ZoneInfo, t: Texts) -> Sheet:
    request = poll.request
    result = publishable_result(request.title, request.form, poll.tally, request.asked, t, withheld=request.withheld)
    shares = weighted_shares(poll.groups, poll.asked_in, request.asked)
    # percentages need a base, weighted or not (R15)
    shares = {key: share for key, share in shares.items() if poll.tally.base(key[0]) >= PERCENT_FROM}
    blocks: list[Block] = [
        Words(t("publication.about")),
        Columns(_titles("item", "content", t=t), _items(poll, result, bool(shares), zone, t), (27, 73)),
        Heading(t("publication.questions")),
        *_questions(request, t),
        Heading(t("publication.results")),
        Words(result.base_line),
        *(block for each in result.questions for block in _result(each, shares, t)),
        *_by_cluster(poll, t),
        *(Words(note) for note in result.notes),
        Words(t("law.signature")),
    ]
    closed = request.closes_at.astimezone(zone).date()
    return Sheet((t("publication.title"), request.title), tuple(blocks), closed)


def _titles(*names: str, t: Texts) -> tuple[str, ...]:
    return tuple(t(f"publication.column.{name}") for name in names)


# ------------------------------------------------------------------ how it was asked


def _items(poll: Published, result: Result, weighted: bool, zone: ZoneInfo, t: Texts) -> tuple[tuple[str, ...], ...]:
    request = poll.request
    opened, closed = (f"{moment.astimezone(zone):%d/%m/%Y}" for moment in (request.opens_at, request.closes_at))
    units = "; ".join(unit.name for unit in poll.units)
    roles = ", ".join(t(f"role.{role}") for role in poll.audience.roles)
    told = {
        "poll": [t("publication.poll", title=request.title, id=request.id)],
        "who": [request.unit.name],
        "sponsor": [t("publication.to_fill")],
        "population": [t("publication.population", roles=roles, units=units)],
        "frame": [t("publication.frame")],
        "selection": _selection(poll.audience, t),
        "dates": [t("publication.dates", opened=opened, closed=closed)],
        "method": [
            t("publication.method", apps=", ".join(poll.apps)),
            t("publication.sealed" if request.content.sealed else "publication.unsealed"),
        ],
        "counts": [t("publication.counts", asked=request.asked, n=poll.tally.counts.get(ALL, 0))],
        "rate": _rate(request, result, t),
        "weights": [t("publication.weighted" if weighted else "publication.unweighted")],
        "error": _errors(poll, result, t),
        "hiding": [t("publication.hiding", k=K, n=PERCENT_FROM)],
        "limits": [t("publication.limits")],
        "contact": [t("publication.contact", unit=request.unit.name)],
    }
    return tuple((t(f"publication.item.{name}"), "\n".join(lines)) for name, lines in told.items())


def _selection(audience: Audience, t: Texts) -> list[str]:
    draw = audience.draw
    if audience.sample is None:
        return [t("publication.everybody")]
    if draw is None:
        drawn = t("publication.drawn.unknown", size=audience.sample)
    else:
        facts = {"size": draw.size, "frame": draw.frame, "seed": draw.seed, "day": f"{draw.day:%d/%m/%Y}"}
        drawn = t(f"publication.drawn.{draw.by or 'simple'}", **facts)
    return [drawn, t("publication.of_network")]


def _rate(request: Request, result: Result, t: Texts) -> list[str]:
    if request.asked < PERCENT_FROM:
        return [result.base_line, t("publication.no_rate", n=PERCENT_FROM)]
    return [result.base_line, t("publication.rate")]


def _errors(poll: Published, result: Result, t: Texts) -> list[str]:
    """The margins of a sample drawn at random, of each question that shows percentages; of everything else none."""
    if poll.audience.sample is None:
        return [t("publication.no_margin.no_sample")]
    draw = poll.audience.draw
    if draw is not None and draw.size >= draw.frame:
        return [t("publication.no_margin.whole_frame")]
    lines = [
        t("publication.margin", question=place, points=_points(each.base, draw, t), n=each.base)
        for place, each in enumerate(result.questions, start=1)
        if each.bars and each.base >= PERCENT_FROM
    ]
    return [*lines, t("publication.margin_is")] if lines else [t("publication.no_margin.small", n=PERCENT_FROM)]


def _points(base: int, draw: SampleDraw | None, t: Texts) -> str:
    points = f"{100 * margin_of_error(base, draw.frame if draw else None):.1f}"
    return points.replace(".", t("publication.decimal_mark"))


# ------------------------------------------------------------------ what was asked


def _questions(request: Request, t: Texts) -> list[Block]:
    blocks: list[Block] = []
    if request.content.intro:
        blocks.append(Words(t("publication.intro", intro=request.content.intro)))
    rows = []
    for place, question in enumerate(request.form.questions, start=1):
        answers = [t(f"publication.kind.{question.kind}"), *_answers(question, t)]
        if question.when:
            answers.append(t("publication.when", when=condition_words(question.when, t)))
        rows.append((str(place), question.text, "\n".join(answers)))
    blocks.append(Columns(_titles("place", "wording", "answers", t=t), tuple(rows), (8, 50, 42)))
    return [*blocks, Words(t("publication.skip"))]


def _answers(question: Question, t: Texts) -> list[str]:
    labels = [f"– {option.label}" for option in KINDS[question.kind].options(question, t)]
    if labels or not KINDS[question.kind].is_number:
        return labels
    bounds = (("least", question.minimum), ("most", question.maximum))
    return [t(f"publication.{name}", n=f"{bound:g}") for name, bound in bounds if bound is not None]


# ------------------------------------------------------------------ what was answered


def _result(question: ChartQuestion, shares: Mapping[tuple[str, str], float], t: Texts) -> list[Block]:
    keys = {option.label: option.key for option in KINDS[question.question.kind].options(question.question, t)}
    of_question = {
        label: f"{round(100 * shares[question.question.id, key])} %"
        for label, key in keys.items()
        if (question.question.id, key) in shares
    }
    rows = tuple(
        (bar.label, bar.value, *([_weighted(bar, of_question)] if of_question else [])) for bar in question.bars
    )
    titles = _titles("option", "number", *(["weighted"] if of_question else []), t=t)
    table = [Columns(titles, rows, (55, 25, 20) if of_question else (70, 30))] if rows else []
    return [
        *([Words(question.head, leads=True)] if question.head else []),
        *table,
        *(Words(line) for line in question.lines if isinstance(line, str)),
    ]


def _weighted(bar: Bar, of_question: Mapping[str, str]) -> str:
    return "–" if bar.parts else of_question.get(bar.label, "–")


def _by_cluster(poll: Published, t: Texts) -> list[Block]:
    """The numbers by cluster, a table a question, those that are not told left empty."""
    if not poll.groups:
        return []
    blocks: list[Block] = [Heading(t("publication.by_cluster"))]
    numbers = {(count.group, count.question, count.option): count.number for count in poll.groups}
    for question in poll.request.form.questions:
        groups = list(dict.fromkeys(count.group for count in poll.groups if count.question == question.id))
        options = [
            option
            for option in KINDS[question.kind].options(question, t)
            if any((group, question.id, option.key) in numbers for group in groups)
        ]
        if not groups:
            continue
        rows = tuple(
            (
                group_name(group, t),
                str(numbers[group, question.id, ""]),
                *(str(numbers.get((group, question.id, option.key), "–")) for option in options),
            )
            for group in groups
        )
        titles = (*_titles("cluster", "answered", t=t), *(option.label for option in options))
        width = 56 // max(1, len(options))
        blocks += [Words(question.text, leads=True), Columns(titles, rows, (30, 14, *(width for _ in options)))]
    return [*blocks, Words(t("result.groups_method", k=K))]
