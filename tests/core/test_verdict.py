"""Laws of the answer: what was not looked at is never a pass, and one more finding never makes it better."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import TARGETS, TODAY, distinct_findings, finding, law, policies, policy, rule, run
from scangate.core.model import Data, Finding, Gap, Reason, Run, Severity, Status, Target, Verdict
from scangate.core.policy import Policy, decide
from scangate.core.verdict import SHOWN_GAPS, failures, gaps, shortfalls, tolerated, verdict

WEB, EDGE, INFRA = TARGETS
ORDER = (Verdict.PASS, Verdict.INCOMPLETE, Verdict.FAIL)
FRESH = Data(name="Debian:12", as_of=TODAY)


def answer(
    findings: tuple[Finding, ...],
    runs: tuple[Run, ...],
    by: Policy,
    targets: tuple[Target, ...] = TARGETS,
    today: date = TODAY,
) -> Verdict:
    decisions = decide(findings, by, targets=targets, states={}, today=today)
    return verdict((*failures(decisions, by), *gaps(runs, targets, by, today)))


def gap(number: int = 1) -> Gap:
    return Gap(what=f"host {number}", reason="no answer")


good_runs = st.builds(
    run,
    scanner=st.sampled_from(("packages", "nmap", "checkov")),
    asked=st.integers(1, 20),
    data=st.just(()) | st.just((FRESH,)),
)
passing = st.tuples(
    *(
        st.lists(good_runs.map(lambda each, t=each: replace(each, target=t.id)), min_size=1, max_size=2)
        for each in TARGETS
    )
).map(lambda lists: tuple(run for runs in lists for run in runs))
BREAKS: dict[str, Any] = {
    "failed": {"status": Status.FAILED},
    "timed out": {"status": Status.TIMED_OUT},
    "cancelled": {"status": Status.CANCELLED},
    "nothing asked": {"asked": 0},
    "nothing asked, one gap": {"asked": 0, "gaps": (gap(),)},
    "one gap": {"gaps": (gap(),)},
    "more gaps than asked": {"asked": 1, "gaps": (gap(1), gap(2))},
    "no data": {"data": (Data(name="Debian:12", as_of=None),)},
    "stale data": {"data": (FRESH, Data(name="PyPI", as_of=TODAY - timedelta(days=8)))},
}


@law
@given(passing)
def test_what_was_looked_at_and_is_clean_passes(runs: tuple[Run, ...]) -> None:
    assert answer((), runs, policy(rule())) is Verdict.PASS


@law
@given(passing, st.data(), st.sampled_from(sorted(BREAKS)))
def test_whatever_breaks_one_required_run_is_never_a_pass(runs: tuple[Run, ...], data: st.DataObject, how: str) -> None:
    index = data.draw(st.integers(0, len(runs) - 1))
    broken = tuple(replace(each, **BREAKS[how]) if number == index else each for number, each in enumerate(runs))
    assert answer((), broken, policy(rule())) is Verdict.INCOMPLETE
    assert all(reason.text for reason in gaps(broken, TARGETS, policy(), TODAY))


@law
@given(passing, st.data())
def test_a_target_whose_scanners_were_all_skipped_is_never_a_pass(runs: tuple[Run, ...], data: st.DataObject) -> None:
    target = data.draw(st.sampled_from(TARGETS)).id
    skipped = tuple(replace(each, status=Status.SKIPPED) if each.target == target else each for each in runs)
    without = tuple(each for each in runs if each.target != target)
    assert answer((), skipped, policy()) is answer((), without, policy()) is Verdict.INCOMPLETE


@law
@given(passing, st.data(), st.sampled_from(sorted(BREAKS)), distinct_findings, policies())
def test_breaking_a_run_never_improves_the_verdict(
    runs: tuple[Run, ...], data: st.DataObject, how: str, findings: tuple[Finding, ...], by: Policy
) -> None:
    index = data.draw(st.integers(0, len(runs) - 1))
    broken = tuple(replace(each, **BREAKS[how]) if number == index else each for number, each in enumerate(runs))
    before, after = answer(findings, runs, by), answer(findings, broken, by)
    assert ORDER.index(after) >= ORDER.index(before)
    assert after is not Verdict.PASS


@law
@given(distinct_findings, policies(), passing, st.booleans())
def test_one_more_finding_never_improves_the_verdict(
    findings: tuple[Finding, ...], by: Policy, runs: tuple[Run, ...], incomplete: bool
) -> None:
    if incomplete:
        runs = runs[1:]
    answers = [ORDER.index(answer(findings[:count], runs, by)) for count in range(len(findings) + 1)]
    assert answers == sorted(answers)


def test_a_failure_outranks_a_gap_and_a_gap_outranks_a_pass() -> None:
    def reason(of: Verdict) -> Reason:
        return Reason(verdict=of, text="x")

    assert verdict(()) is Verdict.PASS
    assert verdict((reason(Verdict.INCOMPLETE),)) is Verdict.INCOMPLETE
    assert verdict((reason(Verdict.INCOMPLETE), reason(Verdict.FAIL))) is Verdict.FAIL
    assert answer((finding(),), (), policy(rule())) is Verdict.FAIL


def test_no_target_is_incomplete_even_without_anything_to_complain_about() -> None:
    assert answer((), (), policy(), targets=()) is Verdict.INCOMPLETE
    assert "no target" in gaps((run(),), (), policy(), TODAY)[0].text


def test_a_target_that_nobody_read_says_why() -> None:
    skipped = run(status=Status.SKIPPED, reason="reads hosts, not image")
    (reason,) = gaps((skipped,), (WEB,), policy(), TODAY)
    assert reason.text == "nothing read web (packages: reads hosts, not image)"
    assert reason.target == "web"
    (reason,) = gaps((), (WEB,), policy(), TODAY)
    assert "no scanner was planned for it" in reason.text


def test_a_scan_that_found_nothing_to_look_at_is_a_gap_whatever_coverage_is_asked_for() -> None:
    empty = run(scanner="nmap", asked=0, unit="hosts")
    (reason,) = gaps((run(), empty), (WEB,), policy(minimum_coverage=0.0), TODAY)
    assert reason.text == "nmap on web found no hosts to look at"


def test_a_gap_is_said_once_for_a_target() -> None:
    failed = run(status=Status.FAILED, reason="it crashed", advice="mend it")
    (reason,) = gaps((failed,), (WEB,), policy(), TODAY)
    assert (reason.text, reason.remedy) == ("packages on web failed: it crashed", "mend it")


@pytest.mark.parametrize(
    ("minimum", "asked", "missing", "expected"),
    [
        (1.0, 10, 0, Verdict.PASS),
        (1.0, 10_000, 1, Verdict.INCOMPLETE),
        (0.9, 10, 1, Verdict.PASS),
        (0.9, 10, 2, Verdict.INCOMPLETE),
        (0.7, 10, 3, Verdict.PASS),
        (0.29, 100, 71, Verdict.PASS),
        (0.29, 100, 72, Verdict.INCOMPLETE),
        (0.0, 10, 9, Verdict.PASS),
        (0.0, 10, 10, Verdict.INCOMPLETE),
    ],
)
def test_minimum_coverage_is_met_exactly(minimum: float, asked: int, missing: int, expected: Verdict) -> None:
    partly = run(asked=asked, gaps=tuple(map(gap, range(missing))))
    assert answer((), (partly,), policy(minimum_coverage=minimum), targets=(WEB,)) is expected


def test_what_was_not_covered_is_named() -> None:
    many = run(asked=1000, unit="hosts", gaps=tuple(map(gap, range(7))))
    (reason,) = shortfalls(many, policy(), TODAY)
    assert reason.text.startswith("packages on web covered 993 of 1000 hosts (99.3 %): host 0: no answer; host 1")
    assert reason.text.count("no answer") == SHOWN_GAPS
    assert reason.text.endswith("; and 2 more")


def test_a_share_is_rounded_down() -> None:
    (reason,) = shortfalls(run(asked=10_000, gaps=(gap(),)), policy(), TODAY)
    assert "(99.9 %)" in reason.text


@pytest.mark.parametrize(
    ("limit", "days", "stale"), [(7, 7, False), (7, 8, True), (0, 0, False), (0, 1, True), (None, 9999, False)]
)
def test_data_may_be_so_old_and_no_older(limit: int | None, days: int, stale: bool) -> None:
    aged = run(data=(Data(name="Debian:12", as_of=TODAY - timedelta(days=days)),))
    assert bool(shortfalls(aged, policy(max_data_age_days=limit), TODAY)) is stale


def test_missing_data_is_a_gap_whatever_age_is_allowed() -> None:
    none = run(data=(Data(name="Debian:12", as_of=None),))
    (reason,) = shortfalls(none, policy(max_data_age_days=None), TODAY)
    assert "has no data: Debian:12 is missing" in reason.text


def test_an_optional_scanner_may_fail_where_another_read_the_target() -> None:
    by = policy(optional=("nmap",))
    failed = run(scanner="nmap", status=Status.FAILED, reason="it crashed")
    assert answer((), (run(), failed), by, targets=(WEB,)) is Verdict.PASS
    assert answer((), (failed,), by, targets=(WEB,)) is Verdict.INCOMPLETE
    assert tolerated((run(), failed), by, TODAY) == ("nmap on web failed: it crashed; the policy calls nmap optional",)


def test_coverage_that_is_accepted_is_said() -> None:
    partly = run(asked=10, unit="hosts", gaps=(gap(),))
    (note,) = tolerated((partly,), policy(minimum_coverage=0.9), TODAY)
    assert note == "packages on web covered 9 of 10 hosts (90 %): host 1: no answer; the policy accepts 90 %"
    assert tolerated((partly,), policy(), TODAY) == ()


def test_what_was_skipped_is_neither_a_gap_nor_a_note() -> None:
    skipped = run(scanner="nmap", status=Status.SKIPPED, reason="switched off")
    assert gaps((run(), skipped), (WEB,), policy(), TODAY) == ()
    assert tolerated((skipped,), policy(optional=("nmap",)), TODAY) == ()


def test_an_enricher_that_failed_is_a_gap_without_a_target_when_the_policy_relies_on_it() -> None:
    failed = Run(scanner="kev", target="", status=Status.FAILED, reason="no answer", clauses=("known_exploited",))
    relies = rule(known_exploited=False)
    (reason,) = gaps((run(), failed), (WEB,), policy(relies), TODAY)
    assert reason.text == "kev failed: no answer"
    assert gaps((run(), failed), (WEB,), policy(relies, optional=("kev",)), TODAY) == ()
    assert gaps((run(), failed), (WEB,), policy(rule(epss_at_least=0.1)), TODAY) == ()
    (note,) = tolerated((run(), failed), policy(rule()), TODAY)
    assert note == "kev failed: no answer; no rule of the policy relies on it"


def test_an_enricher_without_findings_to_look_at_is_no_gap() -> None:
    idle = Run(scanner="kev", target="", status=Status.OK, clauses=("known_exploited",))
    assert gaps((run(), idle), (WEB,), policy(rule(known_exploited=True)), TODAY) == ()


def test_each_rule_that_fails_gives_one_reason_in_the_order_of_the_policy() -> None:
    found = (
        finding(),
        finding(target="edge"),
        finding(rule="X", severity=Severity.LOW),
        finding(rule="Y", severity=Severity.LOW),
    )
    by = policy(
        replace(rule(name="small", severity_at_least=Severity.LOW, rules=("X", "Y"), allow=1), why="Too many."),
        rule(name="large"),
    )
    decisions = decide(found, by, targets=TARGETS, states={}, today=TODAY)
    assert [each.text for each in failures(decisions, by)] == [
        "rule small fails 2 findings on web, 1 allowed: Too many.",
        "rule large fails 2 findings on edge, web",
    ]
