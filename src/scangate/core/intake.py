"""The door into the model: what a plugin hands over is checked against the types it promised, and cleaned.

One wrong type in one finding would otherwise end the whole run where findings are merged, judged or written.
"""

from collections.abc import Callable
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

from scangate.core.model import Item
from scangate.core.text import clean_all

T = TypeVar("T")

LARGEST: Final = 2**53 - 1
"""The largest number that every reader of JSON keeps exactly."""


def admit(item: T) -> T:
    """Check and clean one item. Raises TypeError for anything that is not what the model says."""
    if type(item) not in get_args(Item):
        raise TypeError(f"{type(item).__name__} is not an item of the model")
    kind: Any = type(item)
    _check(kind)(item)
    return clean_all(item)


@cache
def _check(kind: Any) -> Callable[[Any], None]:
    """Make the check of one type: it raises TypeError, or does nothing."""
    if is_dataclass(kind):
        return _fields(kind)
    if get_origin(kind) is tuple:
        return _tuple(kind)
    if not isinstance(kind, type):  # X | None
        return _optional(next(each for each in get_args(kind) if each is not NoneType))
    test: Callable[[Any], bool]
    if kind in (int, float):
        allowed = (int,) if kind is int else (int, float)
        test = lambda value: type(value) in allowed and 0 <= value <= LARGEST  # noqa: E731
    elif issubclass(kind, (Enum, str)):
        test = lambda value: isinstance(value, kind)  # noqa: E731
    else:  # a datetime is a date too, but they do not compare
        test = lambda value: type(value) is kind  # noqa: E731

    def check(value: Any) -> None:
        if not test(value):
            raise TypeError(f"expected {kind.__name__}, not {value!r:.60}")

    return check


def _fields(kind: Any) -> Callable[[Any], None]:
    checks = {name: _check(hint) for name, hint in get_type_hints(kind).items()}

    def check(value: Any) -> None:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, not {value!r:.60}")
        for name, inner in checks.items():
            try:
                inner(getattr(value, name))
            except TypeError as error:
                raise TypeError(f"{kind.__name__}.{name}: {error}") from None

    return check


def _tuple(kind: Any) -> Callable[[Any], None]:
    arguments = get_args(kind)
    checks = [_check(each) for each in arguments if each is not Ellipsis]

    def check(value: Any) -> None:
        if not isinstance(value, tuple):
            raise TypeError(f"expected a tuple, not {value!r:.60}")
        if Ellipsis not in arguments and len(value) != len(checks):
            raise TypeError(f"expected {len(checks)} of them, not {len(value)}")
        for index, each in enumerate(value):
            checks[index % len(checks)](each)

    return check


def _optional(kind: Any) -> Callable[[Any], None]:
    inner = _check(kind)

    def check(value: Any) -> None:
        if value is not None:
            inner(value)

    return check
