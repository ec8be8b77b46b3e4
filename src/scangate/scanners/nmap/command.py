"""The command lines of nmap. Hosts go through files, so nothing the user wrote can be an option.

Discovery asks all hosts for all ports, and nothing else. Detection asks what discovery found open, and looks closely.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from scangate.scanners.network.address import PortRange, Protocol
from scangate.scanners.network.plan import Batch
from scangate.scanners.nmap.groups import Group
from scangate.scanners.nmap.settings import Settings

REPORT: Final = "report.xml"
_HOSTS: Final = "hosts.txt"
_EXCLUDED: Final = "excluded.txt"
_PINGED: Final = (22, 80, 443, 445, 3389)
_MOST_PINGED: Final = 25
_SHARE: Final = 0.8
"""Of the time for a run, what one host may take."""
_MOST_PARALLEL: Final = 100
"""Above that, nmap warns that answers may get lost."""
_PACKETS: Final = 20
"""Packets per second that one connection of version detection or of a script is taken to send."""
# The spider behind http-auth-finder fetches the front page, and follows no link.
_SCRIPT_ARGS: Final = ("http-auth-finder.maxdepth=0", "http-auth-finder.maxpagecount=1", "ftp-anon.maxlist=20")


def prepare(hosts: Iterable[object], exclude: Iterable[object], folder: Path) -> None:
    """Write the files that the command line names."""
    (folder / _HOSTS).write_text("".join(f"{host}\n" for host in hosts), encoding="ascii")
    (folder / _EXCLUDED).write_text("".join(f"{network}\n" for network in exclude), encoding="ascii")


def discovery(program: str, batch: Batch, settings: Settings, folder: Path, seconds: float) -> tuple[str, ...]:
    """Say how to find the open ports of a batch. `seconds` are the time allowed for the run."""
    return (
        program,
        *_technique(settings, {each.protocol for each in settings.asked} or {Protocol.TCP}),
        *_ports(settings),
        *_pings(batch, settings),
        # What ends early leaves the hosts of finished groups: small groups lose less.
        "--max-hostgroup",
        "64",
        *_always(batch, settings, folder, seconds),
    )


def detection(program: str, group: Group, settings: Settings, folder: Path, seconds: float) -> tuple[str, ...]:
    """Say how to look at what is open on a group of hosts."""
    return (
        program,
        *_technique(settings, {each.protocol for each in group.ports}),
        "-p",
        ",".join(_listed(group.ports)),
        "-Pn",
        "-sV",
        "--version-intensity",
        str(settings.intensity),
        *_scripts(group.batch, settings),
        *_parallelism(group, settings),
        *_always(group.batch, settings, folder, seconds),
    )


def _parallelism(group: Group, settings: Settings) -> tuple[str, str]:
    """Ask all services at once, not 30 as nmap does: most of the time goes by waiting for greetings."""
    if settings.rate is not None:
        return "--max-parallelism", str(max(1, int(settings.rate / _PACKETS)))
    return "--min-parallelism", str(min(_MOST_PARALLEL, sum(len(host.ports) for host in group.hosts)))


def _always(batch: Batch, settings: Settings, folder: Path, seconds: float) -> Iterator[str]:
    yield "-n"  # names were resolved before, and answers must not depend on reverse DNS
    if batch.version == 6:  # noqa: PLR2004
        yield "-6"
    yield "--privileged" if settings.raw else "--unprivileged"
    yield from ("-T4", "--max-retries", "2")
    if settings.rate is not None:
        yield from ("--max-rate", f"{settings.rate:g}")
    yield from ("--host-timeout", f"{max(1000, int(min(seconds * _SHARE, settings.host_seconds) * 1000))}ms")
    yield from ("--no-stylesheet", "-oX", str(folder / REPORT), "-iL", str(folder / _HOSTS))
    if batch.exclude:
        yield from ("--excludefile", str(folder / _EXCLUDED))


def _technique(settings: Settings, protocols: set[Protocol]) -> Iterator[str]:
    if Protocol.TCP in protocols:
        yield "-sS" if settings.raw else "-sT"
    if Protocol.UDP in protocols:
        yield "-sU"


def _ports(settings: Settings) -> tuple[str, str]:
    if settings.ports:
        return "-p", ",".join(_listed(settings.asked))
    return "--top-ports", str(settings.top_ports)


def _listed(ports: Iterable[PortRange]) -> Iterator[str]:
    for letter, protocol in (("T", Protocol.TCP), ("U", Protocol.UDP)):
        ranges = [each for each in ports if each.protocol is protocol]
        for index, each in enumerate(ranges):
            text = str(each.first) if each.first == each.last else f"{each.first}-{each.last}"
            yield f"{letter}:{text}" if index == 0 else text


def _pings(batch: Batch, settings: Settings) -> tuple[str, ...]:
    """Single addresses are asked without a ping. In networks, the ports that are asked for are pinged too."""
    if batch.addresses:
        return ("-Pn",)
    tcp = [each for each in settings.asked if each.protocol is Protocol.TCP]
    asked = (port for each in tcp for port in range(each.first, each.last + 1))
    pinged = sorted({*_PINGED, *(port for port, _ in zip(asked, range(_MOST_PINGED), strict=False))})
    syn = "-PS" + ",".join(map(str, pinged))
    return ("-PE", syn, "-PA80,443") if settings.raw else (syn,)


def _scripts(batch: Batch, settings: Settings) -> tuple[str, ...]:
    # As a file name, what the config asks for cannot be a whole category (`dos`) or an expression.
    names = (*settings.scripts, *(f"{name}.nse" for name in settings.more))
    if not names:
        return ()
    # The addresses are pinned, so the name has to be said: SNI picks the certificate, Host the site.
    named = (f"tls.servername={batch.name}", f"http.host={batch.name}") if batch.name else ()
    return ("--script", ",".join(names), "--script-args", ",".join((*_SCRIPT_ARGS, *named)))
