"""YAML as people mean it: text in, plain values out, with the line of every one of them. PyYAML's traps are closed.

A duplicate key is an error; dates stay text; only `true` and `false` are booleans (not `no`, `on`); `010` and `22:22`
stay text; merge keys and tags are refused; aliases, depth and size are bounded.
"""

import re
from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scangate.config.nodes import MAX_DEPTH, MAX_VALUES, Mapping, Node, Scalar, Sequence, compose, hidden_character
from scangate.errors import ConfigError, Problem, UsageError

MAX_BYTES: Final = 2**20
MAX_PROBLEMS: Final = 100
"""Mistakes that are reported at once: whoever made more has enough to do."""

Place = tuple[str | int, ...]

_PLAIN: Final[Map[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document. `lines` gives the 1-based line of each place, keys at the line of the key."""

    file: str
    data: Any
    text: str
    lines: Map[Place, int] = field(default_factory=dict)

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
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step:.60}" for step in place).removeprefix(".")


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
    node = compose(text, name)
    reader = _Reader(name)
    data = reader.value(node, ()) if node is not None else {}
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

    def value(self, node: Node, place: Place) -> Any:
        self.count += 1
        self.lines.setdefault(place, node.line)
        if len(place) > MAX_DEPTH or self.count > MAX_VALUES:
            limit = f"{MAX_DEPTH} levels" if len(place) > MAX_DEPTH else f"{MAX_VALUES} values"
            raise ConfigError((self._problem(node, place[:3], f"more than {limit}, aliases followed"),))
        if node.tag:
            self._refuse(node, place, f"the tag {node.tag:.60} is not allowed", "write a plain value")
        elif isinstance(node, Mapping):
            return self._mapping(node, place)
        elif isinstance(node, Sequence):
            return [self.value(each, (*place, index)) for index, each in enumerate(node.items)]
        elif hidden := hidden_character(node.text):
            self._refuse(node, place, f"the character U+{ord(hidden):04X} is not allowed", "write visible text")
        else:
            return _scalar(node.text, plain=node.plain)
        return None

    def _mapping(self, node: Mapping, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.pairs:
            if not isinstance(key_node, Scalar):
                self._refuse(key_node, place, "this kind of key is not allowed", "use a word")
                continue
            key = key_node.text
            inner = (*place, key)
            if key_node.tag or hidden_character(key):
                self._refuse(key_node, place, "this kind of key is not allowed", "use a plain word")
            elif key == "<<" and key_node.plain:
                self._refuse(key_node, place, "merge keys are not allowed", "write the keys out")
            elif key in found:
                advice = f"the first one is on line {self.lines[inner]}: keep one of them"
                self._refuse(key_node, inner, "this key is given twice", advice)
            else:
                self.lines[inner] = key_node.line
                found[key] = self.value(value_node, inner)
        return found

    def _refuse(self, node: Node, place: Place, message: str, advice: str) -> None:
        self.problems.append(self._problem(node, place, message, advice))
        if len(self.problems) >= MAX_PROBLEMS:
            raise ConfigError(tuple(self.problems))

    def _problem(self, node: Node, place: Place, message: str, advice: str = "") -> Problem:
        line = node.line
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
