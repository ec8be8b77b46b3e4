"""Telnet: whatever negotiates its options is telnet, and in clear text."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, shown, talk
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit
from scangate.scanners.nmap.rules.cleartext import TELNET

_OPTION: Final = re.compile(rb"\xff[\xfb-\xfe][\x00-\x31\xff]")
_PROMPT: Final = re.compile(rb"(?i)(?:login|username|password) ?: ?\Z")
_ENCRYPTED: Final = b"\xff\xfd\x2e"
"""DO START_TLS, which few servers know."""


def check(endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    """Listen, and say nothing."""
    with talk(endpoint, ctx) as server:
        heard = server.hear(lambda heard: bool(_OPTION.search(heard) or _PROMPT.search(heard[-100:])), most=4_096)
    if not (_OPTION.search(heard) or _PROMPT.search(heard[-100:])):
        raise NotSpokenError("does not speak telnet")
    if endpoint.tunnel != "ssl" and _ENCRYPTED not in heard:
        words = shown(_OPTION.sub(b"", heard))
        yield Hit(rule=TELNET, said=f"{endpoint.where} is telnet", facts=(("banner", words),) if words else ())


PROBE: Final = Probe(
    name="telnet",
    rules=(TELNET,),
    sends="nothing",
    check=check,
    services=frozenset({"telnet"}),
    ports=frozenset({23, 2323}),
)
