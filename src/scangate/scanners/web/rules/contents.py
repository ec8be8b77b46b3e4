"""What pages are: listings of folders, default pages, and whom to tell about holes."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.page import Page
from scangate.scanners.web.visit import Visit

LISTING: Final = Rule(
    id="http-directory-listing", title="A folder's contents are listed", severity=Severity.MEDIUM, cwes=("CWE-548",),
    why="anyone sees, and takes, what nobody linked to", fix="turn off directory listings on {port} of {host}",
    controls=("PCI DSS 4.0.1 2.2.6",),
)  # fmt: skip
DEFAULT: Final = Rule(
    id="http-default-page", title="A page is shown that came with the server", severity=Severity.INFO,
    cwes=("CWE-1188",), why="nobody has set the server up, or nobody needs it",
    fix="replace the default page on {port} of {host}, or close the port",
)  # fmt: skip
SECURITY_TXT: Final = Rule(
    id="http-security-txt", title="Nobody to tell about a hole", severity=Severity.INFO, cwes=(),
    why="whoever finds a hole does not know whom to tell (RFC 9116)", help="https://securitytxt.org/",
    fix="serve /.well-known/security.txt with Contact and Expires on {port} of {host}",
)  # fmt: skip
RULES: Final = (LISTING, DEFAULT, SECURITY_TXT)
_FOLDERS: Final = ("/files/", "/uploads/", "/images/", "/backup/", "/static/", "/assets/", "/icons/")
_LISTED: Final = re.compile(r"<title>\s*(?:Index of|Directory listing for|Directory:) ?/", re.IGNORECASE)
_LISTED_BODY: Final = (
    b"<h1>Index of /",
    b"<h1>Directory listing for /",
    b"[To Parent Directory]",
    b"Parent Directory</a>",
)
_TITLES: Final = (
    "welcome to nginx", "apache2 debian default page", "apache2 ubuntu default page", "apache http server test page",
    "iis windows server", "apache tomcat", "welcome to caddy", "it works!", "test page for the", "caddy works!",
    "welcome to openresty", "default web site page",
)  # fmt: skip
_SIGNED: Final = 4_000


def check(visit: Visit) -> Iterator[Hit]:
    yield from _listing(visit)
    if visit.pages and (title := _default(visit.pages[0])):
        yield Hit(rule=DEFAULT, said=f"{visit.where} shows `{title}`", facts=(("title", title),))
    if visit.tls:
        yield from _contact(visit)


def _listing(visit: Visit) -> Iterator[Hit]:
    listed = [page.path for page in visit.pages if page.answer.status == 200 and _is_listing(page.answer.body)]  # noqa: PLR2004
    known = {page.path for page in visit.pages}
    for path in _FOLDERS:
        if listed:
            break
        answer = None if path in known else visit.get(path)
        if answer and answer.status == 200 and _is_listing(answer.body):  # noqa: PLR2004
            listed.append(path)
    if listed:
        paths = ", ".join(path[:100] for path in listed[:5])
        yield Hit(rule=LISTING, said=f"{visit.where} lists {paths}", facts=(("folders", paths),))


def _is_listing(body: bytes) -> bool:
    start = body[:_SIGNED]
    return bool(_LISTED.search(start.decode("utf-8", "replace"))) or any(words in start for words in _LISTED_BODY)


def _default(page: Page) -> str:
    title = page.title.lower()
    return page.title if any(title.startswith(words) for words in _TITLES) else ""


def _contact(visit: Visit) -> Iterator[Hit]:
    answer = visit.get("/.well-known/security.txt")
    lines = answer.text.splitlines()[:500] if answer and answer.status == 200 and not answer.looks_like_html else []  # noqa: PLR2004
    fields = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    if "contact" not in fields:
        yield Hit(rule=SECURITY_TXT, said=f"{visit.where} serves no security.txt with a Contact")
        return
    try:
        ends = datetime.fromisoformat(fields.get("expires", ""))
    except ValueError:
        yield Hit(rule=SECURITY_TXT, said=f"security.txt of {visit.where} has no date in Expires")
        return
    day = (ends if ends.tzinfo is None else ends.astimezone(UTC)).date()
    if day < visit.ctx.today:
        yield Hit(rule=SECURITY_TXT, said=f"security.txt of {visit.where} expired on {day}")
