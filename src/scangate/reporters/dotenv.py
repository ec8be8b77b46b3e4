"""The verdict and counts as variables for later jobs of a GitLab pipeline (`artifacts:reports:dotenv`).

Later jobs get these into their environment, and GitLab expands `$` in them. So the names are fixed, and a value is a
word of ours or a number: nothing that was scanned gets in.
"""

from collections import Counter
from typing import Final

from scangate.core.model import Report, Severity, State
from scangate.reporters import Screen
from scangate.reporters.entries import gaps
from scangate.reporters.outline import outline

MOST: Final = 20
"""Variables that GitLab takes from one file, where nobody raised the limit."""


class DotEnv:
    """SCANGATE_VERDICT and how many findings of each sort."""

    name = "gitlab-dotenv"
    summary = "SCANGATE_VERDICT and counts as variables for later jobs (GitLab dotenv report)"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        told = outline(report)
        there = (*told.blocking, *told.warned, *told.accepted, *told.waived)
        severities = Counter(each.finding.severity for each in there)
        counts = {
            "BLOCKING": len(told.blocking),
            "WARNED": len(told.warned),
            "ACCEPTED": len(told.accepted),
            "WAIVED": len(told.waived),
            "FIXED": len(told.fixed),
            "NEW": sum(each.state is State.NEW for each in there),
            "GAPS": len(gaps(report)),
            **{each.name: severities[each] for each in sorted(Severity, reverse=True)},
        }
        lines = [
            f"SCANGATE_VERDICT={report.verdict}",
            *(f"SCANGATE_{name}={number}" for name, number in counts.items()),
        ]
        return "\n".join(lines) + "\n"
