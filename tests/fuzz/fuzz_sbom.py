"""Bills of materials, and the reports of trivy and grype."""

import json

from harness import Target

from scangate.errors import ScanError
from scangate.inventory.ecosystems import ecosystem, parse_purl
from scangate.inventory.os_release import Release
from scangate.inventory.sbom.document import parse
from scangate.inventory.sbom.packages import catalogued
from scangate.scanners.grype.parse import parse as parse_grype
from scangate.scanners.trivy.parse import parse as parse_trivy

_PURLS = (
    "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?arch=amd64&distro=debian-12&upstream=util-linux%402.38.1-5",
    "pkg:rpm/redhat/openssl@3.0.7-1.el9?epoch=1&distro=rhel-9.3&upstream=openssl-3.0.7-1.el9.src.rpm",
    "pkg:npm/%40babel/core@7.0.0",
    "pkg:maven/org.apache/log4j@2.13.2",
)
_COMPONENTS = [
    {
        "type": "library",
        "name": "a",
        "version": "1",
        "purl": purl,
        "licenses": [{"license": {"id": "MIT"}}, {"expression": "MIT OR ISC"}],
        "properties": [
            {"name": "aquasecurity:trivy:SrcName", "value": "s"},
            {"name": "aquasecurity:trivy:SrcVersion", "value": "2"},
            {"name": "syft:location:0:path", "value": "/var/lib/dpkg/status"},
        ],
        "evidence": {"occurrences": [{"location": "/a"}]},
    }
    for purl in _PURLS
]
_SYSTEM = {"type": "operating-system", "name": "debian", "version": "12"}
_JSON = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"timestamp": "2026-01-01T00:00:00Z", "tools": {"components": [{"name": "t", "version": "1"}]}},
        "components": [_SYSTEM, {"type": "container", "name": "c", "components": _COMPONENTS}],
    }
).encode()
_XML = (
    b'<?xml version="1.0" encoding="UTF-8"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><metadata>'
    b"<timestamp>2026-01-01T00:00:00Z</timestamp><tools><tool><name>t</name><version>1</version></tool></tools>"
    b'</metadata><components><component type="library"><name>a</name><version>1</version><licenses><license><id>MIT'
    b"</id></license></licenses><purl>pkg:npm/a@1</purl><components><component type='library'><name>b</name>"
    b"<purl>pkg:npm/b@1</purl></component></components><properties><property name='p'>v</property></properties>"
    b"</component></components></bom>"
)
_SPDX = json.dumps(
    {
        "spdxVersion": "SPDX-2.3",
        "name": "n",
        "creationInfo": {"creators": ["Tool: trivy-0.76.0"], "created": "2026-01-01T00:00:00Z"},
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-1", "name": "x"}],
        "packages": [
            {
                "name": "a",
                "SPDXID": "SPDXRef-1",
                "versionInfo": "1",
                "licenseDeclared": "MIT AND LicenseRef-1",
                "sourceInfo": "built package from: util-linux 2.38.1-5",
                "externalRefs": [{"referenceType": "purl", "referenceLocator": purl}],
                "annotations": [{"annotator": "Tool: trivy-0.76.0", "comment": "SrcName: s"}],
            }
            for purl in _PURLS
        ],
        "relationships": [{"spdxElementId": "SPDXRef-1", "relationshipType": "DEV_DEPENDENCY_OF"}],
    }
).encode()
_TRIVY = json.dumps(
    {
        "SchemaVersion": 2,
        "ArtifactName": "x",
        "Results": [
            {
                "Type": "debian",
                "Packages": [
                    {
                        "ID": "a@1",
                        "Name": "a",
                        "Identifier": {"PURL": _PURLS[0], "UID": "u"},
                        "Version": "1",
                        "Release": "2",
                        "Epoch": 1,
                        "SrcName": "s",
                        "SrcVersion": "1",
                        "Licenses": ["MIT"],
                        "Layer": {"DiffID": "sha256:1"},
                    }
                ],
                "Vulnerabilities": [
                    {
                        "VulnerabilityID": "CVE-2020-1",
                        "PkgName": "a",
                        "PkgIdentifier": {"UID": "u"},
                        "InstalledVersion": "1",
                        "FixedVersion": "2",
                        "Status": "fixed",
                        "Severity": "HIGH",
                        "SeveritySource": "nvd",
                        "CVSS": {"nvd": {"V3Score": 7.5, "V3Vector": "CVSS:3.1/AV:N"}},
                        "CweIDs": ["CWE-79"],
                        "PublishedDate": "2020-01-01T00:00:00Z",
                    }
                ],
            }
        ],
    }
).encode()
_GRYPE = json.dumps(
    {
        "matches": [
            {
                "vulnerability": {
                    "id": "CVE-2020-1",
                    "severity": "High",
                    "namespace": "n",
                    "fix": {"versions": ["2"], "state": "fixed"},
                    "cvss": [{"version": "3.1", "vector": "V", "metrics": {"baseScore": 7.5}}],
                    "epss": [{"epss": 0.1}],
                    "links": ["https://example.com"],
                },
                "relatedVulnerabilities": [{"id": "CVE-2020-2"}],
                "matchDetails": [{"matcher": "m", "found": {"versionConstraint": "< 2"}}],
                "artifact": {
                    "name": "a",
                    "version": "1",
                    "type": "deb",
                    "purl": _PURLS[0],
                    "upstreams": [{"name": "s"}],
                    "locations": [{"path": "/a", "layerID": "sha256:1"}],
                },
            }
        ],
        "source": {"type": "image"},
        "distro": {"name": "debian", "version": "12"},
        "descriptor": {"name": "grype", "db": {"status": {"built": "2020-01-01", "valid": True}}},
    }
).encode()


def _read(data: bytes) -> object:
    return catalogued(parse(data, what="fuzz"), what="fuzz", check=lambda: None)


TARGETS = (
    Target(name="sbom-json", seeds=(_JSON, _SPDX), run=_read, raises=(ScanError,)),
    Target(name="sbom-xml", seeds=(_XML,), run=_read, raises=(ScanError,)),
    Target(
        name="purl-ecosystem",
        seeds=tuple(each.encode() for each in _PURLS),
        run=lambda data: ecosystem(parse_purl(data.decode(errors="replace")), Release()),
        raises=(ValueError,),
    ),
    Target(name="trivy", seeds=(_TRIVY,), run=lambda data: list(parse_trivy(data, "t")), raises=(ScanError,)),
    Target(name="grype", seeds=(_GRYPE,), run=lambda data: list(parse_grype(data, "t")), raises=(ScanError,)),
)
