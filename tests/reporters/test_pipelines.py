"""docs/pipelines.md: each snippet by what can check it here."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from scangate.reporters import Screen
from scangate.reporters.bitbucket import Bitbucket

from .sample import large, sample

TEXT = (Path(__file__).parents[2] / "docs" / "pipelines.md").read_text()
SNIPPETS: dict[str, str] = dict(re.findall(r"```(?:yaml|groovy) ([a-z-]+)\n(.*?)```", TEXT, re.DOTALL))


def scripts(value: Any) -> Iterator[str]:
    """Every shell text of a pipeline."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name in {"script", "after-script", "command"} and isinstance(each, str | list):
                yield from [each] if isinstance(each, str) else [text for text in each if " " in str(text)]
            else:
                yield from scripts(each)
    elif isinstance(value, list):
        for each in value:
            yield from scripts(each)


@pytest.mark.real
@pytest.mark.parametrize("name", ["azure-pipelines", "bitbucket-pipelines", "circle-ci"])
def test_the_schema_of_the_service_accepts_the_snippet(name: str, tmp_path: Path) -> None:
    program = os.environ.get("SCANGATE_CHECK_JSONSCHEMA") or shutil.which("check-jsonschema")
    if not program:
        pytest.skip("check-jsonschema is not here: pip install check-jsonschema, and put it on the path")
    (tmp_path / "pipeline.yml").write_text(SNIPPETS[name])
    command = [program, "--builtin-schema", f"vendor.{name}", "--regex-variant", "nonunicode", "pipeline.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["azure-pipelines", "bitbucket-pipelines", "circle-ci", "tekton"])
def test_the_shell_of_the_snippets_is_shell(name: str) -> None:
    found = list(scripts(yaml.safe_load(SNIPPETS[name])))
    assert found
    for text in found:
        done = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", [0, 1, 3, 2])
def test_azures_step_prints_the_commands_and_keeps_the_exit_code(code: int, tmp_path: Path) -> None:
    program = tmp_path / "scangate"
    writes = (
        "for each; do case $each in azure=*) echo '##vso[x]y' > \"${each#azure=}\";; esac; done" if code != 2 else ":"
    )
    program.write_text(f"#!/bin/sh\n{writes}\nexit {code}\n")
    program.chmod(0o755)
    (script,) = scripts(yaml.safe_load(SNIPPETS["azure-pipelines"]))
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert ("##vso[x]y" in done.stdout) is (code != 2)


def test_every_format_that_is_named_is_a_reporter_of_ours() -> None:
    named = set(re.findall(r"(?:-o |--output=)([a-z-]+)(?:=|`)", TEXT)) - {"result", "console"}
    known = {"junit", "azure", "warnings-ng", "bitbucket", "sonar", "gitlab-dotenv"}
    assert named == known


def test_the_braces_of_the_jenkinsfile_match() -> None:
    depth = 0
    for character in re.sub(r"'[^']*'", "", SNIPPETS["jenkinsfile"]):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0


def test_tektons_parameters_are_arguments_and_no_part_of_a_script() -> None:
    steps = yaml.safe_load(SNIPPETS["tekton"])["spec"]["steps"]
    assert steps[0]["args"][-2:] == ["--", "$(params.targets[*])"]
    assert not any("$(params" in step.get("script", "") for step in steps)


class Insights(BaseHTTPRequestHandler):
    """Bitbucket's proxy, with the limits of its API."""

    stored: ClassVar[dict[str, Any]] = {}

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def _answer(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def _body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def do_PUT(self) -> None:
        assert self.path == "http://api.bitbucket.org/2.0/repositories/team/shop/commit/abc123/reports/scangate"
        self.stored["report"] = self._body()
        self._answer(200)

    def do_POST(self) -> None:
        body = self._body()
        held = self.stored.setdefault("annotations", [])
        if not self.path.endswith("/reports/scangate/annotations") or len(body) > 100 or len(held) + len(body) > 1_000:
            return self._answer(400)
        held.extend(body)
        return self._answer(200)


@pytest.mark.parametrize("findings", [0, 3_000])
def test_bitbuckets_step_sends_the_report_and_all_annotations(findings: int, tmp_path: Path) -> None:
    report = large(findings) if findings else sample()
    (tmp_path / "insights.json").write_text(Bitbucket().render(report, Screen()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Insights)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Insights.stored = {}
    step = yaml.safe_load(SNIPPETS["bitbucket-pipelines"])["pipelines"]["default"][0]["step"]
    (program,) = re.findall(r"<<'END'\n(.*)END\n", step["after-script"][0], re.DOTALL)
    program = program.replace("localhost:29418", f"127.0.0.1:{server.server_port}")
    environ = {"BITBUCKET_REPO_FULL_NAME": "team/shop", "BITBUCKET_COMMIT": "abc123"}
    try:
        subprocess.run([sys.executable, "-"], input=program, cwd=tmp_path, env=environ, text=True, check=True)
    finally:
        server.shutdown()
        server.server_close()
    assert Insights.stored["report"]["result"] == "FAILED"
    assert len(Insights.stored["annotations"]) == (1_000 if findings else 24)
