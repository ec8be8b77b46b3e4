"""The service inventory: each service once, whoever saw it."""

import json
import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from scangate.core.model import Report, Run, Service, Status
from scangate.reporters import Reporter, Screen, services
from scangate.reporters.services import Services, ServicesJson, inventory

from .hostile import TEXTS, poisoned
from .sample import empty, sample

GOLDEN = Path(__file__).parent / "golden"
BOTH = pytest.mark.parametrize("reporter", [Services(), ServicesJson()], ids=lambda each: each.name)
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
WEB = Service(
    host="edge.example.com", port=443, protocol="tcp", state="open", name="http", product="nginx", version="1.22.1",
    tunnel="ssl", cpes=("cpe:/a:igor_sysoev:nginx:1.22.1",), method="probed", confidence=10, address="203.0.113.10",
)  # fmt: skip
BY_TLS = Service(
    host="edge.example.com", port=443, protocol="tcp", state="open", address="203.0.113.10", tls="TLSv1.3",
    certificate="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
)  # fmt: skip
SHELL = Service(
    host="2001:db8::10", port=22, protocol="tcp", state="open", name="ssh", product="OpenSSH",
    version="9.2p1 Debian 2+deb12u10", method="probed", confidence=10, address="2001:db8::10",
    host_key="SHA256:uNiVztksCsDhcc0u9e8BrrJl0T9z1nNnqG5pJv4kYxE",
)  # fmt: skip
MAYBE = Service(host="203.0.113.10", port=69, protocol="udp", state="open|filtered", name="tftp", confidence=3)
CLOSED = Service(host="203.0.113.10", port=25, protocol="tcp", state="closed", name="smtp")


def report(*runs: tuple[str, str, tuple[Service, ...]]) -> Report:
    made = (Run(scanner=scanner, target=target, status=Status.OK, services=seen) for scanner, target, seen in runs)
    return replace(sample(), runs=tuple(made))


NETWORK = report(
    ("nmap", "edge", (WEB, SHELL, MAYBE, CLOSED)), ("tls", "edge", (BY_TLS,)), ("nmap", "web", (WEB,)),
)  # fmt: skip


@pytest.mark.parametrize(("name", "reporter"), [("services.txt", Services()), ("services.json", ServicesJson())])
def test_the_inventory_is_rendered_as_recorded(name: str, reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "__version__", "1.2.3")
    text = reporter.render(NETWORK, Screen())
    if os.environ.get("SCANGATE_RENEW_GOLDEN"):
        (GOLDEN / name).write_text(text)
    assert text == (GOLDEN / name).read_text()


def test_what_several_scanners_saw_is_one_service_with_the_fields_of_all() -> None:
    (_shell, _maybe, web) = inventory(NETWORK)
    assert web.targets == ("edge", "web")
    assert web.seen_by == ("nmap", "tls")
    assert (web.service.product, web.service.version, web.service.confidence) == ("nginx", "1.22.1", 10)
    assert (web.service.tls, web.service.certificate) == ("TLSv1.3", BY_TLS.certificate)


def test_the_order_of_the_runs_changes_nothing() -> None:
    backwards = replace(NETWORK, runs=NETWORK.runs[::-1])
    assert inventory(backwards) == inventory(NETWORK)


def test_a_version_is_never_put_beside_another_product() -> None:
    banner = replace(WEB, product="Apache httpd", version="2.4.1", extra="(Unix)", confidence=3)
    sure = replace(WEB, version="", extra="")
    (found,) = inventory(report(("nmap", "edge", (sure,)), ("zeek", "edge", (banner,))))
    assert (found.service.product, found.service.version, found.service.extra) == ("nginx", "", "")


def test_closed_ports_are_not_listed_and_doubtful_ones_are() -> None:
    assert {each.service.port for each in inventory(NETWORK)} == {22, 69, 443}


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert "\n[2001:db8::10] " in Services().render(NETWORK, Screen())


def test_json_has_every_field_of_a_service() -> None:
    (first, *_rest) = json.loads(ServicesJson().render(NETWORK, Screen()))["services"]
    assert first["host_key"] == SHELL.host_key
    assert set(first) == set(Service.__dataclass_fields__) | {"targets", "seen_by"}


@BOTH
def test_a_report_without_services_says_so(reporter: Reporter) -> None:
    text = reporter.render(empty(), Screen())
    assert text == "0 services on 0 hosts\n" or json.loads(text)["services"] == []


@BOTH
def test_no_banner_brings_hidden_characters_or_commands_into_the_output(reporter: Reporter) -> None:
    for hostile in TEXTS:
        text = reporter.render(
            replace(
                poisoned(hostile),
                runs=tuple(
                    replace(run, services=tuple(replace(each, state="open") for each in run.services))
                    for run in poisoned(hostile).runs
                ),
            ),
            Screen(),
        )
        assert {unicodedata.category(each) for each in set(text) - {"\n", "\ufe0f"}}.isdisjoint(HIDDEN)
        assert "##[" not in text
        assert "##vso[" not in text
        assert not any(each.lstrip().startswith("::") for each in text.splitlines())
        text.encode()


def test_columns_stay_aligned_whatever_a_banner_holds() -> None:
    for hostile in TEXTS:
        mixed = report(("nmap", "edge", (replace(WEB, product=hostile), SHELL)))
        _head, *rows, _total = Services().render(mixed, Screen()).splitlines()
        assert len(rows) == 2
        assert all(row.endswith("nmap") for row in rows)
