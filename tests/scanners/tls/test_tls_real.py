"""The real servers of Debian, weak and hardened, and what nmap says of the same."""

import importlib
import re
import shutil
import subprocess
from contextlib import ExitStack

import pytest
from tls_servers import HOST, openssl, signed

from rig.daemon import find
from rig.site import HARDENED, WEAK, site
from scangate.core.model import Finding, Service, Severity
from scangate.scanners.tls import suites
from scangate.scanners.tls.probing import probe

pytestmark = pytest.mark.real

SERVICES = {
    "nginx": [(443, "https", "ssl")],
    "vsftpd": [(21, "ftp", "")],
    "postfix": [(25, "smtp", "")],
    "dovecot": [(143, "imap", ""), (110, "pop3", "")],
    "slapd": [(389, "ldap", "")],
    "postgres": [(5432, "postgresql", "")],
    "mariadb": [(3306, "mysql", "")],
}


def starters():
    for name in SERVICES:
        module = importlib.import_module(f"rig.{name}")
        if all(map(find, module.PROGRAMS)):
            yield name, module


def seen(address, name):
    return [
        Service(host=address, address=address, port=port, protocol="tcp", state="open", name=word, tunnel=tunnel)
        for port, word, tunnel in SERVICES[name]
    ]


@pytest.fixture
def side(tmp_path):
    """Start the servers of one side that are installed; gives its address, the services, and its authority's file."""
    with ExitStack() as stack:

        def start(which):
            found = stack.enter_context(site(which))
            services = []
            for name, module in starters():
                stack.enter_context(getattr(module, which)(found))
                services += seen(found.address, name)
            if not services:
                pytest.skip(
                    "none of the servers is installed: apt-get install nginx-light vsftpd postfix dovecot-imapd"
                )
            (tmp_path / "authority.pem").write_bytes(found.authority.certificate)
            return found.address, services

        yield start


@pytest.mark.timeout(120)
def test_every_server_without_its_weaknesses_passes_and_none_is_left_out(scan, side):
    _address, services = side(HARDENED)
    outcome = scan(0, services=services, trust=["authority.pem"])
    assert outcome.gaps == {}
    assert {each.rule for each in outcome.all(Finding) if each.severity > Severity.INFO} == set()
    assert {service.port for service in outcome.services} == {service.port for service in services}
    assert all(service.tls and service.certificate for service in outcome.services)


@pytest.mark.timeout(120)
def test_every_weakness_of_the_rig_is_found(scan, side):
    from rig.facts import facts

    address, services = side(WEAK)
    outcome = scan(0, services=services)
    assert outcome.gaps == {}
    found = {(each.subject, each.rule): each.severity for each in outcome.all(Finding)}
    places = {f"{service.port}/tcp" for service in services}
    wanted = [fact for fact in facts() if "tls" in fact.scanners and fact.place in places]
    assert len(wanted) >= 5
    for fact in wanted:
        assert found.get((f"{address}:{fact.place}", fact.rule)) == fact.severity, fact


@pytest.mark.skipif(not shutil.which("nmap"), reason="nmap is not installed: apt-get install nmap")
def test_nmap_sees_the_same_versions_and_suites(tmp_path, line):
    file = str(signed("a.test").write(tmp_path))
    with openssl(tmp_path, "-cert", file, "-key", file, "-cipher", "ALL:eNULL@SECLEVEL=0") as port:
        spoken = line(port)
        argv = ["nmap", "-n", "-Pn", "-p", str(port), "--script", "ssl-enum-ciphers", HOST]
        said = subprocess.run(argv, capture_output=True, check=True).stdout.decode()
    versions = dict(re.findall(r"\|   (SSLv3|TLSv1\.\d):.*?\n((?:\|     .*\n)*)", said))
    assert {version.word for version in spoken.versions} == set(versions)
    theirs = set(re.findall(r"(TLS_\w+)", "".join(versions.values()).replace("TLS_AKE_WITH_", "TLS_")))
    ours = {suites.name(code) for codes in spoken.suites.values() for code in codes}
    assert ours == theirs


@pytest.fixture
def line(tmp_path):
    """Probe a port of ours with as many connections as it takes."""
    import time

    from scangate.scanners import Context
    from scangate.scanners.network.endpoints import Endpoint
    from scangate.scanners.tls.line import Line
    from scangate.scanners.tls.spoken import Spoken

    def run(port):
        ctx = Context(root=tmp_path, home=tmp_path, deadline=time.monotonic() + 60)
        spoken = Spoken()
        probe(Line(Endpoint(host=HOST, address=HOST, port=port), ctx, None, 400), spoken)
        return spoken

    return run
