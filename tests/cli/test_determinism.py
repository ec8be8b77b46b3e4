"""Two runs of the same scan give the same bytes, and the order of targets changes no fingerprint."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]

TARGETS = """\
version: 1
targets:
{targets}
"""
WEB = "  - id: web\n    image: rootfs:image\n"
COPY = "  - id: copy\n    image: rootfs:image\n    exposure: internet\n"


def test_two_runs_give_the_same_sarif_and_markdown_but_for_declared_times(
    scangate: Run, shop: Path, advisories: Callable[[str], None]
) -> None:
    advisories("1:1.3.0-1")
    texts = []
    for name in ("first", "second"):
        scangate("scan", "-o", f"sarif={name}.sarif", "-o", f"sarif-full={name}.full", "-o", f"markdown={name}.md")
        texts.append([undated((shop / f"{name}.{kind}").read_text()) for kind in ("sarif", "full", "md")])
    assert texts[0] == texts[1]
    assert all("CVE-2023-45853" in text for text in texts[0])


def test_the_order_of_targets_changes_no_fingerprint(
    scangate: Run, shop: Path, advisories: Callable[[str], None]
) -> None:
    advisories("1:1.3.0-1")
    found = []
    for targets in (WEB + COPY, COPY + WEB):
        (shop / "scangate.yml").write_text(TARGETS.format(targets=targets))
        scangate("scan", "-o", "result=result.json")
        result = json.loads((shop / "result.json").read_text())
        found.append(sorted(each["fingerprint"] for each in result["decisions"]))
    assert found[0] == found[1]
    assert len(set(found[0])) == 2


def undated(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
