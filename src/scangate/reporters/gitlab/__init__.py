"""GitLab's security reports, one for each of its kinds; docs/gitlab.md tells what goes where.

Written to version 15.2.1 of the schemas, the oldest of 15.2: GitLab takes a later patch for an earlier one, not the
reverse. A finding is in exactly one of the reports; see routing.py.
"""

from typing import ClassVar

from scangate.core.model import Report
from scangate.reporters import Screen


class _Security:
    """What the six have in common."""

    kind: ClassVar[str]

    def render(self, report: Report, screen: Screen) -> str:
        from scangate.reporters.gitlab.document import write

        del screen
        return write(report, self.kind)


class ContainerScanning(_Security):
    """Packages and settings of images."""

    name = "gitlab-container-scanning"
    summary = "GitLab container scanning report: packages and settings of images"
    kind = "container_scanning"


class ClusterImageScanning(_Security):
    """The same of images whose target is named after the workload that runs them."""

    name = "gitlab-cluster-image-scanning"
    summary = "GitLab cluster image scanning report: images of targets named NAMESPACE.KIND.NAME.CONTAINER"
    kind = "cluster_image_scanning"


class DependencyScanning(_Security):
    """Packages that a file of the repository declares."""

    name = "gitlab-dependency-scanning"
    summary = "GitLab dependency scanning report: packages of bills of materials and lock files"
    kind = "dependency_scanning"


class Sast(_Security):
    """Weaknesses of files."""

    name = "gitlab-sast"
    summary = "GitLab SAST report: weaknesses of files, such as infrastructure code"
    kind = "sast"


class SecretDetection(_Security):
    """Secrets in files and images; never their values."""

    name = "gitlab-secret-detection"
    summary = "GitLab secret detection report: where secrets are, never what they are"
    kind = "secret_detection"


class Dast(_Security):
    """What hosts and web servers show to the network."""

    name = "gitlab-dast"
    summary = "GitLab DAST report: hosts, ports, TLS and web servers"
    kind = "dast"
