"""What goes over the wire without TLS: whole sites, logins, and parts of pages that came with it."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.cleartext import HTTP_LOGIN
from scangate.scanners.web.page import read
from scangate.scanners.web.visit import Visit

REDIRECT: Final = Rule(
    id="http-no-https-redirect", title="Pages are served without TLS", severity=Severity.MEDIUM, cwes=("CWE-319",),
    why="whoever is on the way reads and changes them", controls=("NIST SP 800-52r2",),
    fix="redirect everything on {port} of {host} to https",
)  # fmt: skip
MIXED: Final = Rule(
    id="http-mixed-content", title="A page that came with TLS loads parts without it", severity=Severity.MEDIUM,
    cwes=("CWE-311",), why="whoever is on the way can change the page through them",
    fix="load scripts, styles and frames of {port} on {host} by https",
)  # fmt: skip
FORM: Final = Rule(
    id="http-form-cleartext", title="A form on a page that came with TLS is sent without it", severity=Severity.MEDIUM,
    worst=Severity.HIGH, cwes=("CWE-319",), why="whoever is on the way reads what was typed into it",
    fix="send the forms of {port} on {host} by https",
)  # fmt: skip
RULES: Final = (REDIRECT, HTTP_LOGIN, MIXED, FORM)
_LOGINS: Final = ("/login", "/login.html", "/login.php", "/signin", "/admin/", "/user/login", "/wp-login.php")
"""Paths that are tried when no page that was read has a login."""


def check(visit: Visit) -> Iterator[Hit]:
    if visit.tls:
        yield from _parts(visit)
        return
    page = next((page for page in visit.pages if page.answer.status == 200 and page.answer.is_page), None)  # noqa: PLR2004
    if page is not None:
        said = f"{visit.where} served {page.path} without TLS"
        yield Hit(rule=REDIRECT, said=said, facts=(("page", page.path),))
    elif elsewhere := _elsewhere(visit):
        yield Hit(rule=REDIRECT, said=f"{visit.where} leads to {elsewhere}, also without TLS")
    yield from _login(visit)


def _elsewhere(visit: Visit) -> str:
    target = visit.front.get("location")
    try:
        split = urlsplit(target)
    except ValueError:
        return ""
    return f"http://{split.netloc[:200]}" if split.scheme == "http" and split.netloc else ""


def _login(visit: Visit) -> Iterator[Hit]:
    for page in visit.pages:
        if _asks(page.answer.get("www-authenticate")):
            yield _hit(visit, page.path, "asks for a password by HTTP Basic authentication")
            return
        if any(form.password and not form.action.startswith("https:") for form in page.forms):
            yield _hit(visit, page.path, "has a form for a password")
            return
    for path in _LOGINS:
        answer = visit.get(path)
        if answer is None or visit.is_soft_404(path, answer):
            continue
        if answer.status == 401 and _asks(answer.get("www-authenticate")):  # noqa: PLR2004 - Unauthorized
            yield _hit(visit, path, "asks for a password by HTTP Basic authentication")
            return
        if answer.status == 200 and any(form.password for form in read(path, answer, f"http://{visit.where}").forms):  # noqa: PLR2004
            yield _hit(visit, path, "has a form for a password")
            return


def _asks(challenge: str) -> bool:
    return challenge.lower().startswith("basic") or ", basic" in challenge.lower()


def _hit(visit: Visit, path: str, said: str) -> Hit:
    return Hit(rule=HTTP_LOGIN, said=f"{visit.where} {said} at {path[:200]}", facts=(("page", path),))


def _parts(visit: Visit) -> Iterator[Hit]:
    loads = [(page.path, url) for page in visit.pages for url in page.loads if url.startswith("http:")]
    if loads:
        path, url = loads[0]
        facts = (("page", path), ("loads", url))
        yield Hit(rule=MIXED, said=f"{path[:200]} of {visit.where} loads {url[:200]}", facts=facts)
    forms = [(page.path, form) for page in visit.pages for form in page.forms if form.action.startswith("http:")]
    if forms:
        path, form = max(forms, key=lambda each: each[1].password)
        said = f"a form of {path[:200]} on {visit.where} is sent to {form.action[:200]}"
        yield Hit(rule=FORM, said=said, severity=FORM.worst if form.password else None, facts=(("page", path),))
