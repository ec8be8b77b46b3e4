"""The real checkov on small repositories: what it finds, what it cannot read, and that it stays inside."""

import json
import os
import re
import shutil
import time
from pathlib import Path

import pytest
from checkov_trees import BAD, BROKEN, CLEAN, EXPECTED

from scangate import process
from scangate.core.model import Severity
from scangate.engines import WARM_USER, locate
from scangate.scanners.checkov import command
from scangate.scanners.checkov.finding import Place
from scangate.scanners.checkov.parse import parse
from scangate.scanners.checkov.severity import TABLE

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("checkov")]


@pytest.fixture
def through(monkeypatch):
    """Runs the engine through another program."""

    def use(*prefix: str) -> None:
        run = process.run
        monkeypatch.setattr(command.process, "run", lambda argv, **how: run([*prefix, *argv], **how))

    return use


def test_every_framework_finds_what_is_wrong_and_nothing_of_the_tree_is_obeyed(scan, tree, real_home):
    root = tree(BAD)
    outcome = scan(root, home=real_home, seconds=250)
    assert outcome.error is None
    missing = {path: rule for path, rule in EXPECTED.items() if rule not in outcome.rules(path)}
    assert missing == {}
    assert outcome.gaps == {}
    assert outcome.asked == len(EXPECTED.keys() - {"values.yaml"} | CLEAN)
    assert {finding.location.path for finding in outcome.findings} == EXPECTED.keys()
    subjects = {finding.subject for finding in outcome.findings}
    assert {
        "main.tf#aws_s3_bucket.logs",
        "modules/store/main.tf#module.store.aws_ebs_volume.disk",
        "k8s/pods.yaml#Pod.default.a",
        "k8s/pods.yaml#Pod.default.b",
        "cfn/stack.yaml#AWS::S3::Bucket.B",
        "Dockerfile#RUN",
        "Dockerfile#RUN (2)",
        ".github/workflows/ci.yml#jobs(build).steps[2]",
        "ansible/play.yml#tasks.uri.unknown",
        "ansible/play.yml#tasks.uri.unknown (2)",
    } <= subjects
    assert len({(finding.rule, finding.subject) for finding in outcome.findings}) == len(outcome.findings)
    assert not [subject for subject in subjects if str(root) in subject or re.search(r"\[\d+:\d+\]", subject)]
    assert max(finding.severity for finding in outcome.findings) >= Severity.HIGH
    everything = repr(outcome.items)
    assert "AKIAQYLP" not in everything
    assert str(root) not in everything
    assert "main.tf: comments in the file switch off 1 checks: CKV_AWS_18" in outcome.notes
    assert any("terraform-aws-modules/vpc/aws" in note for note in outcome.notes)
    assert any("compose.yaml" in note for note in outcome.notes)
    assert not list(root.rglob("pwned"))
    assert sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()) == sorted(BAD)


def test_nothing_is_lost_to_how_it_is_called(scan, tree, real_home, tmp_path):
    """Checkov as its users call it, every framework in a process of its own, sees no failed check that we do not."""
    root = tree({name: text for name, text in BAD.items() if name != ".checkov.yaml"})
    python = str(locate("checkov", real_home).python)
    argv = [python, "-I", "-m", "checkov.main", f"--directory={root}", "--output=json", "--skip-download", "--compact"]
    env = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    shutil.copytree(locate("checkov", real_home).warm, tmp_path, dirs_exist_ok=True)
    plain = process.run(argv, deadline=time.monotonic() + 250, cwd=tmp_path, env=env | WARM_USER)
    outcome = scan(root, home=real_home, seconds=250)
    place = Place(root=str(root), base=str(root))
    theirs = {(each.rule, each.subject) for each in parse(plain.stdout, target="infra", place=place).findings}
    ours = {(each.rule, each.subject) for each in outcome.findings}
    assert len(theirs) > 100
    assert theirs <= ours
    assert {subject.partition("#")[0] for _, subject in ours - theirs} <= {
        ".k8s/hidden.yaml",
        ".devcontainer/Dockerfile",
    }


def test_what_checkov_could_not_parse_is_a_gap_even_where_it_says_nothing(scan, tree, real_home):
    outcome = scan(tree(BROKEN), home=real_home, seconds=250)
    assert outcome.error is None
    assert outcome.gaps.keys() == BROKEN.keys() - {"good.tf", "chart/templates/s.yaml", "settings.json"}
    assert outcome.asked == len(BROKEN) - 2
    assert {finding.location.path for finding in outcome.findings} == {"good.tf", "k8s/part.yaml"}
    assert outcome.gaps["k8s/broken.yaml"] == "it is not valid YAML: line 5: did not find expected key"
    assert outcome.gaps["k8s/template.yaml"] == "it is a template, not a manifest: render it first"
    assert outcome.gaps["k8s/part.yaml"] == "checkov took only 1 of its 2 documents for Kubernetes manifests"
    assert outcome.gaps["cfn/broken.json"].startswith("it is not valid JSON: line 1")
    assert outcome.gaps["latin/Dockerfile"] == "it is not UTF-8 text"
    assert outcome.gaps["broken.tf"] == "checkov could not parse it as terraform"
    assert any("settings.json" in note for note in outcome.notes)


def test_it_finds_the_same_without_a_network(scan, tree, real_home, through):
    root = tree({name: BAD[name] for name in ("main.tf", "modules/store/main.tf", "Dockerfile", "k8s/pods.yaml")})
    with_network = scan(root, home=real_home, seconds=120)
    if not shutil.which("unshare") or process.run(["unshare", "-rn", "true"], deadline=time.monotonic() + 9).returncode:
        pytest.skip("no network namespace can be made here")
    through("unshare", "-rn")
    without = scan(root, home=real_home, seconds=120)
    assert with_network.error is without.error is None
    assert with_network.findings == without.findings != []
    assert with_network.items == without.items


def test_it_never_reaches_for_the_network_or_another_program(scan, tree, real_home, through, tmp_path):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    root = tree({name: BAD[name] for name in ("main.tf", "Dockerfile", "values.yaml")} | {"Chart.yaml": "name: x\n"})
    through("strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,execve,clone,fork,vfork", "-o", str(trace))
    outcome = scan(root, home=real_home, seconds=250)
    if outcome.error and "ptrace" in str(outcome.error):
        pytest.skip("strace may not trace here")
    assert outcome.error is None
    calls = trace.read_text().splitlines()
    assert not [call for call in calls if "AF_INET" in call]
    assert len([call for call in calls if "execve(" in call]) == 1
    assert outcome.findings


def test_the_driver_stops_a_connection_and_a_program(real_home, tmp_path):
    code = (
        "import importlib.util, sys; spec = importlib.util.spec_from_file_location('driver', sys.argv[1]);"
        "driver = importlib.util.module_from_spec(spec); spec.loader.exec_module(driver);"
        "sys.addaudithook(driver._stay_inside); import os, socket, subprocess\n"
        "for act in (lambda: socket.create_connection(('127.0.0.1', 9)), lambda: subprocess.run(['true']),\n"
        "            lambda: socket.getaddrinfo('localhost', 1), lambda: os.system('true'),\n"
        "            lambda: os.execv('/bin/true', ['x']),\n"
        "            lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))):\n"
        "    try: act()\n"
        "    except PermissionError as error: print(error)\n"
    )
    python = str(locate("checkov", real_home).python)
    done = process.run([python, "-I", "-c", code, str(command.DRIVER)], deadline=time.monotonic() + 60, cwd=tmp_path)
    assert done.stdout.decode().count("is not allowed while scanning") == 6, done.stderr.decode()


SINGLE = {
    "Dockerfile": "CKV2_DOCKER_1",
    "k8s/pods.yaml": "CKV_K8S_16",
    ".github/workflows/ci.yml": "CKV_GHA_2",
    "plan/tfplan.json": "CKV_AWS_18",
}


@pytest.mark.parametrize("name", SINGLE)
def test_a_single_file_can_be_the_target(scan, tree, real_home, name):
    outcome = scan(tree(BAD), name, home=real_home, seconds=120)
    assert outcome.error is None
    assert SINGLE[name] in outcome.rules(name)
    assert {finding.location.path for finding in outcome.findings} == {name}
    assert (outcome.asked, outcome.gaps) == (1, {})


def test_odd_names_links_and_special_files_do_no_harm(scan, tree, real_home):
    bucket = BROKEN["good.tf"]
    names = ('sp ace;$(x)".tf', "venv.github.io/a.tf", "-rf.tf", "new\nline.tf", "ünï.tf")
    root = tree(dict.fromkeys(names, bucket) | {"skipped/x.tf": bucket, "node_modules/x.tf": bucket})
    (root / os.fsdecode(b"bad\xff.tf")).write_bytes(bucket if isinstance(bucket, bytes) else bucket.encode())
    os.mkfifo(root / "pipe.yaml")
    (root / "zero.tf").symlink_to("/dev/zero")
    (root / "Dockerfile").symlink_to("/nonexistent")
    (root / "loop").symlink_to(".")
    outcome = scan(root, home=real_home, seconds=120, skip_paths=["skipped"])
    assert outcome.error is None
    assert {finding.location.path for finding in outcome.findings} == {*names, os.fsdecode(b"bad\xff.tf")}
    assert outcome.gaps.keys() == {"pipe.yaml", "zero.tf"}
    assert outcome.asked == len(names) + 3


def test_the_table_of_severities_knows_every_check_of_the_installed_version(real_home, tmp_path):
    code = (
        "import sys, json; from checkov.docs_generator import get_checks;"
        "print(json.dumps(sorted({row[0] for row in get_checks(['all'])})))"
    )
    env = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "BC_SKIP_MAPPING": "TRUE"}
    python = str(locate("checkov", real_home).python)
    done = process.run([python, "-I", "-c", code], deadline=time.monotonic() + 120, cwd=tmp_path, env=env)
    installed = set(json.loads(done.stdout.splitlines()[-1]))
    listed = {line.split("\t")[0] for line in Path(TABLE).read_text().splitlines()}
    assert len(installed) > 1300
    assert installed <= listed
