"""JSON and TOML out of an image: bounded, and of the shape it should have, or a ValueError that says what is wrong.

Values come from an attacker. The accessors below give something empty for what is not there or of another type.
"""

import json
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from scangate.rootfs.files import File

MAX_BYTES: Final = 32 * 2**20
"""Bytes of one document; the largest lock files there are have a tenth of it."""
_LONGEST: Final = 4096
"""Characters of a name, a version or an address."""


def content(file: File, limit: int = MAX_BYTES) -> bytes:
    """Return all of a file. Raises ValueError when it is too large."""
    if file.size > limit:
        raise ValueError(f"it has {file.size} bytes: at most {limit} are read of such a file")
    return file.read()


def read_json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("it is not valid JSON") from None


def read_toml(data: bytes) -> Mapping[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError, TypeError):
        raise ValueError("it is not valid TOML") from None


def table(value: Any, key: str = "") -> Mapping[str, Any]:
    """Return a mapping, or that under a key of it."""
    value = table(value).get(key) if key else value
    return value if isinstance(value, dict) else {}


def tables(value: Any) -> list[Mapping[str, Any]]:
    """Return the mappings of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(value: Any, key: str = "") -> str:
    """Return a text, or that under a key of a mapping, without space around it. One that is very long is none."""
    value = table(value).get(key) if key else value
    return value.strip() if isinstance(value, str) and len(value) <= _LONGEST else ""


def texts(value: Any) -> list[str]:
    """Return the texts of a list; one text is a list of itself."""
    values = value if isinstance(value, list) else [value]
    return [found for each in values if (found := text(each))]


def required(value: Any, key: str, kind: type, what: str) -> Any:
    """Return what is under a key. Raises ValueError when it is not there: then this is no such file, or broken."""
    found = table(value).get(key)
    if not isinstance(found, kind):
        raise ValueError(f"it is no {what}: `{key}` is not there, or is something else")  # noqa: TRY004 - input, not use
    return found
