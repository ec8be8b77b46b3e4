"""FIRST's Exploit Prediction Scoring System: https://www.first.org/epss/data_stats, as CSV, gzipped or plain.

#model_version:v2025.03.14,score_date:2026-11-20T12:55:00Z
cve,epss,percentile
CVE-2023-44487,0.94434,0.99987
"""

import re
import zlib
from datetime import date
from typing import Final

from scangate.advisories.kev import CVE
from scangate.advisories.schema import Likelihood, Rejections
from scangate.errors import ScangateError

URL: Final = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"
MAX_TEXT: Final = 256 * 2**20
"""Bytes of the CSV: forty times what it is today."""
_GZIP: Final = b"\x1f\x8b"
_HEAD: Final = re.compile(r"#model_version:([^,]{1,40}),score_date:(\d{4}-\d\d-\d\d)", re.ASCII)
_COLUMNS: Final = "cve,epss,percentile"
_NUMBER: Final = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,20})?(?:[eE]-[0-9]{1,3})?")


def read(raw: bytes, rejections: Rejections) -> tuple[tuple[Likelihood, ...], date | None, str]:
    """Give the scores, their day, and the version of the model. Raises ScangateError when they are none."""
    lines = iter(_unpacked(raw).decode("ascii", errors="replace").splitlines())
    first = next(lines, "")
    head = _HEAD.match(first)
    columns = next(lines, "") if first.startswith("#") else first
    if columns.replace(" ", "") != _COLUMNS:
        raise ScangateError(f"its columns are {columns[:80]!r}: expected {_COLUMNS}")
    found = {}
    for number, line in enumerate(lines, 3):
        try:
            each = _likelihood(line)
        except ValueError as error:
            rejections.add(f"line {number}", str(error))
        else:
            found[each.cve] = each
    return tuple(found.values()), _day(head[2]) if head else None, head[1] if head else ""


def _unpacked(raw: bytes) -> bytes:
    if not raw.startswith(_GZIP):
        return raw
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(raw, MAX_TEXT)
    except zlib.error as error:
        raise ScangateError(f"it cannot be unpacked: {error}") from None
    if unpacker.unconsumed_tail:
        raise ScangateError(f"it unpacks to more than {MAX_TEXT} bytes")
    if not unpacker.eof:
        raise ScangateError("it ends in the middle")
    return text


def _likelihood(line: str) -> Likelihood:
    cve, *numbers = line.split(",")
    if not CVE.fullmatch(cve):
        raise ValueError(f"no CVE: {cve[:40]!r}")
    if len(numbers) != 2 or not all(_NUMBER.fullmatch(each) for each in numbers):  # noqa: PLR2004 - epss, percentile
        raise ValueError(f"{cve}: expected two numbers, not {','.join(numbers)[:60]!r}")
    probability, percentile = map(float, numbers)
    if max(probability, percentile) > 1:
        raise ValueError(f"{cve}: {probability}, {percentile} are no shares of 1")
    return Likelihood(cve=cve, probability=probability, percentile=percentile)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
