"""Our rules beside those of Microsoft's validator, where it has the same: what breaks ours breaks theirs."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from logs import BROKEN, clean

from multitool import program

pytestmark = pytest.mark.real

THEIRS = {
    "rule-name": ("GHAzDO", "GHAzDO2012"),
    "rule-unnamed": ("GHAzDO", "GHAzDO1015"),
    "message-text": ("GHAzDO", "GHAzDO1015"),
    "no-location": ("GHAzDO", "GHAzDO1015"),
    "tool-full-name": ("GHAzDO", "GHAzDO1018"),
    "no-rules": ("GHAzDO", "GHAzDO1018"),
    "pipeline-id": ("GHAzDO", "GHAzDO1020"),
    "pipeline-build": ("GHAzDO", "GHAzDO1019"),
    "no-results": ("Ghas", "GH1014"),
    "too-many-runs": ("Ghas", "GH1013"),
    "no-line": ("Ghas", "GH1003"),
    "uri-scheme": ("Ghas", "GH1005"),
    "rule-texts": ("Ghas", "GH2012"),
}


@pytest.fixture(scope="module")
def multitool() -> Path:
    return program()


def rules(multitool: Path, shared: Path, folder: Path, log: dict[str, Any], kind: str) -> set[str]:
    file, found = folder / "in.sarif", folder / "out.sarif"
    file.write_text(json.dumps(log))
    config = shared / "schemas" / "multitool-ghas.config.xml"
    output = ["--level", "Error;Warning", "--log", "ForceOverwrite", "-o", found]
    command = [multitool, "validate", file, "--rule-kind", kind, "-c", config, *output]
    subprocess.run(command, capture_output=True, check=False, timeout=120)
    return {each["ruleId"] for each in json.loads(found.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])}


@pytest.mark.parametrize("kind", ["GHAzDO", "Ghas"])
def test_the_clean_log_is_clean_for_the_multitool(multitool: Path, shared: Path, tmp_path: Path, kind: str) -> None:
    assert rules(multitool, shared, tmp_path, clean(), kind) == set()


@pytest.mark.parametrize("name", THEIRS)
def test_what_breaks_our_rule_breaks_the_multitools(multitool: Path, shared: Path, tmp_path: Path, name: str) -> None:
    kind, theirs = THEIRS[name]
    log = clean()
    BROKEN[name].breaks(log)
    assert theirs in rules(multitool, shared, tmp_path, log, kind)
