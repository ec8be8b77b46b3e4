"""The page says what the code does."""

from pathlib import Path

from scangate.scanners.network.rule import Rule
from scangate.scanners.ssh_audit import SshAudit
from scangate.scanners.ssh_audit.rules import RULES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "scanners" / "ssh_audit.md").read_text(encoding="utf-8")


def row(rule: Rule) -> str:
    worst = f" to {rule.worst.name.lower()}" if rule.worst else ""
    return f"| `{rule.id}` | {rule.title} | {rule.severity.name.lower()}{worst} | {', '.join(rule.cwes) or '-'} |"


def test_every_rule_is_on_the_page_as_it_is():
    for rule in RULES:
        assert row(rule) in PAGE, row(rule)


def test_every_option_is_on_the_page():
    for option in SshAudit.options["properties"]:
        assert f"| `{option}` |" in PAGE
