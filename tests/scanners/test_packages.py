"""The image scanner of our own, from layout to finding, and everything that may be missing or broken on the way."""

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scangate.advisories.sync import status, sync
from scangate.core.model import (
    Asked,
    Confidence,
    Cvss,
    Data,
    Finding,
    Fix,
    Gap,
    Item,
    Kind,
    Location,
    Package,
    Severity,
    Target,
    Tool,
)
from scangate.core.text import clean_all
from scangate.errors import CancelledError, DeadlineError, ScanError
from scangate.scanners import Context
from scangate.scanners.packages import Packages

sys.path[:0] = [str(Path(__file__).parent.parent / room) for room in ("advisories", "rootfs")]
from made_images import Layout, digest, file, tar  # noqa: E402 - the builders of images are those of the tests of rootfs
from osv_records import entry, record, write_zip  # noqa: E402 - and those of advisories are next to their tests

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
SUPPORTED = date(2026, 6, 1)
"""A day on which Debian 12 still had its regular updates."""
DEBIAN = file("etc/os-release", 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
OPENSSL = record(
    "DEBIAN-CVE-2026-1000",
    entry("Debian:12", "openssl", "introduced 0, fixed 3.0.13-1~deb12u1"),
    upstream=["CVE-2026-1000"],
    severity=[{"type": "CVSS_V3", "score": V31}],
    published="2026-03-04T00:00:00Z",
    database_specific={"cwe_ids": ["CWE-787"]},
    references=[{"type": "ADVISORY", "url": "https://tracker.example/CVE-2026-1000"}],
)
DJANGO = record(
    "PYSEC-2026-1",
    entry("PyPI", "Django", "introduced 0, fixed 4.2.9"),
    aliases=["CVE-2026-2000"],
    summary="SQL injection in Django",
    database_specific={"severity": "MODERATE"},
)
BABEL = record(
    "GHSA-aaaa-bbbb-cccc", entry("npm", "@babel/core", "introduced 0, fixed 7.1.0"), aliases=["CVE-2026-3000"]
)


def stanza(name: str, version: str, source: str = "") -> str:
    extra = f"Source: {source}\n" if source else ""
    return f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n{extra}Version: {version}\n"


def status_file(*stanzas: str) -> Any:
    return file("var/lib/dpkg/status", "\n".join(stanzas))


def python(name: str, version: str, where: str = "usr/lib/python3") -> Any:
    return file(
        f"{where}/{name}-{version}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    )


def node(name: str, version: str, where: str = "app") -> Any:
    return file(f"{where}/node_modules/{name}/package.json", json.dumps({"name": name, "version": version}))


class Bench:
    """A repository with one image in it, and a home that holds advisories."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.target = Target(id="web", kind=Kind.IMAGE, addresses=("oci-layout:image",))

    def image(self, *layers: bytes, **config: Any) -> None:
        Layout(self.root / "image").image(*layers, **config)

    def sync(self, *records: dict[str, Any], day: date | None = None) -> None:
        exports = {each["package"]["ecosystem"] for one in records for each in one["affected"]}
        for export in sorted(exports):
            chosen = [one for one in records if any(each["package"]["ecosystem"] == export for each in one["affected"])]
            path = write_zip(self.root / "source" / export / "all.zip", *chosen)
            if day:
                seconds = time.mktime(day.timetuple()) + 43_200
                os.utime(path, (seconds, seconds))
        sync(str(self.root / "source"), self.home)

    def items(self, **context: Any) -> list[Item]:
        return list(self.scan(**context))

    def scan(self, **context: Any) -> Iterator[Item]:
        usual = {"root": self.root, "home": self.home, "deadline": time.monotonic() + 120, "today": SUPPORTED}
        context = usual | context
        return Packages().scan(self.target, Context(**context))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def uncovered(items: list[Item]) -> bool:
    """What the verdict calls incomplete: nothing asked, a gap, or data that are not there."""
    asked = sum(each.count for each in only(items, Asked))
    return not asked or bool(only(items, Gap)) or any(each.as_of is None for each in only(items, Data))


def only(items: list[Item], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_an_image_is_read_matched_and_reported_with_all_that_was_relied_on(bench: Bench) -> None:
    base = tar(DEBIAN, status_file(stanza("libc6", "2.36-9", "glibc")))
    top = tar(status_file(stanza("libc6", "2.36-9", "glibc"), stanza("libssl3", "3.0.11-1~deb12u2", "openssl")))
    bench.image(base, top, history=[{"created_by": "ADD rootfs"}, {"created_by": "RUN apt-get install openssl"}])
    bench.sync(OPENSSL, day=date(2026, 11, 1))
    items = bench.items()
    assert [each.name for each in only(items, Tool)] == ["scangate"]
    assert only(items, Asked) == [Asked(unit="packages", count=2)]
    assert [each.name for each in only(items, Package)] == ["libc6", "libssl3"]
    assert only(items, Data) == [
        Data(name="OSV Debian:12", as_of=date(2026, 11, 1), version="2026-01-02T03:04:05Z", records=1)
    ]
    assert not only(items, Gap)
    (finding,) = only(items, Finding)
    purl = "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12"
    assert finding.rule == "CVE-2026-1000"
    assert (finding.target, finding.subject) == ("web", "pkg:deb/debian/openssl")
    assert finding.title == "openssl: CVE-2026-1000"
    assert (finding.severity, finding.severity_source) == (Severity.CRITICAL, "CVSS 3.1 in DEBIAN-CVE-2026-1000")
    assert finding.cvss == Cvss(score=9.8, vector=V31)
    assert finding.fix == Fix(summary="upgrade openssl to 3.0.13-1~deb12u1", version="3.0.13-1~deb12u1")
    assert finding.aliases == ("DEBIAN-CVE-2026-1000",)
    assert finding.cwes == ("CWE-787",)
    assert finding.help_uri == "https://tracker.example/CVE-2026-1000"
    assert finding.location == Location(logical=purl)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.published == date(2026, 3, 4)
    assert finding.seen_by == ("packages",)
    layer = f"{digest(top)} (#2 RUN apt-get install openssl)"
    (evidence,) = finding.evidence
    assert (evidence.source, evidence.facts) == (
        "packages",
        (
            ("installed", "libssl3 3.0.11-1~deb12u2 (source openssl)"),
            ("package", purl),
            ("layer", layer),
            ("comes from", "yours"),
            ("path", "var/lib/dpkg/status"),
            ("advisory", "DEBIAN-CVE-2026-1000"),
            ("range", "introduced 0, fixed 3.0.13-1~deb12u1"),
        ),
    )
    assert finding.message == (
        f"Installed: libssl3 3.0.11-1~deb12u2 (source openssl), in layer {layer}, var/lib/dpkg/status. "
        "CVE-2026-1000 affects this version: fixed in 3.0.13-1~deb12u1. It is in your own layers."
    )


def test_the_fixed_image_has_no_findings_and_is_covered(bench: Bench) -> None:
    bench.image(tar(DEBIAN, status_file(stanza("libssl3", "3.0.13-1~deb12u1", "openssl")), python("django", "4.2.9")))
    bench.sync(OPENSSL, DJANGO)
    items = bench.items()
    assert not only(items, Finding)
    assert not uncovered(items)


def test_a_finding_without_a_score_has_the_word_of_its_database(bench: Bench) -> None:
    bench.image(tar(python("django", "4.1")))
    bench.sync(DJANGO)
    (finding,) = only(bench.items(), Finding)
    assert (finding.title, finding.subject) == ("SQL injection in Django", "pkg:pypi/django")
    assert (finding.severity, finding.severity_source, finding.cvss) == (
        Severity.MEDIUM,
        "PYSEC-2026-1 (database severity)",
        None,
    )


def test_a_finding_that_nobody_rates_is_of_unknown_severity(bench: Bench) -> None:
    bench.image(tar(node("@babel/core", "7.0.0")))
    bench.sync(BABEL)
    (finding,) = only(bench.items(), Finding)
    assert (finding.severity, finding.severity_source) == (Severity.UNKNOWN, "no severity in the advisories")
    assert (finding.subject, finding.title) == ("pkg:npm/%40babel/core", "@babel/core: CVE-2026-3000")
    assert finding.help_uri == ""


def test_copies_of_one_package_are_one_finding_with_each_in_the_evidence(bench: Bench) -> None:
    bench.image(
        tar(
            *(
                node("@babel/core", version, where)
                for version, where in (("7.0.0", "a"), ("7.0.0", "b"), ("6.9.0", "c"), ("7.2.0", "d"))
            )
        )
    )
    bench.sync(BABEL)
    (finding,) = only(bench.items(), Finding)
    facts = [evidence.facts for evidence in finding.evidence]
    assert [[value for name, value in each if name in {"installed", "path"}] for each in facts] == [
        ["@babel/core 6.9.0", "c/node_modules/@babel/core/package.json"],
        ["@babel/core 7.0.0", "a/node_modules/@babel/core/package.json", "b/node_modules/@babel/core/package.json"],
    ]
    assert finding.fix == Fix(summary="upgrade @babel/core to 7.1.0", version="7.1.0")
    assert "7.2.0" not in finding.message


def test_all_findings_of_a_package_share_one_fix(bench: Bench) -> None:
    bench.image(tar(python("a", "1.0")))
    bench.sync(
        record("CVE-2026-1000", entry("PyPI", "a", "introduced 0, fixed 1.2")),
        record("CVE-2026-2000", entry("PyPI", "a", "introduced 0, fixed 1.10")),
        record("CVE-2026-3000", entry("PyPI", "a", "introduced 0")),
    )
    findings = {each.rule: each for each in only(bench.items(), Finding)}
    shared = Fix(summary="upgrade a to 1.10", version="1.10")
    assert {rule: each.fix for rule, each in findings.items()} == {
        "CVE-2026-1000": shared,
        "CVE-2026-2000": shared,
        "CVE-2026-3000": None,
    }
    assert "fixed in 1.2." in findings["CVE-2026-1000"].message
    assert "no fix is known" in findings["CVE-2026-3000"].message


def test_a_record_that_disagrees_is_named_in_the_evidence(bench: Bench) -> None:
    bench.image(tar(python("a", "1.5")))
    bench.sync(
        record("PYSEC-2026-1", entry("PyPI", "a", "introduced 0, fixed 1.2"), aliases=["CVE-2026-1000"]),
        record("GHSA-aaaa-bbbb-cccc", entry("PyPI", "a", "introduced 0"), aliases=["CVE-2026-1000"]),
    )
    (finding,) = only(bench.items(), Finding)
    assert finding.evidence[0].facts[-4:] == (
        ("advisory", "GHSA-aaaa-bbbb-cccc"),
        ("range", "introduced 0, not fixed"),
        ("status", "not fixed"),
        ("not affected according to", "PYSEC-2026-1"),
    )


def test_without_a_store_the_inventory_is_there_and_the_data_are_missing(bench: Bench) -> None:
    bench.image(tar(DEBIAN, status_file(stanza("openssl", "3.0.11-1")), python("django", "4.1")))
    items = bench.items()
    assert len(only(items, Package)) == 2
    assert only(items, Data) == [Data(name="OSV Debian:12", as_of=None), Data(name="OSV PyPI", as_of=None)]
    assert uncovered(items)


def test_an_ecosystem_without_data_is_said_and_the_other_is_matched(bench: Bench) -> None:
    bench.image(tar(DEBIAN, status_file(stanza("openssl", "3.0.11-1")), python("django", "4.1")))
    bench.sync(DJANGO)
    items = bench.items()
    assert [(each.name, each.as_of is None) for each in only(items, Data)] == [
        ("OSV Debian:12", True),
        ("OSV PyPI", False),
    ]
    assert [each.rule for each in only(items, Finding)] == ["CVE-2026-2000"]
    assert uncovered(items)


def test_old_data_keep_their_date_whenever_they_were_synced(bench: Bench) -> None:
    bench.image(tar(python("django", "4.1")))
    bench.sync(DJANGO, day=date(2020, 1, 2))
    assert [each.as_of for each in only(bench.items(), Data)] == [date(2020, 1, 2)]


def test_a_damaged_store_fails_the_scan_after_the_inventory(bench: Bench) -> None:
    bench.image(tar(python("django", "4.1")))
    bench.home.mkdir()
    (bench.home / "advisories.db").write_bytes(b"not a database" * 100)
    items: list[Item] = []
    with pytest.raises(ScanError, match="damaged"):
        items.extend(bench.scan())
    assert [each.name for each in only(items, Package)] == ["django"]


def test_an_image_without_packages_is_not_covered(bench: Bench) -> None:
    bench.image(tar(file("bin/app", b"\x7fELF")))
    bench.sync(DJANGO)
    items = bench.items()
    assert only(items, Asked) == [Asked(unit="packages", count=0)]
    assert uncovered(items)


def test_metadata_that_cannot_be_read_are_a_gap_that_counts(bench: Bench) -> None:
    bench.image(tar(python("django", "4.2.9"), file("app/node_modules/x/package.json", "{")))
    bench.sync(DJANGO)
    items = bench.items()
    assert [each.what for each in only(items, Gap)] == ["app/node_modules/x/package.json"]
    assert only(items, Asked) == [Asked(unit="packages", count=2)]


def test_a_version_that_cannot_be_compared_is_a_gap(bench: Bench) -> None:
    bench.image(tar(python("django", "latest"), python("other", "latest")))
    bench.sync(DJANGO)
    items = bench.items()
    assert [each.what for each in only(items, Gap)] == ["pkg:pypi/django@latest"]
    assert only(items, Asked)[0].count == 2


def test_every_package_of_an_unknown_distribution_is_a_gap(bench: Bench) -> None:
    release = file("etc/os-release", "ID=mystery\nVERSION_ID=1\n")
    bench.image(tar(release, status_file(stanza("a", "1"), stanza("b", "1")), python("django", "4.2.9")))
    bench.sync(DJANGO)
    items = bench.items()
    assert {"pkg:deb/mystery/a@1?arch=amd64&distro=mystery-1", "pkg:deb/mystery/b@1?arch=amd64&distro=mystery-1"} <= {
        each.what for each in only(items, Gap)
    }
    asked, gaps = only(items, Asked)[0].count, len(only(items, Gap))
    assert asked - gaps == 1, "only django was really looked at"


def test_an_image_that_is_not_there_fails_the_scan_with_advice(bench: Bench) -> None:
    with pytest.raises(ScanError) as error:
        bench.items()
    assert error.value.advice


def test_a_truncated_archive_fails_the_scan(bench: Bench) -> None:
    layout = Layout(bench.root / "image")
    layout.image(tar(python("django", "4.1")))
    archive = layout.archive(bench.root / "image.tar")
    archive.write_bytes(archive.read_bytes()[:2_000])
    bench.target = Target(id="web", kind=Kind.IMAGE, addresses=("oci-archive:image.tar",))
    with pytest.raises(ScanError):
        bench.items()


def test_a_layer_that_is_cut_off_fails_the_scan(bench: Bench) -> None:
    bench.image(tar(python("django", "4.1")))
    blobs = sorted(
        (bench.root / "image" / "blobs" / "sha256").iterdir(), key=lambda each: each.read_bytes()[:2] != b"\x1f\x8b"
    )
    blobs[0].write_bytes(blobs[0].read_bytes()[:-20])
    with pytest.raises(ScanError):
        bench.items()


def test_the_deadline_and_an_interrupt_end_the_scan(bench: Bench) -> None:
    bench.image(tar(python("django", "4.1")))
    bench.sync(DJANGO)
    with pytest.raises(DeadlineError):
        bench.items(deadline=time.monotonic() - 1)
    with pytest.raises(CancelledError):
        bench.items(cancelled=lambda: True)


def test_two_scans_say_the_same_in_the_same_order(bench: Bench) -> None:
    bench.image(
        tar(DEBIAN, status_file(stanza("openssl", "3.0.11-1")), python("django", "4.1"), node("@babel/core", "7.0.0"))
    )
    bench.sync(OPENSSL, DJANGO, BABEL)
    first = bench.items()
    assert bench.items() == first
    assert [each.rule for each in only(first, Finding)] == ["CVE-2026-1000", "CVE-2026-2000", "CVE-2026-3000"]


def test_hostile_words_in_an_image_reach_no_one_as_they_are(bench: Bench) -> None:
    evil = "RUN \x1b[31m\u202etxt.exe"
    bench.image(tar(python("django", "4.1")), history=[{"created_by": evil}])
    bench.sync(DJANGO | {"summary": "\x1b]0;owned\x07\ud800"})
    (finding,) = map(clean_all, only(bench.items(), Finding))
    text = finding.title + finding.message + str(finding.evidence)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.encode()


def test_it_needs_no_program() -> None:
    scanner = Packages()
    assert (scanner.name, scanner.kinds, scanner.needs()) == ("packages", frozenset({Kind.IMAGE, Kind.SBOM}), ())
    assert scanner.options["additionalProperties"] is False


def test_an_image_of_thousands_of_packages_is_matched_in_seconds(bench: Bench, shared: Path) -> None:
    folder = shared / "advisories" / "osv"
    if not folder.is_dir():
        pytest.skip(f"the advisories are not here: {folder}")
    sync(str(folder), bench.home, ["PyPI", "Debian:12"])
    assert {each.ecosystem for each in status(bench.home)} == {"PyPI", "Debian:12"}
    names = ["django", "tensorflow", "requests", "pillow", "flask", "openssl", "perl", "bind9"]
    stanzas = [stanza(f"lib{number}", "1.0-1", names[number % len(names)]) for number in range(2_000)]
    bench.image(tar(DEBIAN, status_file(*stanzas), *(python(name, "1.0") for name in names)))
    started = time.monotonic()
    items = bench.items()
    assert time.monotonic() - started < 60, "a hang guard, not a promise"
    assert len(only(items, Package)) == 2_008
    subjects = {each.subject for each in only(items, Finding)}
    assert {"pkg:pypi/django", "pkg:pypi/tensorflow", "pkg:deb/debian/perl"} <= subjects
