"""YAML as people mean it: text in, plain values out, with the line of every one of them. PyYAML's traps are closed.

A duplicate key is an error; dates stay text; only `true` and `false` are booleans (not `no`, `on`); `010` and `22:22`
stay text; merge keys and tags are refused; aliases, depth and size are bounded.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from scangate.errors import ConfigError, Problem, UsageError

MAX_BYTES: Final = 2**20
MAX_DEPTH: Final = 30
MAX_VALUES: Final = 50_000
"""Values in a document once its aliases are followed: a bomb made of aliases ends here."""

Place = tuple[str | int, ...]

_PLAIN: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document. `lines` gives the 1-based line of each place, keys at the line of the key."""

    file: str
    data: Any
    text: str
    lines: Mapping[Place, int] = field(default_factory=dict)

    def line(self, place: Iterable[str | int]) -> int:
        """The line of a place, or of the nearest one around it."""
        place = tuple(place)
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Iterable[str | int], message: str, advice: str = "") -> Problem:
        place = tuple(place)
        return Problem(file=self.file, line=self.line(place), path=spell(place), message=message, advice=advice)


def spell(place: Place) -> str:
    """Spell a place the way people do: `targets[0].id`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def read(path: Path, name: str) -> Document:
    """Read a YAML file. `name` is how errors call it. Raises UsageError (unreadable) or ConfigError (not such YAML)."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}", advice="check the path") from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"{name}: is larger than {MAX_BYTES // 2**20} MiB", advice="split the file")
    try:
        return parse(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: is not UTF-8 at byte {error.start}", advice="save it as UTF-8") from error


def parse(text: str, name: str) -> Document:
    """Parse YAML text. Raises ConfigError."""
    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError((Problem(file=name, line=mark.line + 1 if mark else 1, path="", message=message),)) from error
    except (yaml.YAMLError, RecursionError) as error:
        words = "it is nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise ConfigError((Problem(file=name, line=1, path="", message=f"not readable as YAML: {words}"),)) from error
    if len(nodes) > 1:
        line = nodes[1].start_mark.line + 1
        raise ConfigError((Problem(file=name, line=line, path="", message="one document is expected, not several"),))
    reader = _Reader(name)
    data = reader.value(nodes[0], ()) if nodes and nodes[0] is not None else {}
    if reader.problems:
        raise ConfigError(tuple(reader.problems))
    return Document(name, data, text, reader.lines)


class _Reader:
    """Turns nodes into values, noting lines, and every problem instead of the first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self.count = 0

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.count += 1
        self.lines.setdefault(place, node.start_mark.line + 1)
        if len(place) > MAX_DEPTH or self.count > MAX_VALUES:
            limit = f"{MAX_DEPTH} levels" if len(place) > MAX_DEPTH else f"{MAX_VALUES} values"
            raise ConfigError((self._problem(node, place[:3], f"more than {limit}, aliases followed"),))
        if node.tag.startswith("!") or (node.tag == "tag:yaml.org,2002:binary"):
            self.problems.append(
                self._problem(node, place, f"the tag {node.tag} is not allowed", "write a plain value")
            )
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*place, index)) for index, each in enumerate(node.value)]
        return _scalar(str(node.value), plain=isinstance(node, yaml.ScalarNode) and not node.style)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
                advice = "write the keys out" if isinstance(key_node, yaml.ScalarNode) else "use a word"
                self.problems.append(self._problem(key_node, place, "this kind of key is not allowed", advice))
                continue
            key = str(key_node.value)
            inner = (*place, key)
            if key in found:
                first = self.lines[inner]
                advice = f"the first one is on line {first}: keep one of them"
                self.problems.append(self._problem(key_node, inner, "this key is given twice", advice))
                continue
            self.lines[inner] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, inner)
        return found

    def _problem(self, node: yaml.Node, place: Place, message: str, advice: str = "") -> Problem:
        line = node.start_mark.line + 1
        return Problem(file=self.name, line=line, path=spell(place), message=message, advice=advice)


def _scalar(text: str, *, plain: bool) -> Any:
    if not plain:
        return text
    if text in _PLAIN:
        return _PLAIN[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
