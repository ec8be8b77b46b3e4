"""What a service says it is, as a finding: how sure that is, and why."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scangate.core.model import Confidence, Evidence, Finding, Fix, Location, Package, Severity
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.versions.products import ECOSYSTEM

if TYPE_CHECKING:
    from scangate.advisories import Vulnerability

NAME: Final = "versions"
UNPROVEN: Final = "the banner does not show what a distribution may have mended without changing the version"
PROVEN: Final = "the banner shows the whole version of the distribution's package, repairs included"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A service that says what it is. `package` is what that is to the advisories."""

    endpoint: Endpoint
    package: Package
    extra: str = ""
    cpes: tuple[str, ...] = ()

    @property
    def banner(self) -> str:
        """What was heard, in one line."""
        extra = f"({self.extra})" if self.extra else ""
        return " ".join(filter(None, (self.endpoint.product, self.endpoint.version, extra)))


def finding(found: "Vulnerability", claim: Claim) -> Finding:
    """Say that the service is affected, if it is what it says it is."""
    endpoint, package = claim.endpoint, claim.package
    advisories = found.advisories
    rating, rated_by = found.rating or (None, "")
    severity, source = Severity.UNKNOWN, "no severity in the advisories"
    if rating:
        severity = rating.severity
        source = f"{rating.basis} in {rated_by}" if rating.cvss else f"{rated_by} ({rating.basis})"
    is_proven = package.ecosystem != ECOSYSTEM and not found.doubt
    what = f"{package.name} {package.version}"
    fixes = dict.fromkeys(hit.match.fixed for hit in found.hits if hit.match.fixed)
    fixed = f"fixed in {' and '.join(fixes)}" if fixes else "no fix is known"
    summary = next((each.summary for each in advisories if each.summary), "")
    return Finding(
        rule=found.rule,
        target=endpoint.target,
        subject=endpoint.where,
        title=summary or f"{package.name}: {found.rule}",
        severity=severity,
        severity_source=source,
        location=Location(logical=endpoint.where),
        message=f"{endpoint.where} says that it is {claim.banner}. {found.rule} affects {what}: {fixed}. "
        f"This is {'sure but for the banner itself' if is_proven else 'a guess'}: {PROVEN if is_proven else UNPROVEN}.",
        seen_by=(NAME,),
        help_uri=next((each.help_uri for each in advisories if each.help_uri), ""),
        fix=_fix(found, claim),
        aliases=found.aliases,
        cvss=rating.cvss if rating else None,
        confidence=Confidence.FIRM if is_proven else Confidence.POTENTIAL,
        cwes=tuple(sorted({cwe for each in advisories for cwe in each.cwes})),
        evidence=(_evidence(found, claim, is_proven=is_proven),),
        published=min((each.published for each in advisories if each.published), default=None),
    )


def _fix(found: "Vulnerability", claim: Claim) -> Fix | None:
    """One upgrade clears all that is known of a service, so all its findings have the same words."""
    if not found.upgrades:
        return None
    endpoint, version = claim.endpoint, found.upgrades[-1]
    return Fix(summary=f"upgrade {claim.package.name} on {endpoint.place} of {endpoint.host} to {version}",
               version=version)  # fmt: skip


def _evidence(found: "Vulnerability", claim: Claim, *, is_proven: bool) -> Evidence:
    facts = [("banner", claim.banner), ("product", claim.endpoint.product)]
    facts += [("CPE", cpe) for cpe in claim.cpes]
    facts.append(("compared as", claim.package.purl))
    for hit in found.hits:
        facts += [("advisory", hit.advisory.id), ("range", hit.match.range)]
    facts.append(("certainty", PROVEN if is_proven else UNPROVEN))
    if found.doubt:
        facts.append(("doubt", found.doubt))
    return Evidence(source=NAME, facts=tuple(facts))
