"""A whole report: the most important findings that fit, and what was left out."""

import json
from collections.abc import Iterable
from typing import Any, Final

from scangate import HOMEPAGE, __version__
from scangate.core.model import Decision, Report, Target
from scangate.reporters.entries import stranger
from scangate.reporters.gitlab.installed import Installed
from scangate.reporters.gitlab.messages import messages, status
from scangate.reporters.gitlab.routing import concerns, route
from scangate.reporters.gitlab.vulnerability import vulnerability
from scangate.reporters.outline import inert, outline

VERSION: Final = "15.2.1"
MOST: Final = 10_000
"""Findings of one report; GitLab stores each as a vulnerability with a page of its own."""
LARGEST: Final = 40_000_000
"""Bytes of all findings of one report; an artifact may have 100 MB by default, and a job writes several."""


def write(report: Report, kind: str) -> str:
    """Write the report of one kind, a finding on each line."""
    targets = {each.id: each for each in report.targets}
    told = outline(report)

    def of_kind(decisions: Iterable[Decision]) -> list[Decision]:
        return [each for each in decisions if route(each.finding, _target(each, targets)) == kind]

    found = of_kind((*told.blocking, *told.warned, *told.accepted))
    installed = Installed(report.runs)
    written: list[str] = []
    room = LARGEST
    for each in found[:MOST]:
        text = json.dumps(vulnerability(each, _target(each, targets), kind, installed), allow_nan=False)
        room -= len(text)
        if room < 0:
            break
        written.append(text)
    left_out = len(found) - len(written)
    scanned = [each for each in report.targets if concerns(each, kind)]
    said = messages(report, scanned, left_out=left_out, waived=len(of_kind(told.waived)))
    head = json.dumps(
        {"version": VERSION, "scan": _scan(report, kind, status(report, scanned), said)}, indent=1, allow_nan=False
    )
    body = ",\n  ".join(written)
    listed = f"[\n  {body}\n ]" if body else "[]"
    return inert(f'{head[:-2]},\n "vulnerabilities": {listed}\n}}') + "\n"


def _scan(report: Report, kind: str, ended: str, said: list[dict[str, str]]) -> dict[str, Any]:
    # GitLab wants times without a zone, in UTC. How long it took is not told: equal results give equal reports.
    when = report.started[:19]
    tool = {
        "id": "scangate",
        "name": "scangate",
        "version": __version__,
        "url": HOMEPAGE,
        "vendor": {"name": "scangate"},
    }
    resources: dict[str, Any] = {"scanned_resources": []} if kind == "dast" else {}
    return {
        "type": kind,
        "status": ended,
        "start_time": when,
        "end_time": when,
        "analyzer": tool,
        "scanner": tool,
        "messages": said,
        **resources,
    }


def _target(decision: Decision, targets: dict[str, Target]) -> Target:
    return targets.get(decision.finding.target) or stranger(decision.finding.target)
