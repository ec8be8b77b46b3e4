"""What a policy is, and what it says about each finding.

Rules are read top to bottom, the first that matches decides, no match accepts. A `when` is a conjunction of named
clauses, and there is no expression language: anyone can say aloud what a policy does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

from scangate.core.clauses import CLAUSES, Case
from scangate.core.identity import fingerprint
from scangate.core.model import (
    Action,
    Confidence,
    Criticality,
    Decision,
    Exposure,
    Finding,
    Kind,
    PolicyRef,
    Severity,
    State,
    Target,
)
from scangate.core.waiver import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A conjunction: every clause that is not None must hold. Each is explained in clauses.py."""

    severity_at_least: Severity | None = None
    confidence_at_least: Confidence | None = None
    cvss_at_least: float | None = None
    known_exploited: bool | None = None
    epss_at_least: float | None = None
    fixable: bool | None = None
    state: State | None = None
    age_over_days: int | None = None
    rules: tuple[str, ...] | None = None
    cwes: tuple[str, ...] | None = None
    packages: tuple[str, ...] | None = None
    scanners: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None
    kinds: tuple[Kind, ...] | None = None
    environments: tuple[str, ...] | None = None
    exposure: tuple[Exposure, ...] | None = None
    criticality_at_least: Criticality | None = None

    def because(self, case: Case) -> tuple[str, ...] | None:
        """The evidence for each clause, in the order of the clauses; None when one does not hold."""
        reasons = []
        for each in fields(self):
            wanted = getattr(self, each.name)
            if wanted is None:
                continue
            reason = CLAUSES[each.name](wanted, case)
            if reason is None:
                return None
            reasons.append(reason)
        return tuple(reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One sentence of a policy. `allow`: so many findings are tolerated; one more, and all of them count."""

    name: str
    action: Action
    when: Match = Match()
    allow: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How results are judged. `minimum_coverage` is a share, 0.0 to 1.0; `max_data_age_days` None sets no limit."""

    ref: PolicyRef
    rules: tuple[Rule, ...]
    waivers: tuple[Waiver, ...] = ()
    optional: tuple[str, ...] = ()
    unknown_severity: Severity = Severity.HIGH
    minimum_coverage: float = 1.0
    max_data_age_days: int | None = 7

    def uses(self, clauses: Iterable[str]) -> tuple[str, ...]:
        """Give the clauses of these that some rule has."""
        return tuple(
            name for name in sorted(clauses) if any(getattr(rule.when, name, None) is not None for rule in self.rules)
        )


def decide(
    findings: Iterable[Finding],
    policy: Policy,
    *,
    targets: Iterable[Target],
    states: Mapping[str, State],
    today: date,
) -> tuple[Decision, ...]:
    """Say for each finding what is done about it, by which rule, and on what evidence. `states` is by fingerprint."""
    by_id = {target.id: target for target in targets}
    drafts = []
    for finding in findings:
        state = states.get(fingerprint(finding), State.NEW)
        case = Case(finding, by_id[finding.target], state, policy.unknown_severity, today)
        drafts.append(_waived(case, policy) or _ruled(case, policy))
    return _tolerate(drafts, policy)


def _waived(case: Case, policy: Policy) -> Decision | None:
    for waiver in policy.waivers:
        if waiver.counts(case.today) and waiver.covers(case.finding):
            return Decision(
                finding=case.finding,
                fingerprint=fingerprint(case.finding),
                action=Action.ACCEPT,
                by=f"waiver {waiver}",
                because=f"{waiver.reason} (accepted by {waiver.owner} until {waiver.expires})",
                state=case.state,
                waived=True,
            )
    return None


def _ruled(case: Case, policy: Policy) -> Decision:
    by, action = "no rule", Action.ACCEPT
    because: tuple[str, ...] = ("no rule of the policy matches",)
    for rule in policy.rules:
        reasons = rule.when.because(case)
        if reasons is not None:
            by, action, because = rule.name, rule.action, reasons or ("the rule matches everything",)
            break
    return Decision(
        finding=case.finding,
        fingerprint=fingerprint(case.finding),
        action=action,
        by=by,
        because="; ".join(because),
        state=case.state,
        remedy=_remedy(case.finding) if action is not Action.ACCEPT else "",
    )


def _remedy(finding: Finding) -> str:
    if finding.fix:
        return finding.fix.summary
    return f"no fix is known for {finding.rule}: replace {finding.subject}, or waive it until there is one"


def _tolerate(drafts: Iterable[Decision], policy: Policy) -> tuple[Decision, ...]:
    """Turn `fail` into `warn` for every rule that stays within its `allow`."""
    decisions = tuple(drafts)
    counts = Counter(each.by for each in decisions if each.action is Action.FAIL)
    allowed = {rule.name: rule.allow for rule in policy.rules}
    return tuple(
        replace(
            each,
            action=Action.WARN,
            because=f"{each.because}; tolerated: {counts[each.by]} found, {allowed[each.by]} allowed",
        )
        if each.action is Action.FAIL and counts[each.by] <= allowed[each.by]
        else each
        for each in decisions
    )
