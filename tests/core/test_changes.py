"""The cheapest change: what is listed is enough, and the most useful work comes first."""

import time
from datetime import date

from hypothesis import given

from builders import TARGETS, TODAY, distinct_findings, finding, law, policies, policy, rule
from scangate.core.changes import cheapest
from scangate.core.model import Action, Change, Finding, Fix
from scangate.core.policy import Policy, decide
from scangate.core.verdict import failures


def decided(findings: tuple[Finding, ...], by: Policy, today: date = TODAY):
    return decide(findings, by, targets=TARGETS, states={}, today=today)


@law
@given(distinct_findings, policies())
def test_with_the_changes_made_nothing_fails(findings: tuple[Finding, ...], by: Policy) -> None:
    decisions = decided(findings, by)
    done = {change.summary for change in cheapest(decisions, by)}
    left = tuple(each.finding for each in decisions if not (each.action is Action.FAIL and each.remedy in done))
    assert failures(decided(left, by), by) == ()


@law
@given(distinct_findings, policies())
def test_each_change_says_what_it_clears_and_where(findings: tuple[Finding, ...], by: Policy) -> None:
    failed = [each for each in decided(findings, by) if each.action is Action.FAIL]
    changes = cheapest(decided(findings, by), by)
    assert len({change.summary for change in changes}) == len(changes)
    assert bool(changes) == bool(failed)
    for change in changes:
        cleared = [each for each in failed if each.remedy == change.summary]
        assert change.clears == len(cleared) > 0
        assert change.targets == tuple(sorted({each.finding.target for each in cleared}))


def test_one_upgrade_clears_many() -> None:
    fix = Fix(summary="upgrade openssl")
    found = (finding(fix=fix), finding(rule="CVE-2", fix=fix, target="edge"), finding(rule="CVE-3"))
    upgrade, other = cheapest(decided(found, policy(rule())), policy(rule()))
    assert upgrade == Change(summary="upgrade openssl", clears=2, targets=("edge", "web"))
    assert other.clears == 1


def test_a_rule_that_allows_some_needs_only_to_get_down_to_them() -> None:
    found = tuple(finding(subject=name, fix=Fix(summary=f"mend {name}")) for name in "abcd")
    by = policy(rule(allow=2))
    assert [each.summary for each in cheapest(decided(found, by), by)] == ["mend a", "mend b"]


def test_nothing_that_fails_needs_no_change() -> None:
    assert cheapest(decided((finding(),), policy()), policy()) == ()


def test_many_findings_with_a_remedy_each_do_not_take_for_ever() -> None:
    found = tuple(finding(subject=str(number)) for number in range(8_000))
    by = policy(rule(allow=1_000))
    decisions = decided(found, by)
    begun = time.monotonic()
    assert len(cheapest(decisions, by)) == 7_000
    assert time.monotonic() - begun < 20
