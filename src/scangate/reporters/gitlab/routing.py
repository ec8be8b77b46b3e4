"""Which of GitLab's reports a finding belongs to: exactly one, and the same one in every run.

It depends on what the finding's target is and on what the finding is about, never on its severity or its wording.
"""

import re
from typing import Final

from scangate.core.model import Finding, Kind, Target

SECRETS: Final = frozenset({"CWE-259", "CWE-312", "CWE-321", "CWE-798"})
"""Hard-coded password, secret in clear text, hard-coded key, hard-coded credentials."""
_WORKLOAD: Final = re.compile(
    r"(?P<namespace>[a-z0-9-]+)"
    r"\.(?P<kind>CronJob|DaemonSet|Deployment|Job|Pod|ReplicaSet|ReplicationController|StatefulSet)"
    r"\.(?P<name>[a-z0-9]+(?:[.-]+[a-z0-9]+)*)"
    r"\.(?P<container_name>[a-z0-9-]+)"
)
READERS: Final = {
    "container_scanning": frozenset({Kind.IMAGE}),
    "cluster_image_scanning": frozenset({Kind.IMAGE}),
    "dependency_scanning": frozenset({Kind.SBOM, Kind.PATH}),
    "sast": frozenset({Kind.PATH, Kind.IMAGE}),
    "secret_detection": frozenset({Kind.PATH, Kind.IMAGE}),
    "dast": frozenset({Kind.HOSTS}),
}
"""The kinds of targets whose findings can be in a report."""


def route(finding: Finding, target: Target) -> str:
    """Name the report of a finding: the type of its scan, in GitLab's word."""
    if target.kind is Kind.HOSTS:
        return "dast"
    if target.kind is Kind.SBOM:
        return "dependency_scanning"
    package = about_package(finding)
    if not package and SECRETS & set(finding.cwes):
        return "secret_detection"
    if target.kind is Kind.PATH:
        return "dependency_scanning" if package else "sast"
    if not package and finding.location.path:
        return "sast"  # a line of a Dockerfile, which GitLab can link to
    return "cluster_image_scanning" if workload(target) else "container_scanning"


def concerns(target: Target, kind: str) -> bool:
    """Whether findings of this target can be in a report."""
    if kind in {"container_scanning", "cluster_image_scanning"}:
        return target.kind is Kind.IMAGE and bool(workload(target)) is (kind == "cluster_image_scanning")
    return target.kind in READERS[kind]


def about_package(finding: Finding) -> bool:
    """Whether a finding is about something installed or declared."""
    return finding.subject.startswith("pkg:")


def workload(target: Target) -> dict[str, str]:
    """Say which container of a cluster runs an image: its target is named `shop.Deployment.web.nginx`; else empty.

    A namespace and a container have no dots in their names, so there is one way to read it.
    """
    match = _WORKLOAD.fullmatch(target.id)
    return match.groupdict() if match else {}
