"""A program that pretends to be trivy, in every way it can fail: none of them is a pass."""

import json
import time
from datetime import date
from pathlib import Path

import pytest

from scangate.core.model import Asked, Data, Finding, Kind, Note, Package, Target, Tool
from scangate.errors import DeadlineError, ScanError, ToolMissingError
from scangate.scanners import Context
from scangate.scanners.tools import check, require
from scangate.scanners.trivy import Trivy
from scangate.scanners.trivy.command import command, environment

GOOD = (Path(__file__).parent / "data" / "packages-0.76.json").read_text()
VERSION = {"Version": "0.76.0", "VulnerabilityDB": {"Version": 2, "UpdatedAt": "2026-11-20T06:31:01.5Z"}}
OFFLINE = ("--skip-db-update", "--skip-java-db-update", "--offline-scan")


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put a trivy of ours first on the PATH: it says `version`, or writes `report` and then runs `then`."""

    def make(report=GOOD, then="", version=VERSION):
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "report.json").write_text(report)
        (folder / "version.json").write_text(version if isinstance(version, str) else json.dumps(version))
        program = folder / "trivy"
        program.write_text(
            f'#!/bin/sh\nif [ "$1" = version ]; then cat {folder}/version.json; exit 0; fi\n'
            f'echo "$@" > {folder}/arguments; env > {folder}/environment; ls -A > {folder}/listing\n'
            f"cat {folder}/report.json; {then}\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return folder

    return make


def image(address="docker-archive:web.tar", **more):
    return Target(id="web", kind=Kind.IMAGE, addresses=(address,), **more)


def scan(tmp_path, target=None, seconds=60.0, **options):
    ctx = Context(root=tmp_path, home=tmp_path, deadline=time.monotonic() + seconds, options=options)
    found, error = [], None
    try:
        found.extend(Trivy().scan(target or image(), ctx))
    except ScanError as caught:
        error = caught
    return found, error


def only(found, kind):
    return [each for each in found if isinstance(each, kind)]


def test_a_scan_that_went_well_is_evidence(fake, tmp_path):
    fake()
    found, error = scan(tmp_path)
    assert error is None
    (tool,) = only(found, Tool)
    assert (tool.name, tool.version, tool.digest[:7]) == ("trivy", "0.76.0", "sha256:")
    assert only(found, Data) == [Data(name="trivy-db", as_of=date(2026, 11, 20), version="2")]
    assert only(found, Asked)[0].count == len(only(found, Package)) > 3


FAULTS = {
    "crash": ("", "echo boom >&2; exit 2", "exit code 2: boom"),
    "killed": ("", "kill -SEGV $$", "signal 11"),
    "no database": (
        "",
        "echo 'FATAL run error: DB error: --skip-db-update cannot be specified on the first run' >&2; exit 1",
        "no database of vulnerabilities",
    ),
    "empty": ("", "exit 0", "no output"),
    "truncated": (GOOD[: len(GOOD) // 2], "exit 0", "was cut off"),
    "wrong schema": ('{"bomFormat": "CycloneDX"}', "exit 0", "no report of trivy"),
    "a web page": ("<html></html>", "exit 0", "what is not JSON"),
    "results and an error": (GOOD, "exit 1", "exit code 1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_a_pass(fake, tmp_path, fault):
    report, then, reason = FAULTS[fault]
    fake(report, then)
    found, error = scan(tmp_path)
    assert reason in error.message
    assert error.advice
    assert only(found, Asked) == only(found, Finding) == []


def test_a_missing_database_is_missing_data_and_says_what_mends_it(fake, tmp_path):
    fake(*FAULTS["no database"][:2], version={"Version": "0.76.0"})
    found, error = scan(tmp_path)
    assert only(found, Data) == [Data(name="trivy-db", as_of=None)]
    assert "--download-db-only" in error.advice


def test_old_data_keep_their_age(fake, tmp_path):
    fake(
        version=VERSION
        | {"VulnerabilityDB": {"Version": 2, "UpdatedAt": "2024-01-02T00:00:00Z", "DownloadedAt": "2026-11-21"}}
    )
    assert only(scan(tmp_path)[0], Data)[0].as_of == date(2024, 1, 2)


def test_one_that_never_ends_is_ended(fake, tmp_path):
    fake("", "sleep 600")
    _found, error = scan(tmp_path, seconds=1.5)
    assert isinstance(error, DeadlineError)


def test_one_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    _found, error = scan(tmp_path)
    assert isinstance(error, ToolMissingError)
    assert error.advice
    with pytest.raises(ToolMissingError):
        require(Trivy(), tmp_path)


@pytest.mark.parametrize("version", ["0.69.4", "0.69.5", "0.69.6", "v0.69.4"])
def test_releases_known_to_be_malicious_are_refused(fake, tmp_path, version):
    fake(version={"Version": version})
    (checked,) = check(Trivy(), tmp_path)
    assert "malicious" in checked.problem
    with pytest.raises(ToolMissingError, match="malicious"):
        require(Trivy(), tmp_path)


@pytest.mark.parametrize("said", ["", "no JSON", "[]", "{}", '{"Version": null'])
def test_a_program_called_trivy_that_is_none(fake, tmp_path, said):
    fake(version=said)
    assert Trivy().find(Trivy().needs()[0], tmp_path) is None


def test_one_that_is_too_old_is_refused(fake, tmp_path):
    fake(version={"Version": "0.31.0"})
    assert "too old" in next(check(Trivy(), tmp_path)).problem


def test_nothing_of_the_machine_can_hide_a_finding(fake, tmp_path, monkeypatch):
    folder = fake()
    monkeypatch.setenv("TRIVY_SEVERITY", "CRITICAL")
    monkeypatch.setenv("TRIVY_IGNOREFILE", "/etc/ignore")
    (tmp_path / ".trivyignore").write_text("CVE-2023-5363\n")
    monkeypatch.chdir(tmp_path)
    scan(tmp_path)
    assert "TRIVY_SEVERITY" not in (folder / "environment").read_text()
    assert "TRIVY_IGNOREFILE" not in (folder / "environment").read_text()
    assert ".trivyignore" not in (folder / "listing").read_text()


def test_it_stays_offline_unless_the_config_says_otherwise(fake, tmp_path):
    folder = fake()
    scan(tmp_path)
    assert all(each in (folder / "arguments").read_text() for each in OFFLINE)
    assert "TRIVY_DISABLE_TELEMETRY=true" in (folder / "environment").read_text()
    scan(tmp_path, update=True)
    assert not any(each in (folder / "arguments").read_text() for each in OFFLINE)


def test_what_it_warns_of_is_a_note(fake, tmp_path):
    fake(then="echo '2026-11-21T00:00:00Z	WARN	This OS version is no longer supported' >&2")
    assert [each.text for each in only(scan(tmp_path)[0], Note)] == ["trivy: This OS version is no longer supported"]


ADDRESSES = {
    "docker-archive:a/web.tar": ("image", "--input", "/r/a/web.tar"),
    "oci-layout:lay:1.0": ("image", "--input", "/r/lay:1.0"),
    "oci-layout:lay@sha256:" + "0" * 64: ("image", "--input", "/r/lay@sha256:" + "0" * 64),
    "rootfs:root": ("rootfs", "--", "/r/root"),
    "registry.example.com/shop/web:1": ("image", "--image-src", "remote", "--", "registry.example.com/shop/web:1"),
    "docker-daemon:web:1": ("image", "--image-src", "docker", "--", "web:1"),
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_said_in_its_words(address):
    argv = command("trivy", image(address), Path("/r"), 60, update=False)
    kind, *place = ADDRESSES[address]
    assert (argv[1], list(argv[-len(place) :])) == (kind, place)


def test_an_sbom_is_one_and_a_platform_goes_along():
    sbom = Target(id="s", kind=Kind.SBOM, addresses=("-x.json",))
    assert command("trivy", sbom, Path("/r"), 60, update=False)[-2:] == ("--", "/r/-x.json")
    assert "linux/arm64" in command("trivy", image(platform="linux/arm64"), Path("/r"), 60, update=False)


def test_what_it_cannot_read_is_said_with_what_mends_it(fake, tmp_path):
    fake()
    _found, error = scan(tmp_path, image("oci-archive:web.tar:1"))
    assert "cannot read OCI archives" in error.message
    assert "oci-layout:layout:1" in error.advice


def test_the_way_out_is_passed_on_for_updates_only(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example.com:3128")
    monkeypatch.setenv("TRIVY_CACHE_DIR", "/cache")
    assert "https_proxy" not in environment(update=False)
    assert environment(update=True)["https_proxy"]
    assert environment(update=False)["TRIVY_CACHE_DIR"] == "/cache"


@pytest.mark.real
def test_the_real_one_without_a_database_never_finds_nothing(tmp_path, monkeypatch):
    if not Trivy().find(Trivy().needs()[0], tmp_path):
        pytest.skip("trivy is not installed")
    monkeypatch.setenv("TRIVY_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "root").mkdir()
    found, error = scan(tmp_path, image("rootfs:root"))
    assert "no database of vulnerabilities" in error.message
    assert only(found, Data) == [Data(name="trivy-db", as_of=None)]
