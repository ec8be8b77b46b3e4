"""The two enrichers on a store as a sync makes it, and through the gate."""

import sqlite3
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "advisories"))

from feed_files import write_epss, write_kev

from builders import finding
from scangate.advisories.sync import sync
from scangate.core.clauses import ANSWERED
from scangate.core.model import Data, Evidence, Finding, Status
from scangate.enrichers.epss import Epss
from scangate.enrichers.kev import Kev
from scangate.errors import CancelledError, ScanError
from scangate.pipeline import enrich

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HTTP2 = finding(rule="CVE-2023-44487")
QUIET = finding(rule="GHSA-x", aliases=("CVE-2020-0001",))
UNSCORED = finding(rule="CVE-2019-9999")
PORT = finding(rule="net-unexpected-port", subject="192.0.2.1:22/tcp")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_kev(tmp_path / "source")
    write_epss(tmp_path / "source")
    sync(str(tmp_path / "source"), tmp_path / "home", now=NOW)
    return tmp_path / "home"


def asked(enricher: Kev | Epss, home: Path, *findings: Finding) -> tuple[list[Finding], list[Data]]:
    items = list(enricher.enrich(findings, home, lambda: None))
    return [each for each in items if isinstance(each, Finding)], [each for each in items if isinstance(each, Data)]


def test_kev_says_of_every_finding_with_a_cve_whether_it_is_in_the_list(home: Path) -> None:
    found, data = asked(Kev(), home, HTTP2, QUIET, PORT)
    assert [each.known_exploited for each in found] == [True, False, None]
    assert found[0].evidence == (
        Evidence(
            source="kev",
            facts=(
                ("exploited", "CVE-2023-44487"),
                ("listed since", "2023-10-10"),
                ("due", "2023-10-31"),
                ("ransomware", "unknown"),
            ),
        ),
    )
    assert found[1:] == [found[1], PORT]
    assert data == [Data(name="KEV", as_of=date(2026, 11, 19), version="2026.11.19", records=2)]


def test_an_alias_in_the_list_is_enough_and_what_a_scanner_knew_stays(home: Path) -> None:
    aliased = finding(rule="GHSA-jfh8-c2jp-5v3q", aliases=("CVE-2021-44228", "CVE-2020-0001"))
    known = finding(rule="CVE-2020-0001", known_exploited=True)
    found, _data = asked(Kev(), home, aliased, known)
    assert [each.known_exploited for each in found] == [True, True]
    assert ("ransomware", "known") in found[0].evidence[0].facts


def test_epss_gives_the_highest_score_of_a_findings_cves(home: Path) -> None:
    both = finding(rule="CVE-2020-0001", aliases=("CVE-2023-44487",))
    found, data = asked(Epss(), home, HTTP2, QUIET, UNSCORED, PORT, both)
    assert [each.epss for each in found] == [0.94434, 0.00043, None, None, 0.94434]
    assert found[0].evidence[0].facts == (
        ("scored", "CVE-2023-44487"),
        ("probability", "0.94434"),
        ("percentile", "0.99987"),
    )
    assert data == [Data(name="EPSS", as_of=date(2026, 11, 20), version="v2025.03.14", records=3)]


@pytest.mark.parametrize("enricher", [Kev(), Epss()])
def test_without_its_data_it_cannot_answer_and_says_what_to_do(enricher: Kev | Epss, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="there is no") as error:
        asked(enricher, tmp_path, HTTP2)
    assert "scangate advisories sync" in error.value.advice
    write_kev(tmp_path / "source")
    sync(str(tmp_path / "source"), tmp_path / "home", now=NOW)
    (tmp_path / "source" / "kev" / "known_exploited_vulnerabilities.json").unlink()
    if enricher.name == "epss":
        with pytest.raises(ScanError, match="there is no EPSS data"):
            asked(enricher, tmp_path / "home", HTTP2)


@pytest.mark.parametrize("enricher", [Kev(), Epss()])
def test_findings_without_a_cve_need_no_data(enricher: Kev | Epss, tmp_path: Path) -> None:
    assert asked(enricher, tmp_path, PORT) == ([PORT], [])
    assert asked(enricher, tmp_path) == ([], [])


@pytest.mark.parametrize("enricher", [Kev(), Epss()])
def test_a_damaged_store_is_no_answer(enricher: Kev | Epss, home: Path) -> None:
    with sqlite3.connect(home / "advisories.db") as connection:
        connection.execute("UPDATE kev SET added = 'x'")
        connection.execute("UPDATE epss SET probability = 'x'")
    connection.close()
    with pytest.raises(ScanError, match="is damaged"):
        asked(enricher, home, HTTP2)


@pytest.mark.parametrize("enricher", [Kev(), Epss()])
def test_it_stops_when_it_is_told_to(enricher: Kev | Epss, home: Path) -> None:
    def check() -> None:
        raise CancelledError("enough")

    with pytest.raises(CancelledError):
        list(enricher.enrich([HTTP2], home, check))


def test_the_clauses_that_look_at_data_have_an_enricher_each() -> None:
    assert Kev.clauses | Epss.clauses == ANSWERED


def test_the_gate_asks_both_and_keeps_identity(home: Path) -> None:
    found, runs = enrich((HTTP2, QUIET, PORT), {"kev": Kev(), "epss": Epss()}, home)
    assert [(run.scanner, run.status, run.asked) for run in runs] == [("epss", Status.OK, 3), ("kev", Status.OK, 3)]
    assert [(each.known_exploited, each.epss) for each in found] == [(True, 0.94434), (False, 0.00043), (None, None)]
    assert [each.source for each in found[0].evidence] == ["epss", "kev"]
