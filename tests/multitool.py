"""Microsoft's SARIF validator, as its npm package brings it: one program, which needs nothing else."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "scangate-tests"
PACKAGE = "@microsoft/sarif-multitool-linux"
VERSION = "5.7.0"


def program() -> Path:
    """Return the program; install it once. Skips the test where that cannot be done."""
    found = CACHE / "node_modules" / PACKAGE / "Sarif.Multitool"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:  # several workers of pytest-xdist may want it at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            if not shutil.which("npm"):
                pytest.skip("the SARIF multitool is not here, and neither is npm to install it")
            install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", f"{PACKAGE}@{VERSION}"]
            done = subprocess.run([*install, "--prefix", CACHE], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"the SARIF multitool cannot be installed: {done.stderr[-300:]}")
        found.chmod(0o755)
    return found
