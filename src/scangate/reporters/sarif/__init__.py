"""SARIF 2.1.0, in two profiles: what GitHub code scanning takes, and everything there is to say."""

import gzip
from typing import Final

from scangate.core.model import Report
from scangate.reporters import Screen

LARGEST: Final = 10_000_000
"""Bytes of one file: GitHub counts them compressed, GitLab as they are."""


class GitHubSarif:
    """For GitHub code scanning, which ignores suppressions and takes silence about a finding for its fix."""

    name = "sarif"
    summary = "SARIF 2.1.0 for GitHub code scanning: open findings of what was scanned"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        return _fitting(report, full=False)


class FullSarif:
    """For GitLab and SARIF viewers: waived and fixed findings too, marked as such, and surfaces nobody scanned."""

    name = "sarif-full"
    summary = "SARIF 2.1.0 with suppressions, baseline states and failed scans (GitLab, viewers)"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        return _fitting(report, full=True)


def _fitting(report: Report, *, full: bool) -> str:
    from scangate.reporters.sarif.log import RESULTS, build
    from scangate.reporters.sarif.serialise import to_json

    limit = RESULTS
    while True:
        text = to_json(build(report, full=full, limit=limit))
        size = len(text)  # ASCII: characters are bytes
        if size > LARGEST and not full:
            size = len(gzip.compress(text.encode(), mtime=0))
        if size <= LARGEST or not limit:
            return text
        limit = min(limit - 1, int(limit * LARGEST / size * 0.95))
