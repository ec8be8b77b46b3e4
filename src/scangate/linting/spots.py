"""Where results point: one artifact location each, and how to spell it anew."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from scangate.linting.case import Case, Json, Node, RunView, items, nodes, part, rule_id, text, whole

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_KEPT: Final = "/!$&'()*+,;=@~%"
_LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Spot:
    """An artifact location of a result. `first`: it is the one that receivers go by."""

    run: RunView
    result: Node
    pointer: str
    physical: Json
    first: bool

    @property
    def artifact(self) -> Json:
        return part(self.physical, "artifactLocation")

    @property
    def region(self) -> Json:
        return part(self.physical, "region")

    @property
    def uri(self) -> str:
        return text(self.artifact, "uri")

    def move(self, uri: str) -> None:
        """Point to a path of the repository instead. What is given by index is given by its path from now on."""
        self.physical["artifactLocation"] = {"uri": uri}


def spots(case: Case, *, related: bool = False) -> Iterator[Spot]:
    """Yield the first location of each result that has one; with `related` the others, too."""
    for run, result in case.results():
        found = nodes(result.value, "locations", result.pointer)
        listed = [*found, *nodes(result.value, "relatedLocations", result.pointer)] if related else found[:1]
        for number, each in enumerate(listed):
            if isinstance(physical := each.value.get("physicalLocation"), dict):
                yield Spot(run, result, f"{each.pointer}/physicalLocation", physical, number == 0 and bool(found))


def scheme(uri: str) -> str:
    """What stands before the first colon, if that comes before any slash."""
    match = _SCHEME.match(uri)
    return match[1].lower() if match else ""


def absolute(uri: str) -> bool:
    return scheme(uri) == "file" or uri.startswith("/")


def bases(run: RunView, root: str = "") -> Iterator[str]:
    """Yield the folders that paths of a run may begin with: where the tool worked, and where the repository lies."""
    for invocation in nodes(run.node.value, "invocations", ""):
        yield _path(text(invocation.value, "workingDirectory", "uri"))
    for base in part(run.node.value, "originalUriBaseIds").values():
        if isinstance(base, dict):
            yield _path(text(base, "uri"))
    yield root


def beneath(uri: str, run: RunView, root: str = "") -> str:
    """Spell an absolute path relative to the nearest folder it lies beneath; empty where that is none."""
    path = _path(uri)
    above = [
        base.rstrip("/") for base in bases(run, root) if base.strip("/") and path.startswith(f"{base.rstrip('/')}/")
    ]
    return spelt(path[len(max(above, key=len)) + 1 :]) if above else ""


def artifact_of(spot: Spot) -> str:
    """Return the path that an index refers to; empty where it refers to none."""
    at = whole(spot.artifact, "index")
    artifacts = items(spot.run.node.value, "artifacts")
    there = artifacts[at] if at is not None and 0 <= at < len(artifacts) else None
    return text(there, "location", "uri") if isinstance(there, dict) else ""


def stand_in(run: RunView, result: Node, uri: str = "") -> str:
    """Make up a path for what is no file of the repository: from its address, its logical name, or its rule."""
    places = nodes(result.value, "locations", "")
    logical = (
        text(name.value, "fullyQualifiedName") for each in places for name in nodes(each.value, "logicalLocations", "")
    )
    name = uri or next(filter(None, logical), "") or rule_id(result.value) or text(run.driver, "name")
    return f"results/{spelt(name.replace('://', '/').replace(':', '/')) or 'unnamed'}"


def spelt(path: str) -> str:
    """Spell a path as a relative reference; empty when it leads out of the repository."""
    plain = posixpath.normpath(path.replace("\\", "/").lstrip("/")[:_LONGEST]) if path.strip("/") else ""
    if plain.split("/")[0] in {"", ".", ".."}:
        return ""
    first, slash, rest = quote(plain, safe=_KEPT, errors="replace").partition("/")
    return f"{first.replace(':', '%3A')}{slash}{rest}"


def _path(uri: str) -> str:
    try:
        return unquote(urlsplit(uri).path) if scheme(uri) == "file" else uri
    except ValueError:
        return ""
