"""YAML out of an image, all its scalars as texts: a version is no number.

The events are built into values here, because PyYAML's own composer is recursive, in C, and ends the process when lists
lie deep enough in each other. No lock file has anchors: they are refused, and with them bombs of aliases.
"""

from collections.abc import Iterator
from typing import Any, Final

MAX_BYTES: Final = 8 * 2**20
"""Bytes of one file: YAML takes twenty times as long to read as JSON."""
_MAX_DEPTH: Final = 64


def read_yaml(data: bytes) -> Iterator[Any]:
    """Yield each document. Raises ValueError: not valid, too large, too deep, or with anchors."""
    import yaml

    if len(data) > MAX_BYTES:
        raise ValueError(f"it has {len(data)} bytes: at most {MAX_BYTES} are read of a YAML file")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(data)
    try:
        yield from _documents(loader)
    except _RefusedError:
        raise
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ValueError("it is not valid YAML") from None
    finally:
        loader.dispose()


class _RefusedError(ValueError):
    """Valid YAML that no lock file has."""


class _Open:
    """A list or a mapping whose end was not read yet."""

    __slots__ = ("key", "value")

    def __init__(self, value: list[Any] | dict[str, Any]) -> None:
        self.value = value
        self.key: str | None = None

    def add(self, value: Any) -> None:
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is None:
            self.key = value if isinstance(value, str) else ""
        else:
            self.value[self.key] = value
            self.key = None


def _documents(loader: Any) -> Iterator[Any]:
    from yaml import events

    stack: list[_Open] = []
    while loader.check_event():
        event = loader.get_event()
        if getattr(event, "anchor", None) is not None:
            raise _RefusedError("it is no lock file: it has anchors or aliases")
        if isinstance(event, events.ScalarEvent):
            done: Any = event.value
        elif isinstance(event, events.CollectionStartEvent):
            if len(stack) >= _MAX_DEPTH:
                raise _RefusedError(f"it is no lock file: it has more than {_MAX_DEPTH} levels")
            stack.append(_Open({} if isinstance(event, events.MappingStartEvent) else []))
            continue
        elif isinstance(event, events.CollectionEndEvent):
            done = stack.pop().value
        else:
            continue
        if stack:
            stack[-1].add(done)
        else:
            yield done
