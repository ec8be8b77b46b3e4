"""From validated plain values to the types of the model.

The schema has spoken by now: nothing here talks to the user.
"""

from datetime import date
from enum import IntEnum
from functools import cache

import cattrs


@cache
def converter() -> cattrs.Converter:
    """Lower-case words name members of ordered enumerations; dates are ISO; keys that no type knows are an error."""
    made = cattrs.Converter(forbid_extra_keys=True, prefer_attrib_converters=True)
    made.register_structure_hook(IntEnum, lambda text, kind: kind[text.upper()])
    made.register_structure_hook(date, lambda text, _kind: date.fromisoformat(text))
    return made
