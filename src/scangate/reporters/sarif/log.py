"""A SARIF log: one run for each surface, what was scanned in it, and what was not.

GitHub closes every alert that is missing from a run, even from a run that says it did not succeed. The profile for
GitHub therefore has no run at all for a surface where no scan ended OK; without any run, GitHub refuses the file and
changes nothing. The full profile keeps such a run and says `executionSuccessful: false`.
"""

from collections.abc import Sequence
from typing import Any, Final

from scangate import HOMEPAGE, __version__
from scangate.core.model import Decision, Report, Run, Status, Surface, Target
from scangate.reporters.outline import data, engines, line, outline, policy
from scangate.reporters.sarif import objects as om
from scangate.reporters.sarif.notifications import DESCRIPTORS, notifications
from scangate.reporters.sarif.results import result, suppressed
from scangate.reporters.sarif.rules import rule_id, rules, taxonomies

RESULTS: Final = 5_000
"""Results in one run; GitHub shows no more, GitLab reads no more."""


def build(report: Report, *, full: bool, limit: int = RESULTS) -> Any:
    """Make the log. `limit`: results in a run; what blocks comes first, then the most severe. The rest is counted."""
    groups = outline(report)
    ordered = (*groups.blocking, *groups.warned, *groups.accepted, *groups.waived, *groups.fixed)
    runs = []
    for surface in Surface:
        targets = {each.id: each for each in report.targets if each.surface is surface}
        scans = [each for each in report.runs if each.target in targets]
        looked = any(each.status is Status.OK for each in scans)
        if targets and (looked or full):
            found = [each for each in ordered if each.finding.target in targets]
            runs.append(_run(report, surface, targets, scans, found, full=full, limit=limit))
    return om.SarifLog(schema_uri="https://json.schemastore.org/sarif-2.1.0.json", version="2.1.0", runs=runs)


def _run(
    report: Report,
    surface: Surface,
    targets: dict[str, Target],
    scans: Sequence[Run],
    found: Sequence[Decision],
    *,
    full: bool,
    limit: int,
) -> Any:
    wanted = [each for each in found if full or not suppressed(each)]
    shown = wanted[:limit]
    descriptors = rules(shown, surface)
    index = {each.id: number for number, each in enumerate(descriptors)}
    left_out = {"closed": len(found) - len(wanted), "overLimit": len(wanted) - len(shown)}
    taxa = taxonomies(shown)
    suppressible = any(map(suppressed, shown))  # all results of a run say whether they are suppressed, or none does
    return om.Run(
        tool=om.Tool(
            driver=om.ToolComponent(
                name="scangate",
                semantic_version=__version__,
                information_uri=HOMEPAGE,
                rules=descriptors,
                notifications=DESCRIPTORS,
                supported_taxonomies=[om.ToolComponentReference(name="CWE", index=0)] if taxa else None,
            )
        ),
        automation_details=om.RunAutomationDetails(id=f"scangate/{surface}/"),
        invocations=[
            om.Invocation(
                execution_successful=any(each.status is Status.OK for each in scans),
                start_time_utc=report.started,
                tool_execution_notifications=notifications(scans, left_out) or None,
            )
        ],
        original_uri_base_ids={"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        taxonomies=taxa,
        results=[
            result(
                each,
                targets[each.finding.target],
                index=index[rule_id(each.finding)],
                compared=full and bool(report.baseline),
                suppressible=suppressible,
            )
            for each in shown
        ],
        properties={
            "verdict": str(report.verdict),
            "policy": policy(report),
            "baseline": line(report.baseline) or None,
            "engines": sorted({engines(each) for each in scans if each.tools}),
            "data": sorted({data(each, report) for each in scans if each.data}),
            "leftOut": left_out,
        },
    )
