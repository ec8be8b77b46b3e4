"""What the rules look at: the parts of a log by their kind, whatever else the log may hold.

A part that has the wrong type counts as missing, so that no rule has to look twice. Mending changes the log in place; a
result is taken out by leaving a hole, which `sweep` closes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from scangate.linting.repository import Repository

HOLE: Final[None] = None
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """One object of the log, and where it stands: `siblings[index]`."""

    pointer: str
    value: Json
    siblings: list[Any] = field(default_factory=list)
    index: int = 0

    def take_out(self) -> None:
        self.siblings[self.index] = HOLE


@dataclass(frozen=True, slots=True)
class Described(Node):
    """A rule of a run. `built_in`: it is the driver's, not an extension's."""

    built_in: bool = True


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with its rules and results. `by_id`: the first rule of each id."""

    node: Node
    driver: Json
    extensions: tuple[Json, ...]
    rules: tuple[Described, ...]
    results: tuple[Node, ...]
    by_id: dict[str, Described]

    def rule_of(self, result: Json) -> Described | None:
        return self.by_id.get(rule_id(result))


@dataclass(frozen=True, slots=True)
class Case:
    """One log for one receiver. `size` and `packed` are those of the file; `repository` where one was named."""

    log: Json
    size: int = 0
    packed: int = 0
    repository: Repository | None = None
    runs: tuple[RunView, ...] = ()

    def results(self) -> Iterator[tuple[RunView, Node]]:
        return ((run, result) for run in self.runs for result in run.results)

    def rules(self) -> Iterator[tuple[RunView, Described]]:
        return ((run, rule) for run in self.runs for rule in run.rules)


def case(log: Json, *, size: int = 0, packed: int = 0, repository: Repository | None = None) -> Case:
    """Lay out a log for the rules."""
    runs = tuple(_run(each) for each in nodes(log, "runs", ""))
    return Case(log=log, size=size, packed=packed, repository=repository, runs=runs)


def nodes(parent: Json, name: str, pointer: str) -> tuple[Node, ...]:
    """Return the objects of an array."""
    items = parent.get(name)
    if not isinstance(items, list):
        return ()
    return tuple(
        Node(f"{pointer}/{name}/{index}", each, items, index) for index, each in enumerate(items) if type(each) is dict
    )


def part(value: Json, *names: str) -> Json:
    """Return the object at the end of a path; an empty one where there is none."""
    for name in names:
        inner = value.get(name)
        value = inner if isinstance(inner, dict) else {}
    return value


def text(value: Json, *names: str) -> str:
    """Return the string at the end of a path; an empty one where there is none."""
    found = part(value, *names[:-1]).get(names[-1])
    return found if isinstance(found, str) else ""


def whole(value: Json, name: str) -> int | None:
    """Return a whole number; JSON's booleans are none."""
    found = value.get(name)
    return found if type(found) is int else None


def items(value: Json, name: str) -> list[Any]:
    """Return an array; an empty one where there is none."""
    found = value.get(name)
    return found if isinstance(found, list) else []


def rule_id(result: Json) -> str:
    """The id of the rule that a result names itself."""
    return text(result, "ruleId") or text(result, "rule", "id")


def suppressed(result: Json) -> bool:
    """Whether somebody decided that it is not to be acted upon."""
    found = nodes(result, "suppressions", "")
    # What has no status is accepted (SARIF 2.1.0, section 3.35.3).
    return bool(found) and all(each.value.get("status", "accepted") == "accepted" for each in found)


def sweep(log: Json) -> None:
    """Close the holes that mending left."""
    for run in nodes(log, "runs", ""):
        if isinstance(results := run.value.get("results"), list):
            results[:] = [each for each in results if each is not HOLE]


def _run(node: Node) -> RunView:
    driver = part(node.value, "tool", "driver")
    extensions = nodes(part(node.value, "tool"), "extensions", f"{node.pointer}/tool")
    holders = [
        (driver, f"{node.pointer}/tool/driver", True),
        *((each.value, each.pointer, False) for each in extensions),
    ]
    rules = tuple(
        Described(each.pointer, each.value, each.siblings, each.index, built_in)
        for holder, pointer, built_in in holders
        for each in nodes(holder, "rules", pointer)
    )
    return RunView(
        node=node,
        driver=driver,
        extensions=tuple(each.value for each in extensions),
        rules=rules,
        results=nodes(node.value, "results", node.pointer),
        by_id={text(each.value, "id"): each for each in reversed(rules)},
    )
