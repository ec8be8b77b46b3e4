"""SARIF objects to JSON. What was set is written, also when it equals a default of the standard.

jschema_to_python, which comes from the makers of sarif-om, drops every value that equals its class's default: an
explicit `level: warning` vanishes, and the reader takes the rule's `error`.
"""

import json
from functools import cache
from typing import Any, Final

import attr

from scangate.reporters.outline import inert

_UNSET: Final = -1
"""sarif-om's word for "no number": it must not leak, a `rank` of -1 would be read as the lowest severity."""
_NOISE: Final = frozenset({"contents", "newlineSequences", "language", "kind", "enabled"})
"""Properties whose defaults say nothing, and would be repeated in every object."""


def to_json(log: Any) -> str:
    """Write a log in one line; property bags (plain mappings) pass as they are."""
    return inert(json.dumps(_plain(log), allow_nan=False)) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    return {
        name: _plain(each)
        for attribute, name, default in _properties(value.__class__)
        if (each := getattr(value, attribute)) is not None and each not in (_UNSET, default)
    }


@cache
def _properties(kind: type) -> tuple[tuple[str, str, Any], ...]:
    """Attribute, name in the standard, and the value not worth writing; what tells readers the format comes first."""
    found = [
        (each.name, name := each.metadata["schema_property_name"], _default(each) if name in _NOISE else None)
        for each in attr.fields(kind)
    ]
    return tuple(sorted(found, key=lambda each: each[1] not in {"$schema", "version"}))


def _default(attribute: Any) -> Any:
    default = attribute.default
    return default.factory() if isinstance(default, attr.Factory) else default  # type: ignore[arg-type]
