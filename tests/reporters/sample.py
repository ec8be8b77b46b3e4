"""A report as a real pipeline makes it: three targets, every action and state, a failed scan, gaps, a skipped one."""

from dataclasses import replace
from datetime import date
from hashlib import sha256

from scangate.core.identity import fingerprint
from scangate.core.model import (
    Action,
    Change,
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
    Package,
    PolicyRef,
    Reason,
    Report,
    Run,
    Service,
    Severity,
    State,
    Status,
    Target,
    Tool,
    Verdict,
)

WEB = Target(
    id="web",
    kind=Kind.IMAGE,
    addresses=("registry.example.com/shop/web:1.4.2",),
    criticality=Criticality.HIGH,
    exposure=Exposure.INTERNET,
    environment="production",
    owner="team-shop",
    declared_at=Location(path="scangate.yml", line=4),
)
EDGE = Target(
    id="edge",
    kind=Kind.HOSTS,
    addresses=("203.0.113.10", "2001:db8::10", "edge.example.com"),
    exposure=Exposure.INTERNET,
    exclude=("203.0.113.12",),
    ports="1-1024,6379",
    expect=("80/tcp", "443/tcp"),
    declared_at=Location(path="scangate.yml", line=9),
)
INFRA = Target(
    id="infra", kind=Kind.PATH, addresses=("deploy",), criticality=Criticality.MEDIUM, environment="production"
)

GONE = "it was in the baseline, and the same scanners no longer see it"
RULES = {
    "exploited": "known to be exploited (CISA KEV)",
    "critical": "severity critical is at least critical",
    "high-fixable": "severity high is at least high, and a fix is known",
    "medium": "severity medium is at least medium",
    "unexpected-port": "rule net-unexpected-port, exposure internet",
    "no rule": "no rule of the policy matches",
}


def decision(finding: Finding, action: Action, by: str = "no rule", **more: object) -> Decision:
    facts = {"because": RULES.get(by, "")} | more
    return Decision(finding=finding, fingerprint=fingerprint(finding), action=action, by=by, **facts)  # type: ignore[arg-type]


def vulnerability(
    rule: str, package: str, title: str, severity: Severity, score: float, fixed: str = "", **more: object
) -> Finding:
    name = package.rpartition("/")[2]
    facts: dict[str, object] = {
        "severity_source": "nvd",
        "message": f"{name} has a known vulnerability: {title}.",
        "help_uri": f"https://osv.dev/vulnerability/{rule}",
        "fix": Fix(summary=f"upgrade {name} to {fixed}", version=fixed) if fixed else None,
        "cvss": Cvss(score=score, vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        "location": Location(logical=package),
        "seen_by": ("packages",),
        "evidence": (Evidence(source="packages", facts=(("installed", "1.0-1"), ("layer", "sha256:9f86d081"))),),
    } | more
    return Finding(rule=rule, target="web", subject=package, title=title, severity=severity, **facts)  # type: ignore[arg-type]


def port(host: str, number: int, name: str, severity: Severity = Severity.HIGH) -> Finding:
    where = f"[{host}]:{number}/tcp" if ":" in host else f"{host}:{number}/tcp"
    return Finding(
        rule="net-unexpected-port",
        target="edge",
        subject=where,
        title=f"Port {number}/tcp ({name}) is open and not expected",
        severity=severity,
        severity_source="scangate",
        location=Location(logical=where),
        message=f"{where} answers as {name}; the target expects 80/tcp and 443/tcp only.",
        seen_by=("nmap",),
        help_uri="https://scangate.example/rules/net-unexpected-port",
        fix=Fix(summary=f"close port {number}/tcp, or add it to `expect` of target edge"),
        cwes=("CWE-668",),
        confidence=Confidence.CONFIRMED,
        evidence=(Evidence(source="nmap", facts=(("service", name), ("reason", "syn-ack"))),),
    )


def misconfiguration(rule: str, resource: str, title: str, severity: Severity, path: str, line: int) -> Finding:
    return Finding(
        rule=rule,
        target="infra",
        subject=resource,
        title=title,
        severity=severity,
        severity_source="checkov",
        location=Location(path=path, line=line, end_line=line + 7, logical=resource),
        message=f"{resource}: {title}.",
        seen_by=("checkov",),
        help_uri=f"https://docs.example.com/checks/{rule.lower()}",
        fix=Fix(summary=f"correct {resource} as {rule} says"),
        cwes=("CWE-284",),
        confidence=Confidence.FIRM,
    )


CURL = vulnerability(
    "CVE-2023-38545",
    "pkg:deb/debian/curl",
    "SOCKS5 heap buffer overflow",
    Severity.CRITICAL,
    9.8,
    "7.88.1-10+deb12u4",
    cwes=("CWE-787", "CWE-122"),
    aliases=("DEBIAN-CVE-2023-38545", "GHSA-xxxx-yyyy-zzzz"),
    epss=0.2641,
    published=date(2023, 10, 11),
    seen_by=("grype", "packages"),
)
GLIBC = vulnerability(
    "CVE-2023-4911",
    "pkg:deb/debian/glibc",
    "Buffer overflow in ld.so while processing GLIBC_TUNABLES",
    Severity.HIGH,
    7.8,
    "2.36-9+deb12u3",
    cwes=("CWE-122",),
    epss=0.7583,
    known_exploited=True,
    published=date(2023, 10, 3),
)
NGHTTP2 = vulnerability(
    "CVE-2023-44487",
    "pkg:deb/debian/nghttp2",
    "HTTP/2 rapid reset allows denial of service",
    Severity.HIGH,
    7.5,
    "1.52.0-1+deb12u1",
    cwes=("CWE-400",),
    epss=0.9443,
    known_exploited=True,
)
OPENSSL = [
    vulnerability(rule, "pkg:deb/debian/openssl", title, severity, score, "3.0.15-1~deb12u1", epss=epss)
    for rule, title, severity, score, epss in (
        ("CVE-2024-5535", "SSL_select_next_proto buffer overread", Severity.HIGH, 7.1, 0.0412),
        ("CVE-2024-6119", "Possible denial of service in X.509 name checks", Severity.HIGH, 7.5, 0.0071),
        ("CVE-2024-4741", "Use after free with SSL_free_buffers", Severity.HIGH, 7.5, 0.0038),
        ("CVE-2024-2511", "Unbounded memory growth with session handling in TLSv1.3", Severity.LOW, 3.7, 0.0301),
    )
]
PIP = vulnerability(
    "GHSA-mq26-g339-26xf", "pkg:pypi/pip", "Mercurial configuration injection in pip", Severity.MEDIUM, 5.5, "23.3"
)
ZLIB = vulnerability(
    "CVE-2023-45853",
    "pkg:deb/debian/zlib",
    "Integer overflow in MiniZip of zlib",
    Severity.CRITICAL,
    9.8,
    cwes=("CWE-190",),
)
TAR = vulnerability(
    "CVE-2005-2541",
    "pkg:deb/debian/tar",
    "tar does not warn when extracting setuid files",
    Severity.UNKNOWN,
    0.0,
    cvss=None,
    confidence=Confidence.POTENTIAL,
)
ROOT = Finding(
    rule="image-runs-as-root",
    target="web",
    subject="user",
    title="The image runs as root",
    severity=Severity.MEDIUM,
    severity_source="scangate",
    location=Location(path="web/Dockerfile", line=14),
    message="No USER is set, so the process runs as root.",
    seen_by=("image-config",),
    fix=Fix(summary="set USER to an unprivileged account in web/Dockerfile"),
    cwes=("CWE-250",),
)
NGINX = replace(
    port("203.0.113.10", 80, "http", Severity.INFO),
    rule="net-banner-version",
    title="The web server tells its version",
    message="Server: nginx/1.22.1",
    fix=Fix(summary="set `server_tokens off` in nginx"),
)

OPENSSL_FIX = "upgrade openssl to 3.0.15-1~deb12u1"
DECISIONS = (
    decision(CURL, Action.FAIL, "critical", remedy="upgrade curl to 7.88.1-10+deb12u4"),
    decision(GLIBC, Action.FAIL, "exploited", state=State.UNCHANGED, remedy="upgrade glibc to 2.36-9+deb12u3"),
    decision(NGHTTP2, Action.FAIL, "exploited", remedy="upgrade nghttp2 to 1.52.0-1+deb12u1"),
    *(decision(each, Action.FAIL, "high-fixable", remedy=OPENSSL_FIX) for each in OPENSSL[:3]),
    decision(OPENSSL[3], Action.ACCEPT),
    decision(PIP, Action.WARN, "medium", state=State.UNCHANGED),
    decision(
        ZLIB,
        Action.ACCEPT,
        "waiver CVE-2023-45853 on web",
        waived=True,
        because="MiniZip is not built into the Debian package (accepted by team-shop until 2027-03-31)",
    ),
    decision(TAR, Action.WARN, "medium", because="severity unknown counts as high in this policy"),
    decision(ROOT, Action.WARN, "medium"),
    decision(port("203.0.113.10", 6379, "redis"), Action.FAIL, "unexpected-port"),
    decision(port("2001:db8::10", 6379, "redis"), Action.FAIL, "unexpected-port"),
    decision(port("203.0.113.10", 22, "ssh", Severity.MEDIUM), Action.WARN, "medium", state=State.UNCHANGED),
    decision(port("2001:db8::10", 22, "ssh", Severity.MEDIUM), Action.WARN, "medium", state=State.UNCHANGED),
    decision(NGINX, Action.ACCEPT),
    decision(port("203.0.113.10", 23, "telnet"), Action.ACCEPT, "baseline", state=State.FIXED, because=GONE),
    *(
        decision(misconfiguration(rule, resource, title, severity, path, line), action, by)
        for rule, resource, title, severity, path, line, action, by in (
            ("CKV_AWS_24", "aws_security_group.bastion", "SSH is open to 0.0.0.0/0", Severity.HIGH,
             "deploy/network.tf", 31, Action.FAIL, "high-fixable"),
            ("CKV_AWS_18", "aws_s3_bucket.logs", "Access logging is off", Severity.MEDIUM,
             "deploy/storage.tf", 12, Action.WARN, "medium"),
            ("CKV_AWS_18", "aws_s3_bucket.uploads", "Access logging is off", Severity.MEDIUM,
             "deploy/storage.tf", 40, Action.WARN, "medium"),
            ("CKV_AWS_21", "aws_s3_bucket.logs", "Versioning is off", Severity.LOW,
             "deploy/storage.tf", 12, Action.ACCEPT, "no rule"),
            ("CKV_K8S_8", "Deployment.shop.web", "Liveness probe is not set", Severity.LOW,
             "deploy/k8s/web.yaml", 1, Action.ACCEPT, "no rule"),
            ("CKV_K8S_43", "Deployment.shop.web", "The image is named by tag, not by digest", Severity.INFO,
             "deploy/k8s/web.yaml", 22, Action.ACCEPT, "no rule"),
        )
    ),
)  # fmt: skip

RUNS = (
    Run(
        scanner="packages",
        target="web",
        status=Status.OK,
        findings=(CURL, GLIBC, NGHTTP2, *OPENSSL, PIP, ZLIB, TAR),
        packages=(
            Package(
                name="curl",
                version="7.88.1-10",
                ecosystem="Debian:12",
                purl="pkg:deb/debian/curl@7.88.1-10",
                source="curl",
                source_version="7.88.1-10",
                layer="sha256:9f86d081",
                paths=("var/lib/dpkg/status",),
                licences=("curl",),
            ),
        ),
        unit="packages",
        asked=212,
        gaps=(Gap(what="opt/legacy/app.jar", reason="no version in its manifest"),),
        tools=(Tool(name="scangate", version="0.1.0"),),
        data=(
            Data(name="Debian:12", as_of=date(2026, 11, 20), records=41_233),
            Data(name="PyPI", as_of=date(2026, 11, 20)),
        ),
        seconds=3.25,
    ),
    Run(
        scanner="image-config",
        target="web",
        status=Status.OK,
        findings=(ROOT,),
        unit="settings",
        asked=9,
        seconds=0.01,
    ),
    Run(
        scanner="grype",
        target="web",
        status=Status.SKIPPED,
        reason="grype is not installed, and the config does not require it",
        advice="install grype, or take it out of `scanners`",
    ),
    Run(
        scanner="nmap",
        target="edge",
        status=Status.OK,
        findings=(NGINX,),
        services=(
            Service(
                host="203.0.113.10",
                port=6379,
                protocol="tcp",
                state="open",
                name="redis",
                product="Redis key-value store",
                version="7.0.15",
                cpes=("cpe:/a:redislabs:redis:7.0.15",),
                method="probed",
                confidence=10,
            ),
        ),
        unit="hosts",
        asked=3,
        gaps=(Gap(what="edge.example.com", reason="the host did not answer"),),
        tools=(Tool(name="nmap", version="7.93", digest="sha256:2c26b46b"),),
        notes=("UDP was not asked for",),
        seconds=41.5,
    ),
    Run(
        scanner="tls",
        target="edge",
        status=Status.TIMED_OUT,
        reason="the time allowed was used up",
        advice="raise the scanner's `timeout` in scangate.yml",
        unit="services",
        asked=4,
        seconds=60.0,
    ),
    Run(
        scanner="checkov",
        target="infra",
        status=Status.OK,
        unit="files",
        asked=14,
        tools=(Tool(name="checkov", version="3.2.334"),),
        seconds=12.0,
    ),
)  # fmt: skip


def sample() -> Report:
    return Report(
        verdict=Verdict.FAIL,
        reasons=(
            Reason(verdict=Verdict.FAIL, text="rule exploited fails 2 findings on web: attackers use these today"),
            Reason(verdict=Verdict.FAIL, text="rule critical fails 1 finding on web"),
            Reason(verdict=Verdict.FAIL, text="rule unexpected-port fails 2 findings on edge"),
            Reason(verdict=Verdict.FAIL, text="rule high-fixable fails 4 findings on infra, web"),
            Reason(
                verdict=Verdict.INCOMPLETE,
                text="tls on edge timed out: the time allowed was used up",
                remedy="raise the scanner's `timeout` in scangate.yml",
                scanner="tls",
                target="edge",
            ),
        ),
        decisions=DECISIONS,
        runs=RUNS,
        targets=(WEB, EDGE, INFRA),
        policy=PolicyRef(name="baseline", source="builtin:baseline", digest=sha256(b"baseline").hexdigest()),
        started="2026-11-21T20:15:00Z",
        changes=(
            Change(summary="upgrade openssl to 3.0.15-1~deb12u1", clears=3, targets=("web",)),
            Change(summary="close port 6379/tcp, or add it to `expect` of target edge", clears=2, targets=("edge",)),
            Change(summary="correct aws_security_group.bastion as CKV_AWS_24 says", clears=1, targets=("infra",)),
            Change(summary="upgrade curl to 7.88.1-10+deb12u4", clears=1, targets=("web",)),
            Change(summary="upgrade glibc to 2.36-9+deb12u3", clears=1, targets=("web",)),
            Change(summary="upgrade nghttp2 to 1.52.0-1+deb12u1", clears=1, targets=("web",)),
        ),
        notes=("waiver CVE-2022-1304 matched nothing: take it out of the policy",),
        plugins=(("scangate", "0.1.0"),),
        baseline="main.result.json of 2026-11-14",
    )


def passing() -> Report:
    """Everything scanned, nothing in the way, and no baseline."""
    kept = [each for each in DECISIONS if each.action is Action.ACCEPT and not each.waived]
    return replace(
        sample(),
        verdict=Verdict.PASS,
        reasons=(Reason(verdict=Verdict.PASS, text="every required scan ran, and the policy fails nothing"),),
        decisions=tuple(replace(each, state=State.NEW) for each in kept if each.state is not State.FIXED),
        runs=tuple(replace(run, gaps=()) for run in RUNS if run.status is Status.OK),
        changes=(),
        notes=(),
        baseline="",
    )


def empty() -> Report:
    """No target at all."""
    return replace(
        passing(),
        verdict=Verdict.INCOMPLETE,
        reasons=(Reason(verdict=Verdict.INCOMPLETE, text="there is no target", remedy="name one in scangate.yml"),),
        decisions=(),
        runs=(),
        targets=(),
    )


def large(count: int) -> Report:
    """The same kinds of findings over and over, `count` of them, on the three targets."""
    base = [each for each in DECISIONS if each.state is not State.FIXED]
    decisions = []
    for number in range(count):
        source = base[number % len(base)]
        finding = replace(source.finding, subject=f"{source.finding.subject}/{number}")
        decisions.append(replace(source, finding=finding, fingerprint=fingerprint(finding)))
    findings = tuple(each.finding for each in decisions)
    runs = tuple(
        replace(run, findings=tuple(each for each in findings if each.target == run.target))
        for run in (RUNS[0], RUNS[3], RUNS[5])
    )
    return replace(sample(), decisions=tuple(decisions), runs=runs)
