"""Where several engines looked at the same packages, and do not say the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from scangate.core.identity import package_subject
from scangate.core.model import Evidence, Finding, Run, Status


def disputed(findings: Iterable[Finding], runs: Iterable[Run]) -> tuple[Finding, ...]:
    """Say on each finding in a package which engines list that package and do not report it.

    It stays a finding: that one engine found nothing is no proof. Only runs that ended well count as silence.
    """
    listed: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for run in runs:
        if run.status is Status.OK:
            for package in run.packages:
                listed[run.target, package_subject(package)].add(run.scanner)
    return tuple(_disputed(each, listed) for each in findings)


def _disputed(finding: Finding, listed: Mapping[tuple[str, str], set[str]]) -> Finding:
    silent = listed.get((finding.target, finding.subject), set()).difference(finding.seen_by)
    if not silent:
        return finding
    fact = ("not reported", "it lists this package, and reports nothing of this id")
    more = tuple(Evidence(source=name, facts=(fact,)) for name in sorted(silent))
    return replace(finding, evidence=(*finding.evidence, *more))
