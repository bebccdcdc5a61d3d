"""Writes docs/reference/sbom.json: what the program is made of, with version and licence, as CycloneDX 1.6.

`make sbom` after a change of requirements.lock. A part of scope "excluded" is for development only.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.utils import canonicalize_name

from scripts.unneeded_packages import needed

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "reference" / "sbom.json"


def licence(part: Distribution) -> str:
    """As the part declares it: an expression, else its classifiers, else its field."""
    meta = part.metadata
    if "License-Expression" in meta:
        return meta["License-Expression"]
    named = [c.rsplit(" :: ", 1)[1] for c in meta.get_all("Classifier", []) if c.startswith("License :: ")]
    specific = [name for name in named if name != "OSI Approved"]
    field = str(meta.json.get("license", ""))
    return ", ".join(specific) or field.split("\n")[0][:80] or "unknown"


def sbom() -> dict[str, object]:
    running = needed("nhipcau")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.M)
    components = []
    for name in sorted(pins, key=canonicalize_name):
        part, normal = distribution(name), canonicalize_name(name)
        components.append(
            {
                "type": "library",
                "name": normal,
                "version": part.version,
                "purl": f"pkg:pypi/{normal}@{part.version}",
                "scope": "required" if normal in running else "excluded",
                "licenses": [{"license": {"name": licence(part)}}],
            }
        )
    about = {"component": {"type": "application", "name": "nhipcau", "licenses": [{"license": {"id": "MIT"}}]}}
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": about, "components": components}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(sbom(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
