"""What the publication sheet of a closed poll says, read from the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nhipcau.bot.units.tree import Tree
from nhipcau.insight.publication import Published
from nhipcau.model.requests import Request
from nhipcau.model.scope import Scope
from nhipcau.storage.audiences import audience_of
from nhipcau.storage.database import Connection
from nhipcau.storage.poll_groups import groups_of
from nhipcau.storage.running_counts import board, tally


async def published(connection: Connection, tree: Tree, request: Request, apps: Sequence[str]) -> Published:
    """`apps`: those it was sent by, by name."""
    # above all units: free texts are read by the unit that asked alone
    scope = Scope.office()
    audience = await audience_of(connection, request.id)
    asked: Counter[str] = Counter()
    for row in await board(connection, scope, tree, request):
        asked[tree.cluster_of(row.unit)] += row.asked
    return Published(
        request=request,
        tally=await tally(connection, scope, request),
        groups=await groups_of(connection, scope, request),
        audience=audience,
        units=[tree.by_path[path] for path in audience.paths if path in tree.by_path],
        asked_in=asked,
        apps=apps,
    )
