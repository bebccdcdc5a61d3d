"""`sample`: a random sample of the collaborators who have joined, and the audience a poll's file takes from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import Json, UnitName, WrongUse, command, input_file, not_written, print_result, spoken

if TYPE_CHECKING:
    from nhipcau.bot.units.tree import Tree, Unit
    from nhipcau.context import AppContext
    from nhipcau.model.requests import Audience, Stratum
    from nhipcau.office.request_file import RequestFile
    from nhipcau.privacy.sealing import Sealer

app = Family()


@command(app)
async def sample(
    parts: AppContext,
    size: Annotated[int, typer.Option("--size")],
    output: Annotated[Path, typer.Option("-o")],
    unit: UnitName = "",
    by: Annotated[Literal["commune", "agency"] | None, typer.Option("--by")] = None,
    seed: Annotated[int | None, typer.Option("--seed")] = None,
    as_json: Json = False,
) -> None:
    """Draw a random sample of collaborators for `audience: {sample_file: …}`."""
    import secrets
    from collections import Counter

    from nhipcau.actions.sampling import MOST_SEED, draw_sample
    from nhipcau.cli.transaction import writing
    from nhipcau.model.requests import Audience, SampleDraw, Stratum
    from nhipcau.model.scope import Scope
    from nhipcau.office.sample_file import MOST_PEOPLE, Sample, write_sample
    from nhipcau.privacy.atomic_files import write_file
    from nhipcau.storage.audiences import drawn_from
    from nhipcau.storage.audit import record_audit

    if not 1 <= size <= MOST_PEOPLE:
        raise WrongUse("sample.size", size=size, most=MOST_PEOPLE)
    if seed is not None and not 0 <= seed < MOST_SEED:
        raise WrongUse("sample.seed", seed=seed, most=MOST_SEED - 1)
    stratum = Stratum(by) if by else None
    async with writing(parts) as transaction:
        tree, within = transaction.tree, transaction.office(unit).unit
        frame = await drawn_from(transaction.connection, Scope.office(), tree, Audience((within.path,)))
        if size > len(frame):
            raise WrongUse("sample.too_few", unit=within.name, n=len(frame), size=size)
        strata = {id: _stratum(tree, own, stratum) for id, own in frame.items()}
        draw = SampleDraw(
            secrets.randbelow(MOST_SEED) if seed is None else seed, size, len(frame), transaction.context.today, stratum
        )
        drawn = draw_sample(strata, size, draw.seed)
        try:
            # before the line: a sample that could not be written was not drawn
            write_file(output, write_sample(Sample(within.code, draw, tuple(drawn)), parts.sealer.sign_sample))
        except OSError as error:
            raise not_written(output, error) from None
        record_audit(transaction.context, "sample.draw", number=size)
    numbers, chosen = Counter(strata.values()), Counter(strata[id] for id in drawn)
    facts = {"unit": within.code, "size": size, "frame": draw.frame, "seed": draw.seed, "file": str(output)}
    t = spoken()
    lines = [t("sample.drawn", **{**facts, "unit": within.name})]
    rows = []
    for name in sorted(numbers) if stratum else ():
        rows.append({"unit": name or None, "people": numbers[name], "drawn": chosen[name]})
        place = tree.by_code[name].name if name else t("sample.others")
        lines.append(t("sample.stratum", **{**rows[-1], "unit": place}))
    print_result(as_json, {**facts, "by": by, "strata": rows}, *lines)


def _stratum(tree: Tree, unit: Unit, by: Stratum | None) -> str:
    """The code of the stratum that people of this unit belong to; "": that of all others."""
    from nhipcau.model.requests import Stratum

    commune = tree.commune_in(unit)
    if by is Stratum.COMMUNE:
        return commune.code if commune else ""
    if by is Stratum.AGENCY:
        return "" if commune else tree.commune_of(unit).code
    return ""


def audience_of_sample(tree: Tree, sealer: Sealer, spec: RequestFile, path: Path, asking: Unit) -> Audience:
    """The people of the sample that a request's file names. Raises WrongUse where it was not drawn here, or its unit or
    size does not fit."""
    from nhipcau.cli.recurring_requests import audience_in
    from nhipcau.model.requests import Audience
    from nhipcau.office.sample_file import InvalidSample, read_sample
    from nhipcau.office.yaml_validation import invalid

    def refused(key: str, **facts: object) -> WrongUse:
        return WrongUse(invalid(key, spec.sample_line, "audience.sample_file", **facts))

    try:
        found = read_sample(input_file(path.parent / spec.sample_file), sealer.sign_sample)
    except InvalidSample as wrong:
        raise refused(wrong.key, **wrong.facts) from None
    unit = tree.by_code.get(found.unit)
    asked = audience_in(tree, spec, asking.path).paths
    fits = unit is not None and (asked == (unit.path,) if spec.units else asking.holds(unit))
    if unit is None or not fits:
        names = ", ".join(tree.by_path[each].name for each in asked)
        raise refused("sample.other_unit", unit=unit.name if unit else found.unit, asked=names)
    size = len(found.people)
    if spec.sample not in {None, size}:
        raise refused("sample.other_size", n=size, size=spec.sample)
    return Audience((unit.path,), spec.roles, size, found.draw, found.people)
