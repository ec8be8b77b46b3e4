"""What a bundle says about itself: which files it has, with size and sha256, and of which day the data in them are."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from scangate import __version__
from scangate.advisories import names
from scangate.advisories.sources import FEEDS
from scangate.errors import ScangateError

NAME: Final = "manifest.json"
FORMAT: Final = "scangate-bundle/1"
MAX: Final = 4 * 2**20
"""Bytes of a manifest."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PATH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .:+_()%-]*(?:/[A-Za-z0-9][A-Za-z0-9 .:+_()%-]*)*")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Part:
    """One file. `holds`: an ecosystem, KEV or EPSS. `as_of`: the day of the data; `source`: where they were fetched."""

    path: str
    holds: str
    source: str
    as_of: str
    size: int
    sha256: str

    @property
    def day(self) -> date:
        return date.fromisoformat(self.as_of)


def write(parts: tuple[Part, ...]) -> bytes:
    """Make the manifest's text."""
    document = {"format": FORMAT, "scangate": __version__, "files": [asdict(each) for each in sorted(parts)]}
    return json.dumps(document, indent=1, ensure_ascii=True).encode() + b"\n"


def read(raw: bytes) -> tuple[Part, ...]:
    """Read a manifest. Raises ScangateError with what is wrong in it."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ScangateError(f"{NAME} is no JSON: {str(error)[:200]}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ScangateError(f'{NAME} does not say "format": "{FORMAT}"', advice="use the scangate that made it")
    if not isinstance(files := document.get("files"), list):
        raise ScangateError(f"{NAME} has no list `files`")
    parts = tuple(_part(each, f"{NAME}: files[{number}]") for number, each in enumerate(files))
    for what in ("path", "holds"):
        seen = [getattr(each, what) for each in parts]
        if len(set(seen)) != len(seen):
            raise ScangateError(f"{NAME} names one {what} twice")
    return parts


def _part(value: Any, where: str) -> Part:
    try:
        part = Part(**value)
        if problem := _problem(part):
            raise ScangateError(f"{where}: {problem}")
    except (TypeError, ValueError) as error:
        wanted = "path, holds, source, as_of, size and sha256"
        raise ScangateError(f"{where}: expected {wanted}: {str(error)[:200]}") from None
    return part


def _problem(part: Part) -> str:
    texts = (part.path, part.holds, part.source, part.as_of, part.sha256)
    if not all(isinstance(each, str) and each.isprintable() for each in texts):
        return "expected printable texts"
    if type(part.size) is not int or part.size < 0:
        return "expected `size` to be a number"
    if not _PATH.fullmatch(part.path) or ".." in part.path:
        return f"the path {part.path[:100]!r} cannot be used"
    if not _DIGEST.fullmatch(part.sha256):
        return "expected `sha256` to be 64 hexadecimal digits"
    if part.holds not in FEEDS and not names.ECOSYSTEM.fullmatch(part.holds):
        return f"{part.holds[:100]!r} is no ecosystem, KEV or EPSS"
    return "" if part.day else "expected a day"
