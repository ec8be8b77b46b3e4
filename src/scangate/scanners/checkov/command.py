"""Calls checkov: in its own environment, with no way to the network and no configuration but ours."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from scangate import process
from scangate.engines import WARM_USER, Engine
from scangate.errors import ScanError
from scangate.scanners.checkov.census import IGNORED

DRIVER: Final = Path(__file__).with_name("driver.py")
ENVIRONMENT: Final = {
    "CHECKOV_PARALLELIZATION_TYPE": "none",
    "CHECKOV_NO_OUTPUT": "True",
    "CKV_IGNORE_HIDDEN_DIRECTORIES": "False",
    "CKV_IGNORED_DIRECTORIES": ",".join(IGNORED),
    "CKV_SKIP_PACKAGE_UPDATE_CHECK": "True",
    "CKV_GITHUB_CONFIG_FETCH_DATA": "False",
    "CKV_GITLAB_CONFIG_FETCH_DATA": "False",
    "HCL_PARSE_TIMEOUT_SEC": "60",
    "ANSI_COLORS_DISABLED": "1",
}
ALWAYS: Final = ("--output=json", "--quiet", "--compact", "--skip-download", "--soft-fail")
EXITS: Final = {0: "", 2: "crashed"}
"""Checkov's own exits, with findings silenced by --soft-fail: 0 it looked, 2 it crashed or did not understand us."""


def run(
    engine: Engine, base: Path, frameworks: Iterable[str], skip: Iterable[re.Pattern[str]], *, deadline: float
) -> bytes:
    """Scan a folder or a file, and give the driver's account of it. `deadline` is on the monotonic clock.

    Raises ScanError (crashed, killed, too much output), DeadlineError, CancelledError.
    """
    where = f"--file={base}" if base.is_file() else f"--directory={base}"
    arguments = [where, f"--framework={','.join(sorted(frameworks))}", *ALWAYS]
    arguments += (f"--skip-path={pattern.pattern}" for pattern in skip)
    with tempfile.TemporaryDirectory(prefix="scangate-checkov-") as folder:
        # An empty folder to be at home in: checkov reads `.checkov.yaml` from there, from its working folder, and from
        # the one it scans unless that is written `--directory=`. Such a file can switch checks off, or load code.
        given = Path(folder, "arguments.json")
        given.write_text(json.dumps(arguments))
        home = Path(folder, "home")
        # Parse tables that take 20 seconds to make are kept as a pickle in TMPDIR: never in a shared one.
        shutil.copytree(engine.warm, home) if engine.warm.is_dir() else home.mkdir()
        done = process.run(
            # -I: no PYTHON* variables, and no module is ever imported from the working folder.
            [str(engine.python), "-I", str(DRIVER), str(given)],
            deadline=deadline,
            cwd=home,
            env=ENVIRONMENT | WARM_USER | {"HOME": str(home), "TMPDIR": str(home)},
        )
    return _judged(done)


def _judged(done: process.Completed) -> bytes:
    last = done.complaint.rpartition(" / ")[2]
    if done.returncode < 0:
        raise ScanError(
            f"checkov was ended by signal {-done.returncode}",
            advice="if the machine ran out of memory, scan smaller folders as targets of their own",
        )
    if done.returncode:
        how = EXITS.get(done.returncode, f"ended with exit {done.returncode}")
        raise ScanError(
            f"checkov {how}: {last or 'it gave no reason'}",
            advice="leave out the file it stumbles over with `skip_paths`, and report it to checkov",
        )
    if done.truncated:
        raise ScanError("checkov's output is over the limit", advice="scan smaller folders as targets of their own")
    return done.stdout
