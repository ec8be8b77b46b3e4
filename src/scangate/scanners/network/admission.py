"""The scope applied to what a target names, with the account of it that goes into the result."""

from collections.abc import Iterable, Iterator
from typing import Final

from scangate.core.address_kinds import Address, Network
from scangate.core.model import Gap, Note
from scangate.core.scope import Permission, Scope, parts, permit

_TOLD: Final = 5


class Admission:
    """Lets addresses through, or makes gaps of them; and remembers why."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._let_in: dict[str, list[str]] = {}
        self._notes: list[Note] = []
        self.gaps: list[Gap] = []

    def of_addresses(self, addresses: Iterable[Address]) -> tuple[Address, ...]:
        """Give those that may be touched."""
        kept = []
        for address in addresses:
            permission = permit(address, self._scope)
            if permission.allowed:
                self._remember(str(address), permission)
                kept.append(address)
            else:
                self.gaps.append(Gap(what=str(address), reason=f"outside the scope: {permission.because}"))
        return tuple(kept)

    def of_name(self, name: str, addresses: Iterable[Address]) -> tuple[Address, ...]:
        """Give those addresses of a name that may be touched. A name without any is one gap."""
        kept, refused = [], []
        for address in addresses:
            permission = permit(address, self._scope, named_by=name)
            if permission.allowed:
                self._remember(f"{address} ({name})", permission)
                kept.append(address)
            else:
                refused.append((address, f"outside the scope: {permission.because}"))
        if refused and not kept:
            address, reason = refused[0]
            more = f"; so are {len(refused) - 1} more of its addresses" if len(refused) > 1 else ""
            self.gaps.append(Gap(what=name, reason=f"{reason} (it resolves to {address}){more}"))
        else:
            self.gaps += [Gap(what=f"{address} of {name}", reason=reason) for address, reason in refused]
        return tuple(kept)

    def of_networks(self, networks: Iterable[Network]) -> tuple[tuple[Network, ...], tuple[Network, ...]]:
        """Give the networks that may be touched at least in part, and the parts of them that may not be."""
        kept: list[Network] = []
        outside: list[Network] = []
        for network in networks:
            pieces = parts(network, self._scope)
            for permission, count in _counted(pieces, allowed=True):
                self._remember(str(network) if count == network.num_addresses else f"{count} of {network}", permission)
            refused = [piece for piece, permission in pieces if not permission.allowed]
            for permission, count in _counted(pieces, allowed=False):
                self._refuse(network, permission, count)
            if len(refused) < len(pieces):
                kept.append(network)
                outside += refused
        return tuple(kept), tuple(outside)

    def notes(self) -> tuple[Note, ...]:
        """What was permitted, by reason, and what was left out of networks."""
        told = (
            Note(text=f"within the scope: {because}: {', '.join(what[:_TOLD])}{_more(len(what) - _TOLD)}")
            for because, what in self._let_in.items()
        )
        return (*told, *self._notes)

    def _remember(self, what: str, permission: Permission) -> None:
        self._let_in.setdefault(permission.because, []).append(what)

    def _refuse(self, network: Network, permission: Permission, count: int) -> None:
        """What somebody denied, or nobody could mean, is no gap in a network around it; what lacks a line is one."""
        part = "" if count == network.num_addresses else f"{count} of {network.num_addresses} addresses: "
        if part and not permission.lacks_line:
            self._notes.append(Note(text=f"outside the scope: {_spelt(count)} of {network}: {permission.because}"))
        else:
            self.gaps.append(Gap(what=str(network), reason=f"outside the scope: {part}{permission.because}"))


def _counted(pieces: Iterable[tuple[Network, Permission]], *, allowed: bool) -> Iterator[tuple[Permission, int]]:
    counts: dict[Permission, int] = {}
    for piece, permission in pieces:
        if permission.allowed is allowed:
            counts[permission] = counts.get(permission, 0) + piece.num_addresses
    yield from counts.items()


def _spelt(count: int) -> str:
    return "1 address" if count == 1 else f"{count} addresses"


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""
