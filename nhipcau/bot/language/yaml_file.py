"""Reading the YAML files that ship with the product; what an office writes is read by office/yaml_validation.py."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Any

import yaml

#: The one written in C where it is there, for commands that start fast.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc]
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        if len(found) < len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key stands here twice", node.start_mark)
        return found


def read_yaml(file: Traversable) -> Any:
    """What stands in it. Raises YAMLError, also where a key is written twice: else the last one would silently win."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=_StrictLoader)
