"""From a file to a Document: which format it is, and whether it is small enough to be read."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

from scangate.core.text import clean
from scangate.errors import ScanError
from scangate.inventory.sbom import cyclonedx, cyclonedx_xml, spdx
from scangate.inventory.sbom.component import Document

MAX_SIZE: Final = 256 * 2**20
"""Bytes of a document; those of images with 10,000 packages have 20 MiB."""
MAX_VALUES: Final = 5_000_000
"""Commas and brackets in JSON, tags in XML: each may become an object in memory, of up to two hundred bytes."""
EXPECTED: Final = "CycloneDX (JSON or XML) or SPDX 2.3 (JSON)"
_ADVICE: Final = f"give a bill of materials in {EXPECTED}"
_SHOWN: Final = 60
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def load(path: Path, check: Callable[[], None]) -> Document:
    """Read a file of any of the formats. Raises ScanError."""
    return parse(_content(path), what=str(path), check=check)


def parse(content: bytes, *, what: str, check: Callable[[], None] = lambda: None) -> Document:
    """Read a document of any of the formats. `what` names it in errors. Raises ScanError."""
    if len(content) > MAX_SIZE:
        _refuse(what, f"it is larger than {MAX_SIZE >> 20} MiB")
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\0<")):
        if content.count(b"<") > MAX_VALUES:
            _refuse(what, f"it has more than {MAX_VALUES:,} tags")
        return cyclonedx_xml.read(content, what, check)
    data = _json(content, what)
    if not isinstance(data, dict):
        _refuse(what, f"it is no {EXPECTED}: its top is no JSON object")
    if "bomFormat" in data or "specVersion" in data:
        return cyclonedx.read(data, what, check)
    if "spdxVersion" in data:
        return spdx.read(data, what, check)
    if "@graph" in data or "@context" in data:
        _refuse(what, "SPDX 3 is not read yet", "have it written as SPDX 2.3 or CycloneDX")
    names = ", ".join(clean(each, _SHOWN) for each in list(data)[:5]) or "nothing"
    return _refuse(what, f"it is no {EXPECTED}: at its top are {names}")


def _content(path: Path) -> bytes:
    try:
        with open(path, "rb", opener=_opener) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                _refuse(str(path), "it is no file")
            return file.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ScanError(f"{path} cannot be read: {reason}", advice="check the path of the SBOM") from None


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe does not block


def _json(content: bytes, what: str) -> Any:
    if not content.strip():
        _refuse(what, "it is empty")
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_VALUES:
        _refuse(what, f"it has more than {MAX_VALUES:,} values")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return json.loads(content.decode(encoding))
    except json.JSONDecodeError as error:
        _refuse(what, f"line {error.lineno}: it is neither JSON nor XML, or was cut off ({error.msg})")
    except RecursionError:
        _refuse(what, "it is nested too deeply")
    except ValueError as error:  # not UTF-8, or a number of thousands of digits
        _refuse(what, f"it is not JSON: {clean(str(error), 200)}")


def _refuse(what: str, why: str, advice: str = _ADVICE) -> NoReturn:
    raise ScanError(f"{what} cannot be read as an SBOM: {why}", advice=advice) from None
