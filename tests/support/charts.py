"""What stands in a chart's specification, read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Spec = Mapping[str, Any]


def letters(spec: Spec) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = spec["layer"][1]["data"]["values"]
    return rows


def bars(spec: Spec) -> list[dict[str, Any]]:
    return [row for row in spec["layer"][0]["data"]["values"] if "count" in row]


def words(spec: Spec) -> list[str]:
    """Everything that stands in the picture, in its order."""
    return " ".join(row["text"] for row in letters(spec)).split()
