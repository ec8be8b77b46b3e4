"""SARIF 2.1.0, in three profiles: for GitHub code scanning, for GitLab, and everything there is to say."""

import gzip

from scangate.core.model import Report
from scangate.reporters import Screen
from scangate.reporters.sarif.profiles import FULL, GITHUB, GITLAB, Profile


class GitHubSarif:
    """For GitHub code scanning, which ignores suppressions and takes silence about a finding for its fix."""

    name = "sarif"
    summary = "SARIF 2.1.0 for GitHub code scanning: open findings of what was scanned"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        return _fitting(report, GITHUB)


class GitLabSarif:
    """For `artifacts:reports:sarif` of GitLab 19.2 and later, which tells findings apart by rule, file and lines."""

    name = "sarif-gitlab"
    summary = "SARIF 2.1.0 for GitLab 19.2 and later: open findings, each in a place of its own"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        return _fitting(report, GITLAB)


class FullSarif:
    """For SARIF viewers: waived and fixed findings too, marked as such, and surfaces nobody scanned."""

    name = "sarif-full"
    summary = "SARIF 2.1.0 with suppressions, baseline states and failed scans, for viewers"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        return _fitting(report, FULL)


def _fitting(report: Report, profile: Profile) -> str:
    from scangate.reporters.sarif.log import build
    from scangate.reporters.sarif.serialise import to_json

    limit = profile.results
    while True:
        text = to_json(build(report, profile, limit=limit))
        size = len(text)  # ASCII: characters are bytes
        if size > profile.size and profile.packed:
            size = len(gzip.compress(text.encode(), mtime=0))
        if size <= profile.size or not limit:
            return text
        limit = min(limit - 1, int(limit * profile.size / size * 0.95))
