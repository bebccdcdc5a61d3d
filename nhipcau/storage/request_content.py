"""Reads and writes the columns that requests and rules share: content and audience."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from nhipcau.bot.forms.model import Form
from nhipcau.model.people import Role
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Attachment, Audience, Each, RequestContent, SampleDraw, Stratum


def content_values(content: RequestContent, audience: Audience) -> dict[str, Any]:
    """Column of requests, and of rules → what it holds of the content and of whom it goes to."""
    return {
        "kind": content.kind,
        "title": content.title,
        "intro": content.intro,
        "form": content.form.to_json(),
        "sealed": content.sealed,
        "urgent": content.urgent,
        "photo": content.attachment.photo,
        "file": content.attachment.file,
        "file_name": content.attachment.file_name,
        "each": content.each,
        "escalates": content.escalates,
        "audience": write_audience(audience),
    }


def write_audience(audience: Audience) -> str:
    body: dict[str, Any] = {"paths": audience.paths, "roles": audience.roles, "sample": audience.sample}
    if audience.responsible:
        body["responsible"] = True
    if audience.draw:
        body["draw"] = {**asdict(audience.draw), "day": audience.draw.day.isoformat()}
    return json.dumps(body)


def read_content(row: RowMapping | Mapping[str, Any], prefix: str) -> RequestContent:
    """Content of a row whose columns are named like "requests_title", with prefix "requests_"."""
    return RequestContent(
        kind=RequestKind(row[f"{prefix}kind"]),
        title=row[f"{prefix}title"],
        intro=row[f"{prefix}intro"],
        form=Form.from_json(row[f"{prefix}form"]),
        sealed=row[f"{prefix}sealed"],
        urgent=row[f"{prefix}urgent"],
        attachment=Attachment(row[f"{prefix}photo"], row[f"{prefix}file"], row[f"{prefix}file_name"]),
        each=Each(row[f"{prefix}each"]),
        escalates=row[f"{prefix}escalates"],
    )


def read_audience(line: str) -> Audience:
    """The audience from the column of that name."""
    body = json.loads(line)
    roles = tuple(Role(role) for role in body["roles"])
    draw, responsible = _read_draw(body.get("draw")), body.get("responsible", False)
    return Audience(tuple(body["paths"]), roles, body["sample"], draw, responsible=responsible)


def _read_draw(body: dict[str, Any] | None) -> SampleDraw | None:
    if body is None:
        return None
    by = Stratum(body["by"]) if body["by"] else None
    return SampleDraw(body["seed"], body["size"], body["frame"], date.fromisoformat(body["day"]), by)
