"""Headers and pages that tell which version of what is running."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.visit import Visit

VERSION: Final = Rule(
    id="http-version-banner", title="A web server tells what it runs", severity=Severity.LOW, cwes=("CWE-200",),
    why="whoever knows a hole in that version need not try", controls=("PCI DSS 4.0.1 2.2.6",),
    fix="stop telling product versions in the headers and pages of {port} on {host}",
)  # fmt: skip
RULES: Final = (VERSION,)
_HEADERS: Final = (
    "server",
    "x-powered-by",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-generator",
    "x-runtime-version",
)
_TELLS: Final = re.compile(r"/\d|\d\.\d|\((?:Debian|Ubuntu|Red Hat|CentOS|Fedora|Win)", re.IGNORECASE)
_SHOWN: Final = 200


def check(visit: Visit) -> Iterator[Hit]:
    """A product's name alone is no hit."""
    said = [(name, visit.front.get(name)) for name in _HEADERS]
    said += [("generator", page.generator) for page in visit.pages[:1]]
    told = [(name, value[:_SHOWN]) for name, value in said if _TELLS.search(value[: _SHOWN * 2])]
    if told:
        words = "; ".join(f"{name}: {value}" for name, value in told)
        yield Hit(rule=VERSION, said=f"{visit.where} says `{words}`", facts=tuple(told))
