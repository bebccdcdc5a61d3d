"""A kept synthesis in the chat: five lines, the chart, and the document. Counts only; nobody's own words are in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.language.periods import period_words
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import RunCommand, choice
from nhipcau.handlers.requests.result_pictures import spec
from nhipcau.handlers.screens import unit_name
from nhipcau.insight.synthesis.chart import topic_chart
from nhipcau.insight.synthesis.figures import read_number
from nhipcau.insight.synthesis.own_words import with_words
from nhipcau.insight.synthesis.parts import MOODS, Row, Synthesis, topic_names
from nhipcau.insight.synthesis.words import figure_places
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisState
from nhipcau.privacy.document_check import shown_name

#: Topics, and places, named in a line.
_NAMED = 3
#: Units named in a line of a message.
_MOST_UNITS = 5


def document_message(kept: KeptSynthesis, t: Texts) -> Message:
    """The document, as it is now."""
    return Message(title(kept, t), file=kept.file, file_name=file_name(kept, t))


def title(kept: KeptSynthesis, t: Texts) -> str:
    facts = {"period": theme_words(kept, t), "unit": unit_name(kept.unit.name)}
    return t("syntheses.title", **facts, state=t(f"syntheses.state.{kept.state}"))


def theme_words(kept: KeptSynthesis, t: Texts) -> str:
    """ "tháng 11/2026", or "tháng 11/2026 về Đất đai": the first topics of several."""
    period = period_words(kept.period, t)
    if not kept.topics:
        return period
    more = t("syntheses.more_topics", n=len(kept.topics) - 2) if len(kept.topics) > 2 else ""
    return t("syntheses.theme", period=period, topics=topic_names(kept.topics[:2], t), more=more)


def file_name(kept: KeptSynthesis, t: Texts, ending: str = "docx") -> str:
    """What people see as the name of its file."""
    period = theme_words(kept, t).replace("/", "-")
    key = "signed" if kept.state is SynthesisState.SIGNED else "draft"
    return shown_name(t(f"syntheses.file.{key}", period=period, unit=kept.unit.name), ending)


def five_lines(kept: KeptSynthesis, counted: Synthesis, t: Texts) -> list[str]:
    """What it is, how many reports, how people feel, about what most, and where or what it waits for."""
    *moods, whole, before, change = _numbers(counted, counted.topics_sum)
    lines = [title(kept, t), t("syntheses.reports", n=whole, before=before, change=change)]
    felt = [t("syntheses.named", name=_mood(code, t), n=n) for code, n in zip(MOODS, moods, strict=True) if n != "0"]
    if felt:
        lines.append(t("syntheses.moods", list=", ".join(felt)))
    lines += [t("syntheses.topics", list=most)] if (most := _most(counted, counted.topics, t)) else []
    waiting = with_words(counted, kept.words).open_parts
    if waiting and kept.state is SynthesisState.DRAFT:
        lines.append(t("syntheses.still_waiting", n=len(waiting)))
    elif len(counted.areas) > 1 and (most := _most(counted, counted.areas, t)):
        lines.append(t("syntheses.areas", list=most))
    return lines


def picture_of(counted: Synthesis, t: Texts) -> str:
    """Its chart as a message carries it; "": nothing was reported."""
    chart = topic_chart(counted, t)
    return spec(chart[0]) if chart else ""


def signed_below(found: Sequence[KeptSynthesis], t: Texts) -> Message:
    """To coordinators above: what was signed below, a line a period."""
    lines = [t("syntheses.signed_below")]
    for period in sorted({each.period for each in found}):
        names = sorted({each.unit.name for each in found if each.period == period})
        more = t("syntheses.more_units", n=len(names) - _MOST_UNITS) if len(names) > _MOST_UNITS else ""
        units = ", ".join(unit_name(name) for name in names[:_MOST_UNITS])
        words = period_words(period, t)
        lines.append(t("syntheses.signed_of", period=words[:1].upper() + words[1:], units=units, more=more))
    return Message("\n".join(lines), (choice(t("menu.tonghop"), RunCommand(Command.REVIEW)),))


def reminder(period: str, due: date, is_late: bool, t: Texts) -> Message:
    """To coordinators of a unit whose own is awaited above."""
    facts = {"period": period_words(period, t), "day": f"{due:%d/%m}"}
    text = t("syntheses.overdue" if is_late else "syntheses.due_today", **facts)
    return Message(text, (choice(t("menu.dangnhap"), RunCommand(Command.LOG_IN)),))


def _mood(code: str, t: Texts) -> str:
    return t(f"report.mood.{code}").lower() if code else t("synthesis.not_told")


def _most(counted: Synthesis, rows: Sequence[Row], t: Texts) -> str:
    """ "Giao thông 8, Đất đai 3": the rows with the most reports."""
    numbers = [(row.name, _numbers(counted, row)[-3]) for row in rows]
    ranked = sorted(numbers, key=lambda each: -_number(each[1]))[:_NAMED]
    return ", ".join(t("syntheses.named", name=name, n=n) for name, n in ranked if _number(n))


def _number(text: str) -> int:
    number = read_number(text)
    return number if isinstance(number, int) else 0


def _numbers(counted: Synthesis, row: Row) -> list[str]:
    return [counted.figures[int(place)].text for cell in row.cells for place in figure_places(cell)]
