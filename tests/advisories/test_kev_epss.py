"""KEV and EPSS: reading what their publishers write, and bringing it into the store from wherever it lies."""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from faulty_mirror import serving
from feed_files import LISTED, RANSOM, SCORES, epss, kev, write_epss, write_kev
from osv_records import entry, record, write_zip

from scangate.advisories import Store, places
from scangate.advisories import epss as epss_module
from scangate.advisories import feeds as feeds_module
from scangate.advisories import kev as kev_module
from scangate.advisories.bringing import Synced
from scangate.advisories.schema import Exploited, Likelihood, Rejections
from scangate.advisories.sync import feeds_held, status, sync
from scangate.errors import ScangateError, UsageError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder in the layout of the shared data, with everything in it."""
    write_zip(tmp_path / "source" / "osv" / "PyPI" / "all.zip", record("PYSEC-1", entry("PyPI", "a", "introduced 0")))
    write_kev(tmp_path / "source")
    write_epss(tmp_path / "source")
    return tmp_path / "source"


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCANGATE_OFFLINE", "SCANGATE_OSV_MIRROR", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def public(source: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What stands at the public addresses, served from here."""
    with serving(source) as log:
        monkeypatch.setattr(places, "OSV", f"{log.url}/osv")
        published = {"KEV": f"{log.url}/kev/known_exploited_vulnerabilities.json"}
        published["EPSS"] = f"{log.url}/epss/epss_scores-current.csv.gz"
        monkeypatch.setattr(feeds_module, "PUBLISHED", published)
        yield log


def by_name(done: tuple[Synced, ...]) -> dict[str, Synced]:
    return {each.export: each for each in done}


def test_the_list_of_cisa_is_read() -> None:
    rows, released, version = kev_module.read(kev(), rejections := Rejections())
    assert rows == (
        Exploited(cve="CVE-2023-44487", added=date(2023, 10, 10), due=date(2023, 10, 31)),
        Exploited(cve="CVE-2021-44228", added=date(2021, 12, 10), ransomware=True),
    )
    assert (released, version, rejections.count) == (date(2026, 11, 19), "2026.11.19", 0)


@pytest.mark.parametrize(
    "line", [None, 7, [], {}, LISTED | {"cveID": "CVE-1"}, LISTED | {"dateAdded": "soon"}, LISTED | {"cveID": 5}]
)
def test_a_line_that_cannot_be_used_is_counted_and_the_others_are_read(line: Any) -> None:
    rows, _released, _version = kev_module.read(kev(line, RANSOM), rejections := Rejections())
    assert [each.cve for each in rows] == ["CVE-2021-44228"]
    assert rejections.shown[0].startswith("vulnerabilities[0]: ")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no list"),
        (b'{"vulnerabilities": {}}', "no list"),
        (kev(LISTED, count=1404), "says that it has 1404 entries, and has 1"),
    ],
)
def test_what_is_no_list_of_cisa_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(ScangateError, match=reason):
        kev_module.read(raw, Rejections())


@pytest.mark.parametrize("packed", [True, False])
def test_scores_are_read_gzipped_and_plain(packed: bool) -> None:
    raw = gzip.compress(epss()) if packed else epss()
    rows, day, version = epss_module.read(raw, rejections := Rejections())
    assert rows[0] == Likelihood(cve="CVE-2023-44487", probability=0.94434, percentile=0.99987)
    assert (len(rows), day, version, rejections.count) == (3, date(2026, 11, 20), "v2025.03.14", 0)


def test_scores_without_their_first_line_have_no_day() -> None:
    rows, day, version = epss_module.read(f"cve,epss,percentile\n{SCORES}".encode(), Rejections())
    assert (len(rows), day, version) == (3, None, "")


@pytest.mark.parametrize("line", ["", "CVE-2020-1,0.1,0.1", "CVE-2020-0001,0.1", "CVE-2020-0001,x,0.1", "CVE-2020-0001,1.5,0.1", "CVE-2020-0001,nan,0.1", "CVE-2020-0001,-0.1,0.1"])  # fmt: skip  # noqa: E501
def test_a_score_that_is_none_is_counted(line: str) -> None:
    rows, _day, _version = epss_module.read(epss(f"{line}\n{SCORES}"), rejections := Rejections())
    assert (len(rows), rejections.count) == (3, 1)
    assert rejections.shown[0].startswith("line 3: ")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "its columns are ''"),
        (b"<html>", "expected cve,epss,percentile"),
        (gzip.compress(epss())[:-20], "ends in the middle"),
        (b"\x1f\x8b" + b"x" * 50, "cannot be unpacked"),
    ],
)
def test_what_is_no_scores_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(ScangateError, match=reason):
        epss_module.read(raw, Rejections())


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epss_module, "MAX_TEXT", 10_000)
    with pytest.raises(ScangateError, match="unpacks to more than 10000 bytes"):
        epss_module.read(gzip.compress(b"0" * 1_000_000), Rejections())


def test_a_folder_may_hold_everything(source: Path, home: Path) -> None:
    done = by_name(sync(str(source), home, now=NOW))
    assert {name: (each.records, each.failure) for name, each in done.items()} == {
        "PyPI": (1, ""),
        "KEV": (2, ""),
        "EPSS": (3, ""),
    }
    rows = {each.name: each for each in feeds_held(home)}
    assert (rows["KEV"].as_of, rows["EPSS"].as_of) == (date(2026, 11, 19), date(2026, 11, 20))
    assert rows["EPSS"].source == str(source)
    with Store.open(home) as store:
        assert store.kev("CVE-2021-44228") == Exploited(cve="CVE-2021-44228", added=date(2021, 12, 10), ransomware=True)
        assert store.kev("CVE-2020-0001") is None
        assert store.epss("CVE-2020-0001") == Likelihood(cve="CVE-2020-0001", probability=0.00043, percentile=0.1)
        assert store.epss("CVE-2020-0002") is None
        assert store.published("KEV") == (source / "kev" / "known_exploited_vulnerabilities.json").read_bytes()


def test_a_folder_may_hold_only_what_is_said_about_cves(tmp_path: Path, home: Path) -> None:
    write_kev(tmp_path / "source")
    (done,) = sync(str(tmp_path / "source"), home, now=NOW)
    assert (done.export, done.records) == ("KEV", 2)


def test_what_a_folder_does_not_hold_stays_as_it_was(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    (source / "kev" / "known_exploited_vulnerabilities.json").unlink()
    assert "KEV" not in by_name(sync(str(source), home, now=LATER))
    assert [each.name for each in feeds_held(home)] == ["EPSS", "KEV"]


def test_each_can_be_left_out_or_come_from_elsewhere(source: Path, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "scores.csv"
    other.write_bytes(epss("CVE-2020-0009,0.5,0.5\n"))
    done = by_name(sync(str(source), home, now=NOW, about_cves={"KEV": None, "EPSS": str(other)}))
    assert "KEV" not in done
    assert done["EPSS"].records == 1
    with pytest.raises(UsageError, match="no file"):
        sync(str(source), home, now=NOW, about_cves={"KEV": str(tmp_path / "none.json")})


def test_the_public_addresses_are_asked_for_what_is_named_and_then_for_what_is_held(public: Any, home: Path) -> None:
    with pytest.raises(UsageError, match="nothing is stored yet") as error:
        sync(None, home, now=NOW)
    assert "-e" in error.value.advice
    assert public.asked == []
    assert set(by_name(sync(None, home, ["PyPI"], now=NOW))) == {"PyPI", "KEV", "EPSS"}
    again = sync(None, home, now=LATER)
    assert all(each.unchanged for each in again)
    assert [each.ecosystem for each in status(home)] == ["PyPI"]


def test_a_list_fetched_from_its_publisher_is_of_the_day_it_was_asked(public: Any, home: Path) -> None:
    sync(None, home, ["PyPI"], now=NOW)
    rows = {each.name: each.as_of for each in feeds_held(home)}
    assert rows == {"KEV": NOW.date(), "EPSS": date(2026, 11, 20)}
    sync(None, home, now=LATER)
    rows = {each.name: each.as_of for each in feeds_held(home)}
    assert rows == {"KEV": LATER.date(), "EPSS": date(2026, 11, 20)}


def test_a_list_from_a_mirror_is_of_the_day_it_was_released(source: Path, home: Path) -> None:
    with serving(source) as log:
        sync(log.url, home, ["PyPI"], now=NOW)
    assert {each.name: each.as_of for each in feeds_held(home)}["KEV"] == date(2026, 11, 19)


def test_the_mirror_of_the_environment_is_asked_first(
    public: Any, source: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_zip(tmp_path / "own" / "PyPI" / "all.zip", record("PYSEC-9", entry("PyPI", "a", "introduced 0")))
    write_kev(tmp_path / "own", released="2026-01-01T00:00:00Z")
    with serving(tmp_path / "own") as log:
        monkeypatch.setenv("SCANGATE_OSV_MIRROR", log.url)
        sync(None, home, ["PyPI"], now=NOW)
        own = log.url
    rows = {each.name: each for each in feeds_held(home)}
    assert rows["KEV"].source.startswith(own)
    assert rows["EPSS"].source.startswith(public.url)
    assert status(home)[0].source == own


def test_one_that_fails_leaves_the_old_one_and_the_others_are_brought(public: Any, source: Path, home: Path) -> None:
    sync(None, home, ["PyPI"], now=NOW)
    (source / "epss" / "epss_scores-current.csv.gz").write_bytes(b"<html>")
    done = by_name(sync(None, home, now=LATER))
    assert "is not EPSS" in done["EPSS"].failure
    assert done["KEV"].failure == ""
    with Store.open(home) as store:
        assert store.epss("CVE-2020-0001") is not None


def test_far_fewer_lines_than_last_time_are_not_believed(source: Path, home: Path) -> None:
    sync(str(source), home, now=NOW)
    write_epss(source, scores="CVE-2020-0009,0.5,0.5\n")
    done = by_name(sync(str(source), home, now=NOW))
    assert "the last sync brought 3" in done["EPSS"].failure
    (source / "kev" / "known_exploited_vulnerabilities.json").write_bytes(json.dumps({"vulnerabilities": []}).encode())
    assert "holds 0 usable lines" in by_name(sync(str(source), home, now=NOW))["KEV"].failure


def test_only_what_is_said_about_cves_can_be_synced(home: Path, source: Path) -> None:
    path = source / "kev" / "known_exploited_vulnerabilities.json"
    (done,) = sync(None, home, now=NOW, about_cves={"KEV": str(path), "EPSS": None})
    assert (done.export, done.records) == ("KEV", 2)


def test_a_file_without_a_date_is_of_the_day_it_was_written(source: Path, home: Path) -> None:
    path = source / "kev" / "known_exploited_vulnerabilities.json"
    path.write_bytes(kev(dateReleased=None))
    moment = datetime(2026, 3, 3, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
    sync(str(source), home, now=NOW)
    assert {each.name: each.as_of for each in feeds_held(home)}["KEV"] == date(2026, 3, 3)


def test_the_real_list_is_read_whole(shared: Path) -> None:
    path = shared / "advisories" / "kev" / "known_exploited_vulnerabilities.json"
    if not path.is_file():
        pytest.skip(f"the list is not here: {path}")
    rows, released, version = kev_module.read(path.read_bytes(), rejections := Rejections())
    assert (len(rows), released, version, rejections.count) == (1404, date(2025, 8, 25), "2025.08.25", 0)
