"""Each row of the table of exit codes, through the real command line."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from scangate.errors import ExitCode

Run = Callable[..., subprocess.CompletedProcess[str]]
VULNERABLE, PATCHED = "1:1.3.0-1", "1:1.2.13.dfsg-1"


def test_0_when_every_scan_ran_and_nothing_fails(scangate: Run, shop: Path, advisories: Callable[[str], None]) -> None:
    advisories(PATCHED)
    done = scangate("scan")
    assert done.returncode == ExitCode.PASS, done.stdout + done.stderr
    assert "PASS" in done.stdout


def test_1_when_the_policy_says_no(scangate: Run, shop: Path, advisories: Callable[[str], None]) -> None:
    advisories(VULNERABLE)
    done = scangate("scan", "-o", "console", "-o", "result=out/result.json")
    assert done.returncode == ExitCode.FAIL, done.stdout + done.stderr
    assert "FAIL" in done.stdout
    assert "CVE-2023-45853" in done.stdout
    assert json.loads((shop / "out/result.json").read_text())["verdict"] == "FAIL"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("scan", "-c", "missing.yml"), "missing.yml"),
        (("scan", "-p", "builtin:stric"), "did you mean strict"),
        (("scan", "-o", "sarf=x"), "sarif"),
        (("scan", "nonsense"), "not a target"),
        (("scan", "--nonsense"), "--nonsense"),
        (("judge", "missing.json"), "missing.json"),
        (("sacn",), "did you mean scan"),
    ],
)
def test_2_when_the_command_line_is_wrong(scangate: Run, shop: Path, args: tuple[str, ...], expected: str) -> None:
    done = scangate(*args)
    assert done.returncode == ExitCode.USAGE, done.stdout + done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_2_when_the_config_is_wrong_and_every_mistake_is_named(scangate: Run, shop: Path) -> None:
    (shop / "scangate.yml").write_text("version: 1\ntargts: []\ntargets:\n  - id: web\n    imgae: x\n")
    done = scangate("scan")
    assert done.returncode == ExitCode.USAGE
    assert "scangate.yml:2: targts: this key is not known (did you mean targets?)" in done.stderr
    assert "scangate.yml:5: targets[0].imgae: this key is not known (did you mean image?)" in done.stderr
    assert "scangate.yml:4: targets[0]: expected exactly one of image, sbom, hosts, hosts_from, path" in done.stderr


def test_3_when_there_are_no_advisories(scangate: Run, shop: Path) -> None:
    done = scangate("scan")
    assert done.returncode == ExitCode.INCOMPLETE, done.stdout + done.stderr
    assert "INCOMPLETE" in done.stdout
    assert "scangate advisories sync" in done.stdout


def test_3_when_a_report_cannot_be_written(scangate: Run, shop: Path, advisories: Callable[[str], None]) -> None:
    advisories(PATCHED)
    (shop / "file").write_text("not a folder")
    done = scangate("scan", "-o", "console", "-o", "sarif=file/out.sarif")
    assert done.returncode == ExitCode.INCOMPLETE
    assert "the sarif report was not written" in done.stderr
    assert "PASS" in done.stdout


def test_exit_zero_turns_a_fail_into_0_and_says_so(
    scangate: Run, shop: Path, advisories: Callable[[str], None]
) -> None:
    advisories(VULNERABLE)
    done = scangate("scan", "--exit-zero")
    assert done.returncode == ExitCode.PASS
    assert "the verdict is FAIL; --exit-zero turns exit code 1 into 0" in done.stderr


def test_70_when_there_is_a_bug_of_ours(environ: Mapping[str, str], tmp_path: Path) -> None:
    script = (
        "import sys, scangate.cli as cli, scangate.cli.schema as broken\n"
        "def bug(**_): raise RuntimeError('boom')\n"
        "broken.command.callback = bug\n"
        "sys.argv = ['scangate', 'schema', 'config']\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == ExitCode.BUG
    assert "this is a bug of ours: RuntimeError: boom" in done.stderr
    assert "Traceback" not in done.stderr


SLOW_NMAP = """#!/bin/sh
case "$*" in *--version*) echo "Nmap version 7.93 ( https://nmap.org )"; exit 0;; esac
sleep 600 &
trap '' TERM
while :; do sleep 1; done
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_130_when_interrupted_during_five_scans(
    environ: Mapping[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "nmap").write_text(SLOW_NMAP)
    (tools / "nmap").chmod(0o755)
    targets = [f"t{each}=hosts:127.0.0.{each}:9" for each in range(1, 6)]
    scan = subprocess.Popen(
        [Path(sys.executable).with_name("scangate"), "scan", *targets, "-j", "5", "-o", "result=result.json"],
        cwd=tmp_path,
        env={**environ, "PATH": f"{tools}:{environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: len(children_of(tools)) >= 5)
    begun = time.monotonic()
    scan.send_signal(number)
    out, err = scan.communicate(timeout=30)
    assert time.monotonic() - begun < 2.5, "the scans were to end within two seconds"
    assert scan.returncode == ExitCode.INTERRUPTED, out + err
    assert children_of(tools) == []
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["verdict"] == "INCOMPLETE"
    assert [run["status"] for run in result["runs"] if run["scanner"] == "nmap"] == ["cancelled"] * 5


def children_of(tools: Path) -> list[int]:
    """Processes that run our slow nmap."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(tools).encode() in command and b"-oX" in command:
                found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_the_table_in_the_docs_names_every_code() -> None:
    page = (Path(__file__).parents[2] / "docs/exit-codes.md").read_text()
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")][1:]
    assert rows == [str(code.value) for code in ExitCode]


def test_a_scan_that_hangs_does_not_keep_the_process_alive(environ: Mapping[str, str], tmp_path: Path) -> None:
    script = (
        "import sys, threading, time\n"
        "import scangate.cli as cli, scangate.cli.schema as hanging\n"
        "def hang(**_):\n"
        "    threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "    return 3\n"
        "hanging.command.callback = hang\n"
        "sys.argv = ['scangate', 'schema', 'config']\n"
        "cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=environ, cwd=tmp_path, check=False, timeout=60)
    assert done.returncode == ExitCode.INCOMPLETE
