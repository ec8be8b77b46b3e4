"""The real ssh-audit, on real OpenSSH servers; and recordings of its reports."""

import importlib
import json

import pytest

from rig.daemon import find
from rig.site import HARDENED, WEAK, site
from scangate.core.model import Finding, Service, Severity
from scangate.errors import ScanError
from scangate.scanners.ssh_audit import SshAudit
from scangate.scanners.ssh_audit.grading import Grade, grade
from scangate.scanners.ssh_audit.parse import parse
from scangate.scanners.ssh_audit.rules import check

DATED = {"ssh-algorithm-dated", "CVE-2023-48795"}


@pytest.fixture
def server():
    """Start OpenSSH on one side of the rig; gives its address."""
    from contextlib import ExitStack

    module = importlib.import_module("rig.sshd")
    if not all(map(find, module.PROGRAMS)):
        pytest.skip("OpenSSH's server is not installed: apt-get install openssh-server")
    with ExitStack() as stack:

        def start(which):
            found = stack.enter_context(site(which))
            stack.enter_context(getattr(module, which)(found))
            return found.address

        yield start


@pytest.fixture
def _program(tmp_path):
    if not SshAudit().find(SshAudit().needs()[0], tmp_path):
        pytest.skip("ssh-audit is not installed: apt-get install ssh-audit")


@pytest.mark.real
@pytest.mark.usefixtures("_program")
def test_the_weak_server_of_the_rig_shows_its_weaknesses(scan, server):
    from rig.facts import facts

    outcome = scan(22, host=server(WEAK))
    assert outcome.gaps == {}
    wanted = {fact.rule: fact.severity.name for fact in facts() if "ssh_audit" in fact.scanners}
    assert wanted.items() <= outcome.severities.items()
    (service,) = outcome.all(Service)
    assert service.host_key.startswith("SHA256:")
    advice = dict(outcome.said("ssh-algorithm-weak").evidence[0].facts).get("advice", "remove")  # 2.5 gives none
    assert advice.startswith("remove")


@pytest.mark.real
@pytest.mark.usefixtures("_program")
def test_the_hardened_server_of_the_rig_breaks_no_rule(scan, server):
    outcome = scan(22, host=server(HARDENED))
    assert outcome.gaps == {}
    assert [each.rule for each in outcome.all(Finding) if each.severity > Severity.INFO] == []
    assert outcome.notes == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("many_vulns", DATED | {"CVE-2021-41617", "CVE-2020-15778", "CVE-2019-16905", "CVE-2016-20012"}),
        ("many_vulns2", DATED),
        ("securecodebox/dummy-ssh", DATED),
        ("securecodebox/portExample", set()),
    ],
)
def test_every_recording_is_read_to_the_last_algorithm(shared, name, expected):
    content = (shared / "samples" / "ssh_audit" / f"{name}.json").read_bytes()
    document = json.loads(content)
    audit = parse(content)
    for kind in ("kex", "key", "enc", "mac"):
        assert audit.names(kind) == {entry["algorithm"] for entry in document[kind]}
    assert len(audit.vulnerabilities) == len(document["cves"])
    assert audit.host_key.startswith("SHA256:")
    assert audit.banner == document["banner"]["raw"]
    fails = [each for each in audit.algorithms if each.fails]
    # Whatever ssh-audit fails is judged here too, but for NIST's curves and sizes that have rules of their own.
    excused = [each.name for each in fails if grade(each).grade is Grade.FINE]
    assert all("nistp" in each or "rsa-sha2" in each for each in excused), excused
    assert {hit.rule.id for hit in check(audit, "a:22/tcp")} == expected


def test_a_recording_of_nothing_is_no_report(shared):
    with pytest.raises(ScanError, match="has no algorithms"):
        parse((shared / "samples" / "ssh_audit" / "securecodebox" / "test-empty-report.json").read_bytes())
