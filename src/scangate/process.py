"""The only place that starts processes.

Argv only, never a shell. A child gets its own session, an allow-list of the environment, and unnamed files for its
output and for what it is given to read, so it can neither block us nor fill the disk. When it ends, or has to, all it
started ends too.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scangate import descendants
from scangate.capture import Capture, capture, supply
from scangate.errors import CancelledError, DeadlineError, ScanError, ToolMissingError

MAX_OUTPUT: Final = 256 * 2**20
"""Bytes kept of standard output; of standard error, a sixteenth."""
POLITE: Final = 0.7
"""Seconds between SIGTERM and SIGKILL."""
_MARK: Final = "SCANGATE_CHILD"
_PASSED_ON: Final = frozenset({"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"})

_running: Final[set["_Child"]] = set()
_lock: Final = threading.Lock()
_stopped: Final = threading.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a child ended. `truncated`: it wrote more to standard output than was kept. A signal N is `returncode` -N."""

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    truncated: bool
    seconds: float

    @property
    def complaint(self) -> str:
        """The last lines of standard error, or else of standard output: for a reason, not for parsing."""
        text = (self.stderr.strip() or self.stdout.strip()).decode(errors="replace")
        return " / ".join(text.splitlines()[-3:])[-600:]


def which(name: str) -> str | None:
    """Where a program is, or None."""
    return shutil.which(name)


def run(
    argv: Sequence[str],
    *,
    deadline: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    max_output: int = MAX_OUTPUT,
    stdin: bytes = b"",
) -> Completed:
    """Run a program to its end. `deadline` is on the monotonic clock; `stdin` is what it can read there.

    Raises ToolMissingError (no such program), DeadlineError, CancelledError, ScanError (it cannot be started).
    """
    started = time.monotonic()
    with capture(max_output) as out, capture(max_output // 16) as err:
        with supply(stdin) as given, _child(argv, out, err, stdin=given, cwd=cwd, env=env) as child:
            _wait(child, deadline, (out, err))
        return Completed(
            argv=tuple(argv),
            returncode=child.popen.returncode,
            stdout=out.content(),
            stderr=err.content(),
            truncated=out.truncated,
            seconds=time.monotonic() - started,
        )


def stop() -> None:
    """End every child now, and start no more. Returns once they are gone, within two seconds."""
    with _lock:  # none can be started between the two
        _stopped.set()
        children = tuple(_running)
    for child in children:
        child.cancelled = True
    _end(children)


def stopping() -> bool:
    """True once `stop` was called."""
    return _stopped.is_set()


def allow() -> None:
    """Take `stop` back: processes may be started again."""
    _stopped.clear()


@dataclass(eq=False)
class _Child:
    """A running program, and the mark in its environment by which its descendants are known."""

    popen: subprocess.Popen[bytes]
    mark: str
    cancelled: bool = False


@contextlib.contextmanager
def _child(
    argv: Sequence[str], out: Capture, err: Capture, *, stdin: int, cwd: Path | None, env: Mapping[str, str] | None
) -> Iterator[_Child]:
    descendants.adopt()
    mark = secrets.token_hex(8)
    passed = {name: value for name, value in os.environ.items() if name in _PASSED_ON}
    try:
        with _lock:  # so that `stop` and _pids never miss a child that is there
            if _stopped.is_set():
                raise CancelledError("interrupted before it was started")
            popen = subprocess.Popen(
                list(argv),
                stdin=stdin,
                stdout=out.file,
                stderr=err.file,
                cwd=cwd,
                env=passed | {"LC_ALL": "C.UTF-8"} | dict(env or {}) | {_MARK: mark},
                start_new_session=True,
            )
            child = _Child(popen, mark)
            _running.add(child)
    except FileNotFoundError:
        if cwd and not cwd.is_dir():
            raise ScanError(f"{argv[0]} cannot be started in {cwd}: there is no such folder") from None
        raise ToolMissingError(f"{argv[0]} is not installed") from None
    except (OSError, ValueError) as error:
        raise ScanError(f"{argv[0]} cannot be started: {error}") from error
    try:
        yield child
    finally:
        _end((child,))
        with _lock:
            _running.discard(child)


def _wait(child: _Child, deadline: float, outputs: Sequence[Capture]) -> None:
    pause = 0.01
    with descendants.end_of(child.popen.pid) as end:
        while True:
            end(max(0.0, min(pause, deadline - time.monotonic())))
            if child.cancelled or _stopped.is_set():
                raise CancelledError("interrupted before it was finished")
            if child.popen.poll() is not None:
                return
            if time.monotonic() >= deadline:
                raise DeadlineError(
                    f"{Path(str(child.popen.args[0])).name} did not finish in the time allowed",  # type: ignore[index]
                    advice="raise the scanner's `timeout` in scangate.yml",
                )
            over = [each.trim() for each in outputs]
            pause = 0.01 if any(over) else min(pause * 2, 0.1)  # what a child floods between two looks is on the disk


def _end(children: Sequence[_Child]) -> None:
    """End the children with all they started: politely, then not."""
    for number, patience in ((signal.SIGTERM, POLITE), (signal.SIGKILL, POLITE)):
        deadline = time.monotonic() + patience
        told: set[int] = set()
        while (left := _left(children)) and time.monotonic() < deadline:
            for pid in left - told:  # again and again: more may have been forked while we looked
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
            told |= left
            time.sleep(0.01)
        if not left:
            return


def _left(children: Sequence[_Child]) -> set[int]:
    """The children and their descendants that have not ended. Orphans that have are collected on the way."""
    processes = descendants.table()
    for pid in descendants.orphans(processes):
        with _lock, contextlib.suppress(ChildProcessError):  # under the lock: no child of another thread takes this pid
            if all(pid != each.popen.pid for each in _running):
                os.waitpid(pid, os.WNOHANG)
    marks = {f"{_MARK}={each.mark}".encode() for each in children}
    found = set(descendants.living(processes, {each.popen.pid for each in children}, marks))
    return found | {each.popen.pid for each in children if each.popen.poll() is None}
