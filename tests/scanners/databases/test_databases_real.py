"""Real servers, weak and hardened; MongoDB is a stand-in that was constructed (tests/rig/mongodb.py)."""

import hashlib
import subprocess
from pathlib import Path

import pytest

import rig
from rig.facts import facts
from rig.site import PASSWORD
from scangate.core.model import Confidence, Finding, Severity

from .conftest import NAMES, PORTS, Scan, needed

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("credentials")]


@pytest.mark.parametrize("name", NAMES)
def test_every_weakness_of_the_facts_is_found_with_its_severity(name: str, weak: rig.Running, scan: Scan) -> None:
    needed(weak, name)
    outcome = scan(weak.address, PORTS[name])
    expected = {each.rule: each.severity for each in facts() if each.service == name and "databases" in each.scanners}
    assert expected
    assert expected.items() <= outcome.rules.items()
    assert not outcome.gaps
    assert outcome.asked == 1


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found_on_the_hardened_side(
    name: str, hardened: rig.Running, scan: Scan, trusting: dict[str, list[str]]
) -> None:
    needed(hardened, name)
    outcome = scan(hardened.address, PORTS[name], **trusting)
    assert outcome.bad == {}
    assert not outcome.gaps
    assert outcome.asked == 1


def test_a_finding_stands_at_the_port_and_names_a_control(weak: rig.Running, scan: Scan) -> None:
    needed(weak, "redis")
    (found,) = (each for each in scan(weak.address, 6379).all(Finding) if each.rule == "db-tls-off")
    assert found.subject == f"{weak.address}:6379/tcp"
    assert ("control", "PCI DSS 4.0.1 4.2.1") in found.evidence[0].facts
    assert found.fix
    assert found.confidence is Confidence.CONFIRMED


def test_no_password_and_no_hash_is_in_anything_yielded(
    weak: rig.Running, hardened: rig.Running, scan: Scan, trusting: dict[str, list[str]]
) -> None:
    said = repr([scan(each.address, *PORTS.values(), **trusting).items for each in (weak, hardened)])
    # ruff: noqa: S324 - the servers' own ways
    native = hashlib.sha1(hashlib.sha1(PASSWORD.encode()).digest()).hexdigest()
    stored = (
        PASSWORD,
        native,
        hashlib.sha256(PASSWORD.encode()).hexdigest(),
        hashlib.md5(f"{PASSWORD}app".encode()).hexdigest(),
        "SCRAM-SHA-256$",
    )
    assert not [each for each in stored if each.lower() in said.lower()]


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_password_is_a_gap_that_does_not_tell_it(
    name: str, hardened: rig.Running, scan: Scan, trusting: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    needed(hardened, name)
    for each in ("MYSQL", "MONGODB", "POSTGRESQL", "REDIS"):
        monkeypatch.setenv(f"SCANGATE_{each}_PASSWORD", "wrong-and-not-to-be-shown")
    outcome = scan(hardened.address, PORTS[name], **trusting)
    (reason,) = outcome.gaps.values()
    assert "was refused" in reason
    assert "wrong-and-not-to-be-shown" not in repr(outcome.items)


@pytest.mark.parametrize("name", NAMES)
def test_a_server_whose_certificate_is_not_trusted_gets_no_password(
    name: str, hardened: rig.Running, scan: Scan
) -> None:
    needed(hardened, name)
    outcome = scan(hardened.address, PORTS[name])
    (reason,) = outcome.gaps.values()
    assert "its certificate is not trusted" in reason
    assert outcome.bad == {}


def test_it_may_be_told_to_believe_any_certificate(hardened: rig.Running, scan: Scan) -> None:
    needed(hardened, "redis")
    assert not scan(hardened.address, 6379, verify=False).gaps


def test_what_an_account_may_not_read_is_a_gap_that_names_it(
    hardened: rig.Running, scan: Scan, trusting: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    needed(hardened, "mariadb")
    monkeypatch.setenv("SCANGATE_MYSQL_USER", "app")  # ed25519, and rights to its own data only
    outcome = scan(hardened.address, 3306, **trusting)
    (reason,) = outcome.gaps.values()
    assert "accounts (mysql.user)" in reason
    assert "denied" in reason


def test_nothing_is_written_to_a_database(weak: rig.Running, scan: Scan) -> None:
    needed(weak, "mariadb")
    data = weak.site.folder / "mariadb" / "data"

    def tables() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in sorted(data.glob("mysql/*.M*"))}

    before = tables()
    scan(weak.address, *PORTS.values())
    assert tables() == before


def test_the_servers_own_log_shows_reads_only(weak: rig.Running, scan: Scan) -> None:
    needed(weak, "postgres")
    scan(weak.address, 5432)
    log = (weak.site.folder / "postgres" / "log").read_text()
    assert "ERROR" not in log.replace("database system", "")


def test_all_four_at_once(weak: rig.Running, scan: Scan) -> None:
    outcome = scan(weak.address, *(PORTS[name] for name in NAMES if name not in weak.missing))
    assert outcome.asked == len(NAMES) - len(weak.missing)
    assert Severity.CRITICAL in outcome.rules.values()


def test_the_rig_leaves_no_process_behind() -> None:
    from rig.site import site

    with site("weak") as there, rig.start(there, ("redis", "postgres", "mariadb")):
        mark = str(there.folder)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert mark not in listed
