"""Asking OSV's API: one on loopback that answers as the real one is documented to, and does what servers do wrong."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from osv_records import dump, entry, record, write_zip

from scangate import http as client
from scangate.advisories import Store, Unread, Vulnerability, api, match
from scangate.advisories.sync import sync
from scangate.core.model import Package
from scangate.errors import CancelledError, ScanError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RECORDS = {
    each["id"]: each
    for each in (
        record("PYSEC-1", entry("PyPI", "django", "introduced 0, fixed 4.2"), aliases=["CVE-2026-0001"]),
        record("GHSA-1", entry("PyPI", "Django", "introduced 0, fixed 4.3"), aliases=["CVE-2026-0001"]),
        record("PYSEC-2", entry("PyPI", "flask", "introduced 0, fixed 1.0")),
        record(
            "RHSA-2026:1",
            entry("Red Hat:enterprise_linux:9::baseos", "openssl", "introduced 0, fixed 1:3.0.7-28.el9"),
            upstream=["CVE-2026-0002"],
        ),
        record("DSA-1", entry("Debian:12", "zlib", "introduced 0, fixed 1:1.3")),
    )
}
DJANGO = Package(name="Django", version="4.1", ecosystem="PyPI", purl="pkg:pypi/django@4.1")
FLASK = Package(name="flask", version="3.0", ecosystem="PyPI", purl="pkg:pypi/flask@3.0")
ZLIB = Package(
    name="zlib1g",
    version="1:1.2",
    ecosystem="Debian:12",
    purl="pkg:deb/debian/zlib1g@1",
    source="zlib",
    source_version="1:1.2",
)
OPENSSL = Package(
    name="openssl", version="1:3.0.7-6.el9", ecosystem="Red Hat:9", purl="pkg:rpm/redhat/openssl@3.0.7-6.el9"
)
EVERYTHING = (DJANGO, FLASK, ZLIB, OPENSSL)


@dataclass
class Log:
    """`page`: vulnerabilities of one query in one answer. `faults`: by path, statuses or bodies of the next answers."""

    asked: list[str] = field(default_factory=list)
    queries: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, list[int | bytes]] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=lambda: dict(RECORDS))
    page: int = 100

    def about(self, query: dict[str, Any]) -> list[str]:
        """Names alone decide here: more than the real one would say, which the matching has to see."""
        package, token = query["package"], int(query.get("page_token") or 0)
        found = [
            name
            for name, each in sorted(self.records.items())
            for affected in each["affected"]
            if affected["package"]["name"].lower() == package["name"].lower()
            and affected["package"]["ecosystem"].startswith(package["ecosystem"])
        ]
        return found[token:]


class Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, *args: object, log: Log) -> None:
        self.log = log
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        name = unquote(self.path).rpartition("/")[2]
        known = self.log.records.get(name)
        self._say(200 if known else 404, dump(known) if known else b"{}")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.log.queries += body["queries"]
        results = []
        for query in body["queries"]:
            found = self.log.about(query)
            shown = found[: self.log.page]
            result: dict[str, Any] = {}
            if shown:
                result["vulns"] = [{"id": each, "modified": self.log.records[each]["modified"]} for each in shown]
            if len(found) > len(shown):
                result["next_page_token"] = str(int(query.get("page_token") or 0) + len(shown))
            results.append(result)
        self._say(200, json.dumps({"results": results}).encode())

    def _say(self, status: int, body: bytes) -> None:
        self.log.asked.append(unquote(self.path))
        waiting = self.log.faults.get(unquote(self.path), [])
        fault = waiting.pop(0) if waiting else None
        status, body = (fault, b"") if isinstance(fault, int) else (status, fault if fault is not None else body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def answering(log: Log) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, log=log)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(30)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    for name in ("SCANGATE_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(api, "_LIMITS", client.Limits(deadline=20.0, tries=3, first_wait=0.01))
    made = Log()
    with answering(made) as url:
        monkeypatch.setenv("SCANGATE_OSV_API", f"{url}/")
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def found(store: Store, *packages: Package) -> list[tuple[str, str]]:
    with store:
        hits = match(packages, store)
        return [(each.rule, each.name) if isinstance(each, Vulnerability) else ("?", each.reason) for each in hits]


def test_it_finds_what_synced_data_would_find(log: Log, home: Path, tmp_path: Path) -> None:
    for ecosystem in ("PyPI", "Debian", "Red Hat"):
        own = [each for each in RECORDS.values() if each["affected"][0]["package"]["ecosystem"].startswith(ecosystem)]
        write_zip(tmp_path / "source" / ecosystem / "all.zip", *own)
    sync(str(tmp_path / "source"), tmp_path / "synced", now=NOW)
    by_api = found(api.fetch(EVERYTHING, home, now=NOW), *EVERYTHING)
    assert by_api == found(Store.open(tmp_path / "synced"), *EVERYTHING)
    assert {rule for rule, _name in by_api} == {"CVE-2026-0001", "CVE-2026-0002", "DSA-1"}
    assert not any(isinstance(each, Unread) for each in by_api)


def test_its_data_are_as_of_now_for_every_ecosystem_that_was_asked_about(log: Log, home: Path) -> None:
    with api.fetch((FLASK, ZLIB), home, now=NOW) as store:
        held = {each.ecosystem: each for each in store.holdings()}
    assert {name: each.as_of for name, each in held.items()} == {"Debian:12": NOW.date(), "PyPI": date(2026, 11, 21)}


def test_an_ecosystem_that_nothing_affects_is_held_all_the_same(log: Log, home: Path) -> None:
    other = Package(name="nothing", version="1", ecosystem="npm", purl="pkg:npm/nothing@1")
    with api.fetch((other,), home, now=NOW) as store:
        assert [(each.ecosystem, each.records) for each in store.holdings()] == [("npm", 0)]


def test_each_package_is_asked_for_once_by_the_name_advisories_know_it_by(log: Log, home: Path) -> None:
    copy = Package(
        name="zlib1g-dev", version="1:1.2", ecosystem="Debian:12", purl="x", source="zlib", source_version="1:1.2"
    )
    unknown = Package(name="x", version="1", ecosystem="", purl="pkg:x@1")
    api.fetch((ZLIB, copy, unknown), home).close()
    assert log.queries == [{"package": {"ecosystem": "Debian:12", "name": "zlib"}, "version": "1:1.2"}]


def test_a_release_that_osv_calls_otherwise_is_asked_for_under_all_products(log: Log, home: Path) -> None:
    api.fetch((OPENSSL,), home).close()
    assert {query["package"]["ecosystem"] for query in log.queries} == {"Red Hat"}


def test_every_page_is_asked_for(log: Log, home: Path) -> None:
    log.page = 1
    assert found(api.fetch((DJANGO,), home), DJANGO) == [("CVE-2026-0001", "Django")]
    assert [query.get("page_token", "") for query in log.queries] == ["", "1"]


def test_many_packages_are_asked_for_in_batches(log: Log, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "BATCH", 10)
    many = [Package(name=f"p{n}", version="1", ecosystem="PyPI", purl=f"pkg:pypi/p{n}@1") for n in range(25)]
    api.fetch((*many, DJANGO), home).close()
    assert log.asked.count("/v1/querybatch") == 3
    assert len(log.queries) == 26


def test_records_are_fetched_once_and_again_when_they_changed(log: Log, home: Path) -> None:
    api.fetch((DJANGO,), home).close()
    log.asked.clear()
    api.fetch((DJANGO,), home).close()
    assert log.asked == ["/v1/querybatch"]
    log.records["PYSEC-1"] = RECORDS["PYSEC-1"] | {"modified": "2026-09-09T00:00:00Z"}
    log.asked.clear()
    api.fetch((DJANGO,), home).close()
    assert log.asked == ["/v1/querybatch", "/v1/vulns/PYSEC-1"]


@pytest.mark.parametrize("damage", [b"", b"no database" * 500, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_damaged_cache_costs_time_only(log: Log, home: Path, damage: bytes) -> None:
    api.fetch((DJANGO,), home).close()
    (home / "osv-api.db").write_bytes(damage)
    assert found(api.fetch((DJANGO,), home), DJANGO) == [("CVE-2026-0001", "Django")]


def test_a_home_that_cannot_be_written_costs_time_only(log: Log, home: Path) -> None:
    home.write_text("a file")
    assert found(api.fetch((DJANGO,), home), DJANGO) == [("CVE-2026-0001", "Django")]


@pytest.mark.parametrize("fault", [429, 503])
@pytest.mark.parametrize("path", ["/v1/querybatch", "/v1/vulns/PYSEC-1"])
def test_rate_limits_and_passing_trouble_are_waited_for(log: Log, home: Path, path: str, fault: int) -> None:
    log.faults[path] = [fault]
    assert found(api.fetch((DJANGO,), home), DJANGO) == [("CVE-2026-0001", "Django")]


BAD: dict[str, tuple[str, list[int | bytes]]] = {
    "limited for good": ("/v1/querybatch", [429] * 9),
    "down": ("/v1/querybatch", [503] * 9),
    "refused": ("/v1/querybatch", [400]),
    "no JSON": ("/v1/querybatch", [b"<html>"]),
    "nested without end": ("/v1/querybatch", [b"[" * 100_000]),
    "no results": ("/v1/querybatch", [b"{}"]),
    "fewer results": ("/v1/querybatch", [b'{"results": []}']),
    "results of another kind": ("/v1/querybatch", [b'{"results": [7]}']),
    "an id of another kind": ("/v1/querybatch", [b'{"results": [{"vulns": [{"id": 7, "modified": "x"}]}]}']),
    "a token of another kind": ("/v1/querybatch", [b'{"results": [{"next_page_token": 7}]}']),
    "pages without end": ("/v1/querybatch", [b'{"results": [{"next_page_token": "x"}]}'] * 500),
    "a record is gone": ("/v1/vulns/PYSEC-1", [404]),
    "a record is down": ("/v1/vulns/PYSEC-1", [500]),
    "a record is no JSON": ("/v1/vulns/PYSEC-1", [b"{"]),
    "a record is another": ("/v1/vulns/PYSEC-1", [dump(RECORDS["DSA-1"])]),
}


@pytest.mark.parametrize("how", BAD)
def test_what_could_not_be_asked_is_an_error_and_never_an_empty_answer(log: Log, home: Path, how: str) -> None:
    path, faults = BAD[how]
    log.faults[path] = list(faults)
    with pytest.raises(ScanError) as error:
        api.fetch((DJANGO,), home)
    assert error.value.advice
    log.faults.clear()
    assert found(api.fetch((DJANGO,), home), DJANGO) == [("CVE-2026-0001", "Django")]


def test_offline_it_is_not_asked(log: Log, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANGATE_OFFLINE", "1")
    with pytest.raises(ScanError, match="offline"):
        api.fetch((DJANGO,), home)
    assert log.asked == []


def test_it_stops_when_it_is_told_to(log: Log, home: Path) -> None:
    def check() -> None:
        raise CancelledError("enough")

    with pytest.raises(CancelledError):
        api.fetch((DJANGO,), home, check)


def test_without_packages_nobody_is_asked(log: Log, home: Path) -> None:
    with api.fetch((), home) as store:
        assert store.holdings() == ()
    assert log.asked == []
