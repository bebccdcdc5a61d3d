"""A synthesis, or a review, from the database to the document, and its figures counted anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.language.periods import Period, before, read_period
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.insight.poll_charts import CannotDraw
from nhipcau.insight.renderer import ChartRenderer
from nhipcau.insight.synthesis.chart import Picture, topic_chart, unit_chart
from nhipcau.insight.synthesis.composer import compose
from nhipcau.insight.synthesis.document import Document, write_document
from nhipcau.insight.synthesis.fields import fields_of
from nhipcau.insight.synthesis.figures import FigureQuery, figure_text
from nhipcau.insight.synthesis.layouts import template_of
from nhipcau.insight.synthesis.parts import Synthesis
from nhipcau.insight.synthesis.reading import Difference, WrittenSynthesis, differences
from nhipcau.insight.synthesis.refreshing import refreshed
from nhipcau.insight.synthesis.review_document import ReviewDocument, compose_review
from nhipcau.insight.synthesis.review_figures import review_figure_text
from nhipcau.insight.synthesis.review_template import REVIEW_FIELDS, review_fields_of, review_template_of
from nhipcau.insight.synthesis.template_fields import filled_template
from nhipcau.model.issues import Issue
from nhipcau.model.reviews import Review
from nhipcau.model.scope import Scope
from nhipcau.model.synthesis import DocumentKind, Layout, PeriodFacts, due_on
from nhipcau.storage.database import Connection
from nhipcau.storage.review_figures import review_of
from nhipcau.storage.synthesis_facts import synthesis_facts


@dataclass(frozen=True, slots=True)
class Office:
    """What counting needs besides the unit and the period."""

    connection: Connection
    tree: Tree
    today: date
    zone: ZoneInfo

    async def facts(
        self, unit: Unit, periods: Sequence[Period], topics: tuple[str, ...] = ()
    ) -> Mapping[str, PeriodFacts]:
        """`topics`: of these alone; none: of all."""
        scope = Scope.office(unit)
        return {
            period.text: await synthesis_facts(self.connection, scope, self.tree, period, self.zone, topics)
            for period in periods
        }

    async def reviews(self, unit: Unit, periods: Sequence[Period]) -> Mapping[str, Review]:
        scope = Scope.office(unit)
        return {
            period.text: await review_of(self.connection, scope, self.tree, period, self.today, self.zone)
            for period in periods
        }


@dataclass(frozen=True, slots=True)
class Refreshed:
    data: bytes
    #: How many figures have another number now.
    changed: int
    #: References of those whose place in the text, or whose query, is gone.
    gone: tuple[str, ...]
    #: Issues with reports in the period that the file does not name.
    new_issues: tuple[Issue, ...]


async def synthesis_of(office: Office, unit: Unit, period: Period, t: Texts, topics: tuple[str, ...] = ()) -> Synthesis:
    """The synthesis of a unit and a period, beside the period before; `topics`: on these alone."""
    earlier = before(period)
    facts = await office.facts(unit, (earlier, period), topics)
    is_over = period.last < office.today
    is_late = due_on(period) < office.today
    return compose(facts[period.text], facts[earlier.text], office.tree, t, office.zone, over=is_over, late=is_late)


async def drawn(found: Synthesis | ReviewDocument, t: Texts) -> Picture | None:
    """Its chart, drawn by a process of its own; None where nothing was reported, or it can't be drawn."""
    chart = topic_chart(found, t) if isinstance(found, Synthesis) else unit_chart(found, t)
    if chart is None:
        return None
    spec, words = chart
    renderer = ChartRenderer()
    try:
        return Picture(await renderer.draw(spec), words)
    except CannotDraw:
        return None
    finally:
        await renderer.close()


def document_of(
    found: Synthesis,
    layout: Layout,
    t: Texts,
    template: bytes | None = None,
    picture: Picture | None = None,
    *,
    is_signed: bool = False,
) -> Document:
    """`template`: the office's own. `is_signed`: "DỰ THẢO" no longer stands on it. Raises UnusableTemplate."""
    about = {
        "unit": found.unit.code,
        "period": found.period.text,
        "before": before(found.period).text,
        "layout": layout.value,
        "language": t.language,
        **({"topics": list(found.topics_chosen)} if found.topics_chosen else {}),
    }
    fields = fields_of(found, layout, t, with_chart=picture is not None, is_signed=is_signed)
    is_ours = template is None
    page = filled_template(template_of(layout) if template is None else template, fields, is_ours=is_ours)
    return write_document(page, fields["trich_yeu"], found.figures, picture, about, found.period.last)


async def review_document_of(office: Office, unit: Unit, period: Period, t: Texts) -> ReviewDocument:
    """The review of a unit and a period, beside the period before."""
    earlier = before(period)
    reviews = await office.reviews(unit, (earlier, period))
    return compose_review(reviews[period.text], reviews[earlier.text], office.tree, t)


def review_file_of(
    found: ReviewDocument,
    layout: Layout,
    t: Texts,
    template: bytes | None = None,
    picture: Picture | None = None,
) -> Document:
    """`template`: the office's own. Raises UnusableTemplate."""
    review, fields = found.review, review_fields_of(found, layout, t, with_chart=picture is not None)
    about = {
        "kind": DocumentKind.REVIEW.value,
        "unit": review.unit.code,
        "period": review.period.text,
        "before": before(review.period).text,
        "layout": layout.value,
        "language": t.language,
    }
    data = review_template_of(layout) if template is None else template
    page = filled_template(data, fields, REVIEW_FIELDS, is_ours=template is None)
    return write_document(page, fields["trich_yeu"], found.figures, picture, about, review.period.last)


async def verify(office: Office, written: WrittenSynthesis, unit: Unit) -> list[Difference]:
    """Figures of a file that do not hold. `unit`: the one it is about."""
    periods, t = _periods_of(office, written), texts(written.language)
    if written.kind is DocumentKind.REVIEW:
        reviews = await office.reviews(unit, periods)
        return differences(written, lambda query: review_figure_text(query, reviews, t))
    facts = await office.facts(unit, periods, written.topics)
    return differences(written, lambda query: figure_text(query, facts, t))


async def refresh(office: Office, data: bytes, written: WrittenSynthesis, unit: Unit) -> Refreshed:
    """The file with its figures and its chart as they are now, and people's sentences as they were."""
    periods, t = _periods_of(office, written), texts(written.language)
    period = read_period(written.period, office.today)
    if written.kind is DocumentKind.REVIEW:
        reviews = await office.reviews(unit, periods)
        chart = await drawn(await review_document_of(office, unit, period, t), t) if period else None
        return _refreshed(data, written, lambda query: review_figure_text(query, reviews, t), chart, ())
    facts = await office.facts(unit, periods, written.topics)
    picture = await drawn(await synthesis_of(office, unit, period, t, written.topics), t) if period else None
    cuts = [dict(each.query.cut) for each in written.figures if each.query]
    named = {code for cut in cuts for code in cut.get("issue", ())}
    new = tuple(row.issue for row in facts[written.period].issues if row.issue.code not in named)
    return _refreshed(data, written, lambda query: figure_text(query, facts, t), picture, new)


def _refreshed(
    data: bytes,
    written: WrittenSynthesis,
    count: Callable[[FigureQuery], str],
    picture: Picture | None,
    new_issues: tuple[Issue, ...],
) -> Refreshed:
    found = differences(written, count)
    gone = tuple(each.reference for each in found if each.written is None or each.now is None)
    return Refreshed(refreshed(data, written, count, picture), len(found) - len(gone), gone, new_issues)


def _periods_of(office: Office, written: WrittenSynthesis) -> list[Period]:
    return [period for text in written.periods if (period := read_period(text, office.today)) is not None]
