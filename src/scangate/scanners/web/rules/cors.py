"""Whom a server lets read answers with the cookies of who is logged in."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.visit import Visit

CORS: Final = Rule(
    id="http-cors-credentials", title="Any site may read answers with a visitor's cookies", severity=Severity.HIGH,
    cwes=("CWE-942",), why="a page elsewhere reads, in the name of who is logged in here, what only they may see",
    fix="name the origins that may read answers of {port} on {host} with credentials",
    controls=("PCI DSS 4.0.1 6.2.4",), help="https://developer.mozilla.org/docs/Web/HTTP/CORS",
)  # fmt: skip
RULES: Final = (CORS,)
_STRANGER: Final = "https://scangate.invalid"


def check(visit: Visit) -> Iterator[Hit]:
    """Ask as a page of a site that nobody has, and as one without a site (`null`, which any page can be)."""
    for origin in (_STRANGER, "null"):
        answer = visit.get("/", headers=(("Origin", origin),))
        if answer is None or answer.get("access-control-allow-credentials").strip().lower() != "true":
            continue
        if answer.get("access-control-allow-origin").strip() == origin:
            yield Hit(rule=CORS, said=f"{visit.where} allows the origin `{origin}` with credentials")
            return
