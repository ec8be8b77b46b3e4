"""How fast, and in how much memory, networks are scanned. Both goals are those of the issue.

Speed: 64 hosts of loopback, 1,000 ports each, with version detection, against one run of `nmap -sV` with the same
options: at least four times as fast, with the same services and findings. Once as it comes, once without the scripts.
Memory: a network of 65,536 addresses that all answer, one in sixteen with open ports, as recorded: under 200 MB.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hosts import addresses

from scangate.core.model import Finding, Gap, Item, Kind, Service, Target
from scangate.scanners import Context
from scangate.scanners.nmap import Nmap
from scangate.scanners.nmap.profiles import PROFILES
from scangate.scanners.nmap.read import Reader
from scangate.scanners.nmap.report import parse
from scangate.scanners.nmap.seen import Seen, Started

HERE = Path(__file__).resolve().parent
HOSTS, TIMES = 64, 4.0
MANY, MEGABYTES = ("127.80.0.0/20", "127.80.0.0/16"), 200
RECORDED = r"""#!/bin/sh
# Says what nmap 7.93 wrote for a host of loopback, for every address it is asked for.
[ "$1" = --version ] && echo "Nmap version 7.93 ( https://nmap.org )" && exit
phase=ports
while [ $# -gt 0 ]; do case "$1" in -oX) out=$2;; -sV) phase=services;; esac; shift; done
awk -v phase=$phase '
function host(address, inner) {
    print "<host starttime=\"1795289891\" endtime=\"1795289900\"><status state=\"up\" reason=\"localhost-response\" " \
        "reason_ttl=\"0\"/><address addr=\"" address "\" addrtype=\"ipv4\"/><hostnames></hostnames><ports>" \
        "<extraports state=\"closed\" count=\"998\"><extrareasons reason=\"reset\" count=\"998\" proto=\"tcp\" " \
        "ports=\"1,3-4,6-7,9,13,17,19-21,23-79,81-1000\"/></extraports>" inner "</ports>" \
        "<times srtt=\"50\" rttvar=\"20\" to=\"100000\"/></host>"
    count++
}
function open(port, service) {
    return "<port protocol=\"tcp\" portid=\"" port "\"><state state=\"open\" reason=\"syn-ack\" reason_ttl=\"64\"/>" \
        "<service name=\"" service "\" product=\"x\" version=\"1\" method=\"probed\" conf=\"10\"/></port>"
}
BEGIN { print "<nmaprun scanner=\"nmap\" args=\"nmap\" start=\"1795289891\" version=\"7.93\">" }
phase == "services" { host($1, open(22, "ssh") open(80, "http")) }
phase == "ports" {
    split($1, part, "[./]")
    size = part[5] == 16 ? 256 : 16
    for (high = 0; high < size; high++) for (low = 0; low < 256; low++)
        host("127.80." high "." low, low % 16 == 0 ? open(22, "ssh") open(80, "http") : "")
}
END {
    print "<runstats><finished exit=\"success\"/>"
    print "<hosts up=\"" count "\" down=\"0\" total=\"" count "\"/></runstats></nmaprun>"
}
' hosts.txt > "$out"
"""


def main() -> None:
    """Measure both, and say whether the goals are met."""
    if sys.argv[1:2] == ["memory"]:
        _scan_recorded(sys.argv[2])
        return
    if not (nmap := shutil.which("nmap")):
        sys.exit("nmap is not installed: apt-get install nmap")
    met = [_memory()]
    with _listening():
        met += [_speed(nmap, scripts=False), _speed(nmap, scripts=True)]
    sys.exit(0 if all(met) else "a goal was missed")


def _speed(nmap: str, *, scripts: bool) -> bool:
    started = time.monotonic()
    ours = [*_items(addresses(HOSTS), scripts=scripts)]
    took = time.monotonic() - started
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        argv = [nmap, "-n", "-Pn", "-sV", "-T4", "--max-retries", "2", "-oX", str(report), *addresses(HOSTS)]
        if scripts:
            arguments = "http-auth-finder.maxdepth=0,http-auth-finder.maxpagecount=1,ftp-anon.maxlist=20"
            argv += ["--script", ",".join(PROFILES["standard"].scripts), "--script-args", arguments]
        started = time.monotonic()
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        alone = time.monotonic() - started
        theirs = [*_read(report)]
    same = _told(ours) == _told(theirs)
    gaps = sum(isinstance(item, Gap) for item in ours)
    ratio = alone / took
    met = same and not gaps and ratio >= TIMES
    print(
        f"{HOSTS} hosts x 1,000 ports, {'with' if scripts else 'without'} scripts: one nmap -sV {alone:.1f} s, "
        f"scangate {took:.1f} s: {ratio:.1f} times as fast, {len(_told(ours))} services and findings, "
        f"{'the same' if same else 'NOT THE SAME'}, {gaps} gaps: {'met' if met else 'MISSED'} (goal {TIMES:.0f})"
    )
    for item in sorted(_told(ours) ^ _told(theirs))[:10]:
        print(f"  only {'ours' if item in _told(ours) else 'nmap'}: {item}")
    return met


def _told(items: list[Item]) -> set[str]:
    return {repr(item) for item in items if isinstance(item, (Service, Finding))}


def _items(hosts: list[str], **options: bool) -> Iterator[Item]:
    target = Target(id="x", kind=Kind.HOSTS, addresses=tuple(hosts))
    ctx = Context(root=Path("/"), home=Path("/"), deadline=time.monotonic() + 1800, options=options)
    return Nmap().scan(target, ctx)


def _read(report: Path) -> Iterator[Item]:
    reader = Reader(Context(root=Path("/"), home=Path("/"), deadline=time.monotonic() + 60), "x", frozenset())
    started = Started()
    with report.open("rb") as stream:
        for event in parse(stream):
            if isinstance(event, Started):
                started = event
            elif isinstance(event, Seen):
                yield from reader.of_host(event, "", started)


@contextmanager
def _listening() -> Iterator[None]:
    argv = (sys.executable, str(HERE / "hosts.py"), str(HOSTS))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            if server.stdout is None or server.stdout.readline() != b"ready\n":
                sys.exit("the hosts to be scanned do not listen")
            yield
        finally:
            server.terminate()


def _memory() -> bool:
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "nmap")
        program.write_text(RECORDED)
        program.chmod(0o755)
        environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
        for network in MANY:
            argv = (sys.executable, __file__, "memory", network)
            done = subprocess.run(argv, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            print(done.stdout, end="")
            peaks.append(float(done.stdout.split()[-2]))
    met = peaks[-1] < MEGABYTES
    print(f"memory: {peaks[-1]:.0f} MB at most: {'met' if met else 'MISSED'} (goal {MEGABYTES})")
    return met


def _scan_recorded(network: str) -> None:
    started = time.monotonic()
    services = 0
    for item in _items([network]):
        services += isinstance(item, Service)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.monotonic() - started
    print(f"{network}: {services} services in {seconds:.1f} s, at most {peak:.0f} MB")


if __name__ == "__main__":
    main()
