"""Builds an engine's environment. The only place that installs anything, and only when it is asked to."""

import fcntl
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

from scangate import process
from scangate.engines import state
from scangate.engines.state import MARKER, RECIPES, WARM_USER, Engine, EngineState, installs, locate, marker, said
from scangate.errors import CancelledError, DeadlineError, ToolMissingError

# The user's own way to the package index: proxies, certificates, mirrors.
_PASSED_ON: Final = re.compile(
    r"(?i)PIP_\w+|(https?|all|no)_proxy|(REQUESTS|CURL)_CA_BUNDLE|NETRC|XDG_(CACHE|CONFIG)_HOME"
)
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
    recipe = RECIPES[wanted.name]
    _leave_nothing(wanted.path)
    free = shutil.disk_usage(wanted.path.parent).free
    if free < recipe.room:
        raise ToolMissingError(
            f"{label} needs {recipe.room // 2**20} MiB in {wanted.path.parent}, and {free // 2**20} MiB are free",
            advice="free some space, or set SCANGATE_HOME to a larger disk",
        )
    try:
        tell(f"{label}: making a virtual environment")
        _call([sys.executable, "-m", "venv", str(wanted.path)], label, deadline)
        tell(f"{label}: installing the pinned packages; this takes about a minute")
        pins = state.PINS / f"{wanted.name}.txt"
        _call([str(wanted.python), "-I", "-m", "pip", *_PIP, str(pins)], label, deadline)
        tell(f"{label}: running it once")
        wanted.warm.mkdir()
        own = WARM_USER | {"HOME": str(wanted.warm), "TMPDIR": str(wanted.warm)}
        _call([str(wanted.python), "-I", "-c", recipe.warm_up], label, deadline, own)
        (wanted.path / MARKER).write_text(json.dumps(marker(wanted.name, wanted.path, wanted.digest)))
    finally:
        if said(wanted.path) is None:
            _leave_nothing(wanted.path)
    for other in installs(wanted.path.parent):
        if other != wanted.path:
            _leave_nothing(other)


def _call(argv: list[str], label: str, deadline: float, own: Mapping[str, str] = MappingProxyType({})) -> None:
    passed = {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}
    done = process.run(argv, deadline=deadline, env=passed | dict(own))
    if done.returncode:
        output = (done.stdout + done.stderr).decode(errors="replace")
        known = ((reason, advice) for pattern, reason, advice in _REASONS if re.search(pattern, output))
        reason, advice = next(known, (done.complaint, _TRY_AGAIN))
        raise ToolMissingError(f"{label} could not be installed: {reason}", advice=advice)


def _leave_nothing(path: Path) -> None:
    (path / MARKER).unlink(missing_ok=True)  # first, so that half an environment never looks whole
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
