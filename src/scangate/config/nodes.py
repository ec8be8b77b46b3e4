"""From YAML text to nodes, within bounds. PyYAML's own composer has none: it recurses, and resolves tags nobody wrote.

The tag of a node here is what the author wrote, or empty; what a plain value means is document.py's to say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from scangate.errors import ConfigError, Problem

MAX_DEPTH: Final = 30
MAX_VALUES: Final = 20_000
"""Values in a document, again once its aliases are followed: a bomb made of aliases ends there."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser is twenty times as fast; it is missing where PyYAML was built without libyaml."""
_HIDDEN: Final = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_LINE_END: Final = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """`plain` is without quotes."""

    line: int
    tag: str
    text: str
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    line: int
    tag: str
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    line: int
    tag: str
    pairs: tuple[tuple["Node", "Node"], ...]


Node = Scalar | Sequence | Mapping


def compose(text: str, name: str) -> Node | None:
    """Parse the one document of a text; None when it is empty. Raises ConfigError with the line."""
    if hidden := hidden_character(_LINE_END.sub("\n", text)):
        line = len(_LINE_END.findall(text, 0, text.index(hidden))) + 1
        raise _error(name, line, f"the character U+{ord(hidden):04X} is not allowed", "remove it")
    try:
        return _Composer(name, yaml.parse(text, Loader=_LOADER)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(part for part in (error.context, error.problem) if part)
        lines = text.splitlines() or [""]
        line = min(mark.line if mark else 0, len(lines) - 1)  # the end of the file is on no line
        advice = "YAML is indented with spaces, not tabs" if "\t" in lines[line] else ""
        raise _error(name, line + 1, f"not readable as YAML: {words}", advice) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last two: escapes that name no character
        raise _error(name, 1, f"not readable as YAML: {(str(error).splitlines() or [''])[0]}") from error


def hidden_character(text: str) -> str:
    """Find the first character that a reader does not see: a control, a change of direction, a lone surrogate."""
    found = _HIDDEN.search(text)
    return found[0] if found else ""


class _Composer:
    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.name = name
        self.events = events
        self.anchors: dict[str, Node] = {}
        self.count = 0

    def document(self) -> Node | None:
        found = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if found is not None:
                    line = event.start_mark.line + 1 if event.start_mark else 1
                    raise _error(self.name, line, "one document is expected, not several")
                found = self._node(next(self.events), 0)
        return found

    def _node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        self.count += 1
        if depth > MAX_DEPTH:
            raise _error(self.name, line, f"nested more than {MAX_DEPTH} levels deep")
        if self.count > MAX_VALUES:
            raise _error(self.name, line, f"more than {MAX_VALUES} values", "split the file")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise _error(self.name, line, f"there is no anchor &{event.anchor:.60} above")
            return self.anchors[event.anchor]
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(line=line, tag=event.tag or "", text=event.value, plain=not event.style)
        else:
            node = self._collection(event, depth)
        if event.anchor:  # not before it is whole: what holds itself has no end
            self.anchors[event.anchor] = node
        return node

    def _collection(self, event: Any, depth: int) -> Node:
        nodes: list[Node] = []
        while not isinstance(inner := next(self.events), yaml.CollectionEndEvent):
            nodes.append(self._node(inner, depth + 1))
        line, tag = event.start_mark.line + 1, event.tag or ""
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(line=line, tag=tag, items=tuple(nodes))
        return Mapping(line=line, tag=tag, pairs=tuple(zip(nodes[::2], nodes[1::2], strict=True)))


def _error(name: str, line: int, message: str, advice: str = "") -> ConfigError:
    return ConfigError((Problem(file=name, line=line, path="", message=message, advice=advice),))
