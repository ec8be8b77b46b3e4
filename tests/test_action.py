"""The action of GitHub: what action.yml promises, and what the program does with a runner's variables and files."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scangate.cli.action import answers, command, runner
from scangate.cli.action.inputs import arguments, read
from scangate.cli.scan import command as scan
from scangate.core.model import (
    Action,
    Decision,
    Finding,
    Location,
    PolicyRef,
    Report,
    Run,
    Severity,
    State,
    Status,
    Verdict,
)
from scangate.errors import ExitCode, UsageError

REPOSITORY = Path(__file__).parent.parent
ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
HOSTILE = (
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "--exit-zero",
    "-p",
    "a b",
    "x\ny<<z",
    "::error::x",
    "'\"\\",
    "${IFS}",
    "%0A",
    "é\u202e",
)
VULNERABLE = {
    "etc/os-release": "ID=debian\nVERSION_ID=12\n",
    "var/lib/dpkg/status": "Package: openssl\nStatus: install ok installed\nVersion: 3.0.9-1\n",
}


class TestActionFile:
    def test_runs_the_hidden_command_in_the_image(self) -> None:
        assert ACTION["runs"] == {"using": "docker", "image": "Dockerfile", "args": ["action"]}

    def test_every_input_is_read(self) -> None:
        read_names = set()

        class Recorder(dict[str, str]):
            def get(self, key: str, default: str = "") -> str:
                read_names.add(key)
                return default

        read(Recorder())
        assert read_names == {f"INPUT_{name.upper()}" for name in ACTION["inputs"]}

    def test_every_output_is_declared(self) -> None:
        assert set(answers(None, 0, read({}), set())) == set(ACTION["outputs"])

    def test_defaults_agree_with_the_program(self) -> None:
        declared = {f"INPUT_{name.upper()}": each.get("default", "") for name, each in ACTION["inputs"].items()}
        assert read(declared) == read({})

    def test_everything_is_described(self) -> None:
        for each in [*ACTION["inputs"].values(), *ACTION["outputs"].values()]:
            assert each["description"].endswith(".")


class TestInputs:
    @given(
        st.fixed_dictionaries(
            {},
            optional={
                f"INPUT_{name.upper()}": st.sampled_from(HOSTILE) | st.text(st.characters(exclude_characters="\0"))
                for name in ("targets", "config", "policy", "baseline", "result", "sarif")
            },
        )
    )
    def test_an_input_is_never_more_than_the_value_of_its_own_option(self, environ: Mapping[str, str]) -> None:
        if "-" in (environ.get("INPUT_RESULT", "").strip(), environ.get("INPUT_SARIF", "").strip()):
            return
        inputs = read(environ)
        parsed = scan.make_context("scan", arguments(inputs)[1:]).params
        assert parsed["targets"] == inputs.targets
        assert (parsed["config_file"] or "", parsed["policy"] or "") == (inputs.config, inputs.policy)
        assert (parsed["baseline"] or "") == inputs.baseline
        assert parsed["outputs_wanted"] == ("console", f"result={inputs.result}", f"sarif={inputs.sarif}")
        assert (parsed["exit_zero"], parsed["quiet"], parsed["jobs"]) == (False, False, None)

    def test_targets_stand_on_lines(self) -> None:
        assert read({"INPUT_TARGETS": "\n path:deploy \r\n\nhosts:127.0.0.1:80\n"}).targets == (
            "path:deploy",
            "hosts:127.0.0.1:80",
        )

    @pytest.mark.parametrize(
        ("word", "expected"), [("", False), ("false", False), ("False", False), ("true", True), ("TRUE", True)]
    )
    def test_exit_zero_is_a_boolean(self, word: str, expected: bool) -> None:
        inputs = read({"INPUT_EXIT-ZERO": word})
        assert inputs.exit_zero is expected
        assert ("--exit-zero" in arguments(inputs)) is expected

    @pytest.mark.parametrize(
        "environ", [{"INPUT_EXIT-ZERO": "yes"}, {"INPUT_RESULT": "-"}, {"INPUT_SARIF": " - "}], ids=str
    )
    def test_what_cannot_be_meant_is_refused(self, environ: Mapping[str, str]) -> None:
        with pytest.raises(UsageError, match="input"):
            read(environ)


class TestAnswers:
    def test_counts_are_those_of_the_report(self) -> None:
        inputs = read({})
        filled = answers(_report(Verdict.FAIL), 1, inputs, {inputs.result, inputs.sarif})
        assert filled == {
            "verdict": "FAIL",
            "exit-code": "1",
            "blocking": "2",
            "warned": "1",
            "accepted": "1",
            "waived": "1",
            "fixed": "1",
            "critical": "2",
            "high": "1",
            "medium": "1",
            "low": "0",
            "info": "0",
            "unknown": "1",
            "result": "scangate.result.json",
            "sarif": "scangate.sarif",
        }

    @pytest.mark.parametrize("verdict", Verdict)
    def test_the_verdict_is_that_of_the_report(self, verdict: Verdict) -> None:
        assert answers(_report(verdict), 0, read({}), set())["verdict"] == verdict.value

    def test_a_sarif_file_that_is_not_of_this_scan_is_not_named(self) -> None:
        inputs = read({})
        assert answers(_report(Verdict.PASS), 0, inputs, {inputs.result})["sarif"] == ""

    def test_a_sarif_file_without_a_run_is_not_named_because_github_refuses_it(self) -> None:
        inputs = read({})
        report = replace(_report(Verdict.INCOMPLETE), runs=(Run(scanner="nmap", target="edge", status=Status.FAILED),))
        assert answers(report, 3, inputs, {inputs.result, inputs.sarif})["sarif"] == ""

    def test_without_a_report_there_is_no_verdict(self) -> None:
        filled = answers(None, 2, read({}), set())
        assert {name: value for name, value in filled.items() if value} == {"exit-code": "2"}


class TestRunner:
    @given(st.dictionaries(st.sampled_from(sorted(ACTION["outputs"])), st.sampled_from(HOSTILE) | st.text()))
    def test_no_value_of_an_output_can_end_itself(self, outputs: Mapping[str, str]) -> None:
        text = runner.assignments(outputs)
        for name, value in outputs.items():
            head, _, rest = text.partition("\n")
            key, delimiter = head.split("<<")
            assert key == name
            assert delimiter not in value
            assert rest.startswith(f"{value}\n{delimiter}\n")
            text = rest[len(value) + len(delimiter) + 2 :]
        assert text == ""

    def test_an_annotation_is_one_command_whatever_it_says(self) -> None:
        told = runner.annotation("error", "FAIL: 100 % of\r\n::add-mask::web ##[error]x")
        assert told == "::error title=scangate::FAIL: 100 %25 of ::add-mask::web # #[error]x"

    def test_a_long_summary_is_cut_at_a_line_and_says_so(self) -> None:
        text = "| é |\n" * 300_000
        cut = runner.summary(text)
        assert len(cut.encode()) < 2**20
        assert cut.splitlines()[:-2] == ["| é |"] * (len(cut.splitlines()) - 2)
        assert cut.endswith("Cut here: GitHub takes no more. The result holds all of it.\n")
        assert runner.summary("short\n") == "short\n"

    @pytest.mark.parametrize(
        ("workspace", "answers_of", "expected"),
        [(1001, 1001, [1001, 1002]), (0, 0, []), (1001, 0, []), (0, 1001, [])],
        ids=["a user's", "root's", "answers of root", "workspace of root"],
    )
    def test_root_becomes_the_owner_of_the_workspace_when_the_answers_are_theirs_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: int, answers_of: int, expected: list[int]
    ) -> None:
        output = tmp_path / "output"
        output.touch()
        owners = {str(tmp_path): workspace, str(output): answers_of}
        became: list[int] = []
        plain = Path.stat

        def stat(self: Path) -> os.stat_result:
            kept = list(plain(self))
            kept[4:6] = owners[str(self)], owners[str(self)] + 1
            return os.stat_result(kept)

        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(Path, "is_file", lambda self: True)
        monkeypatch.setattr(Path, "stat", stat)
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(os, "setgroups", lambda groups: None)
        monkeypatch.setattr(os, "setgid", became.append)
        monkeypatch.setattr(os, "setuid", lambda uid: became.insert(0, uid))
        runner.become_owner({"GITHUB_OUTPUT": str(output)})
        assert became == expected

    def test_nobody_else_changes_the_user(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1001)
        monkeypatch.setattr(os, "setuid", lambda uid: pytest.fail(f"became {uid}"))
        runner.become_owner({"GITHUB_OUTPUT": "/nowhere"})

    def test_answers_that_cannot_be_written_are_an_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path))
        with pytest.raises(UsageError, match="GITHUB_OUTPUT cannot be written"):
            runner.append("GITHUB_OUTPUT", "x")


Step = Callable[..., tuple[int, dict[str, str], str, str]]


class TestStep:
    """The whole step, as the runner sees it: exit code, outputs, summary, log."""

    def test_a_failing_image_fails_the_step_and_fills_every_output(self, step: Step, workspace: Path) -> None:
        code, outputs, summary, log = step(targets="web=image:rootfs:web", advisories="osv", sarif="out/scan=1.sarif")
        assert code == ExitCode.FAIL
        assert (outputs["verdict"], outputs["exit-code"]) == ("FAIL", "1")
        assert (outputs["blocking"], outputs["critical"]) == ("1", "1")
        assert summary.startswith("## ")
        assert "scangate: FAIL" in summary
        assert json.loads((workspace / outputs["sarif"]).read_bytes())["version"] == "2.1.0"
        assert json.loads((workspace / outputs["result"]).read_bytes())["verdict"] == "FAIL"
        assert log.splitlines()[-1].startswith("::error title=scangate::FAIL: ")

    def test_exit_zero_keeps_the_verdict(self, step: Step) -> None:
        code, outputs, _summary, log = step(targets="web=image:rootfs:web", advisories="osv", **{"exit-zero": "true"})
        assert (code, outputs["verdict"], outputs["exit-code"]) == (0, "FAIL", "0")
        assert log.splitlines()[-1].startswith("::warning title=scangate::FAIL: ")

    def test_without_advisories_an_image_is_incomplete(self, step: Step) -> None:
        code, outputs, summary, _log = step(targets="web=image:rootfs:web")
        assert (code, outputs["verdict"]) == (ExitCode.INCOMPLETE, "INCOMPLETE")
        assert "INCOMPLETE" in summary

    def test_a_result_can_be_its_own_baseline(self, step: Step) -> None:
        step(targets="web=image:rootfs:web", advisories="osv")
        code, outputs, _summary, _log = step(targets="web=image:rootfs:web", baseline="scangate.result.json")
        assert (code, outputs["verdict"], outputs["blocking"]) == (ExitCode.FAIL, "FAIL", "1")

    def test_a_result_of_an_earlier_step_is_not_taken_for_this_one(self, step: Step) -> None:
        step(targets="web=image:rootfs:web", advisories="osv")
        code, outputs, summary, _log = step(targets="nonsense")
        assert code == ExitCode.USAGE
        assert {name: value for name, value in outputs.items() if value} == {"exit-code": "2"}
        assert "Nothing was judged (exit code 2)" in summary

    def test_the_log_of_the_scan_cannot_hold_commands(self, step: Step, workspace: Path) -> None:
        (workspace / "::error::x").mkdir()
        _code, _outputs, _summary, log = step(targets="a=image:rootfs:::error::x\n::error::nonsense")
        first = log.splitlines()[0]
        token = first.removeprefix("::stop-commands::")
        assert len(token) == 32
        scanned, resumed, _after = log.partition(f"\n::{token}::\n")
        assert resumed
        assert "::error::nonsense: not a target" in scanned

    def test_it_works_without_a_runner(self, step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
        assert step(targets="web=image:rootfs:web", runner=False)[0] == ExitCode.INCOMPLETE


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the root filesystem of an image, and advisories that know it is vulnerable."""
    place = tmp_path / "workspace"
    for name, text in VULNERABLE.items():
        file = place / "web" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    record = place / "osv" / "Debian:12" / "DEBIAN-CVE-2099-0001.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps(_advisory()))
    monkeypatch.chdir(place)
    monkeypatch.setenv("SCANGATE_HOME", str(tmp_path / "home"))
    return place


@pytest.fixture
def step(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Step:
    """Run the step with inputs; answers the exit code, the outputs, the summary and the log."""
    monkeypatch.setattr(os, "setuid", lambda uid: pytest.fail(f"became {uid}"))

    def take(*, runner: bool = True, **inputs: str) -> tuple[int, dict[str, str], str, str]:
        files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for name, file in files.items():
            file.write_text("")
            monkeypatch.setenv(name, str(file)) if runner else monkeypatch.delenv(name, raising=False)
        for name in ACTION["inputs"]:
            monkeypatch.setenv(f"INPUT_{name.upper()}", inputs.get(name, ""))
        code = _code(command)
        log = capfd.readouterr()
        assert log.err == ""
        return code, _outputs(files["GITHUB_OUTPUT"].read_text()), files["GITHUB_STEP_SUMMARY"].read_text(), log.out

    return take


def _code(step: click.Command) -> int:
    return int(step.main(args=[], standalone_mode=False))


def _outputs(text: str) -> dict[str, str]:
    lines = iter(text.splitlines())
    outputs = {}
    for line in lines:
        name, delimiter = line.split("<<")
        outputs[name] = "\n".join(iter(lambda: next(lines), delimiter))
    return outputs


def _advisory() -> Mapping[str, object]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": "DEBIAN-CVE-2099-0001",
        "upstream": ["CVE-2099-0001"],
        "modified": now,
        "published": now,
        "summary": "A weakness made up for this test",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [
            {
                "package": {"ecosystem": "Debian:12", "name": "openssl"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.15-1"}]}],
            }
        ],
    }


def _report(verdict: Verdict) -> Report:
    """A report with a decision of every group."""
    groups = (
        (Severity.CRITICAL, Action.FAIL, State.NEW, False),
        (Severity.CRITICAL, Action.FAIL, State.UNCHANGED, False),
        (Severity.HIGH, Action.WARN, State.NEW, False),
        (Severity.UNKNOWN, Action.ACCEPT, State.NEW, False),
        (Severity.MEDIUM, Action.ACCEPT, State.NEW, True),
        (Severity.HIGH, Action.ACCEPT, State.FIXED, False),
    )
    return Report(
        verdict=verdict,
        reasons=(),
        decisions=tuple(
            Decision(
                finding=Finding(
                    rule="net-unexpected-port",
                    target="edge",
                    subject=f"203.0.113.10:{number}/tcp",
                    title="An unexpected port is open",
                    severity=severity,
                    severity_source="scangate",
                    location=Location(),
                    message="",
                    seen_by=("nmap",),
                ),
                fingerprint=f"{number}",
                action=action,
                by="rule",
                because="",
                state=state,
                waived=waived,
            )
            for number, (severity, action, state, waived) in enumerate(groups)
        ),
        runs=(Run(scanner="nmap", target="edge", status=Status.OK, unit="hosts", asked=1),),
        targets=(),
        policy=PolicyRef(name="baseline", source="builtin:baseline", digest=""),
        started="2026-11-21T20:15:00Z",
    )
