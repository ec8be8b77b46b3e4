"""The rig's servers, each weak and hardened, seen by `access` alone."""

import pytest
from odd_servers import look, service

import rig
from rig.facts import facts
from rig.site import site
from scangate.core.model import Finding, Severity
from scangate.scanners.access import Access

NAMES = {
    "21/tcp": "ftp", "23/tcp": "telnet", "25/tcp": "smtp", "53/tcp": "domain", "53/udp": "domain", "69/udp": "tftp",
    "110/tcp": "pop3", "143/tcp": "imap", "161/udp": "snmp", "389/tcp": "ldap", "3128/tcp": "http-proxy",
    "3306/tcp": "mysql", "5432/tcp": "postgresql", "6000/tcp": "X11", "6379/tcp": "redis", "11211/tcp": "memcached",
    "11211/udp": "memcached",
}  # fmt: skip
SERVICES = ("bind", "memcached", "mariadb", "postgres", "redis", "slapd", "snmpd", "tftp", "tinyproxy", "x11")

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", SERVICES)
def test_what_the_rig_has_weak_is_found_and_what_it_has_hardened_is_not(name):
    if why := rig.reason_against(name):
        pytest.skip(why)
    rows = [fact for fact in facts() if fact.service == name]
    wanted = {(fact.place, fact.rule) for fact in rows if "access" in fact.scanners}
    places = sorted({fact.place for fact in rows})
    for side in ("weak", "hardened"):
        if rig.service(name).__dict__[side] is None:
            continue
        with site(side) as there, rig.start(there, (name,)):
            known = [
                service(int(place.split("/")[0]), NAMES[place], place.split("/")[1], host=there.address)
                for place in places
                if side == "weak" or place != "11211/udp"
            ]
            seen = look(Access(), *known, zones=["rig.example"])
        found = {(each.subject.rpartition(":")[2], each.rule) for each in seen.all(Finding)}
        if side == "weak":
            assert found >= wanted, seen.items
        else:
            assert not [each for each in seen.all(Finding) if each.severity > Severity.INFO]
