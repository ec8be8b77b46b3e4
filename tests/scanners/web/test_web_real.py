"""The rig's nginx and apache, each weak and hardened, seen by `http` alone."""

import pytest
from web_servers import look

import rig
from rig.facts import facts
from rig.nginx import PASSWORD
from rig.site import site
from scangate.core.model import Severity

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", ["nginx", "apache"])
def test_what_the_rig_has_weak_is_found_and_what_it_has_hardened_is_not(name):
    if why := rig.reason_against(name):
        pytest.skip(why)
    rows = [fact for fact in facts() if fact.service == name]
    for side in ("weak", "hardened"):
        with site(side) as there, rig.start(there, (name,)):
            for place in sorted({fact.place for fact in rows}):
                port = int(place.split("/")[0])
                tls = port == 443 or (name == "apache" and side == "hardened")
                seen = look(port, host=there.address, tunnel="ssl" if tls else "")
                assert seen.gaps == []
                assert PASSWORD not in str(seen.all)
                if side == "weak":
                    wanted = {
                        fact.rule: fact.severity for fact in rows if fact.place == place and "http" in fact.scanners
                    }
                    assert {rule: seen.findings[rule].severity for rule in wanted} == wanted
                else:
                    assert not [each for each in seen.all if each.severity > Severity.INFO]
