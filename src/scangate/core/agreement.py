"""Where several engines looked at the same packages, and do not say the same."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from scangate.core.model import Evidence, Finding, Run, Status


def disputed(findings: Iterable[Finding], runs: Iterable[Run]) -> tuple[Finding, ...]:
    """Say on each finding in a package which engines listed the packages of its target and did not report it.

    It stays a finding: that one engine found nothing is no proof. The scanners that listed packages of a target, and
    ended well, are the engines asked.
    """
    engines: defaultdict[str, set[str]] = defaultdict(set)
    for run in runs:
        if run.status is Status.OK and run.packages:
            engines[run.target].add(run.scanner)
    return tuple(_disputed(each, engines[each.target]) for each in findings)


def _disputed(finding: Finding, engines: set[str]) -> Finding:
    silent = engines.difference(finding.seen_by)
    if not finding.subject.startswith("pkg:") or not silent or not engines.intersection(finding.seen_by):
        return finding
    more = tuple(Evidence(source=name, facts=(("reported", "not by this engine"),)) for name in sorted(silent))
    return replace(finding, evidence=(*finding.evidence, *more))
