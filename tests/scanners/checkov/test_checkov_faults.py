"""Whatever goes wrong, a tree that was not looked at passes for nothing else, and the reason says what happened."""

import json
import os
import time

import pytest
from checkov_account import account

from scangate import process
from scangate.engines import locate
from scangate.errors import CancelledError, DeadlineError, ScanError, ToolMissingError
from scangate.scanners import Need
from scangate.scanners.checkov import Checkov, command

TREE = {"Dockerfile": "FROM debian\n", "pod.yaml": "apiVersion: v1\nkind: Pod\n"}
ASKED = "ansible argo_workflows cloudformation dockerfile kubernetes openapi secrets"


@pytest.fixture
def root(tree):
    return tree(TREE)


def parsed(root, *names: str) -> dict[str, list[str]]:
    frameworks = {"Dockerfile": "dockerfile", "pod.yaml": "kubernetes"}
    return {frameworks[name]: [str(root.resolve() / name)] for name in names}


def test_a_scan_that_went_well_is_evidence(answering, scan, root, tmp_path):
    answering(account(ASKED, parsed=parsed(root, "Dockerfile", "pod.yaml")))
    outcome = scan(root)
    assert outcome.error is None
    assert outcome.is_evidence
    assert (outcome.asked, outcome.gaps, outcome.findings) == (2, {}, [])
    (tool,) = outcome.tools
    assert (tool.name, tool.version) == ("checkov", locate("checkov", tmp_path).version)
    assert len(tool.digest) == 64


FAULTS = {
    "crash": ("echo 'Traceback: ...' >&2; echo 'ValueError: no' >&2; exit 2", r"^checkov crashed: ValueError: no$"),
    "crash without a word": ("exit 2", r"checkov crashed: it gave no reason"),
    "unknown exit": ("echo huh >&2; exit 64", r"checkov ended with exit 64: huh"),
    "killed": ("kill -KILL $$", r"checkov was ended by signal 9"),
    "no output": ("exit 0", r"checkov gave no output"),
    "not JSON": ("echo hello", r"not JSON, or was cut off"),
    "cut off": ("printf '{\"reports\": ['", r"not JSON, or was cut off"),
    "another shape": ("echo '{\"reports\": 5}'", r"not a checkov report"),
    "null": ("echo null", r"not a checkov report"),
    "no framework answered": (
        'echo \'{"reports": [], "parsed": {}}\'',
        r"gave no report on ansible, argo_workflows, cloudformation, dockerfile, kubernetes, openapi, secrets",
    ),
    "bare counts of a clean scan": ('echo \'{"passed": 0, "failed": 0}\'', r"gave no report on ansible"),
}


@pytest.mark.parametrize(("script", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_an_error_with_advice(fake, scan, root, script, reason):
    fake(script)
    outcome = scan(root)
    assert not outcome.is_evidence
    assert outcome.error is not None
    assert outcome.error.advice
    with pytest.raises(ScanError, match=reason):
        raise outcome.error


def test_one_framework_that_crashed_fails_the_run_and_keeps_what_the_others_found(answering, scan, root):
    record = {
        "check_id": "CKV_DOCKER_2",
        "check_name": "n",
        "file_path": "/Dockerfile",
        "file_abs_path": str(root.resolve() / "Dockerfile"),
        "file_line_range": [1, 1],
        "resource": "/Dockerfile.",
    }
    answer = account(ASKED, parsed=parsed(root, "Dockerfile"), failed={"kubernetes": "KeyError: 'x'"})
    answer["reports"].append({"check_type": "dockerfile", "results": {"failed_checks": [record]}})
    answering(answer)
    outcome = scan(root)
    assert not outcome.is_evidence
    assert "checkov crashed on kubernetes: KeyError: 'x'" in str(outcome.error)
    assert [(each.rule, each.subject) for each in outcome.findings] == [("CKV_DOCKER_2", "Dockerfile")]
    assert outcome.gaps == {"pod.yaml": "checkov crashed on kubernetes"}


def test_a_file_that_was_not_parsed_is_a_gap(answering, scan, root):
    answering(account(ASKED, parsed=parsed(root, "Dockerfile")))
    outcome = scan(root)
    assert outcome.is_evidence
    assert (outcome.asked, outcome.gaps) == (2, {"pod.yaml": "checkov could not parse it as kubernetes"})


def test_a_hung_engine_is_ended_at_the_deadline(fake, scan, root, tmp_path):
    fake(f"echo $$ > {tmp_path}/pid; exec sleep 300")
    started = time.monotonic()
    outcome = scan(root, seconds=1)
    assert isinstance(outcome.error, DeadlineError)
    assert not outcome.is_evidence
    assert time.monotonic() - started < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_an_interrupt_ends_the_scan(fake, scan, root):
    fake("exec sleep 300")
    outcome = scan(root, cancelled=lambda: True)
    assert isinstance(outcome.error, CancelledError)
    assert not outcome.is_evidence


def test_too_much_output_is_no_answer():
    done = process.Completed(argv=("x",), returncode=0, stdout=b"{}", stderr=b"", truncated=True, seconds=1.0)
    with pytest.raises(ScanError, match="over the limit"):
        command._judged(done)


def test_a_missing_engine_says_how_to_get_it(scan, root, tmp_path):
    outcome = scan(root)
    assert isinstance(outcome.error, ToolMissingError)
    assert "is not installed in" in outcome.error.message
    assert outcome.error.advice == "scangate engines install checkov"
    assert outcome.asked is None
    (need,) = Checkov().needs()
    assert need == Need(name="checkov", install="scangate engines install checkov")
    assert Checkov().find(need, tmp_path / "home") is None


def test_an_engine_with_other_pins_is_not_used(fake, scan, root, tmp_path):
    path = fake("exit 0")
    path.rename(path.with_name("0123456789abcdef"))
    outcome = scan(root)
    assert isinstance(outcome.error, ToolMissingError)
    assert "not the version this scangate needs" in outcome.error.message
    assert Checkov().find(Checkov().needs()[0], tmp_path / "home") is None


def test_a_found_engine_is_described(fake, tmp_path):
    path = fake("exit 0")
    found = Checkov().find(Checkov().needs()[0], tmp_path / "home")
    assert found is not None
    assert (found.name, found.path) == ("checkov", str(path / "bin" / "python"))
    assert len(found.digest) == 64


@pytest.mark.parametrize("address", ["nope", "nope/../../x", "a\0b", "self"])
def test_a_path_that_is_not_there_is_an_error(fake, scan, root, address):
    fake("exit 0")
    (root / "self").symlink_to("self")
    outcome = scan(root, address)
    assert isinstance(outcome.error, ScanError)
    assert "cannot be read" in outcome.error.message
    assert outcome.asked is None


def test_a_folder_without_infrastructure_code_asked_for_nothing(fake, scan, tree):
    fake("exit 2")
    outcome = scan(tree({"README.md": "hello"}))
    assert outcome.error is None
    assert outcome.asked == 0
    assert not outcome.is_evidence


def test_the_engine_is_called_with_nothing_of_the_users(fake, scan, root, tmp_path, monkeypatch):
    for name in ("PYTHONPATH", "BC_API_KEY", "CKV_EXTERNAL_CHECKS_DIR", "https_proxy", "LOG_LEVEL"):
        monkeypatch.setenv(name, "x")
    fake(f'env > {tmp_path}/env; pwd > {tmp_path}/cwd; cat "$3" > {tmp_path}/arguments; echo "$1 $2" > {tmp_path}/how')
    scan(root)
    env = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines() if "=" in line)
    assert not env.keys() & {"PYTHONPATH", "BC_API_KEY", "CKV_EXTERNAL_CHECKS_DIR", "https_proxy", "LOG_LEVEL"}
    assert env["HOME"] == env["TMPDIR"] == (tmp_path / "cwd").read_text().strip()
    assert not os.path.exists(env["HOME"])  # noqa: PTH110 - text from elsewhere
    assert (tmp_path / "how").read_text().split() == ["-I", str(command.DRIVER)]
    arguments = json.loads((tmp_path / "arguments").read_text())
    assert arguments[:2] == [f"--directory={root.resolve()}", f"--framework={ASKED.replace(' ', ',')}"]
    assert {"--skip-download", "--soft-fail", "--output=json"} <= set(arguments)


def test_notes_say_what_a_reader_must_know(answering, scan, tree):
    root = tree({"main.tf": "x = 1\n", "compose.yaml": "services: {}\n", "old/b.tf": "x = 1\n", "odd.json": "{"})
    skipped = {"check_id": "CKV_AWS_18", "file_path": "/main.tf", "file_abs_path": str(root.resolve() / "main.tf")}
    results = {"skipped_checks": [skipped], "parsing_errors": [str(root.resolve() / "odd.json")]}
    frameworks = f"{ASKED} arm terraform terraform_plan"
    answer = account(frameworks, parsed={"terraform": [str(root.resolve() / "main.tf")]}, modules=["far/away/aws:1.0"])
    answer["reports"].append({"check_type": "terraform", "results": results})
    answering(answer)
    outcome = scan(root, skip_paths=["old"])
    assert outcome.error is None
    assert (outcome.asked, outcome.gaps) == (1, {})
    assert outcome.notes == [
        "main.tf: comments in the file switch off 1 checks: CKV_AWS_18",
        "left out by `skip_paths`: old",
        "Compose files are searched for secrets only, checkov has no other checks for them: compose.yaml",
        "modules from elsewhere are not fetched (scan a Terraform plan to include them): far/away/aws:1.0",
        "could not be parsed, and look like no infrastructure code: odd.json",
    ]
