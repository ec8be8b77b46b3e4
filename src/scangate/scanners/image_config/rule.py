"""What every rule of this scanner says, and the image that it looks at."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from scangate.core.model import Confidence, Evidence, Finding, Fix, Gap, Location, Note, Severity
from scangate.scanners.image_config.secrets.commands import shown

if TYPE_CHECKING:
    from scangate.rootfs import Config, Layer
    from scangate.rootfs.base_image import Base
    from scangate.rootfs.files import Files

NAME: Final = "image_config"
BASE: Final = "base image"
OWN: Final = "yours"
Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that may be wrong. `why` is the reason for the severity, `fix` what mends it, in the imperative.

    `cis` is the control of the CIS Docker Benchmark that asks for it, where one does.
    """

    id: str
    title: str
    severity: Severity
    why: str
    fix: str
    cwe: str
    cis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image while it is looked at. Without a `config` it is a directory: nothing says how it runs."""

    target: str
    files: "Files"
    layers: "tuple[Layer, ...]" = ()
    config: "Config | None" = None
    base: "Base | None" = None
    scheme: str = ""
    """What it was read from: `oci-layout`, `docker-archive` ..."""

    def layer_facts(self, index: int) -> Facts:
        """Say which layer it is, and whose, as far as anybody can know."""
        if not self.layers or not self.layers[index].digest:
            return ()
        layer = self.layers[index]
        step = shown(layer.created_by)
        facts = (("layer", f"{index + 1} of {len(self.layers)}, {layer.digest}"),)
        return (
            facts + ((("build step", step),) if step else ()) + self._whose(index, self.base.layers if self.base else 0)
        )

    def step_facts(self, index: int) -> Facts:
        """The same for an entry of the history."""
        if not self.config:
            return ()
        text = f"{index + 1} of {len(self.config.history)}: {shown(self.config.history[index].created_by)}"
        return (("build step", text), *self._whose(index, self.base.steps if self.base else 0))

    def _whose(self, index: int, first_own: int) -> Facts:
        if not self.base or not first_own:
            return ()
        if index >= first_own:
            return (("brought by", OWN),)
        return (("brought by", f"{BASE} {self.base.name}".rstrip()), ("base image known by", self.base.how))


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A group of rules. `of_config`: it needs to know how the image runs, which a directory does not say."""

    name: str
    look: "Callable[[Image], Iterable[Finding | Gap | Note]]"
    of_config: bool = field(default=False)


def finding(  # noqa: PLR0913 - a finding has that many sides
    rule: Rule,
    image: Image,
    subject: str,
    message: str,
    *,
    severity: Severity | None = None,
    why: str = "",
    confidence: Confidence = Confidence.CONFIRMED,
    fix: str = "",
    place: str = "",
    facts: Facts = (),
) -> Finding:
    """Make a finding of a rule. `place` is where it is, when the subject does not say so already."""
    known = tuple(("CIS Docker Benchmark", rule.cis) for _once in range(bool(rule.cis)))
    return Finding(
        rule=rule.id,
        target=image.target,
        subject=subject,
        title=rule.title,
        severity=rule.severity if severity is None else severity,
        severity_source=f"{NAME}: {why or rule.why}",
        location=Location(logical=place or subject),
        message=f"{message}{_whose(facts)}",
        seen_by=(NAME,),
        fix=Fix(summary=fix or rule.fix),
        cwes=(rule.cwe,),
        confidence=confidence,
        evidence=(Evidence(source=NAME, facts=(*facts, *known)),),
    )


def steps(image: Image) -> Iterator[tuple[int, str]]:
    """Yield the build steps with their numbers from 0."""
    if image.config:
        yield from ((index, step.created_by) for index, step in enumerate(image.config.history))


def _whose(facts: Facts) -> str:
    whose = dict(facts).get("brought by", "")
    if not whose:
        return ""
    return " It is yours." if whose == OWN else f" It came with the {whose}."
