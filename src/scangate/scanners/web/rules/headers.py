"""Response headers that tell browsers to protect the people who use a site."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.visit import Visit

_HELP: Final = "https://owasp.org/www-project-secure-headers/"
HSTS: Final = Rule(
    id="http-hsts-missing", title="HTTPS without Strict-Transport-Security", severity=Severity.LOW, cwes=("CWE-319",),
    why="a browser can be led to the site without TLS once more", controls=("NIST SP 800-52r2 3.2",), help=_HELP,
    fix="send `Strict-Transport-Security: max-age=31536000` or longer from {port} of {host}",
)  # fmt: skip
CSP: Final = Rule(
    id="http-header-csp-missing", title="No Content-Security-Policy", severity=Severity.LOW, cwes=("CWE-693",),
    why="a script that gets into a page runs there unhindered", help=_HELP,
    fix="send a Content-Security-Policy from {port} of {host}",
)  # fmt: skip
TYPES: Final = Rule(
    id="http-header-content-type-options-missing", title="No X-Content-Type-Options", severity=Severity.LOW,
    cwes=("CWE-693",), why="a browser may run as a script what was uploaded as something else", help=_HELP,
    fix="send `X-Content-Type-Options: nosniff` from {port} of {host}",
)  # fmt: skip
FRAMES: Final = Rule(
    id="http-header-frame-options-missing", title="Pages may be framed by anyone", severity=Severity.LOW,
    cwes=("CWE-1021",), why="another site can lay the page under its own, and have it clicked (clickjacking)",
    fix="send `frame-ancestors` in the Content-Security-Policy, or X-Frame-Options, from {port} of {host}", help=_HELP,
)  # fmt: skip
REFERRER: Final = Rule(
    id="http-header-referrer-policy-missing", title="No Referrer-Policy", severity=Severity.INFO, cwes=("CWE-200",),
    why="what is in the path of a page's URL may reach the sites that it links to", help=_HELP,
    fix="send `Referrer-Policy: strict-origin-when-cross-origin` or stricter from {port} of {host}",
)  # fmt: skip
DEPRECATED: Final = Rule(
    id="http-header-deprecated", title="A header is sent that protects nobody any more", severity=Severity.INFO,
    cwes=(), why="browsers ignore it, or it opens holes of its own", help=_HELP,
    fix="stop sending the deprecated headers from {port} of {host}",
)  # fmt: skip
RULES: Final = (HSTS, CSP, TYPES, FRAMES, REFERRER, DEPRECATED)
_OLD: Final = ("public-key-pins", "expect-ct", "feature-policy", "x-webkit-csp", "x-content-security-policy")
_AGE: Final = re.compile(r"max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_HALF_A_YEAR: Final = 15_552_000


def check(visit: Visit) -> Iterator[Hit]:
    """Look at pages only: an API's answers are not shown, and a redirect's are not looked at."""
    if visit.tls:
        yield from _hsts(visit)
    page = next((page for page in visit.pages if page.answer.status == 200 and page.answer.is_page), None)  # noqa: PLR2004
    if page is None:
        return
    answer, at = page.answer, (("page", page.path),)
    policy = answer.get("content-security-policy").lower()
    if not policy:
        yield Hit(rule=CSP, said=f"{visit.where} sent none with {page.path}", facts=at)
    if "nosniff" not in answer.get("x-content-type-options").lower():
        yield Hit(rule=TYPES, said=f"{visit.where} sent none with {page.path}", facts=at)
    framed = answer.get("x-frame-options").strip().lower()
    if "frame-ancestors" not in policy and not framed.startswith(("deny", "sameorigin")):
        said = f"{visit.where} sent neither frame-ancestors nor X-Frame-Options with {page.path}"
        yield Hit(rule=FRAMES, said=said, facts=at)
    if not answer.get("referrer-policy"):
        yield Hit(rule=REFERRER, said=f"{visit.where} sent none with {page.path}", facts=at)
    old = [name for name in _OLD if answer.get(name)]
    if answer.get("x-xss-protection").strip().startswith("1"):
        old.append("x-xss-protection")
    if old:
        yield Hit(rule=DEPRECATED, said=f"{visit.where} sent {', '.join(old)}", facts=at)


def _hsts(visit: Visit) -> Iterator[Hit]:
    sent = visit.front.all("strict-transport-security")[:1]  # browsers heed the first alone (RFC 6797)
    age = _AGE.search(sent[0]) if sent else None
    if not sent:
        yield Hit(rule=HSTS, said=f"{visit.where} sent no Strict-Transport-Security")
    elif age is None or int(age[1]) < _HALF_A_YEAR:
        lasts = f"lasts {age[1]} seconds" if age else "names no max-age"
        yield Hit(rule=HSTS, said=f"Strict-Transport-Security of {visit.where} {lasts}, less than half a year")
