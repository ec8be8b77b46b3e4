"""The page says what the code does."""

from pathlib import Path

from scangate.scanners.network.rule import Rule
from scangate.scanners.tls import Tls, profiles
from scangate.scanners.tls.rules import RULES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "scanners" / "tls.md").read_text(encoding="utf-8")


def row(rule: Rule) -> str:
    worst = f" to {rule.worst.name.lower()}" if rule.worst else ""
    return f"| `{rule.id}` | {rule.title} | {rule.severity.name.lower()}{worst} | {', '.join(rule.cwes) or '-'} |"


def test_every_rule_is_on_the_page_as_it_is():
    for rule in RULES:
        assert row(rule) in PAGE, row(rule)


def test_every_option_is_on_the_page():
    for option in Tls.options["properties"]:
        assert f"| `{option}` |" in PAGE


def test_the_profiles_are_mozillas_and_each_allows_less():
    modern, intermediate, old = map(profiles.profile, profiles.NAMES)
    assert {each.edition for each in (modern, intermediate, old)} == {"5.7"}
    assert modern.versions < intermediate.versions < old.versions
    assert modern.suites < intermediate.suites < old.suites
    assert modern.suites == {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
