"""A distribution past its end of life: nobody mends it any more, and nobody says what is wrong with it."""

from datetime import date
from typing import TYPE_CHECKING, Final

from scangate.core.model import Evidence, Finding, Fix, Location, Severity, Target
from scangate.scanners.packages.finding import NAME

if TYPE_CHECKING:
    from scangate.inventory.os_release import Release

RULE: Final = "os-end-of-life"
UNMAINTAINED: Final = "CWE-1104"


def outlived(release: "Release", target: Target, today: date) -> Finding | None:
    """Return the finding; None while the release is supported, or when nobody knows until when."""
    from scangate.inventory.end_of_life import end_of_life

    end = end_of_life(release, today)
    if end is None:
        return None
    title = end.title or f"{release.name} {release.version}".strip()
    more = ""
    if end.covered and end.extended:
        more = f" {end.by} goes on until {end.extended}, for what it covers and whoever has it."
    elif end.extended:
        more = f" {end.by} ended on {end.extended}, too."
    subject = f"{release.name}:{release.version}" if release.version else release.name
    facts = [("release", title), ("ended", str(end.ended)), ("according to", end.source)]
    if end.extended:
        facts.insert(2, (f"{end.by} until", str(end.extended)))
    return Finding(
        rule=RULE,
        target=target.id,
        subject=subject,
        title="The distribution gets no regular security updates any more",
        severity=Severity.LOW if end.covered else Severity.HIGH,
        severity_source="scangate rule",
        location=Location(logical=subject),
        message=f"The security support of {title} ended on {end.ended}.{more} What is found wrong with its "
        "packages from then on is neither mended nor always published: a short list of findings is no good sign.",
        seen_by=(NAME,),
        fix=Fix(summary=f"build {target.id} on a release of {release.name} that is supported"),
        cwes=(UNMAINTAINED,),
        evidence=(Evidence(source=NAME, facts=tuple(facts)),),
    )
