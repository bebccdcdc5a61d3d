"""`init` and `unit`: the tree of units."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.cards import say_where_links_lead
from nhipcau.cli.help_pages import Family
from nhipcau.cli.invites import link_lines
from nhipcau.cli.runner import CommandFailed, Json, WrongUse, command, find_unit, input_file, print_result, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nhipcau.bot.units.tree import Tree, Unit
    from nhipcau.context import AppContext
    from nhipcau.office.unit_list import UnitRow

app = Family()
unit_app = Family(no_args_is_help=True)
app.add_typer(unit_app, name="unit")
cluster_app = Family(no_args_is_help=True)
unit_app.add_typer(cluster_app, name="cluster")


@command(app)
async def init(parts: AppContext, province: Annotated[str, typer.Option("--province")], as_json: Json = False) -> None:
    """The unit tree of a province, and an invite for the first coordinator."""
    from nhipcau.actions.network import CARD_DAYS, invite
    from nhipcau.cli.transaction import writing
    from nhipcau.model.people import Role
    from nhipcau.office.provinces import UnknownProvince, find_province, province_units
    from nhipcau.privacy.identifiers import new_id
    from nhipcau.storage.audit import record_audit
    from nhipcau.storage.people import is_anybody_known
    from nhipcau.storage.units import add_units, load_tree

    try:
        found = find_province(province)
    except UnknownProvince as unknown:
        raise WrongUse(unknown) from None
    async with writing(parts) as transaction:
        rows, root = province_units(found), transaction.tree.root
        if root is not None and root.code != rows[0].code:
            raise CommandFailed("cli.unit.other_province", name=root.name)
        added = await add_units(transaction.connection, [_as_row(r) for r in rows])
        if added:
            record_audit(transaction.context, "unit.add", number=added)
        root = (await load_tree(transaction.connection)).root
        assert root is not None
        is_begun = await is_anybody_known(transaction.connection)
        if not is_begun:
            first = invite(transaction.office(root), Role.COORDINATOR, transaction.now, new_id, uses=1, days=CARD_DAYS)
            await transaction.apply([first])
            links = await transaction.links(first.code)
    t = spoken()
    if is_begun:
        print_result(as_json, {"units": added, "invite": None}, t("cli.unit.nothing_to_do", name=root.name))
        return
    card = t("cli.unit.first_coordinator", days=CARD_DAYS, code=first.code)
    body = {"units": added, "invite": {"code": first.code, "links": links}}
    print_result(as_json, body, t("cli.unit.made", name=root.name, number=added), card, *link_lines(links))
    say_where_links_lead(parts)


def _as_row(row: UnitRow) -> dict[str, str]:
    return {"code": row.code, "name": row.name, "kind": row.kind, "parent": row.parent}


@command(unit_app, "add")
async def unit_add(
    parts: AppContext,
    name: str,
    code: Annotated[str, typer.Option("--code")],
    parent: Annotated[str, typer.Option("--parent")] = "",
    kind: Annotated[str, typer.Option("--kind")] = "",
    as_json: Json = False,
) -> None:
    """Add one unit below another."""
    from nhipcau.bot.language.vietnamese import nfc
    from nhipcau.office.unit_list import UnitRow, why_not_a_unit, with_kinds
    from nhipcau.storage.audit import record_audit
    from nhipcau.storage.units import add_units, load_tree

    name = nfc(name)
    wanted = UnitRow(code, name, kind, parent)
    if why := why_not_a_unit(wanted):
        raise WrongUse(why)
    async with parts.transaction() as context:
        tree = await load_tree(context.connection)
        if code in tree.by_code:
            raise CommandFailed("cli.unit.there", code=code, name=tree.by_code[code].name)
        above = find_unit(tree, parent) if parent else tree.root
        if above and above.is_cell:
            raise WrongUse("file.below_cell", unit=above.name)
        (placed,) = with_kinds([replace(wanted, parent=above.code if above else "")], tree)
        row = _as_row(replace(placed, kind=placed.kind or _kind(name)))
        await add_units(context.connection, [row])
        record_audit(context, "unit.add")
    print_result(as_json, row, f"{code}: {name}")


_KINDS = ("tỉnh", "thành phố", "xã", "phường", "đặc khu", "thị trấn")


def _kind(name: str) -> str:
    lowered = name.strip().lower()
    return next((kind for kind in _KINDS if lowered.startswith(kind + " ")), "cơ quan")


@command(unit_app, "list")
async def unit_list(parts: AppContext, as_json: Json = False) -> None:
    """The tree."""
    from nhipcau.storage.units import load_tree

    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
    rows = [
        {
            "code": u.code,
            "name": u.name,
            "kind": u.kind,
            "parent": tree.by_id[u.parent_id].code if u.parent_id else None,
        }
        for u in tree.units
    ]
    print_result(
        as_json, rows, *(f"{'  ' * (unit.path.count('/') - 2)}{unit.code}  {unit.name}" for unit in tree.units)
    )


@command(unit_app, "import")
async def unit_import(parts: AppContext, file: Path, as_json: Json = False) -> None:
    """Add units from a CSV or XLSX file."""
    from nhipcau.office.table_reader import InvalidTable
    from nhipcau.office.unit_list import open_units, read_units
    from nhipcau.storage.audit import record_audit
    from nhipcau.storage.units import add_units, load_tree

    try:
        table = open_units(input_file(file))
    except InvalidTable as wrong:
        raise CommandFailed(wrong) from None
    async with parts.transaction() as context:
        tree = await load_tree(context.connection)
        try:
            rows = read_units(table, tree)
        except InvalidTable as wrong:
            raise CommandFailed(wrong) from None
        added = await add_units(context.connection, [_as_row(r) for r in rows])
        if added:
            record_audit(context, "unit.add", number=added)
    counts = {"added": added, "known": len(rows) - added}
    print_result(as_json, counts, spoken()("cli.unit.imported", **counts))


@command(cluster_app, "list")
async def cluster_list(parts: AppContext, as_json: Json = False) -> None:
    """The cluster of every commune and agency."""
    from nhipcau.storage.units import load_tree

    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
    _print_clusters(tree, [unit for unit in tree.areas if unit.parent_id is not None], as_json=as_json)


@command(cluster_app, "set")
async def cluster_set(
    parts: AppContext, cluster: str, units: Annotated[list[str], typer.Argument()], as_json: Json = False
) -> None:
    """Put communes into a cluster."""
    from nhipcau.actions.units import LONGEST_CLUSTER, set_cluster
    from nhipcau.bot.language.vietnamese import nfc
    from nhipcau.cli.transaction import writing
    from nhipcau.storage.units import load_tree

    if len(nfc(cluster).strip()) > LONGEST_CLUSTER:
        raise WrongUse("cli.unit.cluster_long", given=cluster, most=LONGEST_CLUSTER)
    async with writing(parts) as transaction:
        tree = await load_tree(transaction.connection)
        found = [tree.commune_of(find_unit(tree, unit)) for unit in units]
        actor = transaction.office(tree.root or found[0])
        await transaction.apply(transaction.or_fail(set_cluster(actor, found, cluster)))
        tree = await load_tree(transaction.connection)
    _print_clusters(tree, [tree.by_id[unit.id] for unit in found], as_json=as_json)


def _print_clusters(tree: Tree, units: Sequence[Unit], *, as_json: bool) -> None:
    t = spoken()
    rows = [{"code": unit.code, "name": unit.name, "cluster": tree.cluster_of(unit)} for unit in units]
    named = [{**row, "cluster": row["cluster"] or t("cli.unit.no_cluster")} for row in rows]
    print_result(as_json, rows, *(t("cli.unit.cluster_of", **row) for row in named))
