"""KEV and EPSS as they are published: constructed, with true facts about a few CVEs."""

import gzip
import json
from pathlib import Path
from typing import Any

LISTED = {
    "cveID": "CVE-2023-44487",
    "vendorProject": "IETF",
    "product": "HTTP/2",
    "dateAdded": "2023-10-10",
    "dueDate": "2023-10-31",
    "knownRansomwareCampaignUse": "Unknown",
}
RANSOM = {"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10", "dueDate": "", "knownRansomwareCampaignUse": "Known"}
SCORES = "CVE-2023-44487,0.94434,0.99987\nCVE-2021-44228,0.94358,0.99965\nCVE-2020-0001,0.00043,0.1\n"


def kev(*lines: Any, released: str = "2026-11-19T10:00:00.1234Z", **more: Any) -> bytes:
    listed = list(lines) or [LISTED, RANSOM]
    document = {"catalogVersion": released[:10].replace("-", "."), "dateReleased": released, "vulnerabilities": listed}
    return json.dumps(document | {"count": len(listed)} | more).encode()


def epss(
    scores: str = SCORES, day: str = "2026-11-20", head: str = "#model_version:v2025.03.14,score_date:{}"
) -> bytes:
    return f"{head.format(f'{day}T12:55:00Z')}\ncve,epss,percentile\n{scores}".encode()


def write_kev(folder: Path, **changes: Any) -> Path:
    path = folder / "kev" / "known_exploited_vulnerabilities.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(kev(**changes))
    return path


def write_epss(folder: Path, **changes: Any) -> Path:
    path = folder / "epss" / "epss_scores-current.csv.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(epss(**changes), mtime=0))
    return path
