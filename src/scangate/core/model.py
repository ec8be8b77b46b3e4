"""The words of the domain. Frozen, hashable, picklable: they travel to workers and back.

`core` is a calculation: standard library only, no input or output, no clock.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How bad a finding is by itself. What UNKNOWN counts as is the policy's to say."""

    UNKNOWN = 0
    INFO = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


class Criticality(IntEnum):
    """How much the target matters to its owner."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Confidence(IntEnum):
    """How sure the evidence is: POTENTIAL is inferred (a banner), FIRM is likely, CONFIRMED was observed."""

    POTENTIAL = 1
    FIRM = 2
    CONFIRMED = 3


class Exposure(StrEnum):
    """From where the target can be reached."""

    ISOLATED = "isolated"
    INTERNAL = "internal"
    INTERNET = "internet"


class Kind(StrEnum):
    """What a target is."""

    IMAGE = "image"
    SBOM = "sbom"
    HOSTS = "hosts"
    PATH = "path"


class Surface(StrEnum):
    """The three sides of a deployment that one run covers."""

    INFRASTRUCTURE = "infrastructure"
    CONTAINER = "container"
    NETWORK = "network"


SURFACES = {
    Kind.PATH: Surface.INFRASTRUCTURE,
    Kind.IMAGE: Surface.CONTAINER,
    Kind.SBOM: Surface.CONTAINER,
    Kind.HOSTS: Surface.NETWORK,
}


class Verdict(StrEnum):
    """The answer. A proven failure outranks a gap; a gap outranks a pass."""

    PASS = "PASS"  # noqa: S105 - not a password
    FAIL = "FAIL"
    INCOMPLETE = "INCOMPLETE"


class Action(StrEnum):
    """What a rule says about a finding."""

    FAIL = "fail"
    WARN = "warn"
    ACCEPT = "accept"


class State(StrEnum):
    """A finding compared with the baseline; without a baseline every finding is new."""

    NEW = "new"
    UNCHANGED = "unchanged"
    FIXED = "fixed"


class Status(StrEnum):
    """How a run ended. Only OK is evidence; SKIPPED was switched off, NOT_APPLICABLE was never to be."""

    OK = "ok"
    NOT_APPLICABLE = "not-applicable"
    SKIPPED = "skipped"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Location:
    """Where something is. `path` is relative to the root of the repository; lines are 1-based.

    `logical` is the place in the world that no file names: a purl, `10.0.0.5:6379/tcp`, `aws_s3_bucket.logs`.
    """

    path: str = ""
    line: int = 0
    end_line: int = 0
    logical: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something to scan. `id` is the user's name for it, and stays when the tag or the address changes.

    `addresses`: one image reference, one path (relative to the root), or many hosts and networks.
    `platform`: which variant of an image, as `linux/arm64`; that of this machine when empty.
    `declared_at`: file and line of the config that names it; empty when it was given on the command line.
    """

    id: str
    kind: Kind
    addresses: tuple[str, ...]
    criticality: Criticality = Criticality.MEDIUM
    exposure: Exposure = Exposure.INTERNAL
    environment: str = ""
    owner: str = ""
    exclude: tuple[str, ...] = ()
    ports: str = ""
    expect: tuple[str, ...] = ()
    platform: str = ""
    declared_at: Location = Location()

    @property
    def address(self) -> str:
        """The one address of an image or a path; all of them, by comma, for hosts."""
        return ",".join(self.addresses)

    @property
    def surface(self) -> Surface:
        return SURFACES[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cvss:
    """A CVSS vector and its base score, 0.0 to 10.0."""

    score: float
    vector: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fix:
    """What clears a finding, as one sentence in the imperative; `version` when it is an upgrade.

    Findings with an equal `summary` are cleared by the same work: that is how changes are counted.
    """

    summary: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Evidence:
    """What one tool saw: named facts in the order they are to be read."""

    source: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with one target.

    `rule`: the canonical vulnerability id, a tool's check id, or a rule id of ours (`net-unexpected-port`). No slashes.
    `subject`: what breaks the rule, in words that survive a rebuild (purl without version; host:port/proto; resource).
    Identity is (rule, target, subject), and nothing else: see identity.py.
    """

    rule: str
    target: str
    subject: str
    title: str
    severity: Severity
    severity_source: str
    location: Location
    message: str
    seen_by: tuple[str, ...]
    help_uri: str = ""
    fix: Fix | None = None
    aliases: tuple[str, ...] = ()
    cvss: Cvss | None = None
    cwes: tuple[str, ...] = ()
    confidence: Confidence = Confidence.CONFIRMED
    evidence: tuple[Evidence, ...] = ()
    epss: float | None = None
    known_exploited: bool | None = None
    published: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Package:
    """Something installed in an image. `ecosystem` is OSV's word for it (`Debian:12`, `PyPI`, `npm`).

    `source` and `source_version` name the source package a distribution built it from.
    `layer` is the diff id or digest of the layer that brought it; `paths` are the files that say so.
    `confidence` is CONFIRMED for what a package manager installed, FIRM for what a lock file declares and nobody saw
    installed, or what a program without a package says of itself.
    """

    name: str
    version: str
    ecosystem: str
    purl: str
    source: str = ""
    source_version: str = ""
    layer: str = ""
    paths: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    confidence: Confidence = Confidence.CONFIRMED


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Service:
    """Something that listens. `host` is the user's word for it, `address` what was connected to.

    `tunnel` is `ssl` when it speaks TLS; `confidence` is nmap's, 0 to 10. `tls` is the best version spoken,
    `certificate` the SHA-256 of its certificate in hex, `host_key` the fingerprint of its SSH key (`SHA256:...`).
    """

    host: str
    port: int
    protocol: str
    state: str
    hostname: str = ""
    name: str = ""
    product: str = ""
    version: str = ""
    extra: str = ""
    tunnel: str = ""
    cpes: tuple[str, ...] = ()
    method: str = ""
    confidence: int = 0
    address: str = ""
    tls: str = ""
    certificate: str = ""
    host_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Gap:
    """One thing of the target that was asked for and not covered, and why. Counts as one of the `Asked`."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Asked:
    """How many things the scan was to cover, gaps included. `unit` is a plural noun: hosts, files, packages."""

    unit: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tool:
    """The program that did the work. `digest` is that of its executable or of its pins, where known."""

    name: str
    version: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Data:
    """Data a scan relies on. `as_of` is the date its source gives it; None when there is no such data at all."""

    name: str
    as_of: date | None
    version: str = ""
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Note:
    """Something a reader should know about how the scan was done; never a gap."""

    text: str


Item = Finding | Package | Service | Gap | Asked | Tool | Data | Note
"""What a scanner yields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scanner on one target. It exists even when the scan did not.

    An enricher's run has no target; `clauses` are those of a policy that rely on it.
    """

    scanner: str
    target: str
    status: Status
    reason: str = ""
    advice: str = ""
    findings: tuple[Finding, ...] = ()
    packages: tuple[Package, ...] = ()
    services: tuple[Service, ...] = ()
    unit: str = ""
    asked: int = 0
    gaps: tuple[Gap, ...] = ()
    tools: tuple[Tool, ...] = ()
    data: tuple[Data, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    clauses: tuple[str, ...] = ()

    @property
    def attempted(self) -> bool:
        """Whether it was to be done at all."""
        return self.status not in {Status.SKIPPED, Status.NOT_APPLICABLE}

    @property
    def covered(self) -> int:
        """How many of `asked` were really looked at: none unless the run ended OK."""
        return max(0, self.asked - len(self.gaps)) if self.status is Status.OK else 0

    @property
    def coverage(self) -> float:
        """0.0 to 1.0. Nothing asked is nothing covered."""
        return self.covered / self.asked if self.asked else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the policy says about one finding, by which rule, and on what evidence."""

    finding: Finding
    fingerprint: str
    action: Action
    by: str
    because: str
    state: State = State.NEW
    waived: bool = False
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Reason:
    """One sentence of the verdict's explanation, and what would mend it."""

    verdict: Verdict
    text: str
    remedy: str = ""
    scanner: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Change:
    """One piece of work, and how many blocking findings it clears on which targets."""

    summary: str
    clears: int
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRef:
    """Which policy judged: its name, where it came from, and the sha256 of its text."""

    name: str
    source: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a reporter or sink may see. Serialises to result.json and back without loss.

    `started` is RFC 3339 in UTC; its date is the `today` of the judgement. `changes`: the cheapest way to a pass.
    `plugins`: every distribution that brought a scanner, enricher or reporter, as (name, version).
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    decisions: tuple[Decision, ...]
    runs: tuple[Run, ...]
    targets: tuple[Target, ...]
    policy: PolicyRef
    started: str
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    plugins: tuple[tuple[str, str], ...] = field(default=())
    baseline: str = ""

    def target(self, target_id: str) -> Target:
        return next(target for target in self.targets if target.id == target_id)
