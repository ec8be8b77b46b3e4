"""Which addresses are a target's, and which of its hosts were seen."""

import ipaddress
import time
from collections import Counter
from functools import lru_cache
from typing import Final

from scangate.core.address_kinds import Address, Network
from scangate.core.model import Asked, Gap, Note, Target
from scangate.scanners import Context
from scangate.scanners.network import guard, names
from scangate.scanners.network.plan import plan

NAMES: Final = 60.0
_REMEMBERED: Final = 65_536


class Hosts:
    """The hosts of a target by address. What the scope or `exclude` keeps out of a scan is none of them here, too."""

    def __init__(self, target: Target, ctx: Context) -> None:
        """Resolve names as every scanner does. Raises ScanError as `plan` does. The window is for packets alone."""
        until = min(ctx.deadline, time.monotonic() + NAMES)

        def look_up(name: str) -> tuple[Address, ...]:
            ctx.check()
            return names.resolve(name, until)

        planned = plan(target, guard.pinned(ctx), look_up)
        self.gaps: tuple[Gap, ...] = planned.gaps
        self._words: dict[Address, str] = {}
        self._wide: list[tuple[tuple[Network, ...], tuple[Network, ...]]] = []
        for batch in planned.batches:
            for address in batch.addresses:
                self._words.setdefault(address, batch.word(str(address)))
            if batch.networks:
                self._wide.append((batch.networks, batch.exclude))
        self._seen: set[str] = set()
        self._others: Counter[str] = Counter()
        self._find = lru_cache(maxsize=_REMEMBERED)(self._word)

    def find(self, text: str) -> tuple[str, str]:
        """Give the user's word for the host at an address, and the address; both empty when it is none of these."""
        word, address = self._find(text)
        if word:
            self._seen.add(address)
        return word, address

    def holds(self, text: str) -> bool:
        """Tell, without taking it as a sign of the sensor seeing the host."""
        return bool(self._find(text)[0])

    def stranger(self, what: str) -> None:
        """Count something that concerns no host of the target."""
        self._others[what] += 1

    def account(self) -> tuple[Asked | Gap | Note, ...]:
        """Say which hosts the sensor saw: where it saw nothing of one, its silence proves nothing."""
        unseen = [
            Gap(what=_named(word, str(address)), reason="no line of the logs is about it: the sensor may not see it")
            for address, word in self._words.items()
            if str(address) not in self._seen
        ]
        single = {str(address) for address in self._words}
        within = len(self._seen - single)
        if self._wide and not within:
            networks = ", ".join(str(net) for nets, _barred in self._wide for net in nets)
            unseen.append(Gap(what=networks, reason="no line of the logs is about a host in it"))
        asked = len(single) + max(within, bool(self._wide)) + len(self.gaps)
        others = sorted(self._others.items())
        notes = [Note(text=f"{what} that concern no host of this target: {count:,}") for what, count in others]
        return (*self.gaps, *unseen, *notes, Asked(unit="hosts", count=asked))

    def _word(self, text: str) -> tuple[str, str]:
        try:
            address: Address = ipaddress.ip_address(text)
        except ValueError:
            return "", ""
        if isinstance(address, ipaddress.IPv6Address):
            address = address.ipv4_mapped or address
        if word := self._words.get(address):
            return word, str(address)
        for networks, barred in self._wide:
            if _within(address, networks) and not _within(address, barred):
                return str(address), str(address)
        return "", ""


def _named(word: str, address: str) -> str:
    return word if word == address else f"{address} of {word}"


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == net.version and address in net for net in networks)
