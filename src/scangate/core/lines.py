"""The lines of a scope, laid out so that an address is looked up in all of them at once: there may be thousands."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Final

from scangate.core.address_kinds import Address, Network

Line = Network | str
"""An address as a network of one, a network, or a lower-case name."""
_BITS: Final = {4: 32, 6: 128}


class Lines:
    """Finds the first line that covers an address. `names`: the addresses that names among the lines stand for."""

    __slots__ = ("_by_prefix", "_texts")

    def __init__(self, lines: Iterable[Line], names: Mapping[str, Iterable[Address]]) -> None:
        self._texts: list[tuple[str, bool]] = []
        self._by_prefix: dict[tuple[int, int], dict[int, list[int]]] = {}
        for number, line in enumerate(lines):
            if isinstance(line, str):
                self._texts.append((line, False))
                for address in names.get(line, ()):
                    self._put(ipaddress.ip_network(address), number)
                continue
            alone = line.num_addresses == 1
            self._texts.append((str(line.network_address) if alone else str(line), alone))
            self._put(line, number)

    def find(self, address: Address, *, alone: bool = False) -> str:
        """Give the text of the line, or nothing. `alone`: only one that is this very address counts."""
        first = len(self._texts)
        for (version, prefix), nets in self._by_prefix.items():
            if version == address.version:
                for number in nets.get(int(address) >> (_BITS[version] - prefix), ()):
                    if number < first and (self._texts[number][1] or not alone):
                        first = number
        return self._texts[first][0] if first < len(self._texts) else ""

    def _put(self, network: Network, number: int) -> None:
        nets = self._by_prefix.setdefault((network.version, network.prefixlen), {})
        nets.setdefault(int(network.network_address) >> (_BITS[network.version] - network.prefixlen), []).append(number)
