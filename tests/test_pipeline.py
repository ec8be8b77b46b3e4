"""The pipeline with scanners made for the purpose: they crash, hang, lie and are silent, and it is never a pass."""

import itertools
import os
import pickle
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import TARGETS, TODAY, decision, distinct_findings, finding, law, policies, policy, rule
from scangate import pipeline, process, workers
from scangate.config import Config, ScannerSettings
from scangate.core.model import (
    Action,
    Asked,
    Data,
    Finding,
    Gap,
    Kind,
    Note,
    Report,
    Run,
    State,
    Status,
    Target,
    Tool,
    Verdict,
)
from scangate.core.policy import Policy
from scangate.errors import CancelledError, DeadlineError, Interrupted, ScanError, ToolMissingError, UsageError
from scangate.pipeline import gate, plan, rejudge
from scangate.scanners import Context, Found, Need

WEB, EDGE, INFRA = TARGETS
DONE = Asked(unit="things", count=1)
STARTED = datetime(2026, 7, 1, 12, tzinfo=UTC)
Scan = Callable[[Target, Context], Iterable[Any]]
release = threading.Event()
"""Set when a test is over, so that nothing hangs for longer than it has to."""


class Fake:
    """A scanner whose scan is a function."""

    summary = "made"
    options: Mapping[str, Any] = {}

    def __init__(
        self, scan: Scan = lambda _target, _ctx: (DONE,), kinds: frozenset[Kind] = frozenset(Kind), timeout: float = 20
    ) -> None:
        self.name = "fake"
        self.kinds = kinds
        self.timeout = timeout
        self.scan = scan

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:
        return None


class Inline(Executor):
    """Does a job while it is handed over."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(work(*args, **kwargs))
        return future


class Shuffled(Executor):
    """Does all jobs in an order of its own, after all have been handed over."""

    def __init__(self, chance: random.Random, jobs: int) -> None:
        self.chance, self.jobs, self.waiting = chance, jobs, []

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, work, args, kwargs))
        if len(self.waiting) == self.jobs:
            self.chance.shuffle(self.waiting)
            for each, each_work, each_args, each_kwargs in self.waiting:
                each.set_result(each_work(*each_args, **each_kwargs))
        return future


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(workers, "HANGS", 0.5)
    release.clear()
    yield
    release.set()
    process.allow()


def configured(targets: tuple[Target, ...] = (WEB,), **changes: Any) -> Config:
    usual = {
        "root": Path("/nowhere"),
        "home": Path("/nowhere"),
        "targets": targets,
        "policy": "made",
        "policy_folder": Path("/nowhere"),
        "scanners": {},
        "jobs": 4,
        "settings": (),
    }
    return Config(**usual | changes)


def gated(
    scanners: Mapping[str, Any],
    by: Policy | None = None,
    *,
    config: Config | None = None,
    executor: Executor | None = None,
    **changes: Any,
) -> Report:
    pool = executor or ThreadPoolExecutor(4)
    usual: dict[str, Any] = {
        "scanners": scanners,
        "enrichers": {},
        "executor": pool,
        "baseline": None,
        "started": STARTED,
        "tell": lambda *_words, **_more: None,
    }
    try:
        return gate(config or configured(), by or policy(rule()), **usual | changes)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def timeless(report: Report) -> Report:
    return replace(report, runs=tuple(replace(run, seconds=0.0) for run in report.runs))


def yields(*items: Any, then: BaseException | None = None) -> Scan:
    def scan(_target: Target, _ctx: Context) -> Iterator[Any]:
        yield from items
        if then:
            raise then

    return scan


def test_what_ran_well_and_found_nothing_passes() -> None:
    report = gated({"fake": Fake()})
    assert (report.verdict, report.reasons, report.decisions) == (Verdict.PASS, (), ())
    (run,) = report.runs
    assert (run.status, run.scanner, run.target, run.covered) == (Status.OK, "fake", "web", 1)
    assert run.seconds >= 0


def test_what_was_found_is_judged() -> None:
    report = gated({"fake": Fake(yields(DONE, finding()))})
    assert report.verdict is Verdict.FAIL
    assert [each.finding.rule for each in report.decisions] == ["CVE-2024-0001"]
    assert report.changes[0].clears == 1


def test_results_are_in_the_order_of_the_plan_whatever_ends_first() -> None:
    def slow(target: Target, _ctx: Context) -> Iterator[Any]:
        time.sleep({"web": 0.2, "edge": 0.1, "infra": 0.0}[target.id])
        yield DONE

    report = gated({"z": Fake(slow), "a": Fake(slow)}, config=configured(TARGETS))
    wanted = [(target.id, name) for target in TARGETS for name in "az"]
    assert [(run.target, run.scanner) for run in report.runs] == wanted


def test_a_plan_says_who_reads_what_and_why_not() -> None:
    config = configured(
        TARGETS, scanners={"off": ScannerSettings(enabled=False), "slow": ScannerSettings(timeout=7, options={"a": 1})}
    )
    scanners = {"off": Fake(), "slow": Fake(kinds=frozenset({Kind.IMAGE, Kind.PATH})), "usual": Fake()}
    steps = plan(config, scanners)  # type: ignore[arg-type]
    assert len(steps) == 9
    said = {(str(step.scanner), getattr(step.target, "id", step.target)): step for step in steps}
    assert isinstance(off := said["off", "web"], Run)
    assert (off.status, off.reason) == (Status.SKIPPED, "switched off in the config")
    assert isinstance(not_read := said["slow", "edge"], Run)
    assert not_read.reason == "reads image and path, not hosts"
    assert isinstance(job := said["slow", "web"], pipeline.Job)
    assert (job.timeout, job.options) == (7, {"a": 1})
    assert isinstance(usual := said["usual", "infra"], pipeline.Job)
    assert usual.timeout == 20


def test_jobs_and_runs_travel() -> None:
    (job,) = plan(configured(), {"fake": Fake()})  # type: ignore[dict-item]
    assert pickle.loads(pickle.dumps(job)) == job  # noqa: S301 - our own
    report = gated({"fake": Fake(yields(DONE, finding()))})
    assert pickle.loads(pickle.dumps(report)) == report  # noqa: S301 - our own


def hangs(_target: Target, _ctx: Context) -> Iterator[Any]:
    yield finding()
    release.wait(60)


def yields_for_ever(_target: Target, _ctx: Context) -> Iterator[Any]:
    number = 0
    while not release.is_set():
        number += 1
        yield finding(subject=str(number))


def deadline(_target: Target, ctx: Context) -> Iterator[Any]:
    yield finding()
    while True:
        ctx.check()
        time.sleep(0.01)


STALE = Data(name="Debian:12", as_of=TODAY - timedelta(days=99))
FAULTS: dict[str, tuple[Any, Status]] = {
    "crash": (Fake(yields(then=RuntimeError("boom"))), Status.FAILED),
    "crash after something": (Fake(yields(DONE, then=ZeroDivisionError())), Status.FAILED),
    "crash outside the generator": (Fake(lambda _target, _ctx: 1 / 0), Status.FAILED),  # type: ignore[arg-type, return-value]
    "scan error": (Fake(yields(DONE, then=ScanError("not reached", advice="plug it in"))), Status.FAILED),
    "tool missing": (Fake(yields(then=ToolMissingError("no nmap"))), Status.FAILED),
    "usage error": (Fake(yields(then=UsageError("what?"))), Status.FAILED),
    "deadline": (Fake(yields(DONE, then=DeadlineError("late"))), Status.TIMED_OUT),
    "deadline that it checks": (Fake(deadline, timeout=0.2), Status.TIMED_OUT),
    "cancelled": (Fake(yields(DONE, then=CancelledError("ended"))), Status.CANCELLED),
    "exit with 0": (Fake(yields(DONE, then=SystemExit(0))), Status.FAILED),
    "exit without a code": (Fake(yields(DONE, then=SystemExit())), Status.FAILED),
    "keyboard interrupt of its own": (Fake(yields(DONE, then=KeyboardInterrupt())), Status.FAILED),
    "generator exit": (Fake(yields(DONE, then=GeneratorExit())), Status.FAILED),
    "out of memory": (Fake(yields(DONE, then=MemoryError())), Status.FAILED),
    "too deep": (Fake(yields(DONE, then=RecursionError())), Status.FAILED),
    "silent": (Fake(yields()), Status.FAILED),
    "silent but for a package": (Fake(yields(Tool(name="x", version="1"))), Status.FAILED),
    "nothing to yield from": (Fake(lambda _target, _ctx: None), Status.FAILED),  # type: ignore[arg-type, return-value]
    "yields a dict": (Fake(yields(DONE, {})), Status.FAILED),
    "yields a list of findings": (Fake(yields(DONE, [finding()])), Status.FAILED),
    "yields what cannot be hashed": (Fake(yields(DONE, finding(aliases=["x"]))), Status.FAILED),
    "yields what cannot be sorted": (Fake(yields(DONE, finding(severity="high"))), Status.FAILED),
    "yields what cannot be dated": (Fake(yields(DONE, finding(published=STARTED))), Status.FAILED),
    "yields a count below nothing": (Fake(yields(Asked(unit="x", count=-1))), Status.FAILED),
    "nothing there": (Fake(yields(Asked(unit="hosts", count=0))), Status.OK),
    "one gap": (Fake(yields(Asked(unit="hosts", count=2), Gap(what="x", reason="y"))), Status.OK),
    "no data": (Fake(yields(DONE, Data(name="Debian:12", as_of=None))), Status.OK),
    "stale data": (Fake(yields(DONE, STALE)), Status.OK),
    "hangs": (Fake(hangs, timeout=0.2), Status.TIMED_OUT),
    "yields for ever": (Fake(yields_for_ever, timeout=0.2), Status.TIMED_OUT),
    "reads nothing": (Fake(kinds=frozenset({Kind.HOSTS})), Status.NOT_APPLICABLE),
}


class Lacking(Fake):
    def needs(self) -> tuple[Need, ...]:
        return (Need(name="made", install="apt-get install made", minimum="2.0", bad=frozenset({"3.1"})),)


class Older(Lacking):
    def find(self, need: Need, home: Path) -> Found | None:
        return Found(name=need.name, path="/x", version="1.9")


class Bad(Lacking):
    def find(self, need: Need, home: Path) -> Found | None:
        return Found(name=need.name, path="/x", version="3.1")


class Clueless(Lacking):
    def find(self, need: Need, home: Path) -> Found | None:
        raise OSError("no idea")


FAULTS |= {
    "needs what is not there": (Lacking(), Status.FAILED),
    "needs a newer one": (Older(), Status.FAILED),
    "needs another than the bad one": (Bad(), Status.FAILED),
    "cannot look for what it needs": (Clueless(), Status.FAILED),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_ever_a_pass(fault: str) -> None:
    faulty, status = FAULTS[fault]
    begun = time.monotonic()
    report = gated(
        {"faulty": faulty, "healthy": Fake(kinds=frozenset({Kind.PATH}))}, policy(), config=configured((WEB, INFRA))
    )
    assert time.monotonic() - begun < 10
    assert report.verdict is Verdict.INCOMPLETE
    run = report.runs[0]
    assert (run.scanner, run.target, run.status) == ("faulty", "web", status)
    assert run.reason or status is Status.OK
    assert any("faulty" in reason.text for reason in report.reasons)
    healthy = report.runs[-1]
    assert (healthy.scanner, healthy.target, healthy.status) == ("healthy", "infra", Status.OK)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_fault_beside_a_healthy_scanner_of_the_same_target_is_no_pass_either(fault: str) -> None:
    faulty, status = FAULTS[fault]
    report = gated({"faulty": faulty, "healthy": Fake()}, policy())
    wanted = Verdict.PASS if status is Status.NOT_APPLICABLE else Verdict.INCOMPLETE
    assert report.verdict is wanted, "only what was never to be read by it may be left to another"


def test_what_a_missing_tool_needs_is_said() -> None:
    report = gated({"fake": Lacking()})
    assert report.reasons[0].text == "fake on web failed: made is not installed"
    assert report.reasons[0].remedy == "run: apt-get install made"
    assert "too old: at least 2.0" in gated({"fake": Older()}).reasons[0].text


def test_what_was_found_before_a_crash_counts() -> None:
    report = gated({"fake": Fake(yields(DONE, finding(), then=RuntimeError("boom")))})
    assert report.verdict is Verdict.FAIL
    assert [each.verdict for each in report.reasons] == [Verdict.FAIL, Verdict.INCOMPLETE]
    assert "it crashed: RuntimeError: boom" in report.reasons[1].text
    assert "bug in fake" in report.reasons[1].remedy


def test_what_was_found_before_the_deadline_counts() -> None:
    report = gated({"fake": Fake(deadline, timeout=0.2)})
    assert (report.verdict, len(report.decisions)) == (Verdict.FAIL, 1)


def test_what_is_yielded_without_end_is_ended_in_time_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "HANGS", 30)
    report = gated({"fake": Fake(yields_for_ever, timeout=0.2)})
    assert (report.verdict, report.runs[0].status) == (Verdict.FAIL, Status.TIMED_OUT)
    assert report.decisions


def test_one_that_hangs_does_not_hold_up_the_others_for_long() -> None:
    begun = time.monotonic()
    report = gated(
        {"hangs": Fake(hangs, timeout=0.2), "healthy": Fake()},
        config=configured(TARGETS),
        executor=ThreadPoolExecutor(8),
    )
    assert time.monotonic() - begun < 8
    assert [run.status for run in report.runs] == [Status.TIMED_OUT, Status.OK] * 3
    assert "did not end in the time allowed" in report.reasons[0].text


def test_what_a_hanging_scan_kept_from_starting_says_so() -> None:
    report = gated({"a": Fake(hangs, timeout=0.2), "b": Fake(timeout=0.2)}, executor=ThreadPoolExecutor(1))
    assert [run.status for run in report.runs] == [Status.TIMED_OUT] * 2
    assert report.runs[1].reason == "scans that hang kept it from being started"


def test_a_queue_longer_than_any_time_limit_is_no_hang() -> None:
    def takes_a_while(_target: Target, _ctx: Context) -> Iterator[Any]:
        time.sleep(0.3)
        yield DONE

    many = tuple(replace(WEB, id=f"web{number}") for number in range(6))
    report = gated({"fake": Fake(takes_a_while, timeout=0.5)}, config=configured(many), executor=ThreadPoolExecutor(1))
    assert report.verdict is Verdict.PASS


def test_a_wrong_target_and_a_missing_name_are_mended() -> None:
    report = gated({"fake": Fake(yields(DONE, finding(target="nowhere", seen_by=())))})
    (found,) = (each.finding for each in report.decisions)
    assert (found.target, found.seen_by) == ("web", ("fake",))


def test_everything_is_cleaned() -> None:
    dirty = "\x1b[31m" + "ghp_" + "a" * 36
    items = (
        DONE,
        finding(title=dirty, rule="X"),
        Note(text=dirty),
        Gap(what=dirty, reason=dirty),
        Tool(name=dirty, version="1"),
    )
    report = gated({"fake": Fake(yields(*items, then=RuntimeError(dirty)))})
    assert "\x1b" not in repr(report).replace("\\x1b", "\x1b")
    assert "ghp_" not in repr(report)


@pytest.mark.parametrize("error", [RuntimeError("cannot schedule new futures"), RuntimeError("broken")])
def test_an_executor_that_takes_nothing_is_no_pass(error: Exception) -> None:
    class Closed(Executor):
        def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            raise error

    report = gated({"fake": Fake()}, executor=Closed())
    assert report.verdict is Verdict.INCOMPLETE
    assert f"its worker failed: RuntimeError: {error}" in report.reasons[0].text


@pytest.mark.parametrize("error", [ConnectionError("worker gone"), SystemExit(0), KeyboardInterrupt()])
def test_a_worker_that_died_is_no_pass(error: BaseException) -> None:
    class Dead(Executor):
        def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(error)
            return future

    report = gated({"fake": Fake()}, executor=Dead())
    assert (report.verdict, report.runs[0].status) == (Verdict.INCOMPLETE, Status.FAILED)


def test_a_future_that_somebody_cancelled_is_no_pass() -> None:
    class Cancelling(Executor):
        def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    assert gated({"fake": Fake()}, executor=Cancelling()).verdict is Verdict.INCOMPLETE


def test_progress_that_cannot_be_told_is_no_pass_and_no_crash() -> None:
    def tell(*_words: str, done: bool = False) -> None:
        raise BrokenPipeError

    assert gated({"fake": Fake()}, tell=tell).verdict is Verdict.INCOMPLETE


def test_progress_says_who_started_and_how_it_ended() -> None:
    told: list[tuple[Any, ...]] = []
    gated({"fake": Fake(yields(DONE, finding()))}, tell=lambda *words, done=False: told.append((*words, done)))
    assert told == [("fake", "web", "started", False), ("fake", "web", "ok, 1 finding", True)]


@law
@given(found=distinct_findings, by=policies(), chance=st.randoms(use_true_random=False))
def test_the_order_of_execution_changes_nothing(found: tuple[Finding, ...], by: Policy, chance: random.Random) -> None:
    def scan(target: Target, _ctx: Context) -> Iterator[Any]:
        yield DONE
        yield from (each for each in found if each.target == target.id)

    scanners = {"a": Fake(scan), "b": Fake(scan), "c": Fake(yields(then=ScanError("no")))}
    usual = gated(scanners, by, config=configured(TARGETS), executor=Inline())
    other = gated(scanners, by, config=configured(TARGETS), executor=Shuffled(chance, 9))
    assert timeless(usual) == timeless(other)


def scanner_of(found: Iterable[Finding]) -> Fake:
    return Fake(lambda target, _ctx: (DONE, *(each for each in found if each.target == target.id)))


@law
@given(distinct_findings, policies(), st.none() | distinct_findings)
def test_judging_again_by_the_same_policy_changes_nothing(
    found: tuple[Finding, ...], by: Policy, before: tuple[Finding, ...] | None
) -> None:
    def judged(now: tuple[Finding, ...], baseline: Report | None) -> Report:
        config = configured(TARGETS, notes=("a note of the config",))
        return gated({"fake": scanner_of(now)}, by, config=config, executor=Inline(), baseline=baseline)

    report = judged(found, judged(before, None) if before is not None else None)
    assert rejudge(report, by) == report


@law
@given(distinct_findings, policies(), policies())
def test_judging_again_by_another_policy_is_as_if_it_had_judged_first(
    found: tuple[Finding, ...], first: Policy, second: Policy
) -> None:
    second = replace(second, ref=replace(second.ref, name="second", digest="1" * 64))
    report = gated({"fake": scanner_of(found)}, first, config=configured(TARGETS), executor=Inline())
    direct = gated({"fake": scanner_of(found)}, second, config=configured(TARGETS), executor=Inline())
    again = rejudge(report, second)
    assert timeless(replace(again, notes=())) == timeless(replace(direct, notes=()))
    assert again.notes[: len(direct.notes)] == direct.notes
    for note in report.notes:
        assert note in direct.notes or f"judged by made: {note}" in again.notes


def test_notes_of_the_config_are_kept_whoever_judges() -> None:
    report = gated({"fake": Fake()}, config=configured(notes=("targets were named",)))
    other = policy(ref=replace(report.policy, digest="1" * 64, name="other"))
    assert report.notes == ("targets were named",)
    assert rejudge(report, other).notes == ("judged by made: targets were named",)


def test_a_result_with_findings_on_no_target_is_refused() -> None:
    report = gated({"fake": Fake()})
    changed = replace(report, decisions=(decision(finding(target="nowhere")),))
    with pytest.raises(UsageError, match="nowhere"):
        rejudge(changed, policy())


def test_a_baseline_tells_new_from_unchanged_and_fixed() -> None:
    old, both, new = (finding(subject=name) for name in ("old", "both", "new"))
    by = policy(rule(state=State.NEW))
    before = gated({"fake": scanner_of((replace(old, seen_by=()), replace(both, seen_by=())))}, by)
    report = gated({"fake": scanner_of((both, new))}, by, baseline=before)
    said = {each.finding.subject: (each.state, each.action) for each in report.decisions}
    assert said == {
        "old": (State.FIXED, Action.ACCEPT),
        "both": (State.UNCHANGED, Action.ACCEPT),
        "new": (State.NEW, Action.FAIL),
    }
    assert rejudge(report, by) == report
    assert rejudge(report, by, baseline=report).verdict is Verdict.PASS


def test_what_was_not_looked_for_again_is_not_called_fixed() -> None:
    before = gated({"fake": scanner_of((finding(seen_by=()),))})
    report = gated({"fake": Fake(yields(DONE, then=ScanError("no")))}, baseline=before)
    assert report.decisions == ()
    assert report.notes == ("1 finding of the baseline was not seen, by scans that did not look at everything",)


def test_the_day_of_the_judgement_is_that_of_the_report() -> None:
    east = timezone(timedelta(hours=10))
    report = gated({"fake": Fake()}, started=datetime(2026, 7, 2, 5, tzinfo=east))
    assert report.started == "2026-07-01T19:00:00Z"
    limit = policy(max_data_age_days=0)
    fresh = {"fake": Fake(yields(DONE, Data(name="x", as_of=date(2026, 7, 1))))}
    report = gated(fresh, limit, started=datetime(2026, 7, 2, 5, tzinfo=east))
    assert report.verdict is rejudge(report, limit).verdict is Verdict.PASS


class Enricher:
    name = "made"
    summary = "made"

    def __init__(self, enrich: Callable[[Iterable[Finding]], Iterable[Any]], *clauses: str) -> None:
        self._enrich = enrich
        self.clauses: Any = frozenset(clauses)

    def enrich(self, findings: Iterable[Finding], home: Path, check: Callable[[], None]) -> Iterable[Any]:
        return self._enrich(findings)


def exits(_found: Iterable[Finding]) -> Iterable[Finding]:
    raise SystemExit(0)


def fails(found: Iterable[Finding]) -> Iterator[Finding]:
    yield from [replace(each, epss=0.5) for each in found][:1]
    raise ScanError("no answer", advice="try again")


BAD_ENRICHERS = {
    "fails half-way": fails,
    "exits": exits,
    "crashes": lambda found: 1 / 0,
    "loses one": lambda found: list(found)[1:],
    "loses all": lambda found: (),
    "adds one": lambda found: [*found, finding(subject="added")],
    "renames": lambda found: [replace(each, rule="another") for each in found],
    "moves": lambda found: [replace(each, target="edge") for each in found],
    "reorders": lambda found: list(found)[::-1],
    "gives nothing": lambda found: None,
    "gives other things": lambda found: ["x" for _ in found],
    "gives wrong types": lambda found: [replace(each, epss="high") for each in found],
}


RELIES = policy(rule(known_exploited=True))


@pytest.mark.parametrize("how", BAD_ENRICHERS)
def test_an_enricher_that_cannot_answer_changes_nothing_and_is_a_gap_where_the_policy_relies_on_it(how: str) -> None:
    found = (finding(subject="a"), finding(subject="b"))
    bad = {"kev": Enricher(BAD_ENRICHERS[how], "known_exploited")}
    report = gated({"fake": scanner_of(found)}, RELIES, enrichers=bad)
    assert report.verdict is Verdict.INCOMPLETE
    assert [each.finding.subject for each in report.decisions] == ["a", "b"]
    assert all(each.finding.epss is None for each in report.decisions)
    assert report.reasons[0].text.startswith("kev failed: ")
    indifferent = gated({"fake": scanner_of(found)}, policy(), enrichers=bad)
    assert indifferent.verdict is Verdict.PASS
    assert indifferent.notes[0].startswith("kev failed: ")
    assert indifferent.notes[0].endswith("no rule of the policy relies on it")
    assert rejudge(report, policy(rule(known_exploited=True), optional=("kev",))).verdict is Verdict.PASS


def test_an_enricher_whose_clauses_cannot_be_read_is_a_failed_run() -> None:
    broken = Enricher(lambda found: found)
    broken.clauses = 7
    report = gated({"fake": scanner_of((finding(),))}, policy(), enrichers={"kev": broken})
    assert [(run.scanner, run.status) for run in report.runs[1:]] == [("kev", Status.FAILED)]


def test_an_enricher_says_which_data_it_relied_on_and_their_age_counts_where_the_policy_relies_on_it() -> None:
    def answers(found: Iterable[Finding]) -> Iterator[Any]:
        yield STALE
        yield Note(text="a note")
        yield from found

    enrichers = {"kev": Enricher(answers, "known_exploited")}
    report = gated({"fake": scanner_of((finding(),))}, RELIES, enrichers=enrichers)
    (_scan, run) = report.runs
    assert (run.status, run.target, run.asked, run.unit) == (Status.OK, "", 1, "findings")
    assert (run.data, run.notes, run.clauses) == ((STALE,), ("a note",), ("known_exploited",))
    assert report.verdict is Verdict.INCOMPLETE
    assert "99 days old" in report.reasons[0].text
    assert rejudge(report, policy()).verdict is Verdict.PASS
    assert rejudge(report, policy(rule(known_exploited=True), max_data_age_days=99)).verdict is Verdict.PASS


def test_an_enricher_has_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "PATIENCE", 0.05)

    def slow(found: Iterable[Finding]) -> Iterator[Any]:
        time.sleep(0.1)
        yield from found

    report = gated({"fake": scanner_of((finding(),))}, RELIES, enrichers={"kev": Enricher(slow, "known_exploited")})
    assert report.verdict is Verdict.INCOMPLETE
    assert report.runs[1].status is Status.TIMED_OUT


def test_an_enricher_that_never_ends_is_ended() -> None:
    endless = Enricher(itertools.cycle, "known_exploited")
    report = gated({"fake": scanner_of((finding(),))}, RELIES, enrichers={"kev": endless})
    assert report.runs[1].status is Status.FAILED


def test_a_clause_that_nobody_answers_is_a_gap() -> None:
    report = gated({"fake": scanner_of((finding(),))}, RELIES)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.reasons[0].text == "nothing answered known_exploited, which a rule of the policy asks for"
    assert gated({"fake": Fake()}, RELIES).verdict is Verdict.PASS


def test_an_enricher_adds_what_it_knows_and_the_policy_sees_it() -> None:
    knows = Enricher(lambda found: [replace(each, known_exploited=True, title="\x1bx") for each in found])
    report = gated({"fake": scanner_of((finding(),))}, enrichers={"kev": knows})
    (one,) = (each.finding for each in report.decisions)
    assert (one.known_exploited, one.title) == (True, "\ufffdx")
    assert [(run.scanner, run.target, run.status) for run in report.runs[1:]] == [("kev", "", Status.OK)]


def test_without_targets_or_scanners_nothing_passes() -> None:
    assert gated({"fake": Fake()}, config=configured(())).verdict is Verdict.INCOMPLETE
    assert gated({}).verdict is Verdict.INCOMPLETE


def interrupted_after(ready: threading.Event, work: Callable[[], Report]) -> tuple[Report, float]:
    """Do the work, send a signal once it is ready, and say how long the rest took."""

    def handler(_number: int, _frame: Any) -> None:
        raise Interrupted

    sent = 0.0

    def send() -> None:
        nonlocal sent
        ready.wait(30)
        time.sleep(0.3)  # all jobs are handed over by then
        sent = time.monotonic()
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)
    sender = threading.Thread(target=send)
    sender.start()
    try:
        report = work()
        return report, time.monotonic() - sent
    finally:
        sender.join()
        signal.signal(signal.SIGUSR1, before)


main_thread_only = pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread"
)


@main_thread_only
@pytest.mark.parametrize("by", [policy(), policy(rule())], ids=["accepts", "fails"])
def test_an_interrupt_ends_the_scans_and_keeps_what_was_found(by: Policy) -> None:
    ready = threading.Event()

    def checks(_target: Target, ctx: Context) -> Iterator[Any]:
        yield finding()
        ready.set()
        while True:
            ctx.check()
            time.sleep(0.01)

    def runs_a_program(_target: Target, ctx: Context) -> Iterator[Any]:
        yield DONE
        process.run(["sleep", "300"], deadline=ctx.deadline)

    scanners = {"checks": Fake(checks), "done": Fake(), "hangs": Fake(hangs), "runs": Fake(runs_a_program)}
    config = configured((WEB, EDGE))
    report, took = interrupted_after(ready, lambda: gated(scanners, by, config=config, executor=ThreadPoolExecutor(4)))
    assert took < 6
    assert report.verdict is (Verdict.FAIL if by.rules else Verdict.INCOMPLETE)
    assert len(report.decisions) >= 1
    states = {(run.scanner, run.target): run.status for run in report.runs}
    assert len(states) == 8
    assert states["done", "web"] is Status.OK
    assert {states[name, "web"] for name in ("checks", "hangs", "runs")} == {Status.CANCELLED}
    assert {status for (_, target), status in states.items() if target == "edge"} <= {Status.CANCELLED, Status.OK}
    assert all(run.reason for run in report.runs if run.status is Status.CANCELLED)


@main_thread_only
def test_an_interrupt_while_jobs_are_handed_over_keeps_the_plan() -> None:
    ready = threading.Event()

    class Slow(ThreadPoolExecutor):
        def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            ready.set()
            time.sleep(0.4)
            return super().submit(work, *args, **kwargs)

    report, _took = interrupted_after(
        ready, lambda: gated({"fake": Fake()}, policy(), config=configured(TARGETS), executor=Slow(2))
    )
    assert report.verdict is Verdict.INCOMPLETE
    assert [run.target for run in report.runs] == ["web", "edge", "infra"]
    assert report.runs[-1].status is Status.CANCELLED
    assert report.runs[-1].reason == "interrupted before it was started"


@main_thread_only
def test_an_interrupt_while_findings_are_enriched_keeps_them() -> None:
    ready = threading.Event()

    def waits(found: Iterable[Finding]) -> Iterable[Finding]:
        ready.set()
        time.sleep(30)
        return found

    after = Enricher(lambda found: [replace(each, epss=1.0) for each in found])
    report, took = interrupted_after(
        ready,
        lambda: gated(
            {"fake": scanner_of((finding(),))},
            RELIES,
            enrichers={"a": Enricher(waits, "known_exploited"), "b": after},
        ),
    )
    assert took < 5
    assert report.verdict is Verdict.INCOMPLETE
    assert [each.finding.epss for each in report.decisions] == [None]
    assert [(run.scanner, run.status) for run in report.runs[1:]] == [("a", Status.CANCELLED), ("b", Status.CANCELLED)]
