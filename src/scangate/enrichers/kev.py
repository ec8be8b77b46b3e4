"""Which vulnerabilities are exploited: CISA's list, as `scangate advisories sync` stored it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scangate.core.model import Data, Evidence, Finding
from scangate.enrichers.cves import asked, cves

if TYPE_CHECKING:
    from scangate.advisories import Exploited


class Kev:
    """A finding with a CVE that is not in the list is known not to be in it; one without any CVE stays unknown."""

    name = "kev"
    summary = "which vulnerabilities are known to be exploited, from CISA's list (KEV)"
    clauses = frozenset({"known_exploited"})

    def enrich(self, findings: Sequence[Finding], home: Path, check: Callable[[], None]) -> Iterator[Finding | Data]:
        if not any(map(cves, findings)):
            yield from findings  # the list says nothing about any of them
            return
        with asked(home, "KEV") as (store, data):
            yield data
            for finding in findings:
                check()
                listed = [each for each in map(store.kev, cves(finding)) if each]
                yield _marked(finding, listed) if cves(finding) else finding


def _marked(finding: Finding, listed: "list[Exploited]") -> Finding:
    evidence = tuple(Evidence(source=Kev.name, facts=tuple(_facts(each))) for each in listed)
    known = bool(listed) or finding.known_exploited is True
    return replace(finding, known_exploited=known, evidence=(*finding.evidence, *evidence))


def _facts(line: "Exploited") -> Iterator[tuple[str, str]]:
    yield "exploited", line.cve
    yield "listed since", line.added.isoformat()
    if line.due:
        yield "due", line.due.isoformat()
    yield "ransomware", "known" if line.ransomware else "unknown"
