"""A synthesis from the database to the document, and its figures counted anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.language.periods import Period, before, read_period
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.insight.poll_charts import CannotDraw
from nhipcau.insight.renderer import ChartRenderer
from nhipcau.insight.synthesis.chart import Picture, topic_chart
from nhipcau.insight.synthesis.composer import compose
from nhipcau.insight.synthesis.document import Document, write_document
from nhipcau.insight.synthesis.fields import fields_of
from nhipcau.insight.synthesis.figures import FigureQuery, figure_text
from nhipcau.insight.synthesis.layouts import template_of
from nhipcau.insight.synthesis.parts import Synthesis
from nhipcau.insight.synthesis.reading import Difference, WrittenSynthesis, differences
from nhipcau.insight.synthesis.refreshing import refreshed
from nhipcau.insight.synthesis.template_fields import filled_template
from nhipcau.model.issues import Issue
from nhipcau.model.scope import Scope
from nhipcau.model.synthesis import Layout, PeriodFacts
from nhipcau.storage.database import Connection
from nhipcau.storage.synthesis_facts import synthesis_facts


@dataclass(frozen=True, slots=True)
class Office:
    """What counting needs besides the unit and the period."""

    connection: Connection
    tree: Tree
    today: date
    zone: ZoneInfo

    async def facts(self, unit: Unit, periods: Sequence[Period]) -> Mapping[str, PeriodFacts]:
        scope = Scope.office(unit)
        return {
            period.text: await synthesis_facts(self.connection, scope, self.tree, period, self.zone)
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


async def synthesis_of(office: Office, unit: Unit, period: Period, t: Texts) -> Synthesis:
    """The synthesis of a unit and a period, beside the period before."""
    earlier = before(period)
    facts = await office.facts(unit, (earlier, period))
    is_over = period.last < office.today
    return compose(facts[period.text], facts[earlier.text], office.tree, t, office.zone, over=is_over)


async def drawn(found: Synthesis, t: Texts) -> Picture | None:
    """Its chart, drawn by a process of its own; None where nothing was reported, or it can't be drawn."""
    chart = topic_chart(found, t)
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
    }
    fields = fields_of(found, layout, t, with_chart=picture is not None, is_signed=is_signed)
    is_ours = template is None
    page = filled_template(template_of(layout) if template is None else template, fields, is_ours=is_ours)
    return write_document(page, fields["trich_yeu"], found.figures, picture, about, found.period.last)


async def verify(office: Office, written: WrittenSynthesis, unit: Unit) -> list[Difference]:
    """Figures of a file that do not hold. `unit`: the one it is about."""
    facts, t = await _facts_of(office, written, unit), texts(written.language)
    return differences(written, lambda query: figure_text(query, facts, t))


async def refresh(office: Office, data: bytes, written: WrittenSynthesis, unit: Unit) -> Refreshed:
    """The file with its figures and its chart as they are now, and people's sentences as they were."""
    facts, t = await _facts_of(office, written, unit), texts(written.language)
    period = read_period(written.period, office.today)
    picture = await drawn(await synthesis_of(office, unit, period, t), t) if period else None

    def count(query: FigureQuery) -> str:
        return figure_text(query, facts, t)

    found = differences(written, count)
    cuts = [dict(each.query.cut) for each in written.figures if each.query]
    named = {code for cut in cuts for code in cut.get("issue", ())}
    new = [row.issue for row in facts[written.period].issues if row.issue.code not in named]
    gone = tuple(each.reference for each in found if each.written is None or each.now is None)
    return Refreshed(refreshed(data, written, count, picture), len(found) - len(gone), gone, tuple(new))


async def _facts_of(office: Office, written: WrittenSynthesis, unit: Unit) -> Mapping[str, PeriodFacts]:
    periods = [period for text in written.periods if (period := read_period(text, office.today)) is not None]
    return await office.facts(unit, periods)
