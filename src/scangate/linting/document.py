"""A SARIF file as it lies there: bytes that may be no text, text that may be no JSON, JSON that may be anything."""

import codecs
import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scangate.errors import UsageError

LARGEST: Final = 128 * 2**20
"""Bytes of a file that is looked into; no receiver takes a tenth of it."""
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`log` is what the file says, empty when it cannot be read. `flaws`: rule and words for what is wrong with bytes.

    `size` is in bytes, `packed` after compression.
    """

    log: dict[str, Any]
    size: int
    packed: int
    flaws: tuple[tuple[str, str], ...] = field(default=())


def read(path: Path) -> Document:
    """Read a file. Raises UsageError when it is not there, cannot be read, or is larger than LARGEST."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", advice="name a SARIF file that can be read") from error
    if len(content) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST >> 20} MiB", advice="no receiver takes it: split it")
    return parse(content)


def parse(content: bytes) -> Document:
    """Take a file's bytes apart; never fails."""
    flaws: list[tuple[str, str]] = []
    text = _decoded(content, flaws)
    log: Any = {}
    try:
        log = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        flaws.append(("not-json", "it is nested too deeply"))
    except ValueError as error:
        flaws.append(("not-json", f"it is no JSON: {error}"))
    if not isinstance(log, dict):
        flaws.append(("not-json", f"it holds {_kind(log)}, where an object is expected"))
        log = {}
    packed = len(gzip.compress(content, mtime=0))
    return Document(log=log, size=len(content), packed=packed, flaws=tuple(flaws))


def write(path: Path, log: dict[str, Any]) -> None:
    """Write a log in one line of ASCII. Raises UsageError when that cannot be done."""
    try:
        path.write_text(text_of(log), encoding="ascii")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", advice="check the folder and its permissions") from error


def text_of(log: dict[str, Any]) -> str:
    """Write a log as text. Anything that came out of JSON goes back into it."""
    return json.dumps(log) + "\n"


def _decoded(content: bytes, flaws: list[tuple[str, str]]) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            flaws.append(("byte-order-mark", f"it begins with the byte order mark of {encoding.upper()}"))
            return content[len(mark) :].decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        flaws.append(("not-utf-8", f"the byte at {error.start:,} is no UTF-8"))
        return content.decode(errors="replace")


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _kind(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")
