"""Ansible's YAML inventory: groups that hold `hosts`, `children` and `vars`."""

from collections.abc import Iterator
from typing import Final

from scangate.config.hosts.entry import MAX_PROBLEMS, Listing
from scangate.config.hosts.groups import Groups
from scangate.config.nodes import MAX_DEPTH, MAX_VALUES, Mapping, Node, Scalar, compose
from scangate.errors import ConfigError

_READ: Final = frozenset({"ansible_host", "ansible_ssh_host", "ansible_connection"})
_EMPTY: Final = frozenset({"", "null", "~"})


def read(text: str, group: str, listing: Listing) -> None:
    """Read a YAML inventory."""
    try:
        node = compose(text, listing.file)
    except ConfigError as error:
        listing.problems.extend(error.problems)
        return
    if node is None:
        return
    if not isinstance(node, Mapping):
        listing.problem("is no inventory: expected groups that hold `hosts` or `children`", line=node.line)
        return
    reader = _Reader(listing)
    for name, inner in reader.pairs(node, ""):
        reader.group(name, inner)
    reader.groups.choose(group)


class _Reader:
    """Walks the groups. Aliases may show one group many times over, so what is visited is counted."""

    def __init__(self, listing: Listing) -> None:
        self.groups = Groups(listing)
        self._left = MAX_VALUES

    def group(self, name: str, node: Node, depth: int = 0) -> None:
        self.groups.open(name)
        if depth > MAX_DEPTH:  # aliases nest deeper than the text does
            self._problem(f"groups nested more than {MAX_DEPTH} deep", node, name)
            return
        for key, inner in self.pairs(node, name):
            if key == "hosts":
                for host, variables in self.pairs(inner, f"{name}.hosts"):
                    self.groups.add(name, host, variables.line, self._variables(variables, host))
            elif key == "children":
                for child, below in self.pairs(inner, f"{name}.children"):
                    self.groups.children.setdefault(name, {})[child] = None
                    self.group(child, below, depth + 1)
            elif key != "vars":
                self._problem(f"{key!r} is no part of a group", inner, name, "hosts, children or vars")

    def pairs(self, node: Node, place: str) -> Iterator[tuple[str, Node]]:
        """Each key of a mapping with its value; nothing for an empty one, a problem for what is none."""
        if isinstance(node, Scalar) and node.plain and node.text in _EMPTY:
            return
        if not isinstance(node, Mapping):
            self._problem("expected a mapping", node, place, "write each host as a key: `web1:`")
            return
        for key, value in node.pairs:
            self._left -= 1
            if self._left == 0:
                self._problem(f"more than {MAX_VALUES:,} values, aliases followed", key, place)
            if self._left <= 0 or len(self.groups.listing.problems) >= MAX_PROBLEMS:
                return
            if not isinstance(key, Scalar) or key.tag:
                self._problem("this kind of key is not read", key, place, "use a plain word")
            elif key.text == "<<" and key.plain:
                self._problem("merge keys are not read", key, place, "write the keys out")
            else:
                yield key.text, value

    def _variables(self, node: Node, host: str) -> dict[str, str]:
        found = {}
        for key, value in self.pairs(node, host):
            if key not in _READ:
                continue
            if isinstance(value, Scalar) and not value.tag:
                found[key] = value.text
            else:
                self._problem(f"{key} is no plain text", value, host, "write the address out")
        return found

    def _problem(self, message: str, node: Node, place: str, advice: str = "") -> None:
        self.groups.listing.problem(message, advice, line=node.line, place=place)
