"""Methods that echo or change. TRACE is sent; what changes something is read from OPTIONS and never sent."""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.visit import Visit

TRACE: Final = Rule(
    id="http-method-trace", title="TRACE is answered", severity=Severity.MEDIUM, cwes=("CWE-693",),
    why="it echoes requests, with what proxies on the way and browsers put into them (cookies, logins)",
    fix="turn off TRACE on {port} of {host}", controls=("PCI DSS 4.0.1 2.2.6",),
)  # fmt: skip
WRITE: Final = Rule(
    id="http-method-write", title="Methods that change files are offered", severity=Severity.MEDIUM, cwes=("CWE-650",),
    why="where they need no login anyone replaces or removes what is served",
    fix="turn off PUT, DELETE and WebDAV on {port} of {host}, or require a login for them",
    controls=("PCI DSS 4.0.1 2.2.6",),
)  # fmt: skip
RULES: Final = (TRACE, WRITE)
_PROOF: Final = "scangate-trace"
_WRITES: Final = ("PUT", "DELETE", "PROPFIND", "MKCOL", "MOVE", "COPY", "PROPPATCH")


def check(visit: Visit) -> Iterator[Hit]:
    """TRACE is proved by its echo; the others are the server's own word, for `/`, and so potential."""
    echoed = visit.get("/", method="TRACE", headers=(("X-Scangate", _PROOF),))
    if echoed and echoed.status == 200 and _PROOF.encode() in echoed.body and b"TRACE /" in echoed.body:  # noqa: PLR2004
        yield Hit(rule=TRACE, said=f"{visit.where} echoed a TRACE request with its headers")
    offered = visit.get("/", method="OPTIONS")
    if offered is None or offered.status >= 400:  # noqa: PLR2004 - an error
        return
    allowed = {each.strip().upper() for each in offered.get("allow").split(",")}
    if named := [method for method in _WRITES if method in allowed]:
        said = f"{visit.where} names {', '.join(named)} in Allow"
        yield Hit(rule=WRITE, said=said, confidence=Confidence.POTENTIAL, facts=(("methods", ", ".join(named)),))
