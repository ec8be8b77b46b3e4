"""One finding as a SARIF result."""

from typing import Any, Final

from scangate.core.model import Decision, State, Target
from scangate.reporters.outline import headline, line, lines
from scangate.reporters.sarif import objects as om
from scangate.reporters.sarif.places import place
from scangate.reporters.sarif.rules import TEXT, level, rule_id, score

_STATES: Final = {State.NEW: "new", State.UNCHANGED: "unchanged", State.FIXED: "absent"}


def result(decision: Decision, target: Target, *, index: int, compared: bool, suppressible: bool) -> Any:
    """Write one result. `index` is its rule's; `compared`, `suppressible`: say the baseline state, the suppression.

    docs/decisions/0020-sarif-fingerprints.md tells why the fingerprint is always ours.
    """
    finding = decision.finding
    rank = score(finding)
    return om.Result(
        rule_id=rule_id(finding),
        rule_index=index,
        level=level(decision),
        rank=round(rank * 10, 1) if rank is not None else None,
        message=om.Message(text=_message(decision, target)),
        locations=[place(finding, target)],
        partial_fingerprints={
            "primaryLocationLineHash": f"{decision.fingerprint[:16]}:1",
            "scangate/v1": decision.fingerprint,
        },
        baseline_state=_STATES[decision.state] if compared else None,
        suppressions=_suppressions(decision) if suppressible else None,
        properties=_properties(decision, target),
    )


def suppressed(decision: Decision) -> bool:
    """Whether nobody is asked to act on it: it is waived, or gone."""
    return decision.waived or decision.state is State.FIXED


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
