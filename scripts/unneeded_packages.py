"""Prints the installed packages that running Nhịp Cầu does not need, one a line: the image is made without them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(
    package: str, extras: frozenset[str] = frozenset(), seen: set[tuple[str, frozenset[str]]] | None = None
) -> set[str]:
    """The package, and all it needs at run time, with these extras."""
    seen = set() if seen is None else seen
    name = canonicalize_name(package)
    if (name, extras) in seen:
        return set()
    seen.add((name, extras))
    try:
        requires = distribution(name).requires or []
    except PackageNotFoundError:
        return set()
    found = {str(name)}
    for each in map(Requirement, requires):
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            found |= needed(each.name, frozenset(each.extras), seen)
    return found


def main() -> None:
    installed = {str(canonicalize_name(each.metadata["Name"])) for each in distributions()}
    print("\n".join(sorted(installed - needed("nhipcau"))))


if __name__ == "__main__":
    main()
