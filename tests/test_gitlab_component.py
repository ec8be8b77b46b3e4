"""templates/gate.yml: what it promises, and its jobs as gitlab-ci-local runs them (npm package, shell executor)."""

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
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scangate import __version__, plugins

ROOT = Path(__file__).parent.parent
FILE = ROOT / "templates" / "gate.yml"
DOCUMENT = ROOT / "docs" / "gitlab.md"
HEADER, BODY = yaml.safe_load_all(FILE.read_text())
INPUTS = HEADER["spec"]["inputs"]
SCAN, GATE, NOTE = (BODY[f"scangate-{name}"] for name in ("scan", "gate", "note"))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    else:
        yield str(value)


def test_every_input_is_described_used_and_documented() -> None:
    used = set(re.findall(r"\$\[\[ inputs\.([a-z-]+) \]\]", " ".join(texts(BODY))))
    assert used == set(INPUTS)
    for name, declared in INPUTS.items():
        assert declared["description"]
        assert "default" in declared, f"{name} would be mandatory"
        assert f"| `{name}` |" in DOCUMENT.read_text()


def test_no_input_is_written_into_a_script() -> None:
    for job in (SCAN, GATE, NOTE):
        assert "$[[" not in " ".join(job["script"])


def test_no_variable_is_expanded_without_quotes_but_lists_that_are_split_on_purpose() -> None:
    for job in (SCAN, GATE):
        for line in "\n".join(job["script"]).splitlines():
            bare = re.sub(r'"[^"]*"', "", line)
            assert set(re.findall(r"\$(\w+)", bare)) <= {"GATE_TARGETS", "GATE_REPORTS"}, line


def test_the_default_image_is_of_this_version() -> None:
    assert INPUTS["image"]["default"].endswith(f":{__version__}")


def test_the_scan_always_ends_well_and_only_the_gate_answers() -> None:
    assert "--exit-zero" in " ".join(SCAN["script"])
    assert "allow_failure" not in SCAN
    assert "--exit-zero" not in " ".join(GATE["script"])
    assert GATE["needs"] == ["scangate-scan"]
    assert SCAN["rules"] == GATE["rules"] == [{"when": "on_success"}]
    assert all(job["image"]["entrypoint"] == [""] for job in (SCAN, GATE, NOTE))


def test_every_report_that_gitlab_is_told_of_is_written_under_that_name() -> None:
    asked = INPUTS["reports"]["default"].split()
    written = {f"gl-{each}-report.json" for each in asked} | {"scangate.junit.xml", "scangate.env"}
    assert set(SCAN["artifacts"]["reports"].values()) == written
    assert SCAN["artifacts"]["when"] == "always"
    names = {each.replace("-", "_") for each in asked} | {"junit", "dotenv"}
    assert {name.replace("-", "_") for name in SCAN["artifacts"]["reports"]} == names


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("reports", "sast dast", True),
        ("reports", "sast; rm -rf .", False),
        ("reports", "$(id)", False),
        ("jobs", "4", True),
        ("jobs", "", True),
        ("jobs", "4 --exit-zero", False),
    ],
)
def test_inputs_that_are_split_into_words_hold_words_only(name: str, value: str, *, taken: bool) -> None:
    assert bool(re.search(INPUTS[name]["regex"], value)) is taken


class Notes(BaseHTTPRequestHandler):
    """GitLab's API for notes, as far as the job uses it: two pages, a token, a body of at most 1,000,000 characters."""

    notes: ClassVar[list[dict[str, Any]]] = []
    calls: ClassVar[list[str]] = []

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def _answer(self, body: object, code: int = 200, following: str = "") -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("X-Next-Page", following)
        self.end_headers()
        self.wfile.write(content)

    def _take(self) -> dict[str, Any]:
        self.calls.append(f"{self.command} {urlsplit(self.path).path}")
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self.headers["PRIVATE-TOKEN"] != "token-of-the-test" or len(body.get("body", "")) > 1_000_000:
            self._answer({"message": "401 Unauthorized"}, 401)
        return body  # type: ignore[no-any-return]

    def do_GET(self) -> None:
        self._take()
        address = urlsplit(self.path)
        if address.path == "/api/v4/user":
            return self._answer({"id": 7})
        page = int(parse_qs(address.query)["page"][0])
        return self._answer(self.notes[page - 1 : page], following=str(page + 1) if page < len(self.notes) else "")

    def do_POST(self) -> None:
        self.notes.append({"id": len(self.notes) + 1, "author": {"id": 7}, "body": self._take()["body"]})
        self._answer(self.notes[-1], 201)

    def do_PUT(self) -> None:
        number = int(self.path.rpartition("/")[2])
        self.notes[number - 1]["body"] = self._take()["body"]
        self._answer(self.notes[number - 1])


@pytest.fixture
def api() -> Iterator[str]:
    forged = "<!-- scangate:note -->\nPASS, honestly"
    Notes.notes = [
        {"id": 1, "author": {"id": 7}, "body": "something else"},
        {"id": 2, "author": {"id": 99}, "body": forged},
    ]
    Notes.calls = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Notes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api/v4"
    server.shutdown()
    server.server_close()


def write_note(folder: Path, api: str, text: str) -> str:
    (folder / "scangate.md").write_text(text)
    program: str
    (program,) = re.findall(r"<<'END'\n(.*)END\n", "\n".join(NOTE["script"]) + "\n", re.DOTALL)
    environ = {
        "CI_API_V4_URL": api,
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "3",
        "SCANGATE_NOTE_TOKEN": "token-of-the-test",
    }
    done = subprocess.run(
        [sys.executable, "-I", "-"], input=program, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def test_the_note_is_written_once_and_renewed_after(tmp_path: Path, api: str) -> None:
    assert write_note(tmp_path, api, "## FAIL\n") == "The note was written.\n"
    assert write_note(tmp_path, api, "## PASS\n") == "The note was renewed.\n"
    assert [each["body"] for each in Notes.notes][2:] == ["<!-- scangate:note -->\n## PASS\n"]
    assert Notes.notes[1]["body"].endswith("PASS, honestly"), "a note of somebody else was changed"
    assert "PUT /api/v4/projects/12/merge_requests/3/notes/3" in Notes.calls


def runner() -> str:
    """The program, from the path or from SCANGATE_GITLAB_CI_LOCAL."""
    found = os.environ.get("SCANGATE_GITLAB_CI_LOCAL") or shutil.which("gitlab-ci-local")
    if not found:
        pytest.skip("gitlab-ci-local is not here: npm install gitlab-ci-local, and put it on the path")
    if "gitlab-sast" not in plugins.reporter_names():
        pytest.skip("the reports of GitLab are not registered in this environment")
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with an image that holds a key, and a pipeline that includes the component."""
    (tmp_path / "templates").mkdir()
    shutil.copy(FILE, tmp_path / "templates")
    root = tmp_path / "rootfs"
    (root / "app").mkdir(parents=True)
    (root / "app" / "server.pem").write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (tmp_path / ".gitlab-ci.yml").write_text(
        """\
include:
  - local: templates/gate.yml
    inputs:
      targets: |-
        web=image:rootfs:rootfs
        na$(touch pwned)me=image:rootfs:rootfs
"""
    )
    for command in (
        ["init", "--quiet", "."],
        ["remote", "add", "origin", "https://gitlab.example.com/group/project.git"],
        ["add", "--all"],
        ["-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message=all"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def run_pipeline(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = dict(os.environ)
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    environ["SCANGATE_OFFLINE"] = "1"
    command = [runner(), "--force-shell-executor", "--shell-isolation", "--no-color", *words]
    return subprocess.run(
        command,
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.real
def test_the_schema_of_pipelines_accepts_what_the_component_expands_to(project: Path) -> None:
    done = run_pipeline(project, "--list")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "json schema validated" in done.stdout + done.stderr


@pytest.mark.real
def test_a_target_that_is_a_command_is_refused_and_never_run(project: Path) -> None:
    done = run_pipeline(project)
    assert done.returncode != 0
    assert not list(project.rglob("pwned"))
    assert "na$(touch pwned)me" in done.stdout + done.stderr


@pytest.mark.real
def test_the_scan_passes_with_its_reports_and_the_gate_fails(project: Path) -> None:
    pipeline = project / ".gitlab-ci.yml"
    pipeline.write_text("".join(each for each in pipeline.read_text().splitlines(keepends=True) if "pwned" not in each))
    done = run_pipeline(project)
    told = done.stdout + done.stderr
    assert re.search(r"PASS.*scangate-scan", told), told
    assert re.search(r"FAIL.*scangate-gate", told), told
    assert "turns exit code 1 into 0" in told
    for name in SCAN["artifacts"]["reports"].values():
        # The runner copies files that are listed as paths; the others it keeps as reports.
        assert (project / name).is_file() or list((project / ".gitlab-ci-local").rglob(name)), name
    secrets = json.loads((project / "gl-secret-detection-report.json").read_text())["vulnerabilities"]
    assert [each["identifiers"][0]["value"] for each in secrets] == ["image-private-key"]
    key = (project / "rootfs" / "app" / "server.pem").read_text().splitlines()[1]
    assert key not in "".join(path.read_text() for path in (*project.glob("gl-*.json"), project / "scangate.md"))
    variables = next((project / ".gitlab-ci-local").rglob("scangate.env"), project / "scangate.env")
    assert variables.read_text().startswith("SCANGATE_VERDICT=FAIL\n")
