"""The text of an explanation."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from scangate.advisories import FixState, Vulnerability
from scangate.advisories.explanation import Answer, Explanation, Record, Verdict
from scangate.cli import tables
from scangate.core.model import Package
from scangate.core.text import clean

if TYPE_CHECKING:
    from scangate.cli.explain import Subject

SHOWN: Final = 20
"""Copies, names and entries of one kind that are written out."""
_FIXES: Final = {
    FixState.FIXED: "fixed",
    FixState.NOT_FIXED: "no fix is out yet",
    FixState.WILL_NOT_FIX: "there will be no fix, says the publisher of the package",
}
_PRESENT: Final = frozenset({Answer.AFFECTED, Answer.NOT_AFFECTED, Answer.UNREAD, Answer.WITHDRAWN})


def show(explanation: Explanation, subject: "Subject") -> None:
    """Print it: the answer first, then each record, then the data it rests on."""
    for line in _answer(explanation, subject):
        _say(line)
    for record in explanation.records:
        _say("")
        _record(record, subject)
    if explanation.records:
        _say("")
    for line in _data(explanation):
        _say(line)


def _say(line: str) -> None:
    click.echo(clean(line))


def _answer(explanation: Explanation, subject: "Subject") -> Iterator[str]:
    looked = f"{subject.label} ({len(subject.packages)} packages)"
    if explanation.found:
        yield f"{explanation.asked} affects {looked}:"
        for found in explanation.found:
            yield from _found(found, subject)
    elif not explanation.records:
        yield f"{explanation.asked}: no record of it is held, so nothing can be said about {looked}."
    else:
        yield f"{explanation.asked} is not found in {looked}: {_why_not(explanation)}."
    if subject.gaps:
        yield f"{subject.gaps} things in it could not be read: `scangate scan` names them."
    if len(explanation.names) > 1:
        others = [each for each in explanation.names if each != explanation.asked]
        yield f"Also known as {_listed(others)}."
    if one := explanation.exploited:
        ransomware = ", and in ransomware campaigns" if one.ransomware else ""
        yield f"Known to be exploited{ransomware}: {one.cve} is on CISA's list since {one.added}."
    if score := explanation.likelihood:
        yield f"EPSS of {score.cve}: {score.probability:.2%} within 30 days, higher than {score.percentile:.0%} of all."


def _why_not(explanation: Explanation) -> str:
    verdicts = [verdict for record in explanation.records for verdict in record.verdicts]
    if all(record.advisory.withdrawn for record in explanation.records):
        return "the record was withdrawn"
    for answer in (Answer.UNREAD, Answer.NOT_AFFECTED, Answer.NOT_INSTALLED, Answer.OTHER_ECOSYSTEM):
        said = list(dict.fromkeys(each.because for each in verdicts if each.answer is answer))
        if said:
            versions = {each.compared for each in verdicts if each.answer is answer and each.compared}
            subject = f"{_listed(sorted(versions))} is installed; " if versions else ""
            return subject + _listed(said, 3, "; ")
    return "its records name no package"


def _found(found: Vulnerability, subject: "Subject") -> Iterator[str]:
    rating, rated_by = found.rating or (None, "")
    severity = f"{rating.severity.name.lower()} ({rating.basis} in {rated_by})" if rating else "no severity is given"
    upgrade = f"upgrade to {' and '.join(found.upgrades)}" if found.upgrades else _FIXES[found.fix_state]
    yield f"  {found.name}: {found.rule}, {severity}; {upgrade}"
    for package in found.packages[:SHOWN]:
        yield f"    {_copy(package, subject)}"
    if (more := len(found.packages) - SHOWN) > 0:
        yield f"    and {more} more copies"
    if found.doubt:
        yield f"    in doubt: {found.doubt}"
    if found.dissent:
        yield f"    not affected, say {_listed(sorted({name for _version, name in found.dissent}))}"


def _copy(package: Package, subject: "Subject") -> str:
    built = f", built from {package.source} {package.source_version}" if package.source else ""
    where = [subject.layer(package) and f"layer {subject.layer(package)}", *package.paths[:3]]
    return f"{package.name} {package.version} of {package.ecosystem}{built}; {', '.join(filter(None, where))}".rstrip(
        "; "
    )


def _record(record: Record, subject: "Subject") -> None:
    advisory = record.advisory
    state = "withdrawn, " if advisory.withdrawn else ""
    _say(f"{advisory.id} ({state}modified {advisory.modified or 'nobody says when'}): {advisory.summary}".rstrip(": "))
    present = [each for each in record.verdicts if each.answer in _PRESENT]
    if present:
        headings = ("package", "installed", "answer", "because", "compared", "fix", "copies")
        tables.show(headings, [_row(each, subject) for each in present[:SHOWN]])
    if (more := len(present) - SHOWN) > 0:
        _say(f"  and {more} more entries about what is installed")
    for line in _absent(record.verdicts, answers=(Answer.NOT_INSTALLED, Answer.OTHER_ECOSYSTEM)):
        _say(f"  {line}")
    if not record.verdicts:
        _say("  it names no package with versions that can be compared")


def _row(verdict: Verdict, subject: "Subject") -> tuple[str, ...]:
    ecosystem, name = verdict.affected.written
    fix = ""
    if verdict.match:
        fix = verdict.match.fixed or _FIXES[verdict.fix_state]
    copies = [f"{each.name} {each.version} {subject.layer(each)}".strip() for each in verdict.packages]
    cells = (
        f"{ecosystem} {name}",
        verdict.compared,
        verdict.answer.value,
        verdict.because,
        "\n".join(_limited(verdict.steps)),
        fix,
        "\n".join(_limited(copies)),
    )
    return tuple(clean(each) for each in cells)


def _absent(verdicts: Iterable[Verdict], answers: tuple[Answer, ...]) -> Iterator[str]:
    counts = Counter(each.because for each in verdicts if each.answer in answers)
    yield from _limited([f"{because}" for because in counts])


def _data(explanation: Explanation) -> Iterator[str]:
    for each in explanation.holdings:
        held = f"{each.records} records as of {each.as_of}, synced {each.synced_at} from {each.source}"
        yield f"Data: {each.ecosystem}, {held}"
    for name in explanation.missing:
        yield f"Data: {name}: none is held; fetch it with `scangate advisories sync`"


def _listed(words: list[str], most: int = SHOWN, between: str = ", ") -> str:
    more = len(words) - most
    return between.join(words[:most]) + (f"{between}and {more} more" if more > 0 else "")


def _limited(lines: Iterable[str]) -> list[str]:
    lines = list(lines)
    more = len(lines) - SHOWN
    return [*islice(lines, SHOWN), *([f"and {more} more"] if more > 0 else [])]
