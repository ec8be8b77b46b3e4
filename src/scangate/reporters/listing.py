"""JSON for machines that a person can review: an array with one object on each line."""

import json
from collections.abc import Iterable
from typing import Any

from scangate.reporters.outline import inert


def array(objects: Iterable[Any]) -> str:
    """Write the array without a newline at its end. Every character is ASCII."""
    body = ",\n  ".join(json.dumps(each, allow_nan=False) for each in objects)
    return inert(f"[\n  {body}\n]" if body else "[]")
