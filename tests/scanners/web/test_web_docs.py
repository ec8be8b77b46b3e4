"""The pages about `http` and `access` name every rule, every path and every probe."""

from pathlib import Path

from scangate.scanners.access.protocols import DEFAULTS, PROBES
from scangate.scanners.web.exposed import EXPOSED
from scangate.scanners.web.rules import RULES

DOCS = Path(__file__).parents[3] / "docs" / "scanners"


def test_the_page_of_http_names_every_rule_and_path():
    text = (DOCS / "http.md").read_text()
    assert [rule.id for rule in RULES if f"| `{rule.id}` | {rule.title} |" not in text] == []
    assert [sign.path for each in EXPOSED for sign in each.signs if f"`{sign.path}`" not in text] == []


def test_the_page_of_access_names_every_rule_and_what_is_sent():
    text = (DOCS / "access.md").read_text()
    probes = (*PROBES, *DEFAULTS)
    assert [rule.id for probe in probes for rule in probe.rules if f"| `{rule.id}` | {rule.title} |" not in text] == []
    assert [probe.name for probe in probes if probe.sends.replace("|", "\\|") not in text] == []
