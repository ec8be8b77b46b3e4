"""How a report is told, whatever the format: what comes first, how it is grouped, and the sentences that recur.

The same words in the log, the summary and the comment: nobody has to compare two tellings of one result.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from scangate.core.model import Action, Decision, Finding, Report, Run, Severity, State, Status, Target, Verdict
from scangate.core.text import clean

_COMMAND: Final = re.compile(r"##(?=\w*\[)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Every decision of a report in exactly one group, each group with the most important first."""

    blocking: tuple[Decision, ...]
    warned: tuple[Decision, ...]
    accepted: tuple[Decision, ...]
    waived: tuple[Decision, ...]
    fixed: tuple[Decision, ...]


def outline(report: Report, target: str | None = None) -> Outline:
    """Sort a report, or what it says of one target, into its groups."""
    groups: dict[str, list[Decision]] = {name: [] for name in ("blocking", "warned", "accepted", "waived", "fixed")}
    for decision in report.decisions:
        if target is None or decision.finding.target == target:
            groups[group(decision)].append(decision)
    return Outline(**{name: tuple(sorted(found, key=importance)) for name, found in groups.items()})


def group(decision: Decision) -> str:
    """Name the group of an `Outline` that a decision belongs to."""
    if decision.state is State.FIXED:
        return "fixed"
    if decision.waived:
        return "waived"
    return {Action.FAIL: "blocking", Action.WARN: "warned", Action.ACCEPT: "accepted"}[decision.action]


def importance(decision: Decision) -> tuple[object, ...]:
    """Sort key: the worst first, then what is exploited, then the higher score, then an order no chance decides."""
    finding = decision.finding
    return (
        -finding.severity,
        not finding.known_exploited,
        -(finding.cvss.score if finding.cvss else 0.0),
        finding.rule,
        finding.target,
        finding.subject,
        decision.fingerprint,
    )


def line(text: str, limit: int = 1_000) -> str:
    """Make foreign text fit into one line of ours: no line ends, no hidden characters, no command to a CI runner.

    GitHub and Azure runners obey `##[...]` and `##vso[...]` anywhere in a line of the log.
    """
    if not text.isprintable():  # hidden characters, but also a line end: the rare and slow case
        text = clean(text, limit * 2)
    text = _COMMAND.sub("# #", " ".join(text.split()))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def lines(text: str, limit: int = 1_000) -> str:
    """The same for a text that may have several lines."""
    text = "\n".join(line(each, limit) for each in text[: limit * 2].split("\n")).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def inert(document: str) -> str:
    """The same for a whole JSON text, without changing what it says: one of the marks is spelt by its code."""
    return _COMMAND.sub(r"\\u0023#", document)


def count(number: int, noun: str) -> str:
    """`1 finding`, `12 findings`, `41,233 records`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def severities(decisions: Iterable[Decision]) -> str:
    """`2 critical, 1 high`, the worst first; empty for none."""
    counts = Counter(each.finding.severity for each in decisions)
    return ", ".join(f"{counts[each]:,} {each.name.lower()}" for each in sorted(Severity, reverse=True) if counts[each])


def facts(finding: Finding) -> tuple[str, ...]:
    """What makes a finding more or less urgent than its severity says."""
    return tuple(
        filter(
            None,
            (
                "known exploited" if finding.known_exploited else "",
                f"CVSS {finding.cvss.score:g}" if finding.cvss else "",
                f"EPSS {finding.epss * 100:.1f}%" if finding.epss is not None else "",
                f"{finding.confidence.name.lower()} only" if finding.confidence.name == "POTENTIAL" else "",
            ),
        )
    )


def place(finding: Finding) -> str:
    """`deploy/main.tf:12`, or empty where no file of the repository is to blame."""
    path, number = line(finding.location.path), finding.location.line
    return f"{path}:{number}" if path and number else path


def headline(target: Target) -> str:
    """Say what a target is, apart from its name."""
    parts = (
        f"{target.kind} {line(target.address, 200)}",
        f"exposure {target.exposure}",
        f"criticality {target.criticality.name.lower()}",
        line(target.environment, 60),
        line(target.owner, 60),
    )
    return ", ".join(filter(None, parts))


def looked(run: Run) -> bool:
    """Whether finding nothing says anything."""
    return bool(run.covered) and all(each.as_of for each in run.data)


def covered(run: Run) -> str:
    """`211 of 212 packages`; empty unless the run ended OK."""
    if run.status is not Status.OK:
        return ""
    if any(each.as_of is None for each in run.data):
        return f"{run.asked:,} {line(run.unit, 40)} listed, not all of them compared with data"
    return f"{run.covered:,} of {run.asked:,} {line(run.unit, 40)}".rstrip()


def planned(report: Report) -> tuple[Run, ...]:
    """The scans that could be done: a scanner that reads another kind of target is not one of them."""
    relied_on = {reason.scanner for reason in report.reasons}
    return tuple(
        run
        for run in report.runs
        # What enriches findings, could not, and is not missed: the notes say so.
        if run.status is not Status.NOT_APPLICABLE
        and (run.target or run.status is Status.OK or run.scanner in relied_on)
    )


def ran(report: Report) -> str:
    """`all 3 scans ran`, `4 of 6 scans ran`."""
    scans = [run for run in report.runs if run.attempted and run.target]
    done = sum(run.status is Status.OK for run in scans)
    if not scans:
        return "no scan ran"
    return (
        f"all {count(done, 'scan')} ran" if done == len(scans) > 1 else f"{done:,} of {count(len(scans), 'scan')} ran"
    )


def engines(run: Run) -> str:
    """`nmap 7.93`: the programs that did the work."""
    return ", ".join(line(f"{each.name} {each.version}", 80).strip() for each in run.tools)


def data(run: Run, report: Report) -> str:
    """`Debian:12 of 2026-11-20 (1 day old)`: what the run relied on, and how old it was on the day of the judgement."""
    return ", ".join(f"{line(each.name, 60)} {_age(each.as_of, report.started)}" for each in run.data)


def policy(report: Report) -> str:
    """`baseline (builtin:baseline, sha256 4b66cb0c3b8e)`."""
    ref = report.policy
    return f"{line(ref.name, 80)} ({line(ref.source, 200)}, sha256 {line(ref.digest, 80)[:12]})"


def _age(as_of: date | None, started: str) -> str:
    if as_of is None:
        return "is missing"
    try:
        days = (date.fromisoformat(started[:10]) - as_of).days
    except ValueError:  # a report made by others may carry any text here
        return f"of {as_of}"
    return f"of {as_of} ({count(days, 'day')} old)"


def way_out(report: Report) -> str:
    """The title of the changes: with a gap left, clearing every failure is not yet a pass."""
    gap = any(each.verdict is Verdict.INCOMPLETE for each in report.reasons)
    return "What would clear the failures" if gap else "What would make it pass"
