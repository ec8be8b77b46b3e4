"""Starts a real server in the foreground, and ends it for sure: with the test, or with whoever ran the test.

Each server is the first process of a PID namespace of its own. When that ends, the kernel ends all it ever started,
also what forked itself away.
"""

import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 15.0
"""Seconds that a server has to listen."""
_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin"


def find(program: str) -> str | None:
    """Look for a server's program, also where a user's PATH does not reach."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    return shutil.which(program, path=":".join((_FOLDERS, *map(str, newest[-1:]))))


@contextmanager
def daemon(
    argv: Sequence[str],
    log: Path,
    *,
    tcp: Sequence[tuple[str, int]] = (),
    udp: Sequence[tuple[str, int]] = (),
    user: str = "",
    cwd: Path | None = None,
    environ: dict[str, str] | None = None,
) -> Iterator[None]:
    """Run a server as `user` until the block ends; enter it once it listens on all of `tcp` and `udp`."""
    # Whatever kills this process kills the cage. A server that changes its user would lose that wish: a shell that
    # does not is the first process in the cage, and everything in it goes with the shell.
    die = ("setpriv", "--pdeathsig", "KILL")
    shell = ("sh", "-c", '"$@"; exit $?', "sh")
    cage = (*die, "unshare", "--pid", "--ipc", "--fork", "--kill-child=KILL", "--", *die, *shell, *_as(user))
    program = find(argv[0]) or argv[0]
    with log.open("ab") as output:
        running = subprocess.Popen(
            [*cage, program, *argv[1:]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd or log.parent,
            env={"PATH": _FOLDERS, "LANG": "C.UTF-8"} | (environ or {}),
            start_new_session=True,
        )
    try:
        _wait(running, log, tcp, udp)
        yield
    finally:
        with suppress(ProcessLookupError):
            running.send_signal(signal.SIGKILL)
        running.wait(timeout=PATIENCE)


def run(argv: Sequence[str], *, user: str = "", environ: dict[str, str] | None = None, text: str = "") -> None:
    """Run a program that prepares a server. Raises RuntimeError with what it said."""
    done = subprocess.run(
        [*_as(user), find(argv[0]) or argv[0], *argv[1:]],
        input=text.encode(),
        capture_output=True,
        check=False,
        cwd="/",
        env={"PATH": _FOLDERS, "LANG": "C.UTF-8"} | (environ or {}),
        timeout=60,
    )
    if done.returncode:
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:].decode()}")


def _as(user: str) -> tuple[str, ...]:
    group = str(pwd.getpwnam(user).pw_gid) if user else ""
    return ("setpriv", "--reuid", user, "--regid", group, "--init-groups", "--") if user else ()


def _wait(
    running: subprocess.Popen[bytes], log: Path, tcp: Sequence[tuple[str, int]], udp: Sequence[tuple[str, int]]
) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        if running.poll() is not None:
            raise RuntimeError(f"{log.parent.name} ended with {running.returncode}: {_tail(log)}")
        if all(map(_listens, tcp)) and all(map(_bound, udp)):
            return
        if time.monotonic() > until:
            raise RuntimeError(f"{tcp} {udp} did not listen within {PATIENCE:g} s: {_tail(log)}")
        time.sleep(0.02)


def _listens(place: tuple[str, int]) -> bool:
    try:
        socket.create_connection(place, timeout=1).close()
    except OSError:
        return False
    return True


def _bound(place: tuple[str, int]) -> bool:
    """Whether the kernel has a UDP socket on that address (or on all of them)."""
    address, port = place
    own = int.from_bytes(socket.inet_aton(address), "little")
    wanted = {f"{own:08X}:{port:04X}", f"00000000:{port:04X}"}
    rows = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(row.split()[1] in wanted for row in rows)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
