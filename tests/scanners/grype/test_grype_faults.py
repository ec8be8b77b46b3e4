"""A program that pretends to be grype, in every way it can fail: none of them is a pass."""

import json
import time
from datetime import date
from pathlib import Path

import pytest

from scangate.core.model import Asked, Data, Finding, Kind, Target, Tool
from scangate.errors import DeadlineError, ScanError, ToolMissingError
from scangate.scanners import Context
from scangate.scanners.grype import Grype
from scangate.scanners.grype.command import command, environment
from scangate.scanners.tools import check, require

GOOD = json.dumps(
    {
        "matches": [],
        "source": {"type": "image", "target": {}},
        "distro": {"name": "debian", "version": "12"},
        "descriptor": {
            "name": "grype",
            "version": "0.98.0",
            "db": {"status": {"schemaVersion": "v6.0.2", "built": "2026-11-20T01:31:49Z", "valid": True}},
        },
    }
)
VERSION = "Application:         grype\nVersion:             0.98.0\nBuildDate:           2025-08-01T00:00:00Z\n"


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put a grype of ours first on the PATH: it says `version`, or writes `report` and then runs `then`."""

    def make(report=GOOD, then="", version=VERSION):
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "report.json").write_text(report)
        (folder / "version").write_text(version)
        program = folder / "grype"
        program.write_text(
            f'#!/bin/sh\nif [ "$1" = version ]; then cat {folder}/version; exit 0; fi\n'
            f'echo "$@" > {folder}/arguments; env > {folder}/environment; cat {folder}/report.json; {then}\n'
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
        found.extend(Grype().scan(target or image(), ctx))
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
    assert (tool.name, tool.version, tool.digest[:7]) == ("grype", "0.98.0", "sha256:")
    assert only(found, Data)[0].as_of == date(2026, 11, 20)
    assert only(found, Asked) == [Asked(unit="images", count=1)]


FAULTS = {
    "crash": ("", "echo boom >&2; exit 2", "exit code 2: boom"),
    "killed": ("", "kill -SEGV $$", "signal 11"),
    "no database": (
        "",
        "echo 'failed to load vulnerability db: database does not exist' >&2; exit 1",
        "no database of vulnerabilities",
    ),
    "empty": ("", "exit 0", "no output"),
    "truncated": (GOOD[: len(GOOD) // 2], "exit 0", "was cut off"),
    "wrong schema": ('{"bomFormat": "CycloneDX"}', "exit 0", "no report of grype"),
    "fatal, and yet exit 0": ('{"matches": []}', "echo FATAL >&2; exit 0", "without its end"),
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


def test_a_missing_database_is_missing_data(fake, tmp_path):
    fake(*FAULTS["no database"][:2])
    assert only(scan(tmp_path)[0], Data) == [Data(name="grype-db", as_of=None)]


def test_one_that_never_ends_is_ended(fake, tmp_path):
    fake("", "sleep 600")
    assert isinstance(scan(tmp_path, seconds=1.5)[1], DeadlineError)


def test_one_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    error = scan(tmp_path)[1]
    assert isinstance(error, ToolMissingError)
    assert error.advice
    with pytest.raises(ToolMissingError):
        require(Grype(), tmp_path)


@pytest.mark.parametrize("said", ["", "hello", "{}"])
def test_a_program_called_grype_that_is_none(fake, tmp_path, said):
    fake(version=said)
    assert Grype().find(Grype().needs()[0], tmp_path) is None


def test_one_whose_database_is_no_longer_made_is_refused(fake, tmp_path):
    fake(version="grype 0.24.0\n")
    assert "too old" in next(check(Grype(), tmp_path)).problem


def test_it_stays_offline_and_sees_no_configuration_unless_told_otherwise(fake, tmp_path):
    folder = fake()
    scan(tmp_path)
    said = dict(line.split("=", 1) for line in (folder / "environment").read_text().splitlines() if "=" in line)
    assert said["GRYPE_DB_AUTO_UPDATE"] == said["GRYPE_CHECK_FOR_APP_UPDATE"] == "false"
    assert said["HOME"] == said["XDG_CONFIG_HOME"] != str(Path.home())
    assert said["GRYPE_DB_CACHE_DIR"].endswith("/grype/db")
    scan(tmp_path, update=True)
    assert "GRYPE_DB_AUTO_UPDATE=true" in (folder / "environment").read_text()


def test_the_way_out_is_passed_on_for_updates_only(monkeypatch, tmp_path):
    monkeypatch.setenv("https_proxy", "http://proxy.example.com:3128")
    assert "https_proxy" not in environment(tmp_path, update=False)
    assert environment(tmp_path, update=True)["https_proxy"]


ADDRESSES = {
    "docker-archive:a/web.tar": "docker-archive:/r/a/web.tar",
    "oci-archive:web.tar": "oci-archive:/r/web.tar",
    "oci-layout:lay": "oci-dir:/r/lay",
    "rootfs:root": "dir:/r/root",
    "registry.example.com/shop/web:1": "registry:registry.example.com/shop/web:1",
    "docker-daemon:web:1": "docker:web:1",
    "containers-storage:web:1": "podman:web:1",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_said_in_its_words(address):
    assert command("grype", image(address), Path("/r"))[1] == ADDRESSES[address]


def test_an_sbom_is_one_and_a_platform_goes_along():
    sbom = Target(id="s", kind=Kind.SBOM, addresses=("x.json",))
    assert command("grype", sbom, Path("/r"))[1] == "sbom:/r/x.json"
    assert command("grype", image(platform="linux/arm64"), Path("/r"))[-2:] == ("--platform", "linux/arm64")


def test_one_of_several_images_is_refused_rather_than_another_scanned(fake, tmp_path):
    fake()
    error = scan(tmp_path, image("oci-layout:lay:1.0"))[1]
    assert "cannot choose among the images" in error.message
    assert error.advice
