"""Follow links on the same host and port, in a bounded way, and keep to robots.txt unless told otherwise."""

from collections import deque
from typing import Final

from scangate.scanners.web.client import authority
from scangate.scanners.web.page import Page, local, read
from scangate.scanners.web.visit import Visit

BYTES: Final = 5 * 2**20
"""Of all pages of one server."""
PAGE: Final = 256 * 2**10
_RULES: Final = 500


def crawl(visit: Visit, *, depth: int, pages: int, robots: bool) -> str:
    """Fill `visit.pages`, the front page first. Returns what was left out, as a sentence; "" for nothing."""
    base = f"{visit.scheme}://{authority(visit.endpoint, tls=visit.tls)}"
    barred = _barred(visit) if robots and depth else ()
    waiting = deque([("/", 0)])
    seen, total, kept_out = {"/"}, 0, 0
    while waiting and len(visit.pages) < pages and total < BYTES:
        path, level = waiting.popleft()
        answer = visit.front if path == "/" else visit.get(path, most=PAGE)
        if answer is None:
            continue
        total += len(answer.body)
        page = read(path, answer, base + path)
        visit.pages.append(page)
        if level >= depth:
            continue
        for each in _next(page, base):
            if each in seen:
                continue
            seen.add(each)
            if any(each.startswith(rule) for rule in barred):
                kept_out += 1
            elif len(waiting) < pages:
                waiting.append((each, level + 1))
    left = [f"{kept_out} paths that robots.txt asks to leave out"] if kept_out else []
    left += [f"{len(waiting)} links beyond the bounds of the crawl"] if waiting else []
    return " and ".join(left)


def _next(page: Page, base: str) -> list[str]:
    """Where a page leads on this server: links, and a redirect that stays here."""
    found = [local(url, base) for url in page.links]
    if 300 <= page.answer.status < 400 and (target := page.answer.get("location")):  # noqa: PLR2004 - redirects
        found.insert(0, local(target if "://" in target else f"{base}/{target.lstrip('/')}", base))
    return [path for path in found if path and not _ends_something(path)]


def _ends_something(path: str) -> bool:
    """Whether a link says that it changes something: a stranger's GET may not be safe."""
    words = path.lower()
    return any(word in words for word in ("logout", "signout", "logoff", "delete", "remove", "unsubscribe", "reset"))


def _barred(visit: Visit) -> tuple[str, ...]:
    """What robots.txt keeps from everyone, or from us; patterns count up to their first special character."""
    answer = visit.get("/robots.txt")
    if answer is None or answer.status != 200 or answer.looks_like_html:  # noqa: PLR2004 - OK
        return ()
    rules: list[str] = []
    ours, heading = False, False
    for line in answer.text.splitlines()[: _RULES * 4]:
        field, _colon, value = line.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if field == "user-agent":
            ours = (ours and heading) or value == "*" or value.lower().startswith("scangate")
            heading = True
            continue
        heading = False
        prefix = value.partition("*")[0].partition("$")[0]
        if field == "disallow" and ours and prefix:
            rules.append(prefix)
    return tuple(rules[:_RULES])
