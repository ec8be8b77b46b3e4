"""A SARIF log: one run for each group of targets, what was scanned in it, and what was not.

GitHub closes every alert that is missing from a run, even from a run that says it did not succeed. The profile for
GitHub therefore has no run at all for a group where no scan ended OK; without any run, GitHub refuses the file and
changes nothing. The other profiles keep such a run and say `executionSuccessful: false`.
"""

from collections.abc import Sequence
from typing import Any

from scangate import HOMEPAGE, __version__
from scangate.core.model import Decision, Report, Run, Status
from scangate.reporters.markup import web_link
from scangate.reporters.outline import data, engines, line, outline, policy
from scangate.reporters.sarif import known
from scangate.reporters.sarif import objects as om
from scangate.reporters.sarif.groups import Group, groups
from scangate.reporters.sarif.notifications import DESCRIPTORS, notifications
from scangate.reporters.sarif.profiles import Profile
from scangate.reporters.sarif.results import results, suppressed
from scangate.reporters.sarif.rules import rules, taxonomies, weaknesses


def build(report: Report, profile: Profile, *, limit: int) -> Any:
    """Make the log. `limit`: results in a run; what blocks comes first, then the most severe. The rest is counted."""
    told = outline(report)
    ordered = (*told.blocking, *told.warned, *told.accepted, *told.waived, *told.fixed)
    runs = []
    for group in groups(report.targets):
        scans = [each for each in report.runs if each.target in group.targets]
        looked = any(each.status is Status.OK for each in scans)
        if looked or profile.unseen:
            found = [each for each in ordered if each.finding.target in group.targets]
            runs.append(_run(report, group, scans, found, profile, limit))
    return om.SarifLog(schema_uri="https://json.schemastore.org/sarif-2.1.0.json", version="2.1.0", runs=runs)


def _run(
    report: Report, group: Group, scans: Sequence[Run], found: Sequence[Decision], profile: Profile, limit: int
) -> Any:
    wanted = [each for each in found if profile.closed or not suppressed(each)]
    shown = wanted[:limit]
    descriptors = rules(shown, group.surface, profile)
    left_out = {"closed": len(found) - len(wanted), "overLimit": len(wanted) - len(shown)}
    reasons = [each for each in report.reasons if not each.target or each.target in group.targets]
    taxa = taxonomies(weaknesses(shown, group.surface, profile))
    return om.Run(
        tool=om.Tool(
            driver=om.ToolComponent(
                name="scangate",
                full_name=f"scangate {__version__}",
                semantic_version=__version__,
                information_uri=HOMEPAGE,
                rules=descriptors,
                notifications=DESCRIPTORS,
                supported_taxonomies=[om.ToolComponentReference(name="CWE", index=0)] if taxa else None,
            )
        ),
        automation_details=om.RunAutomationDetails(id=group.category),
        invocations=[
            om.Invocation(
                execution_successful=any(each.status is Status.OK for each in scans),
                start_time_utc=report.started,
                tool_execution_notifications=notifications(reasons, scans, left_out) or None,
            )
        ],
        original_uri_base_ids={"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        version_control_provenance=_provenance(report),
        taxonomies=taxa,
        results=results(shown, group.targets, descriptors, profile, compared=profile.closed and bool(report.baseline)),
        properties={
            "verdict": str(report.verdict),
            "policy": policy(report),
            "baseline": line(report.baseline) or None,
            "engines": sorted({engines(each) for each in scans if each.tools}),
            "data": sorted({data(each, report) for each in scans if each.data}),
            "leftOut": left_out,
        },
    )


def _provenance(report: Report) -> list[Any] | None:
    repository, revision, branch = known.version(report)
    if not web_link(repository):
        return None
    details = om.VersionControlDetails(
        repository_uri=repository,
        revision_id=line(revision, 100) or None,
        branch=line(branch, 255) or None,
        mapped_to=om.ArtifactLocation(uri_base_id="%SRCROOT%"),
    )
    return [details]
