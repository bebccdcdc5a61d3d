"""The key `audience` of a request file: whom a request is for."""

from __future__ import annotations

from typing import Any

import yaml

from nhipcau.model.people import Role
from nhipcau.model.requests import UnitGroup
from nhipcau.office.roster_columns import is_forbidden
from nhipcau.office.yaml_validation import NodeReader

_KEYS = ("units", "clusters", "group", "roles", "responsible", "sample", "sample_file")
#: Keys that do not go with a sample drawn beforehand: it says itself who is asked.
_NOT_DRAWN = ("clusters", "group", "responsible")


class AudienceReader(NodeReader):
    def audience_values(self, node: yaml.Node) -> dict[str, Any]:
        """Fields of `RequestFile`."""
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, "audience", "cli.written.must_hold", names=", ".join(_KEYS))
            return {}
        node = self.without(node, is_forbidden, "audience.", "cli.written.sensitive_audience")
        fields = self.fields(node, _KEYS, prefix="audience.")
        named = self.list_of(fields["units"], "audience.units") if "units" in fields else []
        found: dict[str, Any] = {
            "units": tuple(self.text_of(item, "audience.units", 200) for item in named),
            "unit_lines": tuple(item.start_mark.line + 1 for item in named),
        }
        if "clusters" in fields:
            clusters = self.list_of(fields["clusters"], "audience.clusters")
            found["clusters"] = tuple(self.text_of(item, "audience.clusters", 200) for item in clusters)
            found["cluster_line"] = fields["clusters"].start_mark.line + 1
        if "group" in fields:
            found["group"] = self._one_of(fields["group"], "audience.group", UnitGroup)
        responsible = "responsible" in fields and self.is_yes(fields["responsible"], "audience.responsible")
        if responsible:
            found |= {"responsible": True, "roles": (Role.COLLABORATOR, Role.COORDINATOR)}
        items = self.list_of(fields["roles"], "audience.roles") if "roles" in fields else []
        roles = [self._one_of(item, "audience.roles", Role) for item in items]
        if known := tuple(role for role in roles if role is not None):
            found["roles"] = known
        found["sample"] = self._sample(fields)
        if "sample_file" in fields:
            found |= self._drawn(fields, found.get("roles"))
        return found

    def _one_of(self, node: yaml.Node, name: str, words: Any) -> Any:
        word = self.text_of(node, name, 20)
        if word in tuple(words):
            return words(word)
        self.fault(node, name, "cli.written.one_of", value=word, choices=", ".join(words))
        return None

    def _sample(self, fields: dict[str, yaml.Node]) -> int | None:
        if "sample" not in fields:
            return None
        number = self.number_of(fields["sample"], "audience.sample")
        if number is not None and (number < 1 or number != int(number)):
            self.fault(fields["sample"], "audience.sample", "cli.written.sample")
        return int(number) if number else None

    def _drawn(self, fields: dict[str, yaml.Node], roles: Any) -> dict[str, Any]:
        """The name of a sample drawn beforehand, and its line."""
        drawn = fields["sample_file"]
        if (roles and roles != (Role.COLLABORATOR,)) or any(key in fields for key in _NOT_DRAWN):
            self.fault(drawn, "audience.sample_file", "cli.written.sample_roles")
        name = self.text_of(drawn, "audience.sample_file", 200)
        return {"sample_file": name, "sample_line": drawn.start_mark.line + 1}
