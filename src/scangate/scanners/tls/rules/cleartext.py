"""Services that were asked for TLS in their own protocol, and have none."""

from typing import Final

from scangate.scanners.network.rule import Hit
from scangate.scanners.tls.starttls import ALL, Protocol

RULES: Final = tuple(dict.fromkeys(each.cleartext for each in ALL if each.cleartext))


def refused(protocol: Protocol, where: str, said: str) -> Hit | None:
    """The rule that such a service breaks, if there is one for it. `said`: what it answered."""
    if protocol.cleartext is None:
        return None
    said = said.rstrip(". ")
    return Hit(rule=protocol.cleartext, said=f"{where} speaks {protocol.label} and {said}", facts=(("answer", said),))
