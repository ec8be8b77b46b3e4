"""Laws of deciding: the first match decides, no match accepts, waivers end, and `allow` is a number."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import TARGETS, TODAY, distinct_findings, finding, law, policies, policy, rule, waivers
from scangate.core.identity import fingerprint
from scangate.core.model import Action, Decision, Finding, Fix, Severity, State
from scangate.core.policy import Policy, decide
from scangate.core.waiver import EXPIRY_NOTICE, Waiver, notes


def judged(findings: tuple[Finding, ...], by: Policy, today: date = TODAY, **states: State) -> tuple[Decision, ...]:
    return decide(findings, by, targets=TARGETS, states=states, today=today)


def waiver(**changes: object) -> Waiver:
    usual = {"rule": "CVE-2024-0001", "reason": "it is not reachable", "owner": "ann", "expires": TODAY}
    return Waiver(**usual | changes)  # type: ignore[arg-type]


@law
@given(distinct_findings, policies())
def test_every_finding_has_one_decision_in_the_same_order(findings: tuple[Finding, ...], by: Policy) -> None:
    decisions = judged(findings, by)
    assert tuple(each.finding for each in decisions) == findings
    assert [each.fingerprint for each in decisions] == [fingerprint(each) for each in findings]
    assert all(each.because for each in decisions)
    assert all(bool(each.remedy) == (each.action is not Action.ACCEPT) for each in decisions)


@law
@given(distinct_findings, policies())
def test_rules_below_the_deciding_one_change_nothing(findings: tuple[Finding, ...], by: Policy) -> None:
    names = [each.name for each in by.rules]
    for before in judged(findings, by):
        if before.by in names:
            shorter = replace(by, rules=by.rules[: names.index(before.by) + 1])
            assert judged(findings, shorter)[findings.index(before.finding)] == before


@law
@given(distinct_findings, policies())
def test_no_rule_above_the_deciding_one_matches(findings: tuple[Finding, ...], by: Policy) -> None:
    names = [each.name for each in by.rules]
    for each in judged(findings, by):
        if not each.waived:
            above = by.rules[: names.index(each.by)] if each.by in names else by.rules
            alone = replace(by, rules=above, waivers=())
            assert judged((each.finding,), alone)[0].by == "no rule"


def test_the_first_match_decides() -> None:
    decisions = judged(
        (finding(), finding(rule="CVE-2024-2", severity=Severity.LOW)),
        policy(
            rule(Action.ACCEPT, "small", rules=("CVE-2024-2",)), rule(Action.FAIL, "all"), rule(Action.WARN, "never")
        ),
    )
    assert [(each.by, each.action) for each in decisions] == [("all", Action.FAIL), ("small", Action.ACCEPT)]


def test_no_match_accepts_and_says_so() -> None:
    (decision,) = judged((finding(),), policy())
    assert (decision.action, decision.by, decision.because) == (
        Action.ACCEPT,
        "no rule",
        "no rule of the policy matches",
    )


def test_a_rule_without_clauses_says_that_it_matches_everything() -> None:
    assert judged((finding(),), policy(rule()))[0].because == "the rule matches everything"


@pytest.mark.parametrize(("count", "action"), [(1, Action.WARN), (2, Action.WARN), (3, Action.FAIL)])
def test_so_many_are_allowed_and_one_more_fails_all(count: int, action: Action) -> None:
    many = tuple(finding(subject=str(number)) for number in range(count))
    decisions = judged(many, policy(rule(allow=2)))
    assert {each.action for each in decisions} == {action}
    assert all(("tolerated" in each.because) == (action is Action.WARN) for each in decisions)


def test_what_is_waived_does_not_use_up_what_is_allowed() -> None:
    many = (finding(), finding(subject="b"), finding(subject="c"))
    by = policy(rule(allow=2), waivers=(waiver(subject="c"),))
    assert [each.action for each in judged(many, by)] == [Action.WARN, Action.WARN, Action.ACCEPT]


def test_each_rule_counts_for_itself() -> None:
    by = policy(rule(name="one", allow=1, rules=("CVE-2024-0001",)), rule(name="two", allow=1))
    assert {each.action for each in judged((finding(), finding(rule="X")), by)} == {Action.WARN}


def test_an_unknown_severity_counts_as_the_policy_says() -> None:
    unknown = (finding(severity=Severity.UNKNOWN),)
    for counts_as in Severity:
        by = policy(rule(severity_at_least=Severity.MEDIUM), unknown_severity=counts_as)
        assert (judged(unknown, by)[0].action is Action.FAIL) == (counts_as >= Severity.MEDIUM)


def test_without_a_baseline_everything_is_new() -> None:
    assert judged((finding(),), policy(rule(state=State.NEW)))[0].action is Action.FAIL
    states = {fingerprint(finding()): State.UNCHANGED}
    assert judged((finding(),), policy(rule(state=State.NEW)), **states)[0].action is Action.ACCEPT


def test_the_remedy_is_the_fix_or_says_what_else_can_be_done() -> None:
    fixed, bare = judged((finding(fix=Fix(summary="upgrade it")), finding(rule="X")), policy(rule()))
    assert fixed.remedy == "upgrade it"
    assert "no fix is known for X: replace pkg:deb/debian/openssl" in bare.remedy
    assert judged((finding(),), policy())[0].remedy == ""


@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, True), (1, True)])
def test_a_waiver_counts_on_its_last_day_and_never_after(days: int, counts: bool) -> None:
    by = policy(rule(), waivers=(waiver(expires=TODAY + timedelta(days=days)),))
    (decision,) = judged((finding(),), by)
    assert decision.waived is counts
    assert decision.action is (Action.ACCEPT if counts else Action.FAIL)
    assert ("accepted by ann until" in decision.because) is counts


@law
@given(distinct_findings, policies(), st.dates(date(2026, 5, 1), date(2026, 10, 1)))
def test_an_expired_waiver_is_as_good_as_none(findings: tuple[Finding, ...], by: Policy, today: date) -> None:
    without = replace(by, waivers=tuple(each for each in by.waivers if today <= each.expires))
    assert judged(findings, by, today) == judged(findings, without, today)


@law
@given(distinct_findings, policies(), waivers)
def test_a_waiver_touches_only_what_it_covers(findings: tuple[Finding, ...], by: Policy, added: Waiver) -> None:
    by = replace(by, rules=tuple(replace(each, allow=0) for each in by.rules))
    after = judged(findings, replace(by, waivers=(*by.waivers, added)))
    for old, new in zip(judged(findings, by), after, strict=True):
        if added.covers(old.finding) and added.counts(TODAY):
            assert new.waived
        else:
            assert new == old


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"rule": "*"}, True),
        ({"rule": "CVE-2024-000"}, False),
        ({"rule": "GHSA-x"}, True),
        ({"target": "web"}, True),
        ({"target": "w"}, False),
        ({"subject": "pkg:deb/*"}, True),
        ({"subject": "pkg:npm/*"}, False),
    ],
)
def test_a_waiver_is_about_a_rule_or_alias_a_target_and_a_subject(changes: dict[str, str], covered: bool) -> None:
    assert waiver(**changes).covers(finding(aliases=("GHSA-x",))) is covered


def test_waivers_that_need_work_are_noted() -> None:
    given = (
        waiver(expires=TODAY - timedelta(days=1)),
        waiver(rule="CVE-1", target="web", subject="x", expires=TODAY + timedelta(days=400)),
        waiver(expires=TODAY),
        waiver(expires=TODAY + EXPIRY_NOTICE),
        waiver(expires=TODAY + EXPIRY_NOTICE + timedelta(days=1)),
    )
    assert notes(given, (finding(),), TODAY, targets=("web",)) == (
        "the waiver for CVE-2024-0001 expired on 2026-06-30 and no longer counts: ask ann",
        "the waiver for CVE-1 in x on web matches no finding: remove it, or ask ann",
        "the waiver for CVE-2024-0001 ends on 2026-07-01, in 0 days: ask ann",
        "the waiver for CVE-2024-0001 ends on 2026-07-31, in 30 days: ask ann",
    )


@pytest.mark.parametrize(
    ("place", "targets", "unseen", "said"),
    [
        ("web", ("web", "edge"), (), True),
        ("web", ("web", "edge"), ("edge",), True),
        ("web", ("web", "edge"), ("web",), False),
        ("*", ("web", "edge"), ("edge",), False),
        ("web", ("edge",), (), False),
    ],
)
def test_a_waiver_is_unused_only_where_somebody_looked_at_everything(
    place: str, targets: tuple[str, ...], unseen: tuple[str, ...], said: bool
) -> None:
    given = (waiver(rule="CVE-1", target=place, expires=TODAY + timedelta(days=400)),)
    assert bool(notes(given, (), TODAY, targets=targets, unseen=unseen)) is said
