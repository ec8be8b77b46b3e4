"""The groups of well-known artifacts, for archives that lost what Maven wrote into them: facts of Maven Central.

groups.tsv has a group and its artifacts in each line, only artifacts whose name belongs to one group. `*` stands for
the rest of a name; of several beginnings that fit the longest counts.
"""

from functools import cache
from importlib import resources
from typing import Final

_SYMBOLIC: Final = {
    "org.eclipse.osgi": "org.eclipse.platform",
    "org.eclipse.sisu.inject": "org.eclipse.sisu",
    "org.eclipse.sisu.plexus": "org.eclipse.sisu",
    "org.objectweb.asm": "org.ow2.asm",
    "org.objectweb.asm.tree": "org.ow2.asm",
}
"""By symbolic name, for artifacts whose group changed with a version, or is that of many bundles."""


def group_of(artifact: str, symbolic: str = "") -> str:
    """Return the group of a well-known artifact or bundle, empty for any other."""
    names, beginnings = _table()
    if group := names.get(artifact) or _SYMBOLIC.get(symbolic):
        return group
    return next((group for beginning, group in beginnings if artifact.startswith(beginning)), "")


@cache
def _table() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Return the groups by name, and by beginning of a name, longest first."""
    text = resources.files("scangate.inventory.java").joinpath("groups.tsv").read_text(encoding="utf-8")
    names: dict[str, str] = {}
    beginnings: list[tuple[str, str]] = []
    for line in text.splitlines():
        group, _tab, artifacts = line.partition("\t")
        for artifact in artifacts.split():
            if artifact.endswith("*"):
                beginnings.append((artifact[:-1], group))
            else:
                names[artifact] = group
    return names, tuple(sorted(beginnings, key=lambda each: -len(each[0])))
