"""The types of the model to JSON values and back, strictly: a value of another type is refused, never coerced.

Enums go by their lower-case name (numbers) or their value (words), dates as ISO 8601, tuples as arrays.
"""

import math
import re
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum, IntEnum, StrEnum
from functools import cache
from typing import Any, Final, get_args, get_origin

from cattrs import Converter
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.gen import make_dict_structure_fn, override

from scangate.core.model import Decision, Report
from scangate.core.text import clean

LARGEST: Final = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly."""
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")


@cache
def converter() -> Converter:
    """Make the converter, once: cattrs writes and compiles a function for each type."""
    made = Converter(forbid_extra_keys=True, detailed_validation=True)
    made.register_structure_hook_factory(_is_array, _array)
    made.register_structure_hook_factory(is_dataclass, _object)
    for kind, build in _SCALARS.items():
        made.register_structure_hook(kind, build)
    made.register_unstructure_hook(IntEnum, _name)
    made.register_unstructure_hook(date, date.isoformat)
    return made


def _is_array(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _array(kind: Any, inner: Converter) -> Callable[[Any, Any], Any]:
    if Ellipsis not in get_args(kind):
        return _pair
    build = homogenous_tuple_structure_factory(kind, inner)
    return lambda value, kind: build(_checked(value, list, "an array"), kind)


def _object(kind: Any, inner: Converter) -> Callable[[Any, Any], Any]:
    build = make_dict_structure_fn(
        kind, inner, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True, **_FORMS.get(kind, {})
    )
    return lambda value, kind: build(_checked(value, dict, "an object"), kind)


def _checked(value: Any, kind: type, expected: str) -> Any:
    if type(value) is not kind:
        raise _mismatch(value, expected)
    return value


def _mismatch(value: Any, expected: str) -> ValueError:
    return ValueError(f"expected {expected}, not {clean(value, 60) if type(value) is str else type(value).__name__}")


def _name(member: IntEnum) -> str:
    return member.name.lower()


@cache
def _members(kind: type[Enum]) -> dict[str, Enum]:
    return {_name(member) if isinstance(member, IntEnum) else str(member): member for member in kind}


def _enum(value: Any, kind: type[Enum]) -> Enum:
    members = _members(kind)
    if type(value) is str and value in members:
        return members[value]
    raise _mismatch(value, f"one of {', '.join(members)}")


def _pair(value: Any, _kind: Any) -> tuple[str, str]:
    if type(value) is list and list(map(type, value)) == [str, str]:
        return value[0], value[1]
    raise _mismatch(value, "an array of two texts")


def _text(value: Any, _kind: Any) -> str:
    return str(_checked(value, str, "a text"))


def _flag(value: Any, _kind: Any) -> bool:
    return bool(_checked(value, bool, "true or false"))


def _whole(value: Any, _kind: Any) -> int:
    if type(value) in (int, float) and 0 <= value <= LARGEST and value == int(value):
        return int(value)
    raise _mismatch(value, f"a whole number from 0 to {LARGEST}")


def _number(value: Any, _kind: Any) -> float:
    if type(value) in (int, float) and 0 <= value <= LARGEST and math.isfinite(value):
        return float(value)
    raise _mismatch(value, f"a number from 0 to {LARGEST}")


def _date(value: Any, _kind: Any) -> date:
    if type(value) is str and _DATE.fullmatch(value):
        return date.fromisoformat(value)
    raise _mismatch(value, "a date as in 2026-01-31")


def _time(value: Any, _kind: Any) -> str:
    if type(value) is str and _TIME.fullmatch(value):
        datetime.fromisoformat(value)
        return value
    raise _mismatch(value, "a time in UTC as in 2026-01-31T12:00:00Z")


def _fingerprint(value: Any, _kind: Any) -> str:
    if type(value) is str and _FINGERPRINT.fullmatch(value):
        return value
    raise _mismatch(value, "64 hex digits")


_SCALARS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    str: _text,
    bool: _flag,
    int: _whole,
    float: _number,
    date: _date,
    IntEnum: _enum,
    StrEnum: _enum,
}
_FORMS: Final[dict[type, dict[str, Any]]] = {
    Report: {"started": override(struct_hook=_time)},
    Decision: {"fingerprint": override(struct_hook=_fingerprint)},
}
