"""Microsoft's own validator, with the rules of GitHub: the only one that knows more than the schema."""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scangate.core.model import Report
from scangate.reporters import Screen
from scangate.reporters.sarif import FullSarif, GitHubSarif

from .hostile import poisoned
from .sample import passing, sample

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "scangate-tests"
PACKAGE = "@microsoft/sarif-multitool-linux"
VERSION = "5.7.0"

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def multitool() -> Path:
    program = CACHE / "node_modules" / PACKAGE / "Sarif.Multitool"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:  # several workers of pytest-xdist may want it at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            if not shutil.which("npm"):
                pytest.skip("the SARIF multitool is not here, and neither is npm to install it")
            install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", f"{PACKAGE}@{VERSION}"]
            done = subprocess.run([*install, "--prefix", CACHE], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"the SARIF multitool cannot be installed: {done.stderr[-300:]}")
        program.chmod(0o755)
    return program


CASES = {"sample": sample(), "passing": passing(), "hostile": poisoned("<b>|`::error::\x1b @x ../ 字\n")}


@pytest.mark.parametrize("report", CASES.values(), ids=CASES)
@pytest.mark.parametrize("reporter", [GitHubSarif(), FullSarif()], ids=lambda each: each.name)
def test_the_multitool_has_no_error_and_no_warning(
    multitool: Path, shared: Path, tmp_path: Path, reporter: GitHubSarif | FullSarif, report: Report
) -> None:
    log, found = tmp_path / "out.sarif", tmp_path / "found.sarif"
    log.write_text(reporter.render(report, Screen()))
    rules = ["--rule-kind", "Sarif;Ghas", "-c", shared / "schemas" / "multitool-ghas.config.xml"]
    output = ["--level", "Error;Warning", "--log", "ForceOverwrite", "-o", found]
    subprocess.run([multitool, "validate", log, *rules, *output], capture_output=True, check=False, timeout=120)
    run = json.loads(found.read_text(encoding="utf-8-sig"))["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is True  # its exit code is 0 even when it finds errors
    assert [(each["ruleId"], each["message"].get("arguments")) for each in run.get("results", [])] == []
