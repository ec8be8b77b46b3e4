"""`scangate advisories` as a user types it, on a folder in the layout of the shared data."""

import sys
from pathlib import Path

import pytest

from conftest import Run

sys.path.insert(0, str(Path(__file__).parent.parent / "advisories"))

from feed_files import write_epss, write_kev
from osv_records import entry, record, write_zip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_zip(tmp_path / "source" / "osv" / "PyPI" / "all.zip", record("PYSEC-1", entry("PyPI", "a", "introduced 0")))
    write_kev(tmp_path / "source")
    write_epss(tmp_path / "source")
    return tmp_path / "source"


def test_everything_goes_in_and_is_shown(scangate: Run, source: Path) -> None:
    done = scangate("advisories", "sync", "--from", str(source))
    assert done.returncode == 0, done.stderr
    shown = scangate("advisories", "status").stdout
    assert all(name in shown for name in ("PyPI", "KEV", "EPSS", "2026-11-19", "2026-11-20"))


def test_with_nothing_stored_and_nothing_named_it_says_what_to_name(scangate: Run) -> None:
    done = scangate("advisories", "sync", SCANGATE_OFFLINE="1")
    assert done.returncode == 2
    assert "no ecosystem was named" in done.stderr
    assert "-e Debian:12" in done.stderr


def test_each_feed_can_be_named_or_left_out_but_not_both(scangate: Run, source: Path, tmp_path: Path) -> None:
    listed = str(source / "kev" / "known_exploited_vulnerabilities.json")
    assert scangate("advisories", "sync", "--kev", listed, "--no-epss").returncode == 0
    shown = scangate("advisories", "status").stdout
    assert "KEV" in shown
    assert "EPSS" not in shown
    done = scangate("advisories", "sync", "--kev", listed, "--no-kev")
    assert done.returncode == 2
    assert "contradict" in done.stderr


def test_a_bundle_goes_from_one_home_to_another(scangate: Run, source: Path, tmp_path: Path) -> None:
    scangate("advisories", "sync", "--from", str(source))
    made = scangate("advisories", "bundle", "-o", "made.tar.zst")
    assert made.returncode == 0, made.stderr
    digest = made.stdout.split()[-1]
    other = {"SCANGATE_HOME": str(tmp_path / "other")}
    done = scangate("advisories", "sync", "--from", "made.tar.zst", "--sha256", digest, **other)
    assert done.returncode == 0, done.stderr
    assert "2026-11-20" in scangate("advisories", "status", **other).stdout
    (tmp_path / "made.tar.zst").write_bytes((tmp_path / "made.tar.zst").read_bytes()[:-9])
    done = scangate("advisories", "sync", "--from", "made.tar.zst", **other)
    assert done.returncode == 2
    assert "made.tar.zst" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_store_there_is_nothing_to_bundle(scangate: Run) -> None:
    done = scangate("advisories", "bundle", "-o", "made.zip")
    assert done.returncode != 0
    assert "there is no advisory data" in done.stderr
