"""Bundles: what is held goes into one file and comes out of it again, and nothing that was tampered with does."""

import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from feed_files import write_epss, write_kev
from osv_records import dump, entry, record, write_zip

from scangate.advisories import Store
from scangate.advisories.bundles import bundle
from scangate.advisories.manifest import NAME
from scangate.advisories.sync import feeds_held, status, sync
from scangate.errors import ScangateError, UsageError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = datetime(2027, 6, 1, tzinfo=UTC)
RECORDS = [record(f"PYSEC-{number}", entry("PyPI", "a", "introduced 0"), details="é" * number) for number in range(50)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store with two ecosystems, KEV and EPSS."""
    source = tmp_path / "source"
    write_zip(source / "PyPI" / "all.zip", *RECORDS, b"{")
    write_zip(source / "Debian" / "all.zip", record("DSA-1", entry("Debian:12", "b", "introduced 0")))
    write_kev(source, released="2026-11-19T10:00:00Z")
    write_epss(source, day="2026-11-20")
    sync(str(source), tmp_path / "home", now=NOW)
    return tmp_path / "home"


@pytest.fixture(params=["made.zip", "made.tar.zst"])
def made(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Path:
    bundle(home, tmp_path / request.param)
    return tmp_path / str(request.param)


def test_what_comes_out_is_what_went_in_and_as_old_as_it_was(made: Path, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    sync(str(made), other, now=LATER)

    def rows(place: Path) -> list[Any]:
        return [(each.ecosystem, each.as_of, each.records, each.newest, each.rejected) for each in status(place)]

    assert rows(other) == rows(home)
    assert [(each.name, each.as_of, each.records, each.version) for each in feeds_held(other)] == [
        (each.name, each.as_of, each.records, each.version) for each in feeds_held(home)
    ]
    assert {each.name: each.as_of for each in feeds_held(other)} == {
        "EPSS": date(2026, 11, 20),
        "KEV": date(2026, 11, 19),
    }
    assert all(str(made) in each.source for each in status(other))
    with Store.open(other) as store:
        assert all(store.raw(each["id"]) == dump(each) for each in RECORDS)
        assert store.kev("CVE-2023-44487") is not None
        assert store.epss("CVE-2023-44487") is not None


def test_a_bundle_of_a_bundle_has_the_same_records(made: Path, tmp_path: Path) -> None:
    sync(str(made), tmp_path / "other", now=NOW)
    parts, _digest = bundle(tmp_path / "other", tmp_path / "again.zip")
    first, _digest = bundle(tmp_path / "home", tmp_path / "first.zip")
    assert [each.sha256 for each in parts] == [each.sha256 for each in first]


def test_the_same_data_give_the_same_bytes(made: Path, home: Path) -> None:
    again = made.with_name(f"again-{made.name}")
    _parts, digest = bundle(home, again)
    assert again.read_bytes() == made.read_bytes()
    assert digest == hashlib.sha256(made.read_bytes()).hexdigest()


def test_only_what_is_named_goes_in_or_comes_out(home: Path, tmp_path: Path) -> None:
    parts, _digest = bundle(home, tmp_path / "one.zip", ["PyPI"])
    assert [each.holds for each in parts] == ["EPSS", "KEV", "PyPI"]
    bundle(home, tmp_path / "both.zip")
    sync(str(tmp_path / "both.zip"), tmp_path / "other", ["Debian"], now=NOW)
    assert [each.ecosystem for each in status(tmp_path / "other")] == ["Debian:12"]
    with pytest.raises(UsageError, match="npm is not stored"):
        bundle(home, tmp_path / "none.zip", ["npm"])
    with pytest.raises(ScangateError, match="does not hold npm"):
        sync(str(tmp_path / "one.zip"), tmp_path / "other", ["npm"], now=NOW, about_cves={"KEV": None, "EPSS": None})


def test_a_bundle_is_a_folder_once_it_is_unpacked(home: Path, tmp_path: Path) -> None:
    bundle(home, tmp_path / "made.zip")
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    sync(str(tmp_path / "unpacked"), tmp_path / "other", now=NOW)
    assert [each.records for each in status(tmp_path / "other")] == [1, 50]


def test_tar_reads_it(home: Path, tmp_path: Path) -> None:
    if not (shutil.which("tar") and shutil.which("zstd")):
        pytest.skip("tar or zstd is not installed")
    bundle(home, tmp_path / "made.tar.zst")
    listed = subprocess.run(
        ["tar", "--zstd", "-tf", str(tmp_path / "made.tar.zst")], capture_output=True, text=True, check=True
    )
    assert listed.stdout.splitlines()[0] == NAME
    assert "osv/PyPI/all.zip" in listed.stdout.splitlines()


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, change: Callable[[dict[str, bytes]], Any]) -> None:
    held = members(path)
    change(held)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)


def manifest_says(held: dict[str, bytes], **changes: Any) -> None:
    document = json.loads(held[NAME])
    document["files"][0] |= changes
    held[NAME] = json.dumps(document).encode()


PYPI = "osv/PyPI/all.zip"
TAMPERED: dict[str, tuple[Callable[[dict[str, bytes]], Any], str]] = {
    "a file was changed": (lambda held: held.update({PYPI: held[PYPI].replace(b"PYSEC-1", b"PYSEC-X")}), PYPI),
    "a file is shorter": (lambda held: held.update({PYPI: held[PYPI][:-1]}), PYPI),
    "a file is longer": (lambda held: held.update({PYPI: held[PYPI] + b"x"}), PYPI),
    "a file is missing": (lambda held: held.pop(PYPI), f"{PYPI} is missing"),
    "a file is extra": (
        lambda held: held.update({"osv/npm/all.zip": b"x"}),
        "is not in its manifest",
    ),
    "the manifest is missing": (lambda held: held.pop(NAME), "does not begin with manifest.json"),
    "the manifest is no JSON": (lambda held: held.update({NAME: b"{"}), "no JSON"),
    "the manifest is of another format": (lambda held: held.update({NAME: b'{"format": "x/9"}'}), "format"),
    "a path leads out": (lambda held: manifest_says(held, path="../../etc/passwd"), "cannot be used"),
    "a path is absolute": (lambda held: manifest_says(held, path="/etc/passwd"), "cannot be used"),
    "a digest is none": (lambda held: manifest_says(held, sha256="x"), "64 hexadecimal"),
    "a size is none": (lambda held: manifest_says(held, size="1"), "a number"),
    "a size is beyond all": (lambda held: manifest_says(held, size=2**60), "more than"),
    "a day is none": (lambda held: manifest_says(held, as_of="soon"), "as_of"),
    "a field is unknown": (lambda held: manifest_says(held, more=1), "more"),
    "what it holds is none": (lambda held: manifest_says(held, holds="\n"), "printable"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_is_not_as_its_manifest_says_is_refused_by_name(home: Path, tmp_path: Path, how: str) -> None:
    path = tmp_path / "made.zip"
    bundle(home, path)
    change, reason = TAMPERED[how]
    rewritten(path, change)
    before = (home / "advisories.db").read_bytes()
    with pytest.raises(ScangateError) as error:
        sync(str(path), home, now=NOW)
    assert reason in error.value.message
    assert (home / "advisories.db").read_bytes() == before
    assert not list(home.glob("bundle-*"))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_bundle_is_refused(made: Path, tmp_path: Path, share: float) -> None:
    content = made.read_bytes()
    made.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ScangateError):
        sync(str(made), tmp_path / "other", now=NOW)
    assert not (tmp_path / "other" / "advisories.db").exists()


def test_a_bundle_can_be_required_to_be_the_one_that_was_sent(made: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    sync(str(made), tmp_path / "other", now=NOW, sha256=digest.upper())
    with pytest.raises(ScangateError, match="is not the bundle"):
        sync(str(made), tmp_path / "other", now=NOW, sha256="0" * 64)
    with pytest.raises(UsageError, match="no bundle"):
        sync(str(tmp_path), tmp_path / "other", now=NOW, sha256=digest)


def test_a_bundle_from_the_future_is_no_newer_than_now(home: Path, tmp_path: Path) -> None:
    bundle(home, tmp_path / "made.zip")
    rewritten(tmp_path / "made.zip", lambda held: manifest_says(held, as_of="2099-01-01"))
    sync(str(tmp_path / "made.zip"), tmp_path / "other", now=NOW)
    assert max(each.as_of for each in status(tmp_path / "other")) <= NOW.date()


def test_a_name_or_a_place_that_cannot_be_written_is_an_error(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name for a bundle"):
        bundle(home, tmp_path / "made.rar")
    with pytest.raises(ScangateError, match="cannot be written"):
        bundle(home, tmp_path / "no" / "such" / "made.zip")
    assert not list(tmp_path.rglob("*.part"))
