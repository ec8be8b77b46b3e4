"""The page about this scanner says what the code does."""

import re
from pathlib import Path

import pytest

from scangate.scanners.nmap import Nmap
from scangate.scanners.nmap.profiles import PROFILES
from scangate.scanners.nmap.rules import RULES, SCRIPTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "scanners" / "nmap.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_its_table_of_rules_is_that_of_the_code(page):
    rows = [line for line in page.splitlines() if re.match(r"\| `(net|tls|ssh)-", line)]
    assert rows == [
        f"| `{rule.id}` | {rule.title} "
        f"| {rule.severity.name.lower()}{f' to {rule.worst.name.lower()}' if rule.worst else ''} "
        f"| {', '.join(rule.cwes) or '-'} | {f'`{rule.script}`' if rule.script else '-'} |"
        for rule in RULES
    ]


def test_it_names_every_script_and_every_option(page):
    listed = re.findall(r"`([a-z0-9-]+)`", page.partition("## Scripts")[2].partition("All are")[0])
    assert listed == list(SCRIPTS)
    everything = {name for profile in PROFILES.values() for name in profile.scripts}
    assert [name for name in sorted(everything) if f"`{name}`" not in page] == []
    assert [name for name in PROFILES if f"| `{name}` |" not in page] == []
    for option, schema in Nmap.options["properties"].items():
        assert f"| `{option}` |" in page
        assert schema["description"]
