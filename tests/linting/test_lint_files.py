"""`scangate lint` over files: what the world writes, and what nobody should."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from logs import clean, physical, result

from scangate import linting
from scangate.cli.lint import command
from scangate.errors import ExitCode, UsageError
from scangate.linting import RECEIVERS, fix, lint, read
from scangate.linting.document import parse

SAMPLES = (
    "appendix_k1_double",
    "appendix_k2",
    "appendix_k3",
    "codeQL-output",
    "cxf-3.4.6",
    "flawfinder",
    "njsscan",
    "taint-python-report",
)


def called(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], standalone_mode=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.sarif"


@pytest.mark.parametrize("receiver", RECEIVERS)
@pytest.mark.parametrize("name", SAMPLES)
def test_files_of_real_tools_are_linted_and_mended(shared: Path, name: str, receiver: str) -> None:
    document = read(shared / "samples/sarif" / f"{name}.sarif")
    assert lint(document, receiver).problems or name == "appendix_k1_double"
    fix(document, receiver)
    left = lint(parse(json.dumps(document.log).encode()), receiver).problems
    assert not [each for each in left if each.fixable]
    if receiver != linting.AZURE:
        assert not [each for each in left if each.effect is linting.Effect.REJECTED]


@pytest.mark.parametrize(
    ("content", "rules"),
    [
        (b"", {"not-json"}),
        (b"{", {"not-json"}),
        (b"[]", {"not-json"}),
        (b"null", {"not-json"}),
        (b'{"version": NaN}', {"not-json"}),
        (b'{"a": ' + b"9" * 5_000 + b"}", {"not-json"}),
        (b"[" * 200_000, {"not-json"}),
        (b'{"a":' * 200_000, {"not-json"}),
        (b"\xef\xbb\xbf" + json.dumps(clean()).encode(), {"byte-order-mark"}),
        (json.dumps(clean()).encode("utf-16"), {"byte-order-mark"}),
        (json.dumps(clean()).encode().replace(b"broken", b"br\xffken"), {"not-utf-8"}),
    ],
)
def test_bytes_that_are_no_proper_json_are_said_to_be(file: Path, content: bytes, rules: set[str]) -> None:
    file.write_bytes(content)
    told = called(file, "--format", "json")
    assert told.return_value == ExitCode.FAIL
    assert {each["rule"] for each in json.loads(told.output)["problems"]} == rules


@pytest.mark.parametrize("value", [None, True, 0, -1.5, "x", [], {}, [[]], [{}], [None], {"x": {}}, [1, "a"]])
def test_a_value_of_a_wrong_type_anywhere_breaks_nothing(value: Any) -> None:
    def places(at: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        inner = at.items() if isinstance(at, dict) else enumerate(at) if isinstance(at, list) else ()
        return [found for key, each in inner for found in ((*path, key), *places(each, (*path, key)))]

    for path in places(clean()):
        log: Any = clean()
        at = log
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
        for receiver in RECEIVERS:
            document = parse(json.dumps(log).encode())
            lint(document, receiver)
            fix(document, receiver)
            lint(document, receiver)


def test_a_clean_file_exits_with_0_and_one_that_is_rejected_with_1(file: Path) -> None:
    file.write_text(json.dumps(clean()))
    told = called(file)
    assert (told.return_value, told.output) == (ExitCode.PASS, f"{file} for github: nothing to mend\n")
    log = clean()
    physical(log)["artifactLocation"]["uri"] = "docker://x:1"
    file.write_text(json.dumps(log))
    told = called(file)
    assert told.return_value == ExitCode.FAIL
    assert "rejected  uri-scheme  /runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri" in told.output


def test_what_is_only_misfiled_exits_with_0_unless_that_is_asked_for(file: Path) -> None:
    log = clean()
    result(log)["suppressions"] = [{"kind": "external"}]
    file.write_text(json.dumps(log))
    assert called(file).return_value == ExitCode.PASS
    assert called(file, "--strict").return_value == ExitCode.FAIL
    assert called(file, "--for", "gitlab", "--strict").return_value == ExitCode.PASS


def test_a_mended_file_is_written_and_judged(file: Path, tmp_path: Path) -> None:
    log = clean()
    physical(log)["artifactLocation"]["uri"] = "docker://x:1"
    del result(log)["partialFingerprints"]
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(log).encode())
    mended = tmp_path / "mended.sarif"
    told = called(file, "--fix", mended)
    assert told.return_value == ExitCode.PASS
    assert told.output.startswith("mended: 3 places\n")
    assert lint(read(mended), linting.GITHUB).problems == ()
    assert json.loads(file.read_bytes().decode("utf-8-sig")) == log


def test_a_file_that_is_not_there_or_too_large_is_a_usage_error(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (file, tmp_path):
        assert isinstance(called(place).exception, UsageError)
    file.write_bytes(b" " * 100)
    monkeypatch.setattr("scangate.linting.document.LARGEST", 99)
    assert isinstance(called(file).exception, UsageError)


def test_foreign_text_is_told_inertly(file: Path) -> None:
    log = clean()
    hostile = "docker://\x1b[31m##[error]x\n::error::AKIAIOSFODNN7EXAMPLE https://bob:hunter2@db.example"
    physical(log)["artifactLocation"]["uri"] = hostile
    file.write_text(json.dumps(log))
    told = called(file).output
    assert "uri-scheme" in told
    for part in ("\x1b", "##[", "\n::", "AKIA", "hunter2"):
        assert part not in told
