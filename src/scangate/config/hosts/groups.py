"""Groups that hold hosts and other groups: what both forms of an Ansible inventory come down to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from scangate.config.hosts.entry import Entry, Listing
from scangate.config.hosts.ranges import expand
from scangate.config.validation import suggest

MOST_KNOWN: Final = 200
"""Names that are compared with one that was misspelt."""
_PORT: Final = 2
"""Parts of HOST:PORT."""


@dataclass(slots=True)
class Groups:
    """An inventory. A host may be in many groups; `all` holds every one."""

    listing: Listing
    hosts: dict[str, Entry] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)
    members: dict[str, dict[str, None]] = field(default_factory=dict)
    children: dict[str, dict[str, None]] = field(default_factory=dict)

    def open(self, group: str) -> None:
        """Know a group, be it empty."""
        self.members.setdefault(group, {})

    def add(self, group: str, pattern: str, line: int, variables: dict[str, str]) -> None:
        """Put the hosts that a pattern stands for into a group."""
        self.open(group)
        try:
            names = expand(_without_port(pattern))
        except ValueError as error:
            self.listing.problem(str(error), line=line, place=group)
            return
        for name in names:
            if name not in self.hosts:
                entry = Entry(host=name, line=line)
                if not self.listing.add(entry):
                    return
                self.hosts[name] = entry
            self.members[group][name] = None
            if address := variables.get("ansible_host") or variables.get("ansible_ssh_host"):
                self.addresses[name] = address
            if variables.get("ansible_connection") == "local":
                self.local.add(name)

    def choose(self, group: str) -> None:
        """Leave in the listing what the group holds, under the addresses that the inventory gives."""
        wanted = set(self.hosts)
        if group not in ("", "all"):
            if group not in self.members and group not in self.children:
                known = sorted({*self.members, *self.children})
                self.listing.problem(f"has no group {group!r}", suggest(group, known[:MOST_KNOWN]) or _known(known))
                return
            wanted = set(self._within(group))
        chosen = []
        for name, entry in self.hosts.items():
            if name not in wanted:
                continue
            if name in self.local and name not in self.addresses:
                self.listing.leave_out(name, "`ansible_connection=local` is the machine that Ansible runs on")
                continue
            address = self.addresses.get(name, name)
            chosen.append(Entry(host=address, line=entry.line, place=name if address != name else ""))
        self.listing.entries[:] = chosen

    def _within(self, group: str) -> Iterator[str]:
        seen: set[str] = set()
        waiting = [group]
        while waiting:
            if (each := waiting.pop()) in seen:  # groups can hold each other
                continue
            seen.add(each)
            yield from self.members.get(each, ())
            waiting.extend(self.children.get(each, ()))


def _without_port(pattern: str) -> str:
    """`web1:2222` names Ansible's port, not one to ask. An IPv6 address has more colons, or brackets."""
    outside = pattern.rpartition("]")[2]
    parts = outside.split(":")
    if len(parts) == _PORT and parts[1].isdecimal():
        return pattern[: -len(parts[1]) - 1]
    return pattern


def _known(groups: list[str]) -> str:
    return f"its groups are {', '.join(groups[:8])}" if groups else "it has no groups"
