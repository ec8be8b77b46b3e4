"""A report as one list of what somebody should look at: findings, and beside them everything that was not covered.

For receivers that know nothing but entries at a line of a file (Code Quality, Sonar, Jenkins, Bitbucket, annotations):
what was not scanned is an entry there, because such a receiver takes an empty list for good news.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from scangate.core.model import Action, Decision, Kind, Report, Severity, Status, Target, Verdict
from scangate.reporters.markup import web_link
from scangate.reporters.outline import count, line, lines, outline
from scangate.reporters.places import Place, declared, place_of

GAP: Final = "scangate-not-covered"
REST: Final = "scangate-not-shown"
TEXT: Final = 1_000
"""Characters of an entry's text."""
GAPS: Final = 500
"""Gaps that have an entry of their own; the rest is one entry."""
LEVELS: Final = {Action.FAIL: "error", Action.WARN: "warning", Action.ACCEPT: "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of such a list, in plain text. `level` is what the policy makes of it: error, warning or note.

    `fingerprint`: 64 hex digits that stay the same from run to run.
    """

    rule: str
    title: str
    text: str
    severity: Severity
    level: str
    place: Place
    fingerprint: str
    target: str
    fix: str = ""
    link: str = ""


def entries(report: Report, limit: int) -> tuple[Entry, ...]:
    """At most `limit` entries: what blocks, what was not covered, what is warned of, what is accepted.

    Within each the most important first. When some do not fit, the last entry says how many.
    """
    told = outline(report)
    targets = {each.id: each for each in report.targets}
    missing = gaps(report)
    total = sum(map(len, (told.blocking, missing, told.warned, told.accepted)))
    ordered = chain(
        (_finding(each, targets) for each in told.blocking),
        missing,
        (_finding(each, targets) for each in chain(told.warned, told.accepted)),
    )
    if total <= limit:
        return tuple(ordered)
    return (*islice(ordered, limit - 1), _rest(report, total - limit + 1))


def gaps(report: Report) -> tuple[Entry, ...]:
    """One entry for each scan that did not end well, each gap, and each reason for INCOMPLETE that is neither."""
    known = {each.id: each for each in report.targets}
    found: dict[str, Entry] = {}
    for what, text, mend, target, blamed in _missing(report):
        entry = _gap(report, what, text, mend, known.get(target) or stranger(target), blamed=blamed)
        found.setdefault(entry.fingerprint, entry)
    ordered = sorted(found.values(), key=lambda each: each.level != "error")
    if len(ordered) <= GAPS:
        return tuple(ordered)
    more = f"{count(len(ordered) - GAPS + 1, 'more gap')}, see result.json"
    return (*ordered[: GAPS - 1], _gap(report, "more", more, "", _first(report), blamed=True))


def stranger(target_id: str) -> Target:
    """A target that the report does not list, so that nothing said of it is lost."""
    return Target(id=target_id, kind=Kind.PATH, addresses=())


def _missing(report: Report) -> Iterator[tuple[str, str, str, str, bool]]:
    """What was not covered: an identity, a sentence, what would mend it, the target, and whether the verdict minds."""
    reasons = [each for each in report.reasons if each.verdict is Verdict.INCOMPLETE]
    minded = {(each.scanner, each.target) for each in reasons}
    failed = set()
    for run in report.runs:
        blamed = (run.scanner, run.target) in minded
        if not run.attempted or not (run.target or blamed):
            continue
        name = f"{run.scanner} on {run.target}" if run.target else run.scanner
        if run.status is not Status.OK:
            failed.add((run.scanner, run.target))
            yield name, f"{name} {run.status}: {run.reason}", run.advice, run.target, blamed
        for gap in run.gaps:
            yield f"{name}: {gap.what}", f"{name} did not cover {gap.what}: {gap.reason}", "", run.target, blamed
    for each in reasons:
        if (each.scanner, each.target) not in failed:
            yield f"{each.scanner}: {each.text}", each.text, each.remedy, each.target, True


def _gap(report: Report, what: str, text: str, mend: str, target: Target, *, blamed: bool) -> Entry:
    known = target if target.id else _first(report)
    return Entry(
        rule=GAP,
        title="Not covered",
        text=_text(f"Not covered: {line(text, TEXT)}", line(mend, 300)),
        severity=Severity.HIGH if blamed else Severity.MEDIUM,
        level="error" if blamed else "warning",
        place=declared(known),
        fingerprint=_identity("gap", target.id, what),
        target=line(target.id, 200),
        fix=line(mend, 300),
    )


def _finding(decision: Decision, targets: dict[str, Target]) -> Entry:
    finding = decision.finding
    fix = line(decision.remedy or (finding.fix.summary if finding.fix else ""), 300)
    title = line(finding.title, 255) or line(finding.rule, 255) or "unnamed"
    what = lines(finding.message, 600).replace("\n", " ") or title
    about = f"Target {line(finding.target, 100)}, {line(finding.subject, 200)}."
    return Entry(
        rule=line(finding.rule, 255) or "unnamed",
        title=title,
        text=_text(f"{_sentence(what)} {about}", fix),
        severity=finding.severity,
        level=LEVELS[decision.action],
        place=place_of(finding, targets.get(finding.target) or stranger(finding.target)),
        fingerprint=decision.fingerprint,
        target=line(finding.target, 200),
        fix=fix,
        link=web_link(finding.help_uri),
    )


def _rest(report: Report, number: int) -> Entry:
    text = f"Not shown here: {number:,} more of this list, see result.json."
    return Entry(
        rule=REST,
        title="More than this list can show",
        text=text,
        severity=Severity.INFO,
        level="note",
        place=declared(_first(report)),
        fingerprint=_identity("rest", "", ""),
        target="",
    )


def _first(report: Report) -> Target:
    """Where to say what concerns the whole report: at the first target that a file declares."""
    ranked = sorted(report.targets, key=lambda each: (not each.declared_at.path, each.declared_at, each.id))
    return ranked[0] if ranked else stranger("scangate")


def _text(text: str, fix: str) -> str:
    whole = f"{_sentence(text)} Fix: {_sentence(fix)}" if fix else _sentence(text)
    return whole if len(whole) <= TEXT else whole[: TEXT - 1] + "…"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _identity(*words: str) -> str:
    return hashlib.sha256(json.dumps(("v1", *words)).encode()).hexdigest()
