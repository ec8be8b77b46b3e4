"""Only what changed: the list of an export's records is compared with what is held, and the difference is fetched.

OSV's exports have a `modified_id.csv`, `2024-08-15T00:05:00Z,GHSA-xxxx` on each line. What is not listed any more is
asked for all the same before it is taken out, so that half a list takes nothing out.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from scangate import http
from scangate.advisories import archive
from scangate.errors import ScangateError

LIST: Final = "modified_id.csv"
MAX_LIST: Final = 128 * 2**20
AT_ONCE: Final = 8
"""Records that are fetched at the same time."""
_FEW: Final = 100
_SHARE: Final = 50
_MANY: Final = 2_000
_MAX_BYTES: Final = 256 * 2**20
_LINE: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)),(?:[^,]{1,160}/)?([A-Za-z0-9][\w.:+-]{0,119})",
    re.ASCII,
)
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d*))?(?:Z|\+00:00)?", re.ASCII)


class WholeError(ScangateError):
    """The difference cannot be told, or is not worth it: the whole export is to be fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Records to ask for, by name: those `changed` since, new ones included, and those not listed any more."""

    changed: tuple[str, ...]
    unlisted: tuple[str, ...]


def listing(raw: bytes) -> dict[str, str]:
    """Read a list: `modified` by name. Of a list for all ecosystems, give it the lines of one. Raises WholeError."""
    found = {}
    for number, line in enumerate(raw.decode(errors="replace").splitlines(), 1):
        if not (match := _LINE.fullmatch(line)):
            raise WholeError(f"{LIST}, line {number}: expected a time and an id, not {line[:80]!r}")
        found[match[2]] = match[1]
    return found


def newest(listed: Mapping[str, str]) -> date | None:
    """Give the day of the latest change."""
    try:
        return date.fromisoformat(max(listed.values(), default="")[:10])
    except ValueError:
        return None


def difference(listed: Mapping[str, str], known: Mapping[str, str]) -> Difference:
    """Compare. Raises WholeError when so much differs that the whole export is fetched sooner."""
    changed = tuple(sorted(name for name, modified in listed.items() if not _equal(modified, known.get(name, ""))))
    unlisted = tuple(sorted(known.keys() - listed.keys()))
    worth = min(_MANY, max(_FEW, len(known) // _SHARE))
    if (count := len(changed) + len(unlisted)) > worth:
        raise WholeError(f"{count} records differ from the {len(known)} that are here")
    return Difference(changed=changed, unlisted=unlisted)


def fetch(folder: str, found: Difference, check: Callable[[], None]) -> dict[str, bytes]:
    """Ask for each record; one that is answered with 404 is not in what this gives. Raises ScangateError."""
    size = 0
    answers: dict[str, bytes] = {}
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="advisories")
    try:
        wanted = sorted((*found.changed, *found.unlisted))
        for name, raw in zip(wanted, pool.map(lambda each: _one(folder, each, check), wanted), strict=True):
            if raw is not None:
                answers[name] = raw
                size += len(raw)
            if size > _MAX_BYTES:
                raise WholeError(f"what changed is larger than {_MAX_BYTES} bytes")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    if again := [name for name in found.unlisted if name in answers]:
        raise WholeError(f"{LIST} does not list {again[0]}, which is there")
    return answers


def _one(folder: str, name: str, check: Callable[[], None]) -> bytes | None:
    try:
        return http.get(f"{folder}/{quote(name, safe='')}.json", max_bytes=archive.MAX_RECORD, check=check).body
    except http.HttpError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise WholeError(error.message) from error


def contents(answers: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Give (file name, content), sorted."""
    yield from ((f"{name}.json", raw) for name, raw in sorted(answers.items()))


def _equal(listed: str, held: str) -> bool:
    """Compare two moments, as exactly as the less exact of them is written."""
    one, other = _STAMP.fullmatch(listed), _STAMP.fullmatch(held)
    if not one or not other or one[1].replace(" ", "T") != other[1].replace(" ", "T"):
        return False
    digits = min(len(one[2] or ""), len(other[2] or ""))
    return (one[2] or "")[:digits] == (other[2] or "")[:digits]
