"""The command line of one nmap run. Hosts go through files, so nothing the user wrote can be an option."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from scangate.scanners.nmap.address import PortRange, Protocol
from scangate.scanners.nmap.plan import Batch
from scangate.scanners.nmap.rules import NOISY, SCRIPTS
from scangate.scanners.nmap.settings import Settings

REPORT: Final = "report.xml"
_HOSTS: Final = "hosts.txt"
_EXCLUDED: Final = "excluded.txt"
_PINGED: Final = (22, 80, 443, 445, 3389)
_MOST_PINGED: Final = 25
# The spider behind http-auth-finder fetches the front page, and follows no link.
_SCRIPT_ARGS: Final = ("http-auth-finder.maxdepth=0", "http-auth-finder.maxpagecount=1", "ftp-anon.maxlist=20")


def prepare(batch: Batch, folder: Path) -> None:
    """Write the files that the command line names."""
    hosts = [str(host) for host in (*batch.addresses, *batch.networks)]
    (folder / _HOSTS).write_text("\n".join(hosts) + "\n", encoding="ascii")
    (folder / _EXCLUDED).write_text("".join(f"{network}\n" for network in batch.exclude), encoding="ascii")


def command(program: str, batch: Batch, settings: Settings, folder: Path, seconds: float) -> tuple[str, ...]:
    """Say how to run nmap on a batch. `seconds` are the time allowed for the run: one host gets most of it."""
    return (
        program,
        "-n",  # names were resolved before, and answers must not depend on reverse DNS
        *(("-6",) if batch.version == 6 else ()),  # noqa: PLR2004
        "--privileged" if settings.raw else "--unprivileged",
        *_technique(settings),
        *_ports(settings),
        *_discovery(batch, settings),
        "-sV",
        *(("--version-intensity", str(settings.intensity)) if settings.intensity is not None else ()),
        *_scripts(batch, settings),
        "-T4",
        "--max-retries",
        "2",
        # What ends early leaves the hosts of finished groups: small groups lose less.
        "--max-hostgroup",
        "64",
        "--host-timeout",
        f"{max(1000, int(seconds * 800))}ms",
        "--no-stylesheet",
        "-oX",
        str(folder / REPORT),
        "-iL",
        str(folder / _HOSTS),
        *(("--excludefile", str(folder / _EXCLUDED)) if batch.exclude else ()),
    )


def _technique(settings: Settings) -> Iterator[str]:
    protocols = {each.protocol for each in settings.asked} or {Protocol.TCP}
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


def _discovery(batch: Batch, settings: Settings) -> tuple[str, ...]:
    """Single addresses are asked without a ping. In networks, the ports that are asked for are pinged too."""
    if batch.addresses:
        return ("-Pn",)
    tcp = [each for each in settings.asked if each.protocol is Protocol.TCP]
    asked = (port for each in tcp for port in range(each.first, each.last + 1))
    pinged = sorted({*_PINGED, *(port for port, _ in zip(asked, range(_MOST_PINGED), strict=False))})
    syn = "-PS" + ",".join(map(str, pinged))
    return ("-PE", syn, "-PA80,443") if settings.raw else (syn,)


def _scripts(batch: Batch, settings: Settings) -> tuple[str, ...]:
    if not settings.scripts:
        return ()
    names = [name for name in SCRIPTS if settings.tls_ciphers or name != NOISY]
    # The addresses are pinned, so the name has to be said: SNI picks the certificate, Host the site.
    named = (f"tls.servername={batch.name}", f"http.host={batch.name}") if batch.name else ()
    return ("--script", ",".join(names), "--script-args", ",".join((*_SCRIPT_ARGS, *named)))
