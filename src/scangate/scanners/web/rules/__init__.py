"""Every look at a web server. Each file holds its rules as data and one `check`; a new one is a name in the tuple."""

from collections.abc import Callable, Iterator
from typing import Final

from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.rules import banners, contents, cookies, cors, files, headers, methods, transport
from scangate.scanners.web.visit import Visit

_GROUPS: Final = (headers, cookies, transport, contents, banners, methods, cors, files)
CHECKS: Final[tuple[Callable[[Visit], Iterator[Hit]], ...]] = tuple(group.check for group in _GROUPS)
RULES: Final[tuple[Rule, ...]] = tuple(rule for group in _GROUPS for rule in group.RULES)
