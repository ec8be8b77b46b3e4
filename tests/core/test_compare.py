"""Against a baseline: new, unchanged, fixed - and what nobody can tell."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import TODAY, decision, distinct_findings, finding, law, report, run
from scangate.core.compare import compare, recorded
from scangate.core.identity import fingerprint
from scangate.core.model import Action, Data, Finding, Gap, Run, State, Status

SEEN = ("nmap", "packages", "checkov")
EVERY = tuple(run(scanner=scanner, target=target) for scanner in SEEN for target in ("web", "edge", "infra"))
INCOMPLETE: dict[str, dict[str, Any]] = {
    "failed": {"status": Status.FAILED},
    "timed out": {"status": Status.TIMED_OUT},
    "cancelled": {"status": Status.CANCELLED},
    "skipped": {"status": Status.SKIPPED},
    "nothing asked": {"asked": 0},
    "a gap": {"gaps": (Gap(what="x", reason="y"),)},
    "no data": {"data": (Data(name="Debian:12", as_of=None),)},
}


def baseline(*findings: Finding):
    return report([decision(each) for each in findings])


def test_without_a_baseline_there_is_nothing_to_compare() -> None:
    compared = compare((finding(),), EVERY, None)
    assert (compared.states, compared.fixed, compared.unchecked, compared.notes) == ({}, (), 0, ())


@law
@given(distinct_findings, distinct_findings)
def test_what_both_have_is_unchanged_the_rest_is_new_or_fixed(
    before: tuple[Finding, ...], now: tuple[Finding, ...]
) -> None:
    compared = compare(now, EVERY, baseline(*before))
    old, new = set(map(fingerprint, before)), set(map(fingerprint, now))
    assert compared.states == {key: State.UNCHANGED if key in old else State.NEW for key in new}
    assert {each.fingerprint for each in compared.fixed} == old - new
    assert compared.unchecked == 0


@law
@given(distinct_findings, st.sampled_from(EVERY), st.sampled_from(sorted(INCOMPLETE)))
def test_fixed_is_only_what_each_scanner_that_saw_it_looked_for_again(
    before: tuple[Finding, ...], broken: Run, how: str
) -> None:
    runs = tuple(replace(each, **INCOMPLETE[how]) if each == broken else each for each in EVERY)
    compared = compare((), runs, baseline(*before))
    unsure = {fingerprint(each) for each in before if each.target == broken.target and broken.scanner in each.seen_by}
    assert {each.fingerprint for each in compared.fixed} == set(map(fingerprint, before)) - unsure
    assert compared.unchecked == len(unsure)
    assert bool(compared.notes) == bool(unsure)


def test_without_any_run_nothing_is_fixed() -> None:
    assert compare((), (), baseline(finding())).unchecked == 1
    assert (
        compare((), (), baseline(finding(), finding(rule="X"))).notes[0].startswith("2 findings of the baseline were")
    )


def test_what_nobody_saw_nobody_can_call_fixed() -> None:
    compared = compare((), EVERY, baseline(finding(seen_by=())))
    assert (compared.fixed, compared.unchecked) == ((), 1)


def test_wording_severity_and_tool_do_not_make_a_finding_new() -> None:
    now = finding(title="another", severity_source="another", seen_by=("nmap",))
    assert compare((now,), EVERY, baseline(finding())).states == {fingerprint(now): State.UNCHANGED}


def test_what_was_fixed_before_and_is_back_is_new() -> None:
    before = report([decision(finding(), state=State.FIXED)])
    assert compare((finding(),), EVERY, before).states == {fingerprint(finding()): State.NEW}
    assert compare((), EVERY, before).fixed == ()


def test_what_is_fixed_is_accepted_and_says_why() -> None:
    (fixed,) = compare((), EVERY, baseline(finding())).fixed
    assert (fixed.state, fixed.action, fixed.by) == (State.FIXED, Action.ACCEPT, "baseline")
    assert fixed.finding == finding()


@pytest.mark.parametrize("state", State)
def test_a_stored_report_holds_its_own_comparison(state: State) -> None:
    stored = decision(finding(), state=state)
    again = recorded(report([stored]))
    if state is State.FIXED:
        assert (again.states, again.fixed) == ({}, (stored,))
    else:
        assert (again.states, again.fixed) == ({stored.fingerprint: state}, ())


def test_fresh_data_is_no_obstacle() -> None:
    runs = tuple(replace(each, data=(Data(name="x", as_of=TODAY),)) for each in EVERY)
    assert len(compare((), runs, baseline(finding())).fixed) == 1
