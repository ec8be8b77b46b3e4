"""What nmap's own vulnerability scripts say. Another way to see it must agree before it is more than a possibility."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scangate.core.model import Confidence, Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.nmap.rules.listener import Listener

RULES: Final[tuple[Rule, ...]] = ()
"""None of its own: the rule is the CVE, or the script where there is none."""
SCRIPTS: Final[tuple[str, ...]] = ()

_CVE: Final = re.compile(r"CVE-\d{4}-\d{4,7}")
_RISK: Final = re.compile(r"^ *Risk factor: *(\w+)", re.MULTILINE)
_RISKS: Final = {"low": Severity.LOW, "medium": Severity.MEDIUM, "high": Severity.HIGH, "critical": Severity.CRITICAL}
_MOST: Final = 20


def check(listener: Listener) -> Iterator[Hit]:
    """Each answer that has the form of nmap's library `vulns`, and says VULNERABLE or LIKELY VULNERABLE."""
    for name, script in sorted(listener.port.scripts.items()):
        for key, entry in sorted(script.table.items())[:_MOST]:
            if not isinstance(entry, Mapping):
                continue
            state, title = _text(entry, "state"), _text(entry, "title")
            if not title or not state.startswith(("VULNERABLE", "LIKELY VULNERABLE")):
                continue
            ids = [key, *(each for each in _list(entry.get("ids")) if isinstance(each, str))]
            cves = [found[0] for each in ids if (found := _CVE.search(each))]
            yield Hit(
                rule=_rule(name, title, cves, script.output),
                said=f"nmap's script {name} says of {listener.where}: {state.lower()}, {title}",
                confidence=Confidence.POTENTIAL,
                facts=tuple(_facts(name, state, entry)),
            )


def _rule(script: str, title: str, cves: list[str], output: str) -> Rule:
    # One answer in a report: its risk is that of all in it.
    risk = _RISK.search(output)
    return Rule(
        id=cves[0] if cves else f"nmap-{script}",
        title=title[:200],
        severity=_RISKS.get(risk[1].lower(), Severity.UNKNOWN) if risk else Severity.UNKNOWN,
        why="a script that looks from outside can be wrong either way; look at the version that is installed",
        fix="update or reconfigure what listens on {port} of {host}, as the advisory says",
        cwes=(),
        script=script,
    )


def _facts(script: str, state: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "script", script
    yield "state", state
    yield from (("advisory", each) for each in _list(entry.get("refs"))[:3] if isinstance(each, str))


def _list(table: Any) -> list[Any]:
    found = table.get("", []) if isinstance(table, Mapping) else []
    return found if isinstance(found, list) else []


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""
