"""Files and pages that should not be there, each proved by what it holds. Their contents are never shown."""

from collections.abc import Iterator
from typing import Final

from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.exposed import EXPOSED, Exposed, Sign
from scangate.scanners.web.message import Answer
from scangate.scanners.web.visit import Visit

RULES: Final[tuple[Rule, ...]] = tuple(each.rule for each in EXPOSED)
_START: Final = 16 * 2**10
"""Bytes that are asked for, and looked at."""


def check(visit: Visit) -> Iterator[Hit]:
    """One finding for each kind, with every path in it. A status proves nothing: many servers say 200 to everything."""
    if not visit.ctx.options.get("files", True):
        return
    for each in EXPOSED:
        found = [sign.path for sign in each.signs if _is_there(visit, each, sign)]
        if found:
            paths = ", ".join(found)
            yield Hit(rule=each.rule, said=f"{visit.where} serves {paths}", facts=(("paths", paths),))


def _is_there(visit: Visit, each: Exposed, sign: Sign) -> bool:
    if sign.head:
        return _is_dump(visit.get(sign.path, method="HEAD"), sign)
    answer = visit.get(sign.path, headers=(("Range", f"bytes=0-{_START - 1}"),) if each.large else (), most=_START)
    if answer is None or answer.status not in (200, 206) or not sign.proved(answer.body[:_START]):
        return False
    if not sign.page and answer.looks_like_html:
        return False
    return not visit.is_soft_404(sign.path, answer)


def _is_dump(answer: Answer | None, sign: Sign) -> bool:
    return answer is not None and answer.status == 200 and answer.kind in sign.head  # noqa: PLR2004 - OK
