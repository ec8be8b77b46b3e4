"""What scanning through scangate costs over nmap itself, with the very same command line, on services of loopback.

Goal: at most 5 % and 0.5 s more. The two alternate, so that both meet the same machine; the best of each is compared,
because what other work on the machine adds belongs to neither.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from scangate.core.model import Kind, Target
from scangate.scanners.network.plan import Batch
from scangate.scanners.nmap.command import command, prepare
from scangate.scanners.nmap.privileges import raw_sockets
from scangate.scanners.nmap.settings import Settings, read_settings

ROUNDS = 7
SECONDS = 300.0
LARGER, SLOWER = 0.05, 0.5
OURS = """
import sys, time
from pathlib import Path
from scangate.core.model import Kind, Service, Target
from scangate.scanners import Context
from scangate.scanners.nmap import Nmap
target = Target(id="x", kind=Kind.HOSTS, addresses=("127.0.0.1",), ports=sys.argv[1])
ctx = Context(root=Path("/"), home=Path("/"), deadline=time.monotonic() + 300)
print(sum(isinstance(item, Service) for item in Nmap().scan(target, ctx)))
"""


def main() -> None:
    """Measure both, and print the ratio and the difference."""
    if not (nmap := shutil.which("nmap")):
        sys.exit("nmap is not installed: apt-get install nmap")
    with ExitStack() as services, tempfile.TemporaryDirectory() as folder:
        ports = [services.enter_context(_web()) for _ in range(2)]
        text = ",".join(map(str, sorted(ports)))
        settings = read_settings(Target(id="x", kind=Kind.HOSTS, addresses=(), ports=text), {}, raw=raw_sockets())
        alone, ours = [], []
        for _ in range(ROUNDS):
            alone.append(_seconds(_argv(nmap, settings, Path(folder))))
            ours.append(_seconds((sys.executable, "-c", OURS, text)))
    ratio, more = min(ours) / min(alone), min(ours) - min(alone)
    for name, times in (("nmap alone", alone), ("scangate", ours)):
        middle = statistics.median(times)
        print(f"{name:<12}{min(times):6.2f} s  (best of {ROUNDS}; median {middle:.2f}, {max(times):.2f} at worst)")
    verdict = "within" if ratio <= 1 + LARGER and more <= SLOWER else "beyond"
    print(f"ratio {ratio:.3f}, difference {more:+.2f} s: {verdict} the goal of {1 + LARGER:.2f} and {SLOWER:+.2f} s")


def _argv(nmap: str, settings: Settings, folder: Path) -> tuple[str, ...]:
    batch = Batch(version=4, addresses=(ip_address("127.0.0.1"),))
    prepare(batch, folder)
    return command(nmap, batch, settings, folder, SECONDS)


def _seconds(argv: tuple[str, ...]) -> float:
    started = time.monotonic()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.monotonic() - started


@contextmanager
def _web() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # probes that hang up
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_args: object) -> None:
        pass


if __name__ == "__main__":
    main()
