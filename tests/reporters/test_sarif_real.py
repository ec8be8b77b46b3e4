"""Microsoft's own validator, with the rules of GitHub: the only one that knows more than the schema."""

import json
import subprocess
from pathlib import Path

import pytest

from multitool import program
from scangate.core.model import Report
from scangate.reporters import Screen
from scangate.reporters.sarif import FullSarif, GitHubSarif, GitLabSarif

from .hostile import poisoned
from .sample import passing, sample

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def multitool() -> Path:
    return program()


CASES = {"sample": sample(), "passing": passing(), "hostile": poisoned("<b>|`::error::\x1b @x ../ 字\n")}


@pytest.mark.parametrize("report", CASES.values(), ids=CASES)
@pytest.mark.parametrize("reporter", [GitHubSarif(), GitLabSarif(), FullSarif()], ids=lambda each: each.name)
def test_the_multitool_has_no_error_and_no_warning(
    multitool: Path, shared: Path, tmp_path: Path, reporter: GitHubSarif | GitLabSarif | FullSarif, report: Report
) -> None:
    log, found = tmp_path / "out.sarif", tmp_path / "found.sarif"
    log.write_text(reporter.render(report, Screen()))
    rules = ["--rule-kind", "Sarif;Ghas", "-c", shared / "schemas" / "multitool-ghas.config.xml"]
    output = ["--level", "Error;Warning", "--log", "ForceOverwrite", "-o", found]
    subprocess.run([multitool, "validate", log, *rules, *output], capture_output=True, check=False, timeout=120)
    run = json.loads(found.read_text(encoding="utf-8-sig"))["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is True  # its exit code is 0 even when it finds errors
    assert [(each["ruleId"], each["message"].get("arguments")) for each in run.get("results", [])] == []
