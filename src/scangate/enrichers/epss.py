"""How probable exploitation is: FIRST's EPSS scores, as `scangate advisories sync` stored them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from scangate.core.model import Data, Evidence, Finding
from scangate.enrichers.cves import asked, cves


class Epss:
    """The highest score of a finding's CVEs. A CVE without a score, such as one of today, leaves it unknown."""

    name = "epss"
    summary = "how probable exploitation within 30 days is, from FIRST's EPSS"
    clauses = frozenset({"epss_at_least"})

    def enrich(self, findings: Sequence[Finding], home: Path, check: Callable[[], None]) -> Iterator[Finding | Data]:
        if not any(map(cves, findings)):
            yield from findings
            return
        with asked(home, "EPSS") as (store, data):
            yield data
            for finding in findings:
                check()
                scores = [each for each in map(store.epss, cves(finding)) if each]
                if not scores:
                    yield finding
                    continue
                best = max(scores, key=lambda each: each.probability)
                facts = (
                    ("scored", best.cve),
                    ("probability", f"{best.probability:.5f}"),
                    ("percentile", f"{best.percentile:.5f}"),
                )
                evidence = (*finding.evidence, Evidence(source=self.name, facts=facts))
                yield replace(finding, epss=max(best.probability, finding.epss or 0.0), evidence=evidence)
