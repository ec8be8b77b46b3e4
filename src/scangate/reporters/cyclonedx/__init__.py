"""CycloneDX 1.6: what is installed, what listens, what is known to be wrong with it, and the state of its analysis.

The frame (metadata, components, licences, services, dependencies) is made of cyclonedx-python-lib's objects. The
vulnerabilities are not: a hundred thousand of them would take the library two minutes, and take us three seconds.
docs/sbom.md tells what stands where; reading it back (inventory.sbom) gives the same packages.
"""

from scangate.core.model import Report
from scangate.reporters import Screen


class CycloneDx:
    """A bill of materials with vulnerabilities (VEX), for whoever takes one: Dependency-Track, GUAC, an auditor."""

    name = "cyclonedx"
    summary = "CycloneDX 1.6 JSON: the packages, their licences, and their vulnerabilities with VEX analysis"

    def render(self, report: Report, screen: Screen) -> str:
        from scangate.reporters.cyclonedx.document import write

        del screen
        return write(report)
