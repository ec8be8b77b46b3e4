"""GitHub's code scanning API over a real socket, as strict as it is documented. Constructed: nothing was recorded.

https://docs.github.com/en/rest/code-scanning/code-scanning and codeql-action/src/upload-lib.ts (the processing errors).
"""

import base64
import binascii
import gzip
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WRITES, READS = "ghs_writes0000000000000000000000000000000", "ghs_reads00000000000000000000000000000000"
COMMIT = "a" * 40
REPOSITORY = "shop/web"
_PATH = re.compile(r"/repos/([^/]+/[^/]+)/code-scanning/sarifs(?:/([^/]+))?")
_REF = re.compile(r"refs/(heads|tags)/.+|refs/pull/[0-9]+/(merge|head)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass
class GitHub:
    """What it holds, and how it behaves. `answers`: statuses (with headers) to give before it does its work."""

    url: str = ""
    enabled: bool = True
    pending: int = 1
    unknown: int = 0
    commits: set[str] = field(default_factory=lambda: {COMMIT})
    answers: list[tuple[int, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    looks: dict[str, int] = field(default_factory=dict)

    def answer(  # noqa: PLR0911 - one for each way to refuse
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], Any]:
        self.requests.append((method, path, headers))
        if self.answers:
            return self.answers.pop(0)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token not in {WRITES, READS}:
            return 401, {}, {"message": "Bad credentials"}
        match = _PATH.fullmatch(path)
        if not match or match[1] != REPOSITORY:
            return 404, {}, {"message": "Not Found"}
        if not self.enabled:
            return 403, {}, {"message": "Code Security must be enabled for this repository to use code scanning."}
        if method == "GET" and match[2]:
            return self._status(match[2])
        if method != "POST" or match[2]:
            return 404, {}, {"message": "Not Found"}
        if token != WRITES:
            return 403, {}, {"message": "Resource not accessible by integration"}
        return self._take(body)

    def _take(self, body: bytes) -> tuple[int, dict[str, str], Any]:
        try:
            content = json.loads(body)
            packed = base64.b64decode(content["sarif"], validate=True)
            if len(packed) > 10_000_000:
                return 413, {}, {"message": "Payload too large"}
            log = json.loads(gzip.decompress(packed))
        except (ValueError, KeyError, TypeError, binascii.Error, OSError, EOFError):
            return 400, {}, {"message": "Bad request: sarif is no base64 of gzip of JSON"}
        if content["commit_sha"] not in self.commits:
            return 422, {}, {"message": f"commit not found: {content['commit_sha']}"}
        if not _REF.fullmatch(content["ref"]):
            return 422, {}, {"message": "ref must be a full reference"}
        if not content["checkout_uri"].startswith("file:///") or not _TIME.fullmatch(content["started_at"]):
            return 422, {}, {"message": "checkout_uri or started_at is malformed"}
        name = f"4f-{len(self.uploads)}"
        self.uploads[name] = {**content, "log": log, "errors": complaints(log)}
        return 202, {}, {"id": name, "url": f"{self.url}/repos/{REPOSITORY}/code-scanning/sarifs/{name}"}

    def _status(self, name: str) -> tuple[int, dict[str, str], Any]:
        self.looks[name] = self.looks.get(name, 0) + 1
        if name not in self.uploads or self.looks[name] <= self.unknown:
            return 404, {}, {"message": "Not Found"}
        if self.looks[name] <= self.unknown + self.pending:
            return 200, {}, {"processing_status": "pending"}
        errors = self.uploads[name]["errors"]
        if errors:
            return 200, {}, {"processing_status": "failed", "errors": errors}
        return 200, {}, {"processing_status": "complete", "analyses_url": f"{self.url}/analyses"}


def complaints(log: dict[str, Any]) -> list[str]:
    """What GitHub finds while it processes a file, in its own words where they are known."""
    runs = log["runs"]
    if not 0 < len(runs) <= 20:
        return [f"rejecting SARIF, as there are {len(runs)} runs"]
    found = []
    for run in runs:
        if len(run["results"]) > 25_000:
            found.append("rejecting SARIF, as there are more results per run than allowed")
        if any(each.get("executionSuccessful") is False for each in run.get("invocations", [])):
            found.append("unsuccessful execution")
        for rule in run["tool"]["driver"].get("rules", []):
            severity = rule.get("properties", {}).get("security-severity", "1")
            if not re.fullmatch(r"[0-9.]+", str(severity)):
                found.append("could not convert rules: invalid security severity value, is not a number: " + severity)
        for result in run["results"]:
            place = (result.get("locations") or [{}])[0].get("physicalLocation", {}).get("artifactLocation", {})
            if not place.get("uri"):
                found.append("locationFromSarifResult: expected artifact location")
            elif ":" in place["uri"].split("/")[0] and not place["uri"].startswith("file:"):
                scheme = place["uri"].split(":")[0]
                found.append(f'SARIF URI scheme "{scheme}" did not match the checkout URI scheme "file"')
    return found


@contextmanager
def serving(**behaviour: Any) -> Iterator[GitHub]:
    github = GitHub(**behaviour)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._do(b"")

        def do_POST(self) -> None:
            self._do(self.rfile.read(int(self.headers["Content-Length"])))

        def _do(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, content = github.answer(self.command, self.path, headers, body)
            text = json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text)), "Content-Type": "application/json", **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    github.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
