"""Findings as SARIF results."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scangate.core.model import Decision, Severity, State, Target
from scangate.reporters.outline import headline, line, lines
from scangate.reporters.sarif import known
from scangate.reporters.sarif import objects as om
from scangate.reporters.sarif.places import Spot, location, own_spot, subject_spot, target_spot
from scangate.reporters.sarif.profiles import Profile
from scangate.reporters.sarif.rules import TEXT, level, rule_id, score

_STATES: Final = {State.NEW: "new", State.UNCHANGED: "unchanged", State.FIXED: "absent"}
_UNSCORED: Final = {Severity.INFO: 5.0, Severity.UNKNOWN: 50.0}
"""Ranks of findings without a score, where the rule's score would be read instead: GitLab's info and its default."""


def results(
    shown: Sequence[Decision],
    targets: Mapping[str, Target],
    descriptors: Sequence[Any],
    profile: Profile,
    *,
    compared: bool,
) -> list[Any]:
    """Write the results of a run. `descriptors` are its rules; `compared`: say how each stands to the baseline.

    docs/decisions/0020-sarif-fingerprints.md tells what makes a fingerprint.
    """
    index = {each.id: number for number, each in enumerate(descriptors)}
    spots = _spots(shown, targets, profile)
    hashes = _line_hashes(shown)
    suppressible = any(map(suppressed, shown))  # all results of a run say whether they are suppressed, or none does
    return [
        om.Result(
            rule_id=(rule := rule_id(each.finding)),
            rule_index=index[rule],
            level=level(each),
            rank=_rank(each, profile),
            message=om.Message(text=_message(each, target := targets[each.finding.target])),
            locations=[location(spot, each.finding, target)],
            partial_fingerprints={"primaryLocationLineHash": hash_, "scangate/v1": each.fingerprint},
            baseline_state=_STATES[each.state] if compared else None,
            suppressions=_suppressions(each) if suppressible else None,
            properties=_properties(each, target),
        )
        for each, spot, hash_ in zip(shown, spots, hashes, strict=True)
    ]


def suppressed(decision: Decision) -> bool:
    """Whether nobody is asked to act on it: it is waived, or gone."""
    return decision.waived or decision.state is State.FIXED


def _spots(shown: Sequence[Decision], targets: Mapping[str, Target], profile: Profile) -> list[Spot]:
    """Where each result points. Where two in one place would be one, neither points there, but each at its own."""
    if not profile.place_is_identity:
        return [own_spot(each.finding) or target_spot(targets[each.finding.target]) for each in shown]
    own = [own_spot(each.finding) for each in shown]
    met = Counter((rule_id(each.finding), spot) for each, spot in zip(shown, own, strict=True))
    return [
        spot if spot and met[rule_id(each.finding), spot] == 1 else subject_spot(each)
        for each, spot in zip(shown, own, strict=True)
    ]


def _line_hashes(shown: Sequence[Decision]) -> list[str]:
    """GitHub's own hash of a line where it is known and tells the finding from others of its rule; else ours."""
    theirs = [known.line_hash(each.finding.location) if own_spot(each.finding) else "" for each in shown]
    met = Counter((rule_id(each.finding), hash_) for each, hash_ in zip(shown, theirs, strict=True))
    return [
        hash_ if hash_ and met[rule_id(each.finding), hash_] == 1 else f"{each.fingerprint[:16]}:1"
        for each, hash_ in zip(shown, theirs, strict=True)
    ]


def _rank(decision: Decision, profile: Profile) -> float | None:
    if (number := score(decision.finding)) is not None:
        return round(number * 10, 1)
    return _UNSCORED[decision.finding.severity] if profile.ranked else None


def _suppressions(decision: Decision) -> list[Any]:
    if not suppressed(decision):
        return []
    # A fixed finding is suppressed too: readers that do not know `baselineState: absent` would show it as open.
    return [om.Suppression(kind="external", status="accepted", justification=line(decision.because, TEXT) or "-")]


def _message(decision: Decision, target: Target) -> str:
    finding = decision.finding
    parts = [
        lines(finding.message, 450) or line(finding.title, 200),
        f"Target: {line(target.id, 100)} ({line(headline(target), 150)})",
        f"Subject: {line(finding.subject, 150)}",
        f"Policy: {decision.action} by {line(decision.by, 60)}: {line(decision.because, 150)}",
    ]
    if remedy := decision.remedy or (finding.fix.summary if finding.fix else ""):
        parts.insert(1, f"Fix: {line(remedy, 200)}")
    text = "\n".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts)
    return text.replace("](", "] (")[:TEXT]  # `[text](3)` would be a link to a location


def _properties(decision: Decision, target: Target) -> dict[str, Any]:
    finding = decision.finding
    cvss = finding.cvss
    return {
        "target": line(target.id),
        "subject": line(finding.subject),
        "severity": finding.severity.name.lower(),
        "severitySource": line(finding.severity_source, 100),
        "confidence": finding.confidence.name.lower(),
        "seenBy": [line(each, 100) for each in finding.seen_by],
        "aliases": [line(each, 100) for each in finding.aliases],
        "cwes": [line(each, 20) for each in finding.cwes],
        "cvss": {"score": cvss.score, "vector": line(cvss.vector, 200)} if cvss else None,
        "epss": finding.epss,
        "knownExploited": finding.known_exploited,
        "published": str(finding.published) if finding.published else None,
        "fix": line(finding.fix.summary, TEXT) if finding.fix else None,
        "action": str(decision.action),
        "decidedBy": line(decision.by, 255),
        "because": line(decision.because, TEXT),
        "state": str(decision.state),
        "waived": decision.waived,
    }
