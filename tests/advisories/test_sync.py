"""Syncing from folders and from a mirror on loopback, and what may go wrong on the way."""

import fcntl
import http.server
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import partial
from pathlib import Path

import pytest
from osv_records import dump, entry, record, write_zip

from scangate.advisories import Store, StoreMissingError, archive, draft, writing
from scangate.advisories.sync import status, sync
from scangate.errors import CancelledError, ScanError, ScangateError, UsageError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DJANGO = record("PYSEC-1", entry("PyPI", "Django", "introduced 0, fixed 4.2"), aliases=["CVE-2026-0001"])
FLASK = record("PYSEC-2", entry("PyPI", "flask", "introduced 0"))
OPENSSL = record(
    "DEBIAN-CVE-2026-0002",
    entry("Debian:12", "openssl", "introduced 0, fixed 3.0.13-1"),
    entry("Debian:11", "openssl", "introduced 0, fixed 1.1.1w-0"),
    upstream=["CVE-2026-0002"],
)


NOTHING = {"KEV": None, "EPSS": None}


def touch(path: Path, day: date) -> Path:
    seconds = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
    return path


def held(home: Path) -> dict[str, int]:
    return {each.ecosystem: each.records for each in status(home)}


def found(home: Path, ecosystem: str, package: str) -> list[str]:
    with Store.open(home) as store:
        return [store.advisory(each.record).id for each in store.entries(ecosystem, package)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    touch(write_zip(tmp_path / "source" / "PyPI" / "all.zip", DJANGO, FLASK), date(2026, 11, 1))
    touch(write_zip(tmp_path / "source" / "Debian" / "all.zip", OPENSSL), date(2026, 11, 2))
    return tmp_path / "source"


def test_a_folder_of_zips_is_filed_by_ecosystem(source: Path, home: Path) -> None:
    done = sync(str(source), home, now=NOW)
    assert [(each.export, each.records, each.rejected, each.failure) for each in done] == [
        ("Debian", 2, 0, ""),
        ("PyPI", 2, 0, ""),
    ]
    assert held(home) == {"Debian:11": 1, "Debian:12": 1, "PyPI": 2}
    assert found(home, "PyPI", "django") == ["PYSEC-1"]
    assert found(home, "Debian:12", "openssl") == found(home, "Debian:11", "openssl") == ["DEBIAN-CVE-2026-0002"]
    assert found(home, "Debian:13", "openssl") == []


def test_the_date_of_the_data_is_that_of_the_file_for_every_ecosystem_in_it(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    rows = {each.ecosystem: each for each in status(home)}
    assert rows["PyPI"].as_of == date(2026, 11, 1)
    assert rows["Debian:11"].as_of == rows["Debian:12"].as_of == date(2026, 11, 2)
    assert rows["PyPI"].synced_at == "2026-11-21T12:00:00+00:00"
    assert rows["PyPI"].newest == "2026-01-02T03:04:05Z"
    assert rows["PyPI"].source == str(source)


def test_a_file_from_the_future_is_no_newer_than_now(source: Path, home: Path) -> None:
    touch(source / "PyPI" / "all.zip", date(2030, 1, 1))
    sync(str(source), home, ["PyPI"], now=NOW)
    assert status(home)[0].as_of == NOW.date()


def test_only_the_named_ecosystems_are_brought(source: Path, home: Path) -> None:
    sync(str(source), home, ["PyPI"], now=NOW)
    assert held(home) == {"PyPI": 2}


def test_folders_of_json_and_loose_json_say_where_they_belong(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "source" / "npm"
    folder.mkdir(parents=True)
    (folder / "a.json").write_bytes(dump(record("GHSA-1", entry("npm", "@babel/core", "introduced 0"))))
    touch(folder / "a.json", date(2026, 1, 1))
    both = record("OWN-1", entry("npm", "left", "introduced 0"), entry("PyPI", "Left.Pad", "introduced 0"))
    (tmp_path / "source" / "own.json").write_bytes(dump(both))
    touch(tmp_path / "source" / "own.json", date(2026, 2, 2))
    sync(str(tmp_path / "source"), home, now=NOW)
    assert found(home, "npm", "@babel/core") == ["GHSA-1"]
    assert found(home, "npm", "left") == found(home, "PyPI", "left_pad") == ["OWN-1"]
    rows = {each.ecosystem: each.as_of for each in status(home)}
    assert rows == {"npm": date(2026, 1, 1), "PyPI": date(2026, 2, 2)}


def test_what_another_ecosystem_is_affected_by_is_left_to_its_own_export(tmp_path: Path, home: Path) -> None:
    """Otherwise a handful of records would pass for all there is on npm."""
    both = record("GHSA-1", entry("PyPI", "a", "introduced 0"), entry("npm", "a", "introduced 0"))
    write_zip(tmp_path / "source" / "PyPI" / "all.zip", both)
    sync(str(tmp_path / "source"), home, now=NOW)
    assert held(home) == {"PyPI": 1}


def test_withdrawn_records_never_match_and_are_still_there_to_be_read(tmp_path: Path, home: Path) -> None:
    gone = FLASK | {"withdrawn": "2026-01-01T00:00:00Z"}
    write_zip(tmp_path / "source" / "PyPI" / "all.zip", DJANGO, gone)
    (done,) = sync(str(tmp_path / "source"), home, now=NOW)
    assert (done.records, done.rejected) == (1, 0)
    assert found(home, "PyPI", "flask") == []
    with Store.open(home) as store:
        assert store.raw("PYSEC-2") == dump(gone)
        assert store.about("PYSEC-2") == ()


def test_raw_records_are_kept_byte_for_byte_across_blocks(tmp_path: Path, home: Path) -> None:
    many = [
        record(f"X-{number}", entry("PyPI", f"p{number}", "introduced 0"), details="é" * 5000) for number in range(60)
    ]
    write_zip(tmp_path / "source" / "PyPI" / "all.zip", *many)
    sync(str(tmp_path / "source"), home, now=NOW)
    with Store.open(home) as store:
        assert all(store.raw(each["id"]) == dump(each) for each in many)
        assert store.raw("X-60") is None


def test_malformed_records_are_counted_and_named_and_the_others_are_brought(tmp_path: Path, home: Path) -> None:
    path = write_zip(
        tmp_path / "source" / "PyPI" / "all.zip",
        DJANGO,
        b"{",
        {"no": "id"},
        record("X-1", entry("PyPI", "a", "introduced 0, fixed soon")),
        record("X-2", entry("npm", "a", "introduced 0")),
        record("X-3"),
    )
    with zipfile.ZipFile(path, "a") as archive_:
        archive_.writestr("readme.txt", "not a record")
    (done,) = sync(str(tmp_path / "source"), home, now=NOW)
    assert (done.records, done.rejected) == (1, 5)
    assert [each.partition(": ")[0] for each in done.rejections] == [
        "record1.json",
        "record2.json",
        "X-1.json",
        "X-2.json",
        "X-3.json",
    ]
    assert "soon" in done.rejections[2]
    assert status(home)[0].rejected == 5


def test_a_member_with_a_wrong_checksum_is_rejected_by_name(source: Path, home: Path) -> None:
    path = source / "PyPI" / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive_:
        archive_.writestr("good.json", dump(DJANGO))
        archive_.writestr("bad.json", dump(FLASK))
    path.write_bytes(path.read_bytes().replace(b'"flask"', b'"flusk"'))
    (done,) = sync(str(source), home, ["PyPI"], now=NOW)
    assert (done.records, done.rejected) == (1, 1)
    assert done.rejections[0].startswith("bad.json: cannot be read")


def test_a_second_sync_replaces_the_first(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    newer = record("PYSEC-3", entry("PyPI", "flask", "introduced 0"))
    write_zip(source / "PyPI" / "all.zip", newer)
    sync(str(source), home, ["PyPI"], now=NOW)
    assert held(home) == {"Debian:11": 1, "Debian:12": 1, "PyPI": 1}
    assert (found(home, "PyPI", "django"), found(home, "PyPI", "flask")) == ([], ["PYSEC-3"])
    with Store.open(home) as store:
        assert store.raw("PYSEC-1") is None
        assert store.about("CVE-2026-0001") == ()


def test_a_release_replaces_its_part_of_the_whole_and_the_whole_replaces_the_release(source: Path, home: Path) -> None:
    sync(str(source), home, ["Debian"], now=NOW)
    own = record("OWN-1", entry("Debian:12", "openssl", "introduced 0"))
    write_zip(source / "Debian:12" / "all.zip", own)
    sync(str(source), home, ["Debian:12"], now=NOW)
    assert (found(home, "Debian:11", "openssl"), found(home, "Debian:12", "openssl")) == (
        ["DEBIAN-CVE-2026-0002"],
        ["OWN-1"],
    )
    sync(str(source), home, ["Debian"], now=NOW)
    assert found(home, "Debian:12", "openssl") == ["DEBIAN-CVE-2026-0002"]
    with Store.open(home) as store:
        assert store.raw("OWN-1") is None


BROKEN = {
    "no zip": lambda path: path.write_bytes(b"<html>not found</html>"),
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-30]),
    "nothing usable": lambda path: write_zip(path, b"{", record("X-1", entry("npm", "a", "introduced 0"))),
    "nothing in it": write_zip,
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_sync_that_brings_nothing_is_an_error_and_leaves_the_old_data(source: Path, home: Path, how: str) -> None:
    sync(str(source), home, now=NOW)
    before = (home / "advisories.db").read_bytes()
    BROKEN[how](source / "PyPI" / "all.zip")
    with pytest.raises(ScangateError) as error:
        sync(str(source), home, ["PyPI"], now=NOW)
    assert error.value.advice
    assert (home / "advisories.db").read_bytes() == before
    assert sorted(each.name for each in home.iterdir()) == ["advisories.db", "advisories.db.lock"]


def test_an_export_that_fails_does_not_stop_the_others_and_says_so(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    (source / "Debian" / "all.zip").write_bytes(b"")
    write_zip(source / "PyPI" / "all.zip", DJANGO)
    told: list[str] = []
    done = {each.export: each for each in sync(str(source), home, None, told.append, now=NOW)}
    assert "no complete zip" in done["Debian"].failure
    assert (done["PyPI"].failure, done["PyPI"].records) == ("", 1)
    assert held(home) == {"Debian:11": 1, "Debian:12": 1, "PyPI": 1}
    assert any("no complete zip" in line for line in told)


def test_an_interrupted_sync_leaves_the_old_data(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    before = (home / "advisories.db").read_bytes()
    calls = iter(range(1000))

    def check() -> None:
        if next(calls) == 2:
            raise CancelledError("interrupted")

    with pytest.raises(CancelledError):
        sync(str(source), home, now=NOW, check=check)
    assert (home / "advisories.db").read_bytes() == before
    assert not (home / "advisories.db.new").exists()


def test_far_fewer_records_than_last_time_are_not_believed(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "source" / "PyPI" / "all.zip"
    many = [record(f"X-{number}", entry("PyPI", "a", "introduced 0")) for number in range(writing.WORTH_GUARDING)]
    write_zip(path, *many)
    sync(str(tmp_path / "source"), home, now=NOW)
    write_zip(path, *many[:49])
    with pytest.raises(ScangateError, match="holds 49 records for PyPI; the last sync brought 100"):
        sync(str(tmp_path / "source"), home, now=NOW)
    assert held(home) == {"PyPI": 100}
    write_zip(path, *many[:50])
    sync(str(tmp_path / "source"), home, now=NOW)
    assert held(home) == {"PyPI": 50}


def test_two_syncs_at_once_are_one_too_many(source: Path, home: Path) -> None:
    home.mkdir()
    with (home / "advisories.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ScangateError, match="another sync"):
            sync(str(source), home, now=NOW)


def test_a_damaged_store_is_built_anew(source: Path, home: Path) -> None:
    home.mkdir()
    (home / "advisories.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    sync(str(source), home, now=NOW)
    assert held(home)["PyPI"] == 2


@pytest.mark.parametrize(
    ("place", "reason"),
    [("/no/such/folder", "no folder"), ("ftp://mirror.example/", "no folder"), ("", None)],
)
def test_a_source_that_is_none_is_a_usage_error(
    home: Path, place: str, reason: str | None, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError if reason else ScangateError, match=reason):
        sync(place, home, now=NOW)
    assert not home.exists()


def test_an_ecosystem_whose_versions_cannot_be_compared_is_a_usage_error(source: Path, home: Path) -> None:
    with pytest.raises(UsageError, match="OSS-Fuzz"):
        sync(str(source), home, ["OSS-Fuzz"], now=NOW)
    with pytest.raises(UsageError, match=r"\.\./PyPI"):
        sync(str(source), home, ["../PyPI"], now=NOW)


def test_an_ecosystem_that_is_there_and_cannot_be_compared_is_left_out_aloud(source: Path, home: Path) -> None:
    write_zip(source / "OSS-Fuzz" / "all.zip", record("X-1", entry("OSS-Fuzz", "a:b", "introduced 0")))
    told: list[str] = []
    sync(str(source), home, None, told.append, now=NOW)
    assert "OSS-Fuzz" not in held(home)
    assert any("OSS-Fuzz" in line for line in told)


def test_an_ecosystem_that_is_not_there_is_a_failure(source: Path, home: Path) -> None:
    with pytest.raises(ScangateError, match="npm holds no advisories"):
        sync(str(source), home, ["npm"], now=NOW)


def test_an_archive_of_too_many_files_is_refused_before_it_is_opened(source: Path, home: Path) -> None:
    path = source / "PyPI" / "all.zip"
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\5\6")
    struct.pack_into("<L", data, at + 12, archive.MAX_DIRECTORY + 1)
    path.write_bytes(data)
    with pytest.raises(ScangateError, match="names more files"):
        sync(str(source), home, ["PyPI"], now=NOW)


def test_a_record_that_unpacks_to_more_than_any_record_is_rejected(source: Path, home: Path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_RECORD", 2_000)
    bomb = FLASK | {"details": "0" * 100_000}
    write_zip(source / "PyPI" / "all.zip", DJANGO, bomb)
    (done,) = sync(str(source), home, ["PyPI"], now=NOW)
    assert (done.records, done.rejected) == (1, 1)
    assert "larger than 2000 bytes" in done.rejections[0]


def test_an_archive_that_unpacks_to_more_than_any_data_ends_the_sync(source: Path, home: Path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 100)
    with pytest.raises(ScangateError, match="unpacks to more"):
        sync(str(source), home, ["PyPI"], now=NOW)


def test_names_in_an_archive_lead_nowhere(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "source" / "PyPI" / "all.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive_:
        archive_.writestr("../../../evil.json", dump(DJANGO))
        archive_.writestr("/abs.json", dump(FLASK))
    sync(str(tmp_path / "source"), home, now=NOW)
    assert held(home) == {"PyPI": 2}
    assert sorted(str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_file()) == [
        "home/advisories.db",
        "home/advisories.db.lock",
        "source/PyPI/all.zip",
    ]


def test_a_reader_keeps_its_data_while_a_sync_replaces_it(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    with Store.open(home) as store:
        write_zip(source / "PyPI" / "all.zip", FLASK)
        sync(str(source), home, ["PyPI"], now=NOW)
        assert [store.advisory(each.record).id for each in store.entries("PyPI", "django")] == ["PYSEC-1"]


def test_no_store_is_no_status_and_cannot_be_opened(home: Path) -> None:
    assert status(home) == ()
    with pytest.raises(StoreMissingError) as error:
        Store.open(home)
    assert "sync" in error.value.advice


@pytest.mark.parametrize("content", [b"", b"not a database" * 500, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_damaged_store_is_an_error_with_advice(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "advisories.db").write_bytes(content)
    with pytest.raises(ScanError) as error:
        status(home)
    assert "fetch it again" in error.value.advice


def test_a_store_of_another_version_is_an_error_with_advice(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    with sqlite3.connect(home / "advisories.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ScanError, match="version 99"):
        Store.open(home)


def test_a_store_that_is_damaged_inside_is_an_error_where_it_is_read(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    with sqlite3.connect(home / "advisories.db") as connection:
        connection.execute("UPDATE block SET data = x'00'")
        connection.execute("UPDATE entry SET spec = '[' WHERE package = 'flask'")
    connection.close()
    with Store.open(home) as store:
        with pytest.raises(ScanError, match="is damaged"):
            store.advisory(store.entries("PyPI", "django")[0].record)
        with pytest.raises(ScanError, match="is damaged"):
            store.entries("PyPI", "flask")
        with pytest.raises(ScanError, match="is damaged"):
            store.advisory(999)


def test_a_place_that_cannot_be_written_is_an_error_with_advice(source: Path, home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(ScangateError) as error:
        sync(str(source), home, now=NOW)
    assert error.value.advice
    assert draft.FILE not in home.read_text()


class Handler(http.server.SimpleHTTPRequestHandler):
    """A static server, as any mirror is; it answers If-Modified-Since, and notes what it was asked."""

    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("If-Modified-Since", "")))
        super().do_GET()

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def mirror(folder: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    asked: list[tuple[str, str]] = []
    handler = partial(type("Noting", (Handler,), {"asked": asked}), directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join(30)


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCANGATE_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_mirror_is_read_over_http_and_its_last_modified_is_the_date_of_the_data(source: Path, home: Path) -> None:
    (source / "ecosystems.txt").write_text("PyPI\nDebian\nDebian:12\nOSS-Fuzz\n../etc\n\n")
    with mirror(source) as (url, asked):
        done = sync(f"{url}/", home, now=NOW)
    assert [(each.export, each.as_of) for each in done] == [("Debian", date(2026, 11, 2)), ("PyPI", date(2026, 11, 1))]
    others = ["/kev/known_exploited_vulnerabilities.json", "/epss/epss_scores-current.csv.gz"]
    assert [path for path, _since in asked] == ["/ecosystems.txt", "/Debian/all.zip", "/PyPI/all.zip", *others]
    assert held(home) == {"Debian:11": 1, "Debian:12": 1, "PyPI": 2}


def test_the_colon_of_a_release_is_quoted_in_the_address(source: Path, home: Path) -> None:
    write_zip(source / "Debian:12" / "all.zip", OPENSSL)
    with mirror(source) as (url, asked):
        sync(url, home, ["Debian:12"], now=NOW)
    assert asked[0][0] == "/Debian%3A12/all.zip"
    assert held(home) == {"Debian:12": 1}


def test_what_did_not_change_is_not_fetched_again(source: Path, home: Path) -> None:
    with mirror(source) as (url, asked):
        sync(url, home, ["PyPI"], now=NOW, about_cves=NOTHING)
        later = datetime(2026, 11, 25, tzinfo=UTC)
        (done,) = sync(url, home, ["PyPI"], now=later, about_cves=NOTHING)
        assert (done.unchanged, done.records, done.as_of) == (True, 2, date(2026, 11, 1))
        assert parsedate_to_datetime(asked[-1][1]).date() == date(2026, 11, 1)
        row = status(home)[0]
        assert (row.synced_at, row.as_of) == ("2026-11-25T00:00:00+00:00", date(2026, 11, 1))

        touch(write_zip(source / "PyPI" / "all.zip", FLASK), date(2026, 11, 20))
        (done,) = sync(url, home, ["PyPI"], now=later)
        assert (done.unchanged, done.records, done.as_of) == (False, 1, date(2026, 11, 20))


def test_what_came_from_elsewhere_meanwhile_is_fetched_whole(source: Path, home: Path, tmp_path: Path) -> None:
    write_zip(tmp_path / "other" / "Debian:12" / "all.zip", record("OWN-1", entry("Debian:12", "x", "introduced 0")))
    with mirror(source) as (url, asked):
        sync(url, home, ["Debian"], now=NOW, about_cves=NOTHING)
        sync(str(tmp_path / "other"), home, now=NOW)
        sync(url, home, ["Debian"], now=NOW, about_cves=NOTHING)
    assert [since for _path, since in asked] == ["", ""]
    assert found(home, "Debian:12", "openssl") == ["DEBIAN-CVE-2026-0002"]


def test_a_mirror_that_has_not_got_it_is_an_error_and_leaves_the_old_data(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    with mirror(source) as (url, _asked), pytest.raises(ScangateError, match="answered 404"):
        sync(url, home, ["npm"], now=NOW)
    assert held(home) == {"Debian:11": 1, "Debian:12": 1, "PyPI": 2}


def test_without_last_modified_the_newest_file_in_the_archive_gives_the_date(
    source: Path, home: Path, monkeypatch
) -> None:
    path = source / "PyPI" / "all.zip"
    with zipfile.ZipFile(path, "w") as archive_:
        for name, year in (("a", 2024), ("b", 2025)):
            archive_.writestr(zipfile.ZipInfo(f"{name}.json", (year, 5, 6, 0, 0, 0)), dump(DJANGO | {"id": name}))
    monkeypatch.setattr(
        Handler, "date_time_string", lambda _self, timestamp=None: "" if timestamp else formatdate(usegmt=True)
    )
    with mirror(source) as (url, _asked):
        sync(url, home, ["PyPI"], now=NOW)
    assert status(home)[0].as_of == date(2025, 5, 6)


def test_offline_a_mirror_is_not_asked(source: Path, home: Path, monkeypatch) -> None:
    monkeypatch.setenv("SCANGATE_OFFLINE", "1")
    with mirror(source) as (url, asked), pytest.raises(ScangateError, match="offline"):
        sync(url, home, ["PyPI"], now=NOW)
    assert not asked


def test_the_real_data_are_filed_nearly_whole_and_stay_small(shared: Path, home: Path) -> None:
    folder = shared / "advisories" / "osv"
    if not folder.is_dir():
        pytest.skip(f"the advisories are not here: {folder}")
    done = {each.export: each for each in sync(str(folder), home, now=NOW)}
    assert {name: (each.records, each.rejected) for name, each in done.items()} == {
        "Bitnami": (7_443, 1),
        "Debian:12": (127, 0),
        "Go": (4_274, 0),
        "PyPI": (2_649, 2),
        "crates.io": (1_193, 0),
    }
    assert (home / "advisories.db").stat().st_size < 15 * 2**20
    with Store.open(home) as store, zipfile.ZipFile(folder / "Go" / "all.zip") as archive_:
        for name in archive_.namelist()[::400]:
            assert store.raw(name.removesuffix(".json")) == archive_.read(name)


@pytest.mark.real
def test_a_sync_that_is_killed_leaves_the_old_data_and_the_next_one_works(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    before = (home / "advisories.db").read_bytes()
    write_zip(source / "PyPI" / "all.zip", FLASK)
    killed = """
import os, signal, sys
from pathlib import Path
from scangate.advisories.sync import sync
def tell(text):
    if text.startswith("PyPI: 1 records"):
        os.kill(os.getpid(), signal.SIGKILL)
sync(sys.argv[1], Path(sys.argv[2]), None, tell)
"""
    ended = subprocess.run([sys.executable, "-c", killed, str(source), str(home)], check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    assert (home / "advisories.db").read_bytes() == before
    sync(str(source), home, now=NOW)
    assert found(home, "PyPI", "django") == []
    assert sorted(each.name for each in home.iterdir()) == ["advisories.db", "advisories.db.lock"]
