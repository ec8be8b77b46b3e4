"""What each command says, through the real command line."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from scangate import __version__

Run = Callable[..., subprocess.CompletedProcess[str]]
Sync = Callable[[str], None]
VULNERABLE = "1:1.3.0-1"


def test_version(scangate: Run) -> None:
    assert scangate("--version").stdout == f"scangate {__version__}\n"


@pytest.mark.parametrize(
    "command",
    ["scan", "plan", "judge", "report", "init", "config", "schema", "scanners", "doctor", "engines", "advisories"],
)
def test_every_command_has_help_and_stands_in_the_list(scangate: Run, command: str) -> None:
    assert command in scangate("--help").stdout
    done = scangate(command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: scangate")


def test_plan_says_who_reads_what_and_why_not(scangate: Run, shop: Path) -> None:
    done = scangate("plan")
    assert done.returncode == 0
    assert "reads hosts, not image" in done.stdout
    assert "rootfs:image" in done.stdout


def test_judge_repeats_the_verdict_and_the_explanation(scangate: Run, shop: Path, advisories: Sync) -> None:
    advisories(VULNERABLE)
    scanned = scangate("scan", "-o", "result=first.json")
    judged = scangate("judge", "first.json", "-o", "result=second.json")
    assert (scanned.returncode, judged.returncode) == (1, 1)
    assert (shop / "first.json").read_text() == (shop / "second.json").read_text()


def test_judge_by_another_policy_gives_another_verdict(scangate: Run, shop: Path, advisories: Sync) -> None:
    advisories(VULNERABLE)
    scangate("scan", "-o", "result=result.json")
    assert scangate("judge", "result.json", "-p", "builtin:advisory").returncode == 0
    assert scangate("judge", "result.json", "-p", "strict").returncode == 1


def test_judge_uses_a_policy_beside_the_config_from_anywhere_in_the_repository(
    scangate: Run, shop: Path, advisories: Sync
) -> None:
    advisories(VULNERABLE)
    (shop / "ci").mkdir()
    (shop / "ci/policy.yml").write_text("version: 1\nname: mine\nrules:\n  - {name: all, action: warn}\n")
    (shop / "ci/scangate.yml").write_text(
        "version: 1\npolicy: policy.yml\ntargets:\n  - id: web\n    image: rootfs:../image\n"
    )
    (shop / ".git").mkdir()
    assert scangate("scan", "-c", "ci/scangate.yml", "-o", "result=r.json").returncode == 0
    assert json.loads((shop / "r.json").read_text())["policy"]["source"] == "ci/policy.yml"
    assert scangate("judge", "r.json").returncode == 0


def test_a_baseline_lets_only_what_is_new_fail(scangate: Run, shop: Path, advisories: Sync) -> None:
    advisories(VULNERABLE)
    (shop / "new.yml").write_text(
        "version: 1\nname: new-only\nrules:\n"
        "  - {name: introduced, when: {state: new}, action: fail}\n  - {name: known, action: warn}\n"
    )
    assert scangate("scan", "-p", "new.yml", "-o", "result=before.json").returncode == 1
    again = scangate("scan", "-p", "new.yml", "--baseline", "before.json", "-o", "result=after.json")
    assert again.returncode == 0, again.stdout + again.stderr
    states = [each["state"] for each in json.loads((shop / "after.json").read_text())["decisions"]]
    assert states == ["unchanged"]


def test_a_finding_that_is_gone_is_fixed(scangate: Run, shop: Path, advisories: Sync) -> None:
    advisories(VULNERABLE)
    scangate("scan", "-o", "result=before.json")
    advisories("1:1.2.13.dfsg-1")
    assert scangate("scan", "--baseline", "before.json", "-o", "result=after.json").returncode == 0
    (decision,) = json.loads((shop / "after.json").read_text())["decisions"]
    assert (decision["state"], decision["action"]) == ("fixed", "accept")


def test_a_baseline_that_cannot_be_read_makes_everything_new_loudly(
    scangate: Run, shop: Path, advisories: Sync
) -> None:
    advisories(VULNERABLE)
    (shop / "broken.json").write_text("{")
    done = scangate("scan", "--baseline", "broken.json", "-o", "result=after.json", "-o", "console")
    assert done.returncode == 1
    assert "every finding counts as new" in done.stderr
    assert "every finding counts as new" in done.stdout.replace("\n", " ")
    assert json.loads((shop / "after.json").read_text())["decisions"][0]["state"] == "new"


def test_report_writes_every_format_of_a_stored_result(scangate: Run, shop: Path, advisories: Sync) -> None:
    advisories(VULNERABLE)
    scangate("scan", "-o", "result=r.json")
    done = scangate("report", "r.json", "-o", "sarif=s.sarif", "-o", "markdown=r.md", "-o", "console")
    assert done.returncode == 0, done.stderr
    (finding,) = json.loads((shop / "s.sarif").read_text())["runs"][0]["results"]
    place = finding["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "scangate.yml"
    assert place["region"]["startLine"] == 5
    assert "CVE-2023-45853" in (shop / "r.md").read_text()


def test_init_writes_a_config_that_plans(scangate: Run, tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/main.tf").write_text('resource "aws_s3_bucket" "logs" {}\n')
    (tmp_path / "deploy/Dockerfile").write_text("FROM debian\n")
    done = scangate("init")
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load((tmp_path / "scangate.yml").read_text())["targets"] == [
        {"id": "infrastructure", "path": "deploy"}
    ]
    assert scangate("plan").returncode == 0
    assert scangate("init").returncode == 2


def test_config_shows_every_value_with_its_origin(scangate: Run, shop: Path) -> None:
    done = scangate("config", "-p", "strict", SCANGATE_JOBS="3")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert "flag --policy" in rows["policy"]
    assert "environment SCANGATE_JOBS" in rows["jobs"]
    assert "scangate.yml:5" in rows["targets.web"]


@pytest.mark.parametrize("which", ["config", "policy"])
def test_schema_prints_a_valid_schema(scangate: Run, which: str) -> None:
    schema = json.loads(scangate("schema", which).stdout)
    jsonschema.Draft7Validator.check_schema(schema)


def test_doctor_names_the_command_for_each_thing_that_is_missing(scangate: Run) -> None:
    done = scangate("doctor")
    assert done.returncode == 3
    assert "scangate engines install checkov" in done.stdout
    assert "scangate advisories sync" in done.stdout


def test_advisories_status_shows_what_is_stored(scangate: Run, advisories: Sync) -> None:
    assert "Nothing is stored" in scangate("advisories", "status").stdout
    advisories(VULNERABLE)
    assert "Debian:99" in scangate("advisories", "status").stdout


def test_a_target_of_the_command_line_replaces_those_of_the_config(scangate: Run, shop: Path, advisories: Sync) -> None:
    advisories(VULNERABLE)
    done = scangate("scan", "shop=image:rootfs:image", "-o", "result=r.json", "-o", "console")
    assert done.returncode == 1, done.stderr
    result = json.loads((shop / "r.json").read_text())
    assert [each["id"] for each in result["targets"]] == ["shop"]
    assert any("those of scangate.yml were not scanned" in note for note in result["notes"])


def test_output_that_nobody_reads_any_more_ends_quietly(shop: Path, environ: dict[str, str]) -> None:
    script = "import sys; sys.argv = ['scangate', 'schema', 'config']; from scangate.cli import main; main()"
    child = subprocess.Popen(
        [sys.executable, "-c", script], cwd=shop, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout
    assert child.stderr
    child.stdout.close()
    said = child.stderr.read()
    child.stderr.close()
    child.wait(60)
    assert "Traceback" not in said
    assert "Error" not in said
