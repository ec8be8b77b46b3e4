"""What a sync reads from the network or from a file: KEV, EPSS, lists of records, bundles, archives, the API."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import Target

from scangate.advisories import answers, archive, bundles, container, epss, incremental, kev, manifest
from scangate.advisories.schema import Rejections
from scangate.errors import ScangateError

KEV = b"""{"catalogVersion": "2026.11.19", "dateReleased": "2026-11-19T10:00:00.1Z", "count": 2, "vulnerabilities": [
{"cveID": "CVE-2023-44487", "dateAdded": "2023-10-10", "dueDate": "2023-10-31", "knownRansomwareCampaignUse": "Known"},
{"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10", "dueDate": "", "knownRansomwareCampaignUse": "Unknown"}]}"""
EPSS = b"""#model_version:v2025.03.14,score_date:2026-11-20T12:55:00Z
cve,epss,percentile
CVE-2023-44487,0.94434,0.99987
CVE-2020-0001,4.3e-04,0.1
"""
LIST = b"2026-11-20T10:00:00.123456Z,GHSA-xxxx-yyyy-zzzz\n2026-11-19T10:00:00Z,Debian:12/DSA-1-1\n"
ANSWER = b"""{"results": [{"vulns": [{"id": "PYSEC-1", "modified": "2026-01-01T00:00:00Z"}],
"next_page_token": "x"}, {}]}"""
RECORD = b'{"id": "PYSEC-1", "modified": "2026-01-01T00:00:00Z", "affected": []}'
PART = manifest.Part(path="osv/PyPI/all.zip", holds="PyPI", source="here", as_of="2026-11-20", size=7, sha256="0" * 64)


def inner() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive_:
        archive_.writestr(zipfile.ZipInfo("PYSEC-1.json"), RECORD)
    return made.getvalue()


def made(form: str) -> bytes:
    """Make a bundle as `advisories bundle` does."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "all.zip"
        place.write_bytes(inner())
        size, digest = place.stat().st_size, bundles._digest(place)
        part = replace(PART, size=size, sha256=digest)
        into = io.BytesIO()
        container.write(into, form, [(manifest.NAME, manifest.write((part,))), (part.path, place)])
    return into.getvalue()


def nothing() -> None:
    pass


def unbundle(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bundle"
        path.write_bytes(data)
        with bundles.opened(path, Path(folder), "", nothing) as opened:
            opened.names(nothing)


def unzip(data: bytes) -> None:
    archive.newest(io.BytesIO(data), "it")
    for _each in archive.records(io.BytesIO(data), "it", Rejections(), nothing):
        pass


def listing(data: bytes) -> None:
    found = incremental.listing(data)
    incremental.newest(found)
    incremental.difference(found, {"GHSA-xxxx-yyyy-zzzz": "2026-11-20T10:00:00Z", "GONE-1": ""})


def seeds(data: bytes) -> Iterator[bytes]:
    yield data
    yield gzip.compress(data, mtime=0)


TARGETS = (
    Target("kev", [KEV], lambda data: kev.read(data, Rejections()), (ScangateError,)),
    Target("epss", [*seeds(EPSS)], lambda data: epss.read(data, Rejections()), (ScangateError,)),
    Target("modified-id-csv", [LIST], listing, (ScangateError,)),
    Target("osv-api", [ANSWER], lambda data: answers.read(data, 2, "api"), (ScangateError,)),
    Target("bundle-manifest", [manifest.write((PART,))], manifest.read, (ScangateError,)),
    Target("bundle-zip", [made(".zip")], unbundle, (ScangateError,)),
    Target("bundle-tar-zst", [made(".tar.zst")], unbundle, (ScangateError,)),
    Target("osv-export", [inner()], unzip, (ScangateError,)),
)
