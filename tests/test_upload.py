"""`scangate upload` against GitHub's API over a real socket."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fake_github import COMMIT, READS, REPOSITORY, WRITES, GitHub, serving
from reporters.sample import sample
from scangate.cli.upload import command
from scangate.errors import ExitCode, UsageError
from scangate.http import HttpError
from scangate.reporters import Screen
from scangate.reporters.sarif import GitHubSarif
from scangate.uploading import Patience, State, destination, upload

QUICK = Patience(call=20, tries=3, first_wait=0.01, longest_wait=2, between=0.01, processing=5)
Upload = Callable[..., Result]


@pytest.fixture
def github() -> Iterator[GitHub]:
    with serving() as server:
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scangate.sarif"
    path.write_text(GitHubSarif().render(sample(), Screen()))
    return path


@pytest.fixture
def run(github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Upload:
    """Call the command as in a job; keyword arguments are its environment."""
    monkeypatch.setattr("scangate.uploading.sending.Patience", lambda: QUICK)
    for name in ("SCANGATE_OFFLINE", "GH_TOKEN", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"):
        monkeypatch.delenv(name, raising=False)
    job = {
        "GITHUB_API_URL": github.url,
        "GITHUB_TOKEN": WRITES,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_SHA": COMMIT,
        "GITHUB_REF": "refs/heads/main",
        "NO_PROXY": "*",
    }

    def call(*arguments: object, **environ: str) -> Result:
        told = CliRunner().invoke(command, [str(each) for each in arguments], env=job | environ, standalone_mode=False)
        for token in (WRITES, READS):
            assert token not in told.output
            assert token not in repr(told.exception)
        return told

    return call


def broken(file: Path, **facts: Any) -> Path:
    log = json.loads(file.read_text())
    log["runs"][0]["results"][0] |= facts
    file.write_text(json.dumps(log))
    return file


def test_a_file_arrives_whole_and_is_waited_for(run: Upload, github: GitHub, file: Path, tmp_path: Path) -> None:
    told = run(file, "--root", tmp_path)
    assert told.return_value == ExitCode.PASS, told.output
    assert told.output == f"{file}: 21 results uploaded and processed\n"
    (sent,) = github.uploads.values()
    assert sent["log"] == json.loads(file.read_text())
    assert sent["started_at"] == "2026-11-21T20:15:00Z"
    assert sent["checkout_uri"] == tmp_path.resolve().as_uri()
    assert (sent["commit_sha"], sent["ref"]) == (COMMIT, "refs/heads/main")
    assert [method for method, _path, _headers in github.requests] == ["POST", "GET", "GET"]
    assert {headers["x-github-api-version"] for _method, _path, headers in github.requests} == {"2022-11-28"}


def test_a_pull_request_is_its_merge(run: Upload, github: GitHub, file: Path, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"number": 42, "pull_request": {"number": 42}}))
    told = run(file, GITHUB_EVENT_NAME="pull_request", GITHUB_EVENT_PATH=str(event), GITHUB_REF="refs/heads/x")
    assert told.return_value == ExitCode.PASS
    assert [each["ref"] for each in github.uploads.values()] == ["refs/pull/42/merge"]


@pytest.mark.parametrize(
    "event", ["", "{", "[]", '{"pull_request": 3}', '{"pull_request": {"number": "1"}}', "[" * 9_999]
)
def test_an_event_that_cannot_be_read_leaves_the_ref_of_the_job(
    run: Upload, github: GitHub, file: Path, tmp_path: Path, event: str
) -> None:
    (tmp_path / "event.json").write_text(event)
    place = str(tmp_path / "event.json")
    run(file, GITHUB_EVENT_NAME="pull_request", GITHUB_EVENT_PATH=place, GITHUB_REF="refs/pull/7/merge")
    assert [each["ref"] for each in github.uploads.values()] == ["refs/pull/7/merge"]


@pytest.mark.parametrize("ref", ["refs/heads/gh-readonly-queue/main/pr-1-abc", "refs/tags/v1.2.3", "refs/pull/3/head"])
def test_other_refs_are_taken_as_they_are(run: Upload, github: GitHub, file: Path, ref: str) -> None:
    assert run(file, GITHUB_REF=ref).return_value == ExitCode.PASS
    assert [each["ref"] for each in github.uploads.values()] == [ref]


def test_what_github_finds_wrong_is_told_in_its_own_words(run: Upload, file: Path) -> None:
    place = [{"physicalLocation": {"artifactLocation": {"uri": "docker://x:1"}, "region": {"startLine": 1}}}]
    told = run(broken(file, locations=place))
    assert told.return_value == ExitCode.FAIL
    assert 'GitHub: SARIF URI scheme "docker" did not match the checkout URI scheme "file"' in told.output
    assert "uri-scheme at /runs/0/results/0/" in told.output  # and before it was sent, by our own rules


def test_missing_fingerprints_are_completed(run: Upload, github: GitHub, file: Path) -> None:
    run(broken(file, partialFingerprints={}))
    (sent,) = github.uploads.values()
    assert sent["log"]["runs"][0]["results"][0]["partialFingerprints"]["primaryLocationLineHash"]


@pytest.mark.parametrize(
    ("behaviour", "environ", "words"),
    [
        ({}, {"GITHUB_TOKEN": READS}, "Resource not accessible by integration"),
        ({"enabled": False}, {}, "Code Security must be enabled"),
        ({}, {"GITHUB_REPOSITORY": "shop/other"}, "Not Found"),
    ],
)
def test_no_permission_or_the_feature_off_is_a_notice_and_an_error_if_strict(
    run: Upload, github: GitHub, file: Path, behaviour: dict[str, Any], environ: dict[str, str], words: str
) -> None:
    for name, value in behaviour.items():
        setattr(github, name, value)
    told = run(file, **environ)
    assert told.return_value == ExitCode.PASS
    assert told.output.startswith(f"notice: {file}: nothing was uploaded: ")
    assert words in told.output
    assert "security-events: write" in told.output
    assert run(file, "--strict", **environ).return_value == ExitCode.FAIL


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"GITHUB_TOKEN": "ghs_unknown"}, "Bad credentials"),
        ({"GITHUB_SHA": "b" * 40}, "commit not found"),
    ],
)
def test_a_refusal_is_an_error(run: Upload, file: Path, environ: dict[str, str], words: str) -> None:
    told = run(file, **environ)
    assert told.return_value == ExitCode.FAIL
    assert words in told.output


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_github_is_asked_again(run: Upload, github: GitHub, file: Path, status: int) -> None:
    github.answers = [(status, {"Retry-After": "0"}, {"message": "later"}), (status, {}, {})]
    assert run(file).return_value == ExitCode.PASS
    assert len(github.uploads) == 1


def test_a_limit_of_requests_is_waited_for_and_is_not_taken_for_a_missing_permission(
    run: Upload, github: GitHub, file: Path
) -> None:
    github.answers = [(403, {"Retry-After": "1"}, {"message": "You have exceeded a secondary rate limit."})]
    assert run(file).return_value == ExitCode.PASS
    github.answers = [(403, {"Retry-After": "3600"}, {"message": "You have exceeded a secondary rate limit."})]
    told = run(file)
    assert isinstance(told.exception, HttpError)
    assert told.exception.exit_code == ExitCode.INCOMPLETE


def test_a_github_that_stays_busy_or_away_is_incomplete(run: Upload, github: GitHub, file: Path) -> None:
    github.answers = [(503, {}, {})] * 3
    told = run(file)
    assert isinstance(told.exception, HttpError)
    assert told.exception.exit_code == ExitCode.INCOMPLETE
    assert isinstance(run(file, GITHUB_API_URL="http://127.0.0.1:9").exception, HttpError)


def test_too_large_is_told_by_us_before_and_by_github_after(
    run: Upload, github: GitHub, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.answers = [(413, {}, {"message": "Payload too large"})]
    told = run(file)
    assert told.return_value == ExitCode.FAIL
    assert "GitHub: Payload too large" in told.output
    monkeypatch.setattr("scangate.uploading.packing.LARGEST", 100)
    assert "bytes after compression" in str(run(file).exception)


def test_an_upload_that_is_not_known_at_once_is_asked_for_again(run: Upload, github: GitHub, file: Path) -> None:
    github.unknown = 2
    assert run(file).return_value == ExitCode.PASS


def test_one_that_is_never_done_is_a_notice_and_incomplete_if_strict(
    run: Upload, github: GitHub, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.pending = 10**6
    monkeypatch.setattr("scangate.uploading.sending.Patience", lambda: Patience(between=0.01, processing=0.1))
    told = run(file)
    assert told.return_value == ExitCode.PASS
    assert "GitHub was not done with the file" in told.output
    assert run(file, "--strict").return_value == ExitCode.INCOMPLETE


@pytest.mark.parametrize("answer", [[], "x", None, {}, {"id": 3}, {"id": "../../user"}, {"id": ""}, {"id": "x" * 999}])
def test_an_answer_that_makes_no_sense_leads_nowhere(run: Upload, github: GitHub, file: Path, answer: Any) -> None:
    github.answers = [(202, {}, answer)]
    assert run(file, "--strict").return_value == ExitCode.INCOMPLETE
    assert len(github.requests) == 1


@pytest.mark.parametrize("status", ["x", None, 3, [], {}])
def test_a_status_that_makes_no_sense_is_never_a_success(github: GitHub, status: Any) -> None:
    to = destination({"GITHUB_API_URL": github.url, "GITHUB_TOKEN": WRITES, "GITHUB_REPOSITORY": REPOSITORY,
                      "GITHUB_SHA": COMMIT, "GITHUB_REF": "refs/heads/main"})  # fmt: skip
    github.answers = [(202, {}, {"id": "x"}), *[(200, {}, {"processing_status": status})] * 99]
    patience = Patience(between=0.01, processing=0.05, first_wait=0.01)
    assert upload(to, b"{}", patience).state is State.PENDING


def test_what_github_says_is_told_inertly(run: Upload, github: GitHub, file: Path) -> None:
    hostile = "\x1b[31m\n::error::x ##[error]y AKIAIOSFODNN7EXAMPLE"
    github.answers = [(202, {}, {"id": "x"}), (200, {}, {"processing_status": "failed", "errors": [hostile, 3, None]})]
    told = run(file)
    assert told.return_value == ExitCode.FAIL
    for part in ("\x1b", "\n::", "##[", "AKIA"):
        assert part not in told.output


def test_a_category_keeps_jobs_apart(run: Upload, github: GitHub, file: Path) -> None:
    run(file, "--category", "images/web/")
    (sent,) = github.uploads.values()
    assert [each["automationDetails"]["id"] for each in sent["log"]["runs"]] == [
        "images/web/scangate/infrastructure/production/",
        "images/web/scangate/container/production/",
        "images/web/scangate/network/",
    ]


def test_files_that_would_replace_each_other_are_refused_before_any_is_sent(
    run: Upload, github: GitHub, file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.sarif"
    other.write_text(file.read_text())
    assert "would replace" in str(run(file, other).exception)
    assert github.requests == []


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"GITHUB_TOKEN": ""}, "there is no token"),
        ({"GITHUB_TOKEN": "a\r\nX: y"}, "is no token"),
        ({"GITHUB_REPOSITORY": ""}, "there is no repository"),
        ({"GITHUB_REPOSITORY": "../x"}, "the repository"),
        ({"GITHUB_REPOSITORY": "a/b/c"}, "the repository"),
        ({"GITHUB_REPOSITORY": "a/.."}, "the repository"),
        ({"GITHUB_SHA": "main"}, "the commit"),
        ({"GITHUB_REF": "main"}, "the ref"),
        ({"GITHUB_REF": "refs/heads/a b"}, "the ref"),
        ({"GITHUB_API_URL": "http://api.example.com"}, "no https address"),
        ({"GITHUB_API_URL": "https://user@api.example.com"}, "no https address"),
        ({"GITHUB_API_URL": "ftp://x"}, "no https address"),
        ({"GITHUB_API_URL": "https://[::1"}, "no https address"),
    ],
)
def test_what_the_environment_must_say(
    run: Upload, github: GitHub, file: Path, environ: dict[str, str], words: str
) -> None:
    error = run(file, **environ).exception
    assert isinstance(error, UsageError)
    assert words in error.message
    assert github.requests == []


def test_the_token_may_be_called_as_the_command_line_of_github_calls_it(run: Upload, file: Path) -> None:
    assert run(file, GITHUB_TOKEN="", GH_TOKEN=WRITES).return_value == ExitCode.PASS


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"runs": 3}'])
def test_what_is_no_sarif_is_not_sent(run: Upload, github: GitHub, file: Path, content: str) -> None:
    file.write_text(content)
    assert isinstance(run(file).exception, UsageError)
    assert github.requests == []


def test_offline_nothing_is_sent(run: Upload, github: GitHub, file: Path) -> None:
    assert isinstance(run(file, SCANGATE_OFFLINE="1").exception, HttpError)
    assert github.requests == []
