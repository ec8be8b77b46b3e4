"""Engines that live in virtual environments of their own, because their dependencies are many or conflict with ours.

    home/engines/checkov/<start of the pin file's sha256>/     the environment
    home/engines/checkov/<start ...>/scangate-engine.json      written last: only with it is the engine installed

A pin file (`requirements/<name>.txt`) names every package with its hashes. The environment is built where it stays,
since its scripts hold absolute paths; a changed pin file means another folder. Nothing is installed during a scan.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from scangate import process
from scangate.errors import CancelledError, DeadlineError, ScangateError, ToolMissingError, UsageError

PINS: Final = Path(__file__).parent / "requirements"
ROOM: Final = {"checkov": 600 * 2**20}
"""The engines there are, and the bytes each needs on the disk while it is installed."""
_MARKER: Final = "scangate-engine.json"
_PASSED_ON: Final = re.compile(
    r"(?i)PIP_\w+|(https?|all|no)_proxy|(REQUESTS|CURL)_CA_BUNDLE|NETRC|XDG_(CACHE|CONFIG)_HOME"
)


class EngineState(StrEnum):
    """OUTDATED: its pins, or the Python it was made with, are no longer the ones in use."""

    MISSING = "missing"
    OUTDATED = "outdated"
    CURRENT = "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An engine as it should be on this machine. `digest` is the sha256 of its pin file; `path` its environment."""

    name: str
    path: Path
    version: str
    digest: str
    state: EngineState

    @property
    def python(self) -> Path:
        """The interpreter that runs it: `python -I -m <module>`."""
        return self.path / "bin" / "python"


def names() -> tuple[str, ...]:
    """Every engine there is."""
    return tuple(sorted(ROOM))


def locate(name: str, home: Path) -> Engine:
    """Say where an engine is or would be, and whether it can be used. Starts no process.

    Raises UsageError when there is no such engine.
    """
    if name not in ROOM:
        raise UsageError(f"there is no engine {name!r}", advice=f"engines: {', '.join(names())}")
    version, digest = _pinned(name)
    folder = home / "engines" / name
    path = folder / digest[:16]
    state = EngineState.MISSING
    if _read(path) == _marker(path, digest):
        state = EngineState.CURRENT
    elif any(_read(other) for other in _installs(folder)):
        state = EngineState.OUTDATED
    return Engine(name=name, path=path, version=version, digest=digest, state=state)


def install(name: str, home: Path, *, tell: Callable[[str], None], deadline: float) -> Engine:
    """Install an engine, or say that it is already there. `deadline` is on the monotonic clock.

    Raises UsageError (no such engine), ToolMissingError (it could not be installed), DeadlineError, CancelledError.
    """
    wanted = locate(name, home)
    label = f"{name} {wanted.version}"
    try:
        with _alone(wanted.path.parent, deadline):
            if locate(name, home).state is EngineState.CURRENT:
                tell(f"{label} is already installed in {wanted.path}")
                return locate(name, home)
            _build(wanted, label, tell, deadline)
    except OSError as error:
        raise ToolMissingError(
            f"{label} could not be installed: {error}",
            advice=f"make {wanted.path.parent} writable, or set SCANGATE_HOME to a folder that is",
        ) from error
    tell(f"{label} is installed in {wanted.path}")
    return locate(name, home)


def _build(wanted: Engine, label: str, tell: Callable[[str], None], deadline: float) -> None:
    """Make the environment afresh, and only then remove the ones it replaces."""
    _leave_nothing(wanted.path)
    free = shutil.disk_usage(wanted.path.parent).free
    if free < ROOM[wanted.name]:
        raise ToolMissingError(
            f"{label} needs {ROOM[wanted.name] // 2**20} MiB in {wanted.path.parent}, and {free // 2**20} MiB are free",
            advice="free some space, or set SCANGATE_HOME to a larger disk",
        )
    try:
        tell(f"{label}: making a virtual environment")
        _call([sys.executable, "-m", "venv", str(wanted.path)], label, deadline)
        tell(f"{label}: installing the pinned packages; this takes about a minute")
        _call([str(wanted.python), "-I", "-m", "pip", *_PIP, str(PINS / f"{wanted.name}.txt")], label, deadline)
        (wanted.path / _MARKER).write_text(json.dumps(_marker(wanted.path, wanted.digest)))
    finally:
        if _read(wanted.path) is None:
            _leave_nothing(wanted.path)
    for other in _installs(wanted.path.parent):
        if other != wanted.path:
            _leave_nothing(other)


def _call(argv: list[str], label: str, deadline: float) -> None:
    done = process.run(argv, deadline=deadline, env={k: v for k, v in os.environ.items() if _PASSED_ON.fullmatch(k)})
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")
        known = ((reason, advice) for pattern, reason, advice in _REASONS if re.search(pattern, said))
        reason, advice = next(known, (done.complaint, _TRY_AGAIN))
        raise ToolMissingError(f"{label} could not be installed: {reason}", advice=advice)


# Wheels only: no code of a package runs while it is installed.
_PIP: Final = ("install", "--require-hashes", "--only-binary=:all:", "--no-input", "--quiet", "-r")
_TRY_AGAIN: Final = "check the network, the proxy (https_proxy) and the package index (pip.conf), and run it again"
_REASONS: Final = (
    ("No module named venv|ensurepip", "this Python cannot make virtual environments", "apt-get install python3-venv"),
    ("No space left on device", "the disk is full", "free some space, or set SCANGATE_HOME to a larger disk"),
    (
        "DO NOT MATCH THE HASHES",
        "the package index served a file that is not the one scangate was tested with",
        "do not trust that index or mirror until it is known why; `python -m pip config list` shows which one it is",
    ),
    ("Connection|ConnectTimeout|ProxyError", "the package index could not be reached", _TRY_AGAIN),
    ("No matching distribution", "the package index has no wheel for this Python and platform, or failed", _TRY_AGAIN),
)


def _pinned(name: str) -> tuple[str, str]:
    """Version and sha256 that the pin file gives."""
    text = (PINS / f"{name}.txt").read_bytes()
    found = re.search(rf"(?m)^{re.escape(name)}==([^\s\\]+)", text.decode())
    if not found:
        raise ScangateError(f"requirements/{name}.txt does not pin {name}", advice="reinstall scangate")
    return found[1], hashlib.sha256(text).hexdigest()


def _marker(path: Path, digest: str) -> dict[str, str]:
    """Give what a usable environment's marker says: an interpreter that moved on does not see its packages."""
    return {"pins": digest, "python": os.path.realpath(path / "bin" / "python")}


def _read(path: Path) -> object:
    with suppress(OSError, ValueError):
        return json.loads((path / _MARKER).read_bytes()) if (path / "bin" / "python").exists() else None
    return None


def _installs(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []


def _leave_nothing(path: Path) -> None:
    (path / _MARKER).unlink(missing_ok=True)  # first, so that half an environment never looks whole
    if path.exists():
        shutil.rmtree(path)


@contextmanager
def _alone(folder: Path, deadline: float) -> Iterator[None]:
    """Hold the folder's lock: two installs at once would build in each other's way."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if process.stopping():
                raise CancelledError("interrupted while another install was under way")
            if time.monotonic() >= deadline:
                raise DeadlineError(f"another install holds {lock.name}", advice="wait for it to end, and run it again")
            time.sleep(0.1)
        yield
