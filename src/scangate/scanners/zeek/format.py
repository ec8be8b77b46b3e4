"""Lines of a Zeek log as rows: its own format, whose header may come again and change, and JSON."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

Row = Mapping[str, Any]

_ESCAPE: Final = re.compile(rb"\\x([0-9A-Fa-f]{2})")
_FIELDS: Final = 500
_SEPARATOR: Final = 8


class Rows:
    """Reads one file. What it yields is a row, or None for a line that is none."""

    def __init__(self) -> None:
        self.path = ""
        """What the header says the log is; empty without a header."""
        self._separator = "\t"
        self._within = ","
        self._empty = "(empty)"
        self._unset = "-"
        self._fields: list[str] = []

    def read(self, lines: Iterable[bytes]) -> Iterator[Row | None]:
        """Read in order. Values are text, or whatever JSON has; what is unset is not in the row."""
        for line in lines:
            if line.startswith(b"#"):
                self._header(line.decode(errors="replace"))
            elif line.lstrip()[:1] == b"{":
                yield _json(line)
            elif line:
                yield self._row(line.decode(errors="replace"))

    def several(self, value: object) -> tuple[str, ...]:
        """Give the members of a set or a vector."""
        if isinstance(value, list):
            return tuple(str(each) for each in value[:_FIELDS])
        if not isinstance(value, str) or value in {"", self._empty}:
            return ()
        return tuple(unescaped(each) for each in value.split(self._within)[:_FIELDS])

    def _header(self, line: str) -> None:
        if line.startswith("#separator "):
            found = unescaped(line.removeprefix("#separator ").strip(" "))
            self._separator = found if 0 < len(found) <= _SEPARATOR else "\t"
            return
        name, _separator, rest = line.partition(self._separator)
        match name:
            case "#set_separator":
                self._within = unescaped(rest) or ","
            case "#empty_field":
                self._empty = rest
            case "#unset_field":
                self._unset = rest
            case "#path":
                self.path = rest
            case "#fields":
                self._fields = rest.split(self._separator)[:_FIELDS]

    def _row(self, line: str) -> Row | None:
        values = line.split(self._separator)
        if not self._fields or len(values) != len(self._fields):
            return None
        return {name: value for name, value in zip(self._fields, values, strict=True) if value != self._unset}


def unescaped(text: str) -> str:
    r"""Write `\x09` as the byte that it stands for, and read them as UTF-8."""
    if "\\x" not in text:
        return text
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), text.encode(errors="replace")).decode(errors="replace")


def _json(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return {name: value for name, value in row.items() if value is not None} if isinstance(row, dict) else None
