"""Any report that the types allow, for laws."""

import types
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from scangate.core.model import Report

# Surrogates and control characters too: the model is cleaned by the pipeline, and a reporter must not rely on it.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
FINGERPRINTS = st.text("0123456789abcdef", min_size=64, max_size=64)
TIMES = st.datetimes().map(lambda each: each.replace(microsecond=0).isoformat() + "Z")
_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(0, 2**53 - 1),
    float: st.floats(0, 2**53 - 1),
    date: st.dates(),
    type(None): st.none(),
}


def reports() -> st.SearchStrategy[Report]:
    return _strategy(Report)


@cache
def _strategy(kind: Any) -> st.SearchStrategy[Any]:
    if kind in _SCALARS:
        return _SCALARS[kind]
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if Ellipsis in inner:
            return st.lists(_strategy(inner[0]), max_size=2).map(tuple)
        return st.tuples(*map(_strategy, inner))
    if get_origin(kind) in (Union, types.UnionType):
        return st.one_of(*map(_strategy, get_args(kind)))
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    special = {"fingerprint": FINGERPRINTS, "started": TIMES}
    parts = {
        name: special[name] if name in special else _strategy(hints[name])
        for name in (each.name for each in fields(kind))
    }
    return st.builds(kind, **parts)
