"""CISA's Known Exploited Vulnerabilities: https://www.cisa.gov/known-exploited-vulnerabilities-catalog, as JSON."""

import json
import re
from datetime import date
from typing import Any, Final

from scangate.advisories.schema import Exploited, Rejections
from scangate.errors import ScangateError

URL: Final = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")


def read(raw: bytes, rejections: Rejections) -> tuple[tuple[Exploited, ...], date | None, str]:
    """Give its lines, the day it was released, and its version. Raises ScangateError when it is no such list."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ScangateError(f"it is no JSON: {str(error)[:200]}") from None
    lines = document.get("vulnerabilities") if isinstance(document, dict) else None
    if not isinstance(lines, list):
        raise ScangateError("it has no list `vulnerabilities`: expected CISA's known_exploited_vulnerabilities.json")
    if isinstance(count := document.get("count"), int) and count != len(lines):
        raise ScangateError(f"it says that it has {count} entries, and has {len(lines)}: it is incomplete")
    found = {}
    for number, line in enumerate(lines):
        try:
            each = _exploited(line)
        except (AttributeError, TypeError, ValueError) as error:
            rejections.add(f"vulnerabilities[{number}]", str(error))
        else:
            found[each.cve] = each
    return tuple(found.values()), _day(document.get("dateReleased")), _text(document.get("catalogVersion"))


def _exploited(line: Any) -> Exploited:
    cve = line.get("cveID")
    if not (isinstance(cve, str) and CVE.fullmatch(cve)):
        raise ValueError(f"no usable `cveID`: {str(cve)[:40]!r}")
    if not (added := _day(line.get("dateAdded"))):
        raise ValueError(f"{cve}: no usable `dateAdded`")
    ransomware = line.get("knownRansomwareCampaignUse") == "Known"
    return Exploited(cve=cve, added=added, due=_day(line.get("dueDate")), ransomware=ransomware)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(value: object) -> str:
    return value[:40] if isinstance(value, str) else ""
