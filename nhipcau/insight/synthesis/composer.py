"""Composes a synthesis: what counts can fill is filled, the rest waits for a person. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.units.tree import Tree
from nhipcau.insight.poll_results import Bar
from nhipcau.insight.synthesis.figure_list import ReportFigures, cut_of
from nhipcau.insight.synthesis.figures import OF_ISSUE, SIGNED, Counts, Cut, poll_result_of
from nhipcau.insight.synthesis.parts import (
    MOODS,
    SECTIONS,
    Line,
    LineKind,
    Part,
    Row,
    Synthesis,
    period_title,
    section_of,
    topic_name,
    topic_names,
)
from nhipcau.insight.synthesis.words import clean, sentence, with_small_letter
from nhipcau.model.issues import OPEN_ISSUE, IssueState
from nhipcau.model.report_tallies import Dimension
from nhipcau.model.reports import ReportState
from nhipcau.model.synthesis import ClosedPoll, IssueReports, PeriodFacts
from nhipcau.privacy.suppression import PERCENT_FROM

_SPREADS = ("1", "2", "3", "4", "5", "0")
#: Topics and areas named in a line of part II; the tables have all.
_NAMED = 5
_STATES = tuple(state for state in ReportState if state is not ReportState.WITHDRAWN)
_ACTIVITIES = {
    "duties": ("duties_due", "duties_on_time", "duties_late", "duties_missed", "duties_open"),
    "rapids": ("rapids", "rapids_on_time", "rapids_late"),
}


def compose(
    facts: PeriodFacts, before: PeriodFacts, tree: Tree, t: Texts, zone: ZoneInfo, *, over: bool, late: bool = False
) -> Synthesis:
    """The synthesis of a unit and a period, beside the period before. `over`: the period has ended; `late`: units below
    should have signed theirs."""
    return _Composer(facts, before, tree, t, zone, over, late, ReportFigures(facts, before, t)).compose()


@dataclass(slots=True)
class _Composer:
    facts: PeriodFacts
    before: PeriodFacts
    tree: Tree
    t: Texts
    zone: ZoneInfo
    over: bool
    late: bool
    figures: ReportFigures
    open_parts: list[str] = field(default_factory=list)

    def compose(self) -> Synthesis:
        unit, t = self.facts.unit, self.t
        makers: Mapping[str, Callable[[], Iterator[Line]]] = {
            "I": self._general,
            "II": self._issues,
            "III": self._forecast,
            "IV": self._proposals,
            "V": self._results,
        }
        parts = tuple(
            Part(number, t(f"synthesis.part.{number}"), (*make(), *self._from_below(number)))
            for number, make in makers.items()
        )
        topics, topics_sum = self._table("PL1", Dimension.TOPIC, self._topic, [(mood,) for mood in MOODS])
        areas, areas_sum = self._table("PL2", Dimension.AREA, self._area, list(SECTIONS.values()))
        return Synthesis(
            unit=unit,
            above=self.tree.by_id[unit.parent_id] if unit.parent_id is not None else None,
            period=self.facts.period,
            reports=self.facts.reports,
            parts=parts,
            topics=topics,
            topics_sum=topics_sum,
            areas=areas,
            areas_sum=areas_sum,
            base=self._base("PL"),
            figures=tuple(self.figures.figures),
            open_parts=tuple(self.open_parts),
            topics_chosen=self.facts.topics,
        )

    def _text(self, key: str, **facts: object) -> Line:
        return Line(LineKind.TEXT, self.t(f"synthesis.{key}", **facts))

    def _wait_for(self, part: str, key: str, place: str = "", **facts: object) -> Line:
        """A place a person fills. `place`: its lasting name, where `part` is numbered by what there is."""
        self.open_parts.append(part)
        what = self.t(f"synthesis.open_{key}", **facts)
        return Line(LineKind.OPEN, self.t("synthesis.open", what=what), place or part)

    # -------------------------------------------------------------- I

    def _general(self) -> Iterator[Line]:
        part, t = "I", self.t
        if not self.over:
            yield self._text("unfinished")
        if self.facts.topics:
            yield self._text("theme", topics=topic_names(self.facts.topics, t))
        yield self._text("reports", **self.figures.compared(part))
        yield Line(LineKind.TEXT, self._base(part, compared=True))
        if self.facts.reports or self.before.reports:
            moods = [
                t(
                    "synthesis.named_compared",
                    name=with_small_letter(self._section_name(name)),
                    **self.figures.compared(part, (("mood", of),)),
                )
                for name, of in self._sections()
            ]
            yield self._text("by_mood", list="; ".join(moods))
        if self.facts.reports:
            yield self._text("by_state", list=self._named(part, _STATES, "state", self._state))
        for kind, keys in _ACTIVITIES.items():
            if getattr(self.facts.review, keys[0]):
                yield self._text(kind, **{key: self.figures.number(part, Counts.ACTIVITY, key=key) for key in keys})
        if self.facts.awaited:
            yield from self._signed(part)
        if self.facts.polls:
            yield self._text("polls", n=self.figures.number(part, Counts.POLLS))
        for poll in self.facts.polls:
            yield from self._poll(part, poll)

    def _signed(self, part: str) -> Iterator[Line]:
        """How many units below have signed theirs, and which have not."""
        yield self._text("signed", **{key: self.figures.number(part, Counts.SYNTHESES, key=key) for key in SIGNED})
        signed = {each.unit.id for each in self.facts.signed}
        missing = [clean(unit.name) for unit in self.facts.awaited if unit.id not in signed]
        if missing:
            yield self._text("late" if self.late else "not_signed", units=", ".join(missing))

    def _from_below(self, part: str) -> Iterator[Line]:
        """What units below wrote for this part, in syntheses they have signed."""
        for each in self.facts.signed:
            places = sorted(place for place in each.words if place.partition(".")[0] == part)
            if written := " ".join(sentence(each.words[place]) for place in places):
                yield Line(LineKind.ITEM, self.t("synthesis.from_below", unit=clean(each.unit.name), words=written))

    def _base(self, part: str, *, compared: bool = False) -> str:
        """How many units could report, did, said that nothing is new, or were silent."""
        facts = {key: self.figures.number(part, Counts.UNITS, key=key) for key in ("units", "reported")}
        if compared:
            facts["before"] = self.figures.number(part, Counts.UNITS, key="reported", earlier=True)
        facts |= {key: self.figures.number(part, Counts.UNITS, key=key) for key in ("nothing_new", "silent")}
        return self.t("synthesis.base_compared" if compared else "synthesis.base", **facts)

    def _sections(self) -> list[tuple[str, tuple[str, ...]]]:
        """Those of part II; that of reports without a mood only where there are such."""
        untold = any(each.cells(Dimension.MOOD).get(("",)) for each in (self.facts, self.before))
        return [(name, moods) for name, moods in SECTIONS.items() if name != "untold" or untold]

    def _named(
        self, part: str, codes: Sequence[str], dimension: str, name: Callable[[str], str], moods: Sequence[str] = ()
    ) -> str:
        """ "Giao thông 8; Đất đai 3": those of these codes that have a number."""
        found = [
            self.t("synthesis.named", name=name(code), n=self.figures.number(part, Counts.REPORTS, cut))
            for code in codes
            if self.figures.count(cut := cut_of(dimension, code, moods))
        ]
        return "; ".join(found)

    def _poll(self, part: str, poll: ClosedPoll) -> Iterator[Line]:
        """A result as it may be shown, with what has to be told of it (rule R16)."""
        request = poll.request
        cut: Cut = (("poll", (request.id,)),)
        facts = {key: self.figures.number(part, Counts.POLL, cut, key) for key in ("answered", "asked")}
        if request.asked >= PERCENT_FROM:
            facts["rate"] = self.figures.number(part, Counts.POLL, cut, "rate")
        days = [f"{moment.astimezone(self.zone):%d/%m/%Y}" for moment in (request.opens_at, request.closes_at)]
        yield Line(LineKind.HEADING, self.t("synthesis.poll", title=clean(request.title)))
        facts |= {"unit": clean(request.unit.name), "opens": days[0], "closes": days[1]}
        yield self._text("poll_rate" if "rate" in facts else "poll_base", **facts)
        result = poll_result_of(poll, self.t)
        for shown in result.questions:
            yield self._text("poll_question", question=clean(shown.question.text))
            for place, line in enumerate(shown.lines):
                asked: Cut = (*cut, ("question", (shown.question.id,)))
                figure = self.figures.number(part, Counts.POLL, asked, str(place))
                if isinstance(line, Bar):
                    figure = self.t("synthesis.named", name=clean(line.label), n=figure)
                yield Line(LineKind.ITEM, figure)
        for note in result.notes:
            yield Line(LineKind.TEXT, clean(note))

    # -------------------------------------------------------------- II

    def _issues(self) -> Iterator[Line]:
        for number, (name, moods) in enumerate(self._sections(), start=1):
            yield Line(LineKind.HEADING, f"{number}. {self._section_name(name)}")
            if self.figures.count((("mood", moods),)):
                yield from self._section(f"II.{number}", name, moods)
            else:
                yield self._text("none_such")

    def _section(self, part: str, name: str, moods: tuple[str, ...]) -> Iterator[Line]:
        yield self._text("total_of_section", **self.figures.compared(part, (("mood", moods),)))
        for key, dimension, codes, named in (
            ("topics", "topic", self._most(Dimension.TOPIC, moods), self._topic),
            ("areas", "area", self._most(Dimension.AREA, moods), self._area),
            ("spreads", "spread", _SPREADS, self._spread),
        ):
            yield self._text(key, list=self._named(part, codes, dimension, named, moods))
        those = [row for row in self.facts.issues if section_of(row) == name]
        yield from self._listed(part, those)
        unsorted: Cut = (("issue", ("",)), ("mood", moods))
        has_unsorted = bool(self.figures.count(unsorted))
        if has_unsorted:
            yield self._text("unsorted", n=self.figures.number(part, Counts.REPORTS, unsorted))
        if has_unsorted or any(not row.issue.strands for row in those):
            yield self._wait_for(part, "strands", f"II.{name}")

    def _most(self, dimension: Dimension, moods: Sequence[str]) -> list[str]:
        """Codes with the most reports of these moods, at most five."""
        numbers = {code: self.figures.count(cut_of(dimension, code, moods)) for (code,) in self.facts.cells(dimension)}
        return sorted((code for code in numbers if numbers[code]), key=lambda code: (-numbers[code], code))[:_NAMED]

    def _listed(self, part: str, those: Sequence[IssueReports]) -> Iterator[Line]:
        """All its issues, those with most reports first, each with all its strands of opinion."""
        for row in sorted(those, key=lambda row: (-row.reports, row.issue.code)):
            areas = sorted(row.by(2).items(), key=lambda each: (-each[1], each[0]))
            cut: Cut = (("issue", (row.issue.code,)),)
            facts = {
                "statement": sentence(row.issue.statement),
                "topic": self._topic(row.issue.topic),
                "places": ", ".join(self._area(code) for code, _ in areas),
                **{key: self.figures.number(part, Counts.ISSUE, cut, key) for key in OF_ISSUE},
                **self.figures.compared(part, cut),
            }
            key = "synthesis.issue_latent" if row.issue.latent else "synthesis.issue"
            yield Line(LineKind.ITEM, self.t(key, **facts))
            for strand in row.issue.strands:
                kind = self.t(f"strand.kind.{strand.kind}")
                yield Line(LineKind.STRAND, self.t("synthesis.strand", kind=kind, words=sentence(strand.words)))

    # -------------------------------------------------------------- III, IV, V

    def _forecast(self) -> Iterator[Line]:
        yield self._wait_for("III", "forecast")

    def _proposals(self) -> Iterator[Line]:
        """By the unit that owns what is not settled; what to propose a person writes."""
        unsettled = [row.issue for row in self.facts.issues if row.issue.state in OPEN_ISSUE]
        if not unsettled:
            yield self._wait_for("IV", "proposals")
        for number, code in enumerate(sorted({issue.owner.code for issue in unsettled}), start=1):
            name, part = self._area(code), f"IV.{number}"
            yield Line(LineKind.HEADING, f"{number}. {self.t('synthesis.owner', unit=name)}")
            cut: Cut = (("owner", (code,)), ("state", tuple(OPEN_ISSUE)))
            yield self._text("owner_open", n=self.figures.number(part, Counts.ISSUES, cut))
            for issue in unsettled:
                if issue.owner.code == code:
                    yield Line(LineKind.ITEM, sentence(issue.statement))
            yield self._wait_for(part, "proposals_to", f"IV.{code}", unit=name)

    def _results(self) -> Iterator[Line]:
        """What became of the reports and issues of the period before, as of now."""
        part, before, t = "V", self.before, self.t
        named = period_title(before.period, t)
        if not before.reports and not before.opened:
            yield self._text("nothing_before", period=named)
            return
        yield self._text("before", n=self.figures.number(part, Counts.REPORTS, earlier=True), period=named)
        numbers = before.cells(Dimension.STATE)
        states = [
            t(
                "synthesis.named",
                name=self._state(state),
                n=self.figures.number(part, Counts.REPORTS, cut, earlier=True),
            )
            for state in _STATES
            if (cut := cut_of("state", state)) and numbers.get((state,))
        ]
        if states:
            yield self._text("by_state", list="; ".join(states))
        if before.opened:
            done: Cut = cut_of("state", IssueState.DONE)
            facts = {
                "n": self.figures.number(part, Counts.OPENED, earlier=True),
                "done": self.figures.number(part, Counts.OPENED, done, earlier=True),
            }
            yield self._text("opened", **facts)
        for issue in before.opened:
            state = t(f"synthesis.issue_state.{issue.state}")
            yield Line(LineKind.ITEM, t("synthesis.became", statement=sentence(issue.statement), state=state))
        yield self._wait_for(part, "results")

    # -------------------------------------------------------------- names and tables

    def _section_name(self, name: str) -> str:
        return self.t(f"synthesis.section.{name}")

    def _state(self, code: str) -> str:
        return self.t(f"state.{code}")

    def _topic(self, code: str) -> str:
        return topic_name(code, self.t)

    def _area(self, code: str) -> str:
        return clean(self.tree.by_code[code].name)

    def _spread(self, code: str) -> str:
        return self.t("synthesis.not_told") if code == "0" else self.t(f"report.spread.{code}").lower()

    def _table(
        self, table: str, dimension: Dimension, name: Callable[[str], str], columns: Sequence[tuple[str, ...]]
    ) -> tuple[tuple[Row, ...], Row]:
        """A row a code with reports in this period or the one before, and a sum; a column a set of moods."""
        codes = sorted({code for facts in (self.facts, self.before) for (code,) in facts.cells(dimension)})
        rows = []
        for place, code in enumerate(codes, start=1):
            cuts = [cut_of(dimension, code, moods) for moods in columns]
            rows.append(Row(name(code), self.figures.cells(table, place, cuts, cut_of(dimension, code))))
        sums: list[Cut] = [(("mood", moods),) for moods in columns]
        return tuple(rows), Row(self.t("synthesis.sum"), self.figures.cells(table, len(codes) + 1, sums, ()))
