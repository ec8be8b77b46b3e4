"""What services say they are, against advisories: what is sure, what is a guess, and what is not asked at all."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scangate.advisories.sync import sync
from scangate.core.model import Asked, Confidence, Data, Finding, Gap, Item, Kind, Note, Service, Target
from scangate.core.policy import Action
from scangate.scanners import Context
from scangate.scanners.versions import Versions
from scangate.scanners.versions.distribution import packaged
from scangate.scanners.versions.products import recognised

sys.path[:0] = [str(Path(__file__).parents[2] / "advisories")]
from osv_records import entry, record, write_zip  # noqa: E402 - the builders of advisories are next to their tests

HOST = "127.77.60.1"
TARGET = Target(id="edge", kind=Kind.HOSTS, addresses=(HOST,), ports="80")
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
NGINX = record(
    "BIT-nginx-2026-1",
    entry("Bitnami", "nginx", "introduced 1.1.0, fixed 1.25.0"),
    aliases=["CVE-2026-1"],
    severity=[{"type": "CVSS_V3", "score": V31}],
)
OPENSSH = record(
    "DEBIAN-CVE-2026-2",
    entry("Debian:12", "openssh", "introduced 0, fixed 1:9.2p1-2+deb12u4"),
    upstream=["CVE-2026-2"],
)

Scan = Callable[..., list[Item]]


def service(port: int, product: str = "", version: str = "", **more: Any) -> Service:
    return Service(host=HOST, address=HOST, port=port, protocol="tcp", state="open", product=product, version=version, **more)  # fmt: skip  # noqa: E501


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    def make(*services: Service, records: tuple[dict[str, Any], ...] = ()) -> list[Item]:
        for export in sorted({each["affected"][0]["package"]["ecosystem"] for each in records}):
            chosen = [each for each in records if each["affected"][0]["package"]["ecosystem"] == export]
            write_zip(tmp_path / "source" / export / "all.zip", *chosen)
        if records:
            sync(str(tmp_path / "source"), tmp_path)
        ctx = Context(root=tmp_path, home=tmp_path, deadline=time.monotonic() + 60, services=services)
        return list(Versions().scan(TARGET, ctx))

    return make


def only(kind: type, items: list[Item]) -> list[Any]:
    return [each for each in items if isinstance(each, kind)]


def test_a_banner_with_a_vulnerable_version_is_a_guess(scan):
    nginx = service(80, "nginx", "1.22.1", cpes=("cpe:/a:igor_sysoev:nginx:1.22.1", "cpe:/o:linux:linux_kernel"))
    items = scan(nginx, records=(NGINX,))
    (found,) = only(Finding, items)
    assert (found.rule, found.subject) == ("CVE-2026-1", f"{HOST}:80/tcp")
    assert found.confidence is Confidence.POTENTIAL
    facts = dict(found.evidence[0].facts)
    assert facts["banner"] == "nginx 1.22.1"
    assert facts["CPE"] == "cpe:/a:igor_sysoev:nginx:1.22.1"
    assert facts["advisory"] == "BIT-nginx-2026-1"
    assert facts["compared as"] == "pkg:bitnami/nginx@1.22.1"
    assert "distribution" in facts["certainty"]
    assert found.fix
    assert found.fix.version == "1.25.0"


def test_a_version_that_is_not_affected_is_no_finding(scan):
    items = scan(service(80, "nginx", "1.27.0"), records=(NGINX,))
    assert only(Finding, items) == []
    assert sum(each.count for each in only(Asked, items)) == 1


def test_a_banner_with_the_whole_package_version_is_matched_with_the_distributions_records(scan):
    items = scan(
        service(22, "OpenSSH", "9.2p1 Debian 2+deb12u3"),
        service(23, "OpenSSH", "9.2p1 Debian 2+deb12u4"),
        records=(OPENSSH,),
    )
    (found,) = only(Finding, items)
    assert (found.rule, found.subject) == ("CVE-2026-2", f"{HOST}:22/tcp")
    assert found.confidence is Confidence.FIRM


def test_one_vulnerability_on_two_ports_is_two_findings(scan):
    found = only(Finding, scan(service(80, "nginx", "1.22.1"), service(81, "nginx", "1.20.0"), records=(NGINX,)))
    assert [each.subject for each in found] == [f"{HOST}:81/tcp", f"{HOST}:80/tcp"]
    assert [dict(each.evidence[0].facts)["compared as"] for each in found] == [
        "pkg:bitnami/nginx@1.20.0",
        "pkg:bitnami/nginx@1.22.1",
    ]


def test_what_no_advisories_are_held_against_is_one_note(scan):
    items = scan(*(service(port, "vsftpd", "3.0.3") for port in range(21, 24)), service(80), records=(NGINX,))
    assert only(Gap, items) == []
    assert [each.text for each in only(Note, items)] == [
        "3 services say what no advisories are held against: vsftpd 3.0.3",
        "1 of 4 services do not say which product and version they are",
    ]
    assert only(Data, items) == []
    assert sum(each.count for each in only(Asked, items)) == 4


def test_missing_advisories_are_missed_only_where_there_is_something_to_compare(scan):
    assert [each.as_of for each in only(Data, scan(service(80, "nginx", "1.22.1")))] == [None]
    assert only(Data, scan(service(80, "vsftpd", "3.0.3"))) == []


def test_an_ecosystem_that_was_not_synced_is_missed(scan):
    data = only(Data, scan(service(22, "OpenSSH", "8.9p1 Ubuntu 3ubuntu0.6"), records=(NGINX,)))
    assert [(each.name, each.as_of) for each in data] == [("OSV Ubuntu:22.04:LTS", None)]


def test_a_service_outside_the_target_is_a_gap(scan):
    stray = Service(
        host="127.77.60.2", address="127.77.60.2", port=80, protocol="tcp", state="open", product="nginx", version="1.2"
    )
    assert [each.what for each in only(Gap, scan(stray, records=(NGINX,)))] == ["127.77.60.2:80/tcp"]


@pytest.mark.parametrize("name", ["advisory", "baseline"])
def test_the_builtin_policies_do_not_fail_at_a_guess(name, scan):
    from scangate.config.policies import load_policy
    from scangate.core.policy import decide

    (found,) = only(Finding, scan(service(80, "nginx", "1.22.1"), records=(NGINX,)))
    policy = load_policy(name, Path())
    (decision,) = decide((found,), policy, targets=(TARGET,), states={}, today=Context.__dataclass_fields__["today"].default_factory())  # type: ignore[misc]  # fmt: skip  # noqa: E501
    assert decision.action is not Action.FAIL


@pytest.mark.parametrize(
    ("product", "version", "source", "ecosystem", "packaged_as"),
    [
        ("OpenSSH", "9.2p1 Debian 2+deb12u3", "openssh", "Debian:12", "1:9.2p1-2+deb12u3"),
        ("OpenSSH", "8.4p1 Debian 5", "openssh", "Debian:11", "1:8.4p1-5"),
        ("OpenSSH", "10.0p2 Debian 7", "openssh", "Debian:13", "1:10.0p1-7"),
        ("OpenSSH", "8.9p1 Ubuntu 3ubuntu0.6", "openssh", "Ubuntu:22.04:LTS", "1:8.9p1-3ubuntu0.6"),
        ("OpenSSH", "6.6.1p1 Ubuntu 2ubuntu2.13", "openssh", "Ubuntu:14.04:LTS", "1:6.6p1-2ubuntu2.13"),
        ("OpenSSH", "5.9p1 Debian 5ubuntu1", "openssh", "Ubuntu:12.04:LTS", "1:5.9p1-5ubuntu1"),
        ("MySQL", "5.5.5-10.11.6-MariaDB-0+deb12u1", "mariadb", "Debian:12", "1:10.11.6-0+deb12u1"),
        ("MySQL", "5.5.5-10.5.23-MariaDB-0+deb11u1-log", "mariadb-10.5", "Debian:11", "1:10.5.23-0+deb11u1"),
        ("MySQL", "8.0.35-0ubuntu0.22.04.1", "mysql-8.0", "Ubuntu:22.04:LTS", "8.0.35-0ubuntu0.22.04.1"),
        ("ISC BIND", "9.18.19-1~deb12u1", "bind9", "Debian:12", "1:9.18.19-1~deb12u1"),
        ("ISC BIND", "9.18.12-0ubuntu0.22.04.3", "bind9", "Ubuntu:22.04:LTS", "1:9.18.12-0ubuntu0.22.04.3"),
    ],
)
def test_packages_that_banners_prove(product, version, source, ecosystem, packaged_as):
    package = packaged(product, version)
    assert package
    assert (package.source, package.ecosystem, package.source_version) == (source, ecosystem, packaged_as)


@pytest.mark.parametrize(
    ("product", "version"),
    [
        ("OpenSSH", "9.2p1"),
        ("OpenSSH", "9.2p1 Debian 2~bpo11+1"),
        ("OpenSSH", "8.2p1 Ubuntu 4ubuntu0.13+esm1"),
        ("OpenSSH", "99.9p1 Debian 1"),
        ("MySQL", "5.5.5-10.11.6-MariaDB-1:10.11.6+maria~ubu2204"),
        ("ISC BIND", "9.18.24"),
        ("nginx", "1.22.1-9+deb12u1"),
        ("OpenSSH", "9.2p1 Debian " + "1" * 10_000),
    ],
)
def test_banners_that_prove_no_package(product, version):
    assert packaged(product, version) is None


@pytest.mark.parametrize(
    ("product", "version", "extra", "cpes", "names"),
    [
        ("Apache httpd", "2.4.57", "(Debian)", (), ["apache 2.4.57"]),
        ("Apache httpd", "2.4.6", "(CentOS) OpenSSL/1.0.2k PHP/5.4.16", (), ["apache 2.4.6", "php 5.4.16"]),
        ("nginx", "1.22.1", "", (), ["nginx 1.22.1"]),
        ("MySQL", "5.5.5-10.11.6-MariaDB-log", "", (), ["mariadb 10.11.6"]),
        ("Something", "7.0.15", "", ("cpe:/a:redislabs:redis:7.0.15",), ["redis 7.0.15"]),
        ("Something", "7.0.15", "", ("cpe:2.3:a:redis:redis:7.0.15:*:*:*:*:*:*:*",), ["redis 7.0.15"]),
        ("PostgreSQL DB", "9.6.7 - 9.6.12", "", (), []),
        ("PostgreSQL DB", "9.6.3", "", (), ["postgresql 9.6.3"]),
        ("HAProxy http proxy", "1.3.1 or later", "", (), []),
        ("Apache Tomcat/Coyote JSP engine", "1.1", "", ("cpe:/a:apache:coyote_http_connector:1.1",), []),
        ("nginx", "not a version", "", (), []),
        ("nginx", "1." + "9" * 5_000, "", (), []),
        ("", "", "", ("cpe", "cpe:", "", "cpe:/a"), []),
    ],
)
def test_products_that_advisories_know(product, version, extra, cpes, names):
    assert [f"{each.name} {each.version}" for each in recognised(product, version, extra, cpes)] == names


def test_old_banners_have_real_vulnerabilities(shared, tmp_path, scan):
    source = tmp_path / "source" / "Bitnami"
    source.mkdir(parents=True)
    (source / "all.zip").write_bytes((shared / "advisories" / "osv" / "Bitnami" / "all.zip").read_bytes())
    sync(str(tmp_path / "source"), tmp_path)
    items = scan(service(80, "Apache httpd", "2.4.49"), service(81, "nginx", "1.14.0"), service(6379, "Redis key-value store", "5.0.3"))  # fmt: skip  # noqa: E501
    found = {(each.rule, each.subject.partition(":")[2]) for each in only(Finding, items)}
    assert {("CVE-2021-41773", "80/tcp"), ("CVE-2021-23017", "81/tcp"), ("CVE-2021-32675", "6379/tcp")} <= found
    assert all(each.confidence is Confidence.POTENTIAL for each in only(Finding, items))


def test_every_row_of_the_table_is_a_name_that_bitnami_has(shared):
    import json
    import zipfile

    from scangate.scanners.versions.products import _BY_PRODUCT

    names = set()
    with zipfile.ZipFile(shared / "advisories" / "osv" / "Bitnami" / "all.zip") as archive:
        for name in archive.namelist():
            names |= {each["package"]["name"] for each in json.loads(archive.read(name))["affected"]}
    assert set(_BY_PRODUCT.values()) <= names
