"""Small parts of the model with everything filled in, and hypothesis strategies that make many of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from scangate.core.model import (
    Action,
    Asked,
    Confidence,
    Criticality,
    Cvss,
    Data,
    Decision,
    Evidence,
    Exposure,
    Finding,
    Fix,
    Gap,
    Kind,
    Location,
    Note,
    Package,
    PolicyRef,
    Report,
    Run,
    Service,
    Severity,
    State,
    Status,
    Target,
    Tool,
)
from scangate.core.policy import Match, Policy, Rule
from scangate.core.waiver import Waiver

law = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For property tests: whole findings take a while to make, and machines are shared."""

TODAY = date(2026, 7, 1)
REF = PolicyRef(name="made", source="made.yml", digest="0" * 64)
TARGETS = (
    Target(id="web", kind=Kind.IMAGE, addresses=("oci-layout:web",), exposure=Exposure.INTERNET, environment="prod"),
    Target(id="edge", kind=Kind.HOSTS, addresses=("192.0.2.1",), criticality=Criticality.CRITICAL),
    Target(id="infra", kind=Kind.PATH, addresses=("deploy",), exposure=Exposure.ISOLATED, criticality=Criticality.LOW),
)


def finding(**changes: Any) -> Finding:
    usual = {
        "rule": "CVE-2024-0001",
        "target": "web",
        "subject": "pkg:deb/debian/openssl",
        "title": "a title",
        "severity": Severity.HIGH,
        "severity_source": "nvd",
        "location": Location(),
        "message": "a message",
        "seen_by": ("packages",),
    }
    return Finding(**usual | changes)


def run(**changes: Any) -> Run:
    usual = {"scanner": "packages", "target": "web", "status": Status.OK, "unit": "packages", "asked": 10}
    return Run(**usual | changes)


def policy(*rules: Rule, **changes: Any) -> Policy:
    return Policy(**{"ref": REF, "rules": rules} | changes)


def rule(action: Action = Action.FAIL, name: str = "everything", allow: int = 0, **when: Any) -> Rule:
    return Rule(name=name, action=action, when=Match(**when), allow=allow)


def decision(of: Finding | None = None, **changes: Any) -> Decision:
    from scangate.core.identity import fingerprint

    of = of or finding()
    usual = {"finding": of, "fingerprint": fingerprint(of), "action": Action.ACCEPT, "by": "no rule", "because": "x"}
    return Decision(**usual | changes)


def report(decisions: Sequence[Decision] = (), runs: Sequence[Run] = (), **changes: Any) -> Report:
    from scangate.core.model import Verdict

    usual: Mapping[str, Any] = {
        "verdict": Verdict.PASS,
        "reasons": (),
        "decisions": tuple(decisions),
        "runs": tuple(runs),
        "targets": TARGETS,
        "policy": REF,
        "started": "2026-07-01T12:00:00Z",
    }
    return Report(**usual | changes)


RULES = ("CVE-2024-0001", "CVE-2023-0002", "CVE-2019-10003", "GHSA-aaaa", "GHSA-bbbb", "PYSEC-2024-1", "DSA-1", "CKV_1")
SUBJECTS = ("pkg:deb/debian/openssl", "pkg:npm/lodash", "192.0.2.1:22/tcp", "aws_s3_bucket.logs")
WORDS = st.sampled_from(("", "a", "b", "longer words", "ünïcode", "x\ny"))

locations = st.builds(Location, path=st.sampled_from(("", "a.tf", "b/c.yml")), line=st.integers(0, 3))
fixes = st.builds(Fix, summary=st.sampled_from(("upgrade a", "upgrade b", "close the port")), version=WORDS)
evidence = st.builds(Evidence, source=st.sampled_from(("nmap", "osv")), facts=st.just(()) | st.just((("banner", "x"),)))
findings = st.builds(
    Finding,
    rule=st.sampled_from(RULES),
    target=st.sampled_from([target.id for target in TARGETS]),
    subject=st.sampled_from(SUBJECTS),
    title=WORDS,
    severity=st.sampled_from(Severity),
    severity_source=st.sampled_from(("nvd", "ghsa", "vendor")),
    location=locations,
    message=WORDS,
    seen_by=st.lists(st.sampled_from(("nmap", "packages", "checkov")), min_size=1, max_size=2).map(tuple),
    help_uri=st.sampled_from(("", "https://example.com/a", "https://example.com/b")),
    fix=st.none() | fixes,
    aliases=st.lists(st.sampled_from(RULES), max_size=3).map(tuple),
    cvss=st.none()
    | st.builds(Cvss, score=st.sampled_from((0.0, 4.3, 9.8, 10.0)), vector=st.sampled_from(("", "AV:N"))),
    cwes=st.lists(st.sampled_from(("CWE-79", "CWE-89")), max_size=2).map(tuple),
    confidence=st.sampled_from(Confidence),
    evidence=st.lists(evidence, max_size=2).map(tuple),
    epss=st.none() | st.sampled_from((0.0, 0.5, 1.0)),
    known_exploited=st.none() | st.booleans(),
    published=st.none() | st.dates(date(2020, 1, 1), TODAY),
)
distinct_findings = st.lists(findings, max_size=6, unique_by=lambda each: (each.rule, each.target, each.subject)).map(
    tuple
)

_texts = {
    "rules": st.sampled_from((*RULES, "*", "CVE-*", "*-2024-*", "nothing")),
    "cwes": st.sampled_from(("CWE-79", "CWE-*", "CWE-1")),
    "packages": st.sampled_from(("pkg:*", "pkg:npm/lodash", "*openssl")),
    "scanners": st.sampled_from(("nmap", "checkov", "nobody")),
    "targets": st.sampled_from(("web", "edge", "*", "in*")),
    "environments": st.sampled_from(("prod", "*", "test")),
}
_some = {name: st.lists(texts, min_size=1, max_size=2).map(tuple) for name, texts in _texts.items()}
clauses = {
    "severity_at_least": st.sampled_from([each for each in Severity if each]),
    "confidence_at_least": st.sampled_from(Confidence),
    "cvss_at_least": st.sampled_from((0.0, 4.3, 9.0)),
    "known_exploited": st.booleans(),
    "epss_at_least": st.sampled_from((0.0, 0.5, 1.0)),
    "fixable": st.booleans(),
    "state": st.sampled_from((State.NEW, State.UNCHANGED)),
    "age_over_days": st.sampled_from((0, 30, 365)),
    "kinds": st.lists(st.sampled_from(Kind), min_size=1, max_size=2).map(tuple),
    "exposure": st.lists(st.sampled_from(Exposure), min_size=1, max_size=2).map(tuple),
    "criticality_at_least": st.sampled_from(Criticality),
    **_some,
}


@st.composite
def matches(draw: st.DrawFn) -> Match:
    names = draw(st.lists(st.sampled_from(sorted(clauses)), max_size=3, unique=True))
    return Match(**{name: draw(clauses[name]) for name in names})


waivers = st.builds(
    Waiver,
    rule=_texts["rules"],
    reason=st.just("because it is so"),
    owner=st.just("someone"),
    expires=st.dates(date(2026, 6, 1), date(2026, 9, 1)),
    target=_texts["targets"],
    subject=st.sampled_from(("*", *SUBJECTS)),
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    drawn = draw(st.lists(st.tuples(st.sampled_from(Action), matches(), st.integers(0, 3)), max_size=4))
    rules = [Rule(name=f"rule {n}", action=a, when=m, allow=allow) for n, (a, m, allow) in enumerate(drawn)]
    return policy(
        *rules,
        waivers=tuple(draw(st.lists(waivers, max_size=2))),
        unknown_severity=draw(clauses["severity_at_least"]),
    )


ITEMS = (
    finding(
        fix=Fix(summary="upgrade", version="2"),
        aliases=("GHSA-x",),
        cvss=Cvss(score=9.8, vector="AV:N"),
        cwes=("CWE-79",),
        evidence=(Evidence(source="nmap", facts=(("banner", "x"),)),),
        published=date(2024, 1, 2),
    ),
    Package(name="openssl", version="3", ecosystem="Debian:12", purl="pkg:deb/debian/openssl@3", paths=("a",)),
    Service(host="192.0.2.1", port=22, protocol="tcp", state="open", cpes=("cpe:/a:x",)),
    Gap(what="192.0.2.2", reason="it did not answer"),
    Asked(unit="hosts", count=2),
    Tool(name="nmap", version="7.93"),
    Data(name="Debian:12", as_of=TODAY),
    Note(text="a note"),
)
"""One of everything that a scanner may yield."""
