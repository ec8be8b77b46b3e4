"""Fetching only what changed: the store is then what a whole sync would have made of it, whatever goes wrong."""

import os
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from faulty_mirror import Log, serving
from osv_records import dump, entry, record, write_zip

from scangate.advisories import bringing, incremental, mirror, unfinished
from scangate.advisories.bringing import Synced
from scangate.advisories.incremental import WholeError
from scangate.advisories.sync import sync
from scangate.errors import ScangateError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOTHING = {"KEV": None, "EPSS": None}
ZIP, LIST = "/PyPI/all.zip", "/PyPI/modified_id.csv"


def advisory(number: int, modified: str = "2026-01-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    made = record(f"PYSEC-{number}", entry("PyPI", f"package{number % 7}", f"introduced 0, fixed {number}"))
    return made | {"modified": modified, "aliases": [f"CVE-2026-{number:04}"]} | more


USUAL = [advisory(number) for number in range(30)]


def publish(folder: Path, *records: dict[str, Any] | bytes) -> Path:
    """Write an export with all its parts, as OSV does."""
    place = folder / "PyPI"
    place.mkdir(parents=True, exist_ok=True)
    for old in place.glob("*"):
        old.unlink()
    lines = []
    with zipfile.ZipFile(place / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, each in enumerate(records):
            raw = each if isinstance(each, bytes) else dump(each)
            name = f"BROKEN-{number}" if isinstance(each, bytes) else each["id"]
            modified = "2026-01-01T00:00:00Z" if isinstance(each, bytes) else each["modified"]
            archive.writestr(f"{name}.json", raw)
            (place / f"{name}.json").write_bytes(raw)
            lines.append(f"{modified},{name}")
    (place / "modified_id.csv").write_text("\n".join(sorted(lines, reverse=True)) + "\n")
    for each in place.iterdir():
        os.utime(each, (NOW.timestamp(), NOW.timestamp()))
    return folder


def content(home: Path) -> dict[str, list[Any]]:
    """Everything in the store that does not depend on how it came there."""
    connection = sqlite3.connect(home / "advisories.db")
    queries = {
        "ecosystem": "SELECT name, export, records, newest FROM ecosystem ORDER BY 1",
        "record": "SELECT export, name, modified, rejected, length FROM record ORDER BY 1, 2",
        "alias": "SELECT alias.name, record.name FROM alias JOIN record ON record = id ORDER BY 1, 2",
        "entry": "SELECT ecosystem, name, package, position, spec FROM entry JOIN record ON record = id ORDER BY 1, 2",
        "export": "SELECT name, source, url, as_of, rejected FROM export ORDER BY 1",
    }
    try:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}
    finally:
        connection.close()


def bring(log: Log, home: Path, *names: str) -> Synced:
    (done,) = sync(log.url, home, names or ["PyPI"], now=NOW, about_cves=NOTHING)
    return done


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    for name in ("SCANGATE_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    publish(tmp_path / "source", *USUAL)
    with serving(tmp_path / "source") as log:
        yield log


CHANGES: dict[str, list[dict[str, Any] | bytes]] = {
    "nothing": USUAL,
    "one is new": [*USUAL, advisory(99, "2026-02-01T00:00:00Z")],
    "one changed": [advisory(0, "2026-02-01T00:00:00Z", summary="other", affected=[]), *USUAL[1:]],
    "one moved to another package": [advisory(3, "2026-02-01T00:00:00Z") | {"id": "PYSEC-0"}, *USUAL[1:]],
    "one was withdrawn": [advisory(0, "2026-02-01T00:00:00Z", withdrawn="2026-02-01T00:00:00Z"), *USUAL[1:]],
    "one is gone": USUAL[1:],
    "one is malformed now": [b"{", *USUAL[1:]],
    "parts of it are unusable now": [
        advisory(0, "2026-02-01T00:00:00Z", affected=[entry("PyPI", "a", "introduced 0, fixed soon")]),
        *USUAL[1:],
    ],
    "one speaks of npm now": [
        advisory(0, "2026-02-01T00:00:00Z", affected=[entry("npm", "a", "introduced 0")]),
        *USUAL[1:],
    ],
    "several at once": [*USUAL[3:], advisory(1, "2026-03-01T00:00:00.123456Z"), advisory(77, "2026-03-01T00:00:00Z")],
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_gives_the_same_store_as_all_of_it(served: Log, home: Path, tmp_path: Path, change: str) -> None:
    bring(served, home)
    publish(tmp_path / "source", *CHANGES[change])
    served.asked.clear()
    done = bring(served, home)
    assert ZIP not in served.paths, "it was to be fetched record by record"
    bring(served, tmp_path / "whole")
    assert content(home) == content(tmp_path / "whole")
    assert done.failure == ""
    served.asked.clear()
    assert bring(served, home).unchanged
    assert served.asked == [(LIST, 304, "")]


def test_only_what_changed_is_asked_for(served: Log, home: Path, tmp_path: Path) -> None:
    bring(served, home)
    publish(tmp_path / "source", *USUAL[1:], advisory(99))
    served.asked.clear()
    done = bring(served, home)
    assert done.changed == 2
    assert sorted(served.asked) == [
        (f"/PyPI/PYSEC-{number}.json", status, "") for number, status in ((0, 404), (99, 200))
    ] + [(LIST, 200, "")]


def test_a_list_that_lost_a_record_takes_nothing_out(served: Log, home: Path, tmp_path: Path) -> None:
    bring(served, home)
    path = tmp_path / "source" / LIST[1:]
    path.write_text(path.read_text().replace("2026-01-01T00:00:00Z,PYSEC-5\n", ""))
    before = content(home)
    assert bring(served, home).records == 30
    assert content(home) == before


WHOLE = {
    "much changed": "",
    "the list cannot be read": "<html>",
    "the list has a wrong line": "2026-01-01,PYSEC-1\n",
}


@pytest.mark.parametrize("why", WHOLE)
def test_where_it_is_not_worth_it_or_cannot_be_told_all_of_it_is_fetched(
    served: Log, home: Path, tmp_path: Path, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incremental, "_FEW", 3)
    bring(served, home)
    publish(tmp_path / "source", *(advisory(number, "2026-02-02T00:00:00Z") for number in range(31)))
    if WHOLE[why]:
        (tmp_path / "source" / LIST[1:]).write_text(WHOLE[why])
    served.asked.clear()
    assert bring(served, home).records == 31
    assert ZIP in served.paths
    bring(served, tmp_path / "whole")
    assert content(home) == content(tmp_path / "whole")


@pytest.mark.parametrize("status", ["500", "403"])
def test_a_record_that_cannot_be_fetched_leads_to_all_of_it(
    served: Log, home: Path, tmp_path: Path, status: str
) -> None:
    bring(served, home)
    publish(tmp_path / "source", *USUAL, advisory(99))
    served.faults["/PyPI/PYSEC-99.json"] = [status] * 9
    assert bring(served, home).records == 31
    assert ZIP in served.paths[-1]


def test_a_passing_rate_limit_is_waited_for(served: Log, home: Path, tmp_path: Path) -> None:
    bring(served, home)
    publish(tmp_path / "source", *USUAL, advisory(99))
    served.faults["/PyPI/PYSEC-99.json"] = ["429"]
    served.asked.clear()
    assert bring(served, home).changed == 1
    assert ZIP not in served.paths


def test_one_list_of_everything_does_as_well(served: Log, home: Path, tmp_path: Path) -> None:
    bring(served, home)
    publish(tmp_path / "source", *USUAL, advisory(99))
    own = (tmp_path / "source" / LIST[1:]).read_text().replace(",PYSEC", ",PyPI/PYSEC")
    (tmp_path / "source" / LIST[1:]).unlink()
    (tmp_path / "source" / "modified_id.csv").write_text(f"2026-05-05T00:00:00Z,npm/GHSA-1\n{own}")
    served.asked.clear()
    assert bring(served, home).changed == 1
    assert ZIP not in served.paths


def test_a_release_comes_out_of_its_distribution_and_what_is_not_of_it_is_no_mistake(
    served: Log, home: Path, tmp_path: Path
) -> None:
    def debian(number: int, *releases: str, modified: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
        entries = [entry(f"Debian:{each}", "openssl", "introduced 0") for each in releases]
        return record(f"DSA-{number}", *entries) | {"modified": modified}

    first = [debian(1, "12"), debian(2, "11"), debian(3, "11", "12")]
    publish(tmp_path / "source", *first)
    (tmp_path / "source" / "PyPI").rename(tmp_path / "source" / "Debian")
    done = bring(served, home, "Debian:12")
    assert (done.records, done.rejected) == (2, 0)
    served.asked.clear()
    assert bring(served, home, "Debian:12").changed == 0, "what is of another release is noted, and not fetched again"
    assert served.paths == ["/Debian/modified_id.csv"]


def test_a_mirror_without_lists_is_asked_for_the_whole_on_condition(served: Log, home: Path, tmp_path: Path) -> None:
    (tmp_path / "source" / LIST[1:]).unlink()
    bring(served, home)
    served.asked.clear()
    assert bring(served, home).unchanged
    assert served.asked[-1] == (ZIP, 304, "")


def test_gaps_in_the_blocks_are_closed_by_a_whole_sync(
    served: Log, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(served, home)
    monkeypatch.setattr(bringing, "wasted", lambda _connection, _name: True)
    served.asked.clear()
    bring(served, home)
    assert served.paths == [ZIP]


BREAKS = {
    "broken once": ["break"],
    "broken and then another range than was asked for": ["break", "wrong range"],
    "rate limited": ["429", "503"],
    "no range": ["break", "416"],
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_download_that_breaks_is_gone_on_with(served: Log, home: Path, how: str) -> None:
    served.faults[ZIP] = list(BREAKS[how])
    assert bring(served, home).records == 30


def test_a_sync_that_broke_off_goes_on_where_it_stopped(served: Log, home: Path, tmp_path: Path) -> None:
    size = (tmp_path / "source" / ZIP[1:]).stat().st_size
    served.faults[ZIP] = ["break", *["500"] * 9]
    with pytest.raises(ScangateError):
        bring(served, home)
    (part,) = (home / "sync").iterdir()
    half = part.stat().st_size
    assert 0 < half < size
    served.faults.clear()
    served.asked.clear()
    assert bring(served, home).records == 30
    assert served.asked == [(ZIP, 206, f"bytes={half}-")]
    assert not (home / "sync").exists()


def test_what_broke_off_of_another_version_is_fetched_again(served: Log, home: Path, tmp_path: Path) -> None:
    served.faults[ZIP] = ["break", *["500"] * 9]
    with pytest.raises(ScangateError):
        bring(served, home)
    publish(tmp_path / "source", *(advisory(number, details="other" * number) for number in range(40)))
    served.faults.clear()
    done = bring(served, home)
    assert (done.records, done.rejected) == (40, 0)
    assert [status for path, status, _range in served.asked if path == ZIP][-2:] == [206, 200]


def test_what_nobody_went_on_with_is_removed(served: Log, home: Path) -> None:
    (home / "sync").mkdir(parents=True)
    old = home / "sync" / "old.part"
    old.write_bytes(b"x")
    long_ago = time.time() - 8 * 86_400
    os.utime(old, (long_ago, long_ago))
    bring(served, home)
    assert not old.exists()


def test_moments_are_compared_as_exactly_as_they_are_written() -> None:
    equal = incremental._equal
    assert equal("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z")
    assert equal("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500000+00:00")
    assert not equal("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.6Z")
    assert not equal("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z")
    assert not equal("2026-01-01T00:00:00Z", "")


def test_a_list_is_read_or_refused() -> None:
    text = b"2024-08-15T00:05:00Z,GHSA-1\n2024-08-15T00:05:00.5Z,Debian:12/DSA-1-1\n"
    assert incremental.listing(text) == {"GHSA-1": "2024-08-15T00:05:00Z", "DSA-1-1": "2024-08-15T00:05:00.5Z"}
    with pytest.raises(WholeError, match="line 2"):
        incremental.listing(b"2024-08-15T00:05:00Z,GHSA-1\nGHSA-2\n")


def test_the_size_of_a_download_is_bounded(served: Log, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "MAX_DOWNLOAD", 100)
    with pytest.raises(ScangateError, match="larger than 100 bytes"):
        bring(served, home)
    assert mirror._SEEN == "-"


def test_records_of_a_shared_layout_lie_in_its_folder_osv(served: Log, home: Path, tmp_path: Path) -> None:
    write_zip(tmp_path / "source" / "osv" / "Go" / "all.zip", record("GO-1", entry("Go", "stdlib", "introduced 0")))
    assert bring(served, home, "Go").records == 1
