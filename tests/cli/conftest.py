"""The real command line, as a process, with a home of its own; and a small shop to scan."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

SCANGATE = Path(sys.executable).with_name("scangate")
Run = Callable[..., subprocess.CompletedProcess[str]]

LISTED = {"cveID": "CVE-2023-4911", "dateAdded": "2023-11-21"}
STATUS = """\
Package: zlib1g
Status: install ok installed
Source: zlib
Version: 1:1.2.13.dfsg-1
Architecture: amd64
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of the commands: no settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SCANGATE_", "XDG_"))}
    return kept | {"SCANGATE_HOME": str(tmp_path / "home"), "COLUMNS": "100"}


@pytest.fixture
def scangate(tmp_path: Path, environ: Mapping[str, str]) -> Run:
    """Run the command line in tmp_path; standard input is closed, as in CI."""

    def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SCANGATE), *args],
            cwd=tmp_path,
            env={**environ, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A root filesystem with one Debian package, and a config that scans it."""
    root = tmp_path / "image"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID=debian\nVERSION_ID="99"\n')
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "var/lib/dpkg/status").write_text(STATUS)
    (tmp_path / "scangate.yml").write_text(
        "version: 1\npolicy: builtin:baseline\ntargets:\n  - id: web\n    image: rootfs:image\n"
    )
    return tmp_path


@pytest.fixture
def advisories(tmp_path: Path, scangate: Run) -> Callable[[str], None]:
    """Sync one advisory about zlib, fixed in the version given."""

    def sync(fixed: str) -> None:
        folder = tmp_path / "osv"
        folder.mkdir(exist_ok=True)
        record = {
            "schema_version": "1.6.0",
            "id": "DEBIAN-CVE-2023-45853",
            "modified": "2026-01-01T00:00:00Z",
            "published": "2023-10-14T00:00:00Z",
            "upstream": ["CVE-2023-45853"],
            "summary": "Integer overflow in MiniZip",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "affected": [
                {
                    "package": {"ecosystem": "Debian:99", "name": "zlib"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
                }
            ],
        }
        (folder / "DEBIAN-CVE-2023-45853.json").write_text(json.dumps(record))
        (folder / "kev").mkdir(exist_ok=True)
        listed = {"dateReleased": datetime.now(UTC).isoformat(), "vulnerabilities": [LISTED]}
        (folder / "kev" / "known_exploited_vulnerabilities.json").write_text(json.dumps(listed))
        done = scangate("advisories", "sync", "--from", str(folder))
        assert done.returncode == 0, done.stderr

    return sync
