"""One finding as the page shows it: a line to scan with the eye, and what stands behind it.

What was said is not said again: a fact that the message spells out, a source that the decision names. A thousand
findings stay under a megabyte, and a reader finds what is new to him.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Confidence, Decision, Evidence, Finding, Severity, State
from scangate.reporters.html.fitting import short
from scangate.reporters.markup import web_link
from scangate.reporters.outline import facts, group, place

_FACTS: Final = 20
"""Facts of one tool that are shown; the others are counted."""
_SOURCES: Final = 5
_LONG_ENOUGH: Final = 5
"""Characters a fact must have before finding it in the message means anything."""
_DIGEST: Final = re.compile(r"\b(sha256:[0-9a-f]{12})[0-9a-f]{52}\b")
_LETTERS: Final = {"blocking": "b", "warned": "w", "accepted": "a", "waived": "v", "fixed": "x"}
_DECIDED: Final = {
    "blocking": "Fails by",
    "warned": "Warns by",
    "accepted": "Accepted by",
    "waived": "Waived by",
    "fixed": "Fixed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`keys` is what the filters look at: severity, outcome, state, target, scanners, marks, in this order.

    Outcome and state are their letters (`_LETTERS`, `n`, `u`, `f`), `target` and the scanners are numbers, their places
    in the page's lists, and the marks are `f` for fixable and `k` for known to be exploited.
    """

    id: str
    severity: Severity
    keys: str
    title: str
    rule: str
    tags: tuple[str, ...]
    where: tuple[str, ...]
    target: str
    remedy: str
    message: str
    link: str
    facts: tuple[tuple[str, str], ...]
    evidence: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def anchor(decision: Decision) -> str:
    """Where the page shows a decision, if it does."""
    return f"f-{decision.fingerprint[:12]}"


def entry(decision: Decision, targets: Mapping[str, int], scanners: Mapping[str, int], *, compared: bool) -> Entry:
    """Make the entry. `compared`: there is a baseline, so say what is new."""
    finding = decision.finding
    title = short(finding.title or finding.rule, 300)
    message = _without(title, _told(finding.message, 1_000))
    where = tuple(_where(finding))
    new = ("new",) if compared and decision.state is State.NEW else ()
    details = tuple(_facts(decision, " ".join((message, *where))))
    said = " ".join((message, *where, finding.rule, *(value for _name, value in details)))
    return Entry(
        id=anchor(decision),
        severity=finding.severity,
        keys=_keys(decision, targets, scanners),
        title=title,
        rule=short(finding.rule, 100),
        tags=(*new, *facts(finding)),
        where=where,
        target=short(finding.target, 60),
        remedy=short(_remedy(decision), 300),
        message=message,
        link=web_link(finding.help_uri),
        facts=details,
        evidence=tuple(_evidence(finding.evidence, said)),
    )


def _without(title: str, message: str) -> str:
    """The message, less the title where it ends in that: it stands right above."""
    for end in (f": {title}.", f": {title}"):
        if message.endswith(end):
            return message.removesuffix(end) + "."
    return "" if message.rstrip(".") == title.rstrip(".") else message


def _keys(decision: Decision, targets: Mapping[str, int], scanners: Mapping[str, int]) -> str:
    finding = decision.finding
    marks = ("f" if _remedy(decision) else "") + ("k" if finding.known_exploited else "")
    return " ".join(
        (
            str(int(finding.severity)),
            _LETTERS[group(decision)],
            decision.state.value[0],
            str(targets[finding.target]),
            ",".join(str(scanners[each]) for each in finding.seen_by) or "-",
            marks or "-",
        )
    )


def _remedy(decision: Decision) -> str:
    return decision.remedy or (decision.finding.fix.summary if decision.finding.fix else "")


def _where(finding: Finding) -> Iterator[str]:
    """Give the subject, and the file: where the subject begins with the file, that is named once, with its line."""
    path = finding.location.path
    if subject := short(finding.subject.removeprefix(f"{path}#") if path else finding.subject, 200):
        yield subject
    if path:
        yield short(place(finding), 200)


def _facts(decision: Decision, said: str) -> Iterator[tuple[str, str]]:
    finding = decision.finding
    because = short(decision.because, 500)
    yield _DECIDED[group(decision)], f"{short(decision.by, 100)}: {because}"
    if finding.severity_source and finding.severity_source not in because:
        yield "Severity from", short(finding.severity_source, 100)
    if finding.location.logical and finding.location.logical not in said:
        yield "Place", short(finding.location.logical, 200)
    if finding.cvss and finding.cvss.vector:
        yield "CVSS", short(finding.cvss.vector, 120)
    if finding.cwes:
        yield "Weakness", _listed(finding.cwes)
    if finding.aliases:
        yield "Also known as", _listed(finding.aliases)
    if finding.published:
        yield "Published", finding.published.isoformat()
    if finding.confidence is not Confidence.CONFIRMED:
        yield "Confidence", finding.confidence.name.lower()
    unheard = set(finding.seen_by) - {each.source for each in finding.evidence}
    if unheard:
        yield "Seen by", _listed(finding.seen_by)


def _evidence(evidence: tuple[Evidence, ...], said: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    for each in evidence[:_SOURCES]:
        told = [(name, _told(value, 300)) for name, value in each.facts if value]
        new = [(name, value) for name, value in told if len(value) < _LONG_ENOUGH or value not in said]
        shown = tuple((short(name, 60), value) for name, value in new[:_FACTS])
        more = (("besides", f"{len(new) - _FACTS:,} more facts, see result.json"),) if len(new) > _FACTS else ()
        if new or not each.facts:
            yield short(each.source, 60), shown + more
    if len(evidence) > _SOURCES:
        yield f"{len(evidence) - _SOURCES:,} more tools, see result.json", ()


def _listed(names: Iterable[str]) -> str:
    return short(", ".join(names), 300)


def _told(text: str, limit: int) -> str:
    """The text with its digests cut to what tells them apart, like those of git."""
    return short(_DIGEST.sub(r"\1…", text[: 2 * limit]), limit)
