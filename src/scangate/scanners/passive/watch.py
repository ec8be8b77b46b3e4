"""All that comes of reading one sensor's logs for one target, and how it is told."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from scangate import __version__
from scangate.core.model import Asked, Confidence, Data, Finding, Gap, Item, Note, Target, Tool
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners import Context
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule, finding, where
from scangate.scanners.passive.alerts import Alerts
from scangate.scanners.passive.files import Found, Reading
from scangate.scanners.passive.hosts import Hosts
from scangate.scanners.passive.inventory import Inventory
from scangate.scanners.passive.moments import MAX_AGE_DAYS, Period

LOSS: Final = 0.01
"""The share of packets that a sensor may miss before its silence counts for less."""
_NAMED: Final = 5


@dataclass(slots=True, kw_only=True)
class Watch:
    """What is known so far. `name` is the scanner's."""

    name: str
    target: Target
    hosts: Hosts
    period: Period
    reading: Reading
    inventory: Inventory = field(default_factory=Inventory)
    alerts: Alerts = field(default_factory=Alerts)
    hits: dict[tuple[str, str], Finding] = field(default_factory=dict)
    odd: Counter[str] = field(default_factory=Counter)
    lost: float = 0.0
    complaints: set[str] = field(default_factory=set)
    unread: int = 0
    unread_first: str = ""

    def cannot_read(self, found: Found) -> None:
        """Count a line that is none of its format."""
        self.unread += 1
        self.unread_first = self.unread_first or found.name

    def loses(self, dropped: float, packets: float) -> None:
        """Take in how much the sensor missed. The worst it ever says counts."""
        if packets > 0 and dropped > 0:
            self.lost = max(self.lost, min(1.0, dropped / packets))

    def hit(self, rule: Rule, place: tuple[str, str, int, str], when: datetime, said: str) -> None:
        """Take a rule of ours as broken at a place (word, address, port, protocol). Once for each is enough."""
        word, address, port, protocol = place
        endpoint = Endpoint(host=word, address=address, port=port, protocol=protocol)
        facts = (("seen", f"{when:%Y-%m-%dT%H:%M:%SZ}"),)
        new = Hit(rule=rule, said=f"{endpoint.where} {said}", confidence=Confidence.FIRM, facts=facts)
        made = finding(new, endpoint, self.target.id, self.name)
        held = self.hits.get((made.rule, made.subject))
        if held is None or made.evidence > held.evidence:
            self.hits[made.rule, made.subject] = made

    def spot(self, address: object, port: object, protocol: object) -> tuple[str, str, int, str] | None:
        """The place of one of the target's ports, in the words of `hit`; None for everything else."""
        word, plain = self.hosts.find(str(address))
        sighting = self.inventory.at(word, plain, port, protocol) if word else None
        return (word, plain, int(str(port)), str(protocol).lower()) if sighting else None


def watch(name: str, target: Target, ctx: Context) -> Watch:
    """Begin. Raises ScanError when the target's hosts cannot be read."""
    days = int(ctx.options.get("max_age_days", MAX_AGE_DAYS))
    return Watch(
        name=name,
        target=target,
        hosts=Hosts(target, ctx),
        period=Period(today=ctx.today, days=days),
        reading=Reading(check=ctx.check),
    )


def read(files: Iterable[Found], take: Callable[[Found, Watch], None], state: Watch) -> Iterator[Item]:
    """Read the files, and tell what came of it, also when time runs out in the middle: that is raised afterwards."""
    stop: ScanError | None = None
    yield Tool(name="scangate", version=__version__)
    try:
        for found in files:
            if state.reading.left <= 0:
                state.reading.gaps.append(Gap(what=found.name, reason="was not read: the files before were too large"))
                continue
            take(found, state)
    except (DeadlineError, CancelledError) as error:
        stop = error
    yield from _told(state)
    if stop:
        raise stop


def heading(word: str, port: object, protocol: str) -> str:
    """The subject of an alert: a port of a host, or the host itself."""
    number = int(port) if isinstance(port, int) or (isinstance(port, str) and port.isdecimal() and len(port) < 6) else 0  # noqa: PLR2004 - 65535 has five digits
    return where(word, number, protocol) if number else word


def _told(state: Watch) -> Iterator[Item]:
    yield Data(name=f"{state.name} logs", as_of=state.period.newest)
    yield from state.inventory.services()
    yield from state.alerts.findings(state.target.id, state.name)
    yield from (made for _key, made in sorted(state.hits.items()))
    yield from state.hosts.account()
    gaps = [*_gaps(state)]
    yield from gaps
    yield Asked(unit="hosts", count=len(gaps))
    yield from _notes(state)


def _gaps(state: Watch) -> Iterator[Gap]:
    yield from state.reading.gaps
    logs = f"{state.name} logs"
    if state.unread:
        yield Gap(what=logs, reason=f"{_lines(state.unread)} cannot be read, the first in {state.unread_first}")
    if state.reading.too_long:
        yield Gap(what=logs, reason=f"{_lines(state.reading.too_long)} longer than 1 MiB were passed over")
    if state.period.coming:
        yield Gap(what=logs, reason=f"{_lines(state.period.coming)} are from the future: the sensor's clock is wrong")
    if state.lost > LOSS:
        yield Gap(what="the sensor", reason=f"it missed {state.lost:.1%} of the packets at its worst")
    yield from (Gap(what="the sensor", reason=each) for each in sorted(state.complaints)[:_NAMED])
    if left_out := state.inventory.left_out + state.alerts.left_out:
        yield Gap(what=logs, reason=f"{_lines(left_out)} were left out: too many different ports or alerts")


def _notes(state: Watch) -> Iterator[Note]:
    if state.period.old:
        yield Note(text=f"{_lines(state.period.old)} older than {state.period.days} days were left out")
    if state.reading.cut_short:
        yield Note(text=f"{_lines(state.reading.cut_short)} at the end of a file have no end: they are being written")
    if 0 < state.lost <= LOSS:
        yield Note(text=f"the sensor missed {state.lost:.2%} of the packets at its worst")
    if state.odd:
        most = sorted(state.odd.items(), key=lambda each: (-each[1], each[0]))[:_NAMED]
        named = ", ".join(f"{name} ({count:,})" for name, count in most)
        yield Note(text=f"{state.odd.total():,} oddities (weird) about hosts of this target: {named}")


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
