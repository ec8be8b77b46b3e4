"""JUnit XML: each rule on each target is a case, and so is each scan of a target.

A finding that blocks fails its case, one that was waived skips it, a scan that did not end well and everything that it
did not cover is an error. The part of the format that Jenkins, GitLab and Azure read alike; they know a case by its
class name and its name, so neither has a number, a time or a version in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from scangate.core.model import Decision, Report, Run, Status
from scangate.reporters import Screen
from scangate.reporters.outline import covered, group, importance, line, outline, place, planned

MOST: Final = 20_000
"""Cases of one report; GitLab takes 500,000 of a whole pipeline, and a page of Jenkins far fewer."""
_FINDINGS: Final = 100
"""Findings that one case names."""
_GAPS: Final = 200
"""Gaps that one scan names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case. `outcome` is the element in it: failure, error, skipped, or empty for one that passed."""

    target: str
    name: str
    outcome: str
    message: str
    text: str


class JUnit:
    """For every CI that shows test results."""

    name = "junit"
    summary = "JUnit XML: each rule on each target a test case, what was not scanned an error"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        cases = _fitting([*_verdict(report), *map(_scan, planned(report)), *_rules(report)])
        suites: dict[str, list[Case]] = defaultdict(list)
        for each in cases:
            suites[each.target].append(each)
        body = "".join(_suite(name, suites[name], report.started) for name in suites)
        head = f'<testsuites name="scangate"{_counts(cases)}>\n'
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{body}</testsuites>\n'


def _verdict(report: Report) -> Iterable[Case]:
    """The reasons for INCOMPLETE that belong to no scan: nobody would see them in the cases of scans."""
    known = {(run.scanner, run.target) for run in planned(report)}
    loose = [
        each for each in report.reasons if each.verdict == "INCOMPLETE" and (each.scanner, each.target) not in known
    ]
    if loose or not known:
        text = "\n".join(f"{line(each.text)} ({line(each.remedy)})" for each in loose) or "no scan was planned"
        yield Case(target="scangate", name="scans", outcome="error", message=line(text, 300), text=text)


def _scan(run: Run) -> Case:
    """How a scan ended, and what it did not cover."""
    target, name = line(run.target, 200) or "scangate", f"scan: {line(run.scanner, 100)}"
    missing = [f"not covered: {line(gap.what, 300)}: {line(gap.reason, 300)}" for gap in run.gaps[:_GAPS]]
    if len(run.gaps) > _GAPS:
        missing.append(f"{len(run.gaps) - _GAPS:,} more gaps, see result.json")
    if run.status is Status.SKIPPED:
        return Case(target=target, name=name, outcome="skipped", message=line(run.reason, 500), text="")
    if run.status is not Status.OK:
        ended = f"{run.status}: {line(run.reason, 500)}"
        text = "\n".join((f"{ended} ({line(run.advice, 300)})", *missing))
        return Case(target=target, name=name, outcome="error", message=ended, text=text)
    if missing:
        text = "\n".join(missing)
        return Case(target=target, name=name, outcome="error", message=f"covered {covered(run)}", text=text)
    return Case(target=target, name=name, outcome="", message="", text=f"covered {covered(run)}")


def _rules(report: Report) -> Iterable[Case]:
    """Those with the most important finding first."""
    told = outline(report)
    found: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    for each in (*told.blocking, *told.warned, *told.waived, *told.accepted, *told.fixed):
        found[line(each.finding.target, 200) or "scangate", line(each.finding.rule, 200) or "unnamed"].append(each)
    for (target, rule), decisions in found.items():
        yield _rule(target, rule, decisions)


def _rule(target: str, rule: str, decisions: Sequence[Decision]) -> Case:
    """Skipped only when all there is of it is waived: a warning is not waived, and does not fail."""
    groups = {group(each) for each in decisions}
    outcome = "failure" if "blocking" in groups else "skipped" if groups <= {"waived", "fixed"} != {"fixed"} else ""
    first = min(decisions, key=lambda each: (group(each) != "blocking", *importance(each)))
    told = [_finding(each) for each in decisions[:_FINDINGS]]
    if len(decisions) > _FINDINGS:
        told.append(f"{len(decisions) - _FINDINGS:,} more findings, see result.json")
    counted = f" ({len(decisions):,} findings)" if len(decisions) > 1 else ""
    message = f"{first.finding.severity.name.lower()}: {line(first.finding.title, 300)}{counted}"
    return Case(target=target, name=rule, outcome=outcome, message=message, text="\n".join(told))


def _finding(decision: Decision) -> str:
    finding = decision.finding
    remedy = decision.remedy or (finding.fix.summary if finding.fix else "")
    parts = (
        f"{group(decision)} {finding.severity.name.lower()}: {line(finding.subject, 200)}",
        line(place(finding), 300),
        line(finding.message, 300),
        f"by {line(decision.by, 100)}: {line(decision.because, 200)}",
        f"fix: {line(remedy, 200)}" if remedy else "",
    )
    return " | ".join(filter(None, parts))


def _fitting(cases: Sequence[Case]) -> Sequence[Case]:
    """The first of them, and a case that says how many are missing; it fails when one of these does."""
    if len(cases) <= MOST:
        return cases
    rest = cases[MOST - 1 :]
    worst = "failure" if any(each.outcome == "failure" for each in rest) else "skipped"
    text = f"{len(rest):,} more cases are not in this report, see result.json"
    return (*cases[: MOST - 1], Case(target="scangate", name="not shown", outcome=worst, message=text, text=""))


def _suite(name: str, cases: Sequence[Case], started: str) -> str:
    body = "".join(map(_case, cases))
    when = _text(line(started[:19], 40))
    return f'<testsuite name="{_text(name)}"{_counts(cases)} timestamp="{when}">\n{body}</testsuite>\n'


def _case(case: Case) -> str:
    opening = f'<testcase classname="{_text(f"scangate.{case.target}")}" name="{_text(case.name)}" time="0"'
    if not case.outcome:
        return f"{opening}><system-out>{_text(case.text)}</system-out></testcase>\n"
    kind = "" if case.outcome == "skipped" else f' type="{case.outcome}"'
    inner = f'<{case.outcome} message="{_text(case.message)}"{kind}>{_text(case.text)}</{case.outcome}>'
    return f"{opening}>{inner}</testcase>\n"


def _counts(cases: Sequence[Case]) -> str:
    outcomes = [each.outcome for each in cases]
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    told = "".join(f' {name}="{outcomes.count(outcome)}"' for name, outcome in counts.items())
    return f' tests="{len(cases)}"{told} time="0"'


def _text(text: str) -> str:
    """Escaped for text and attributes. GitLab and a plugin of Jenkins would attach files that `[[ATTACHMENT|` names."""
    return escape(text.replace("[[", "[ ["))
