"""What is installed: scanners, enrichers and reporters, all found by entry point, the built-in ones too.

Only installed distributions load; the result lists each with its version.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from scangate import process
from scangate.core.model import Status
from scangate.core.text import clean
from scangate.enrichers import Enricher
from scangate.errors import CancelledError, DeadlineError, Interrupted, ScangateError, UsageError
from scangate.reporters import Reporter
from scangate.scanners import Scanner


def scanners() -> Mapping[str, Scanner]:
    """Load every scanner, by name in alphabetical order."""
    return _load_all("scangate.scanners")


def enrichers() -> Mapping[str, Enricher]:
    """Load every enricher, by name in alphabetical order."""
    return _load_all("scangate.enrichers")


def reporter(name: str) -> Reporter:
    """Load one reporter. Raises UsageError for a name nobody has."""
    entry = _entries("scangate.reporters").get(name)
    if entry is None:
        raise UsageError(f"there is no report format {name}", advice=f"expected one of {', '.join(reporter_names())}")
    return _load(entry)  # type: ignore[no-any-return]


def reporter_names() -> tuple[str, ...]:
    return tuple(_entries("scangate.reporters"))


def distributions() -> tuple[tuple[str, str], ...]:
    """Name and version of every distribution that brings one of these."""
    groups = ("scangate.scanners", "scangate.enrichers", "scangate.reporters")
    every = (entry.dist for group in groups for entry in _entries(group).values())
    return tuple(sorted({(each.name, each.version) for each in every if each}))


def attempt(work: Callable[[], None], name: str) -> tuple[Status, str, str]:
    """Do the work of a plugin, and say how it ended: status, reason, advice. It raises nothing, sys.exit included.

    An interrupt that arrives meanwhile ends this work and all children; what was done before is not lost.
    """
    try:
        work()
    except ScangateError as error:
        ended: dict[type[ScangateError], Status] = {DeadlineError: Status.TIMED_OUT, CancelledError: Status.CANCELLED}
        return ended.get(type(error), Status.FAILED), clean(error.message), clean(error.advice)
    except Interrupted:
        process.stop()
        return Status.CANCELLED, "interrupted before it was finished", ""
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the only one: whatever a plugin does, the result says so
        crash = clean(f"it crashed: {type(error).__name__}: {error}")
        return Status.FAILED, crash, f"this is a bug in {name}: report it to its authors"
    return Status.OK, "", ""


@cache
def _entries(group: str) -> Mapping[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=group), key=lambda each: each.name):
        if entry.name in found:
            # Which of them ran would be chance, and nobody could see it in the result.
            both = " and ".join(sorted((_owner(found[entry.name]), _owner(entry))))
            raise UsageError(f"{both} both bring {entry.name} in {group}", advice="uninstall one of them")
        found[entry.name] = entry
    return found


def _load_all(group: str) -> Mapping[str, Any]:
    return {name: _load(entry) for name, entry in _entries(group).items()}


def _load(entry: EntryPoint) -> Any:
    made: list[Any] = []
    status, reason, _advice = attempt(lambda: made.append(entry.load()()), entry.name)
    if status is Status.CANCELLED:
        raise Interrupted
    if reason:
        raise UsageError(f"{entry.value} cannot be loaded: {reason}", advice=f"mend or uninstall {_owner(entry)}")
    return made[0]


def _owner(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "what brought it"
