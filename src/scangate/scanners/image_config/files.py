"""Secrets and private keys in the files of an image, those that a later layer deleted included."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Confidence, Finding, Severity
from scangate.rootfs.reading import Extract
from scangate.scanners.image_config import paths
from scangate.scanners.image_config.kinds import KEYS, severity_of, title_of
from scangate.scanners.image_config.rule import Check, Facts, Image, Rule, finding
from scangate.scanners.image_config.secrets import Hit, unpack

EXTRACTOR: Final = "image_config.secrets"
SECRET: Final = Rule(
    id="image-secret-file",
    title="A secret in a file of the image",
    severity=Severity.HIGH,
    why="everybody who can pull the image reads it",
    fix="Keep files with secrets out of the image, mount them when it runs, and replace the secrets",
    cwe="CWE-312",
    cis="4.10",
)
KEY: Final = Rule(
    id="image-private-key",
    title="A private key in the image",
    severity=Severity.HIGH,
    why="everybody who can pull the image can pose as its owner",
    fix="Keep private keys out of the image, mount them when it runs, and replace them",
    cwe="CWE-321",
    cis="4.10",
)
HOST_KEY: Final = Rule(
    id="image-host-key",
    title="A host key of an SSH server in the image",
    severity=Severity.HIGH,
    why="every container has the same one, and everybody who can pull the image can pose as the server",
    fix="Remove the host keys from the image, and make them when the container starts: ssh-keygen -A",
    cwe="CWE-321",
    cis="4.10",
)
DELETED: Final = "Build again without the step that brought the deleted secrets, and replace them"
"""A deletion does not reach the layers below."""
_HOST_KEY: Final = re.compile(r"(?:^|/)ssh_host_\w+_key$")
_SNAKEOIL: Final = re.compile(
    r"(?:^|/)(?:ssl-cert-snakeoil|localhost|dummy|snakeoil|selfsigned|self-signed)[^/]*\.(?:key|pem)$"
)
"""Keys that packages make for certificates that nobody trusts."""
_LINES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    extract: Extract
    hit: Hit
    hidden: bool


def secrets(image: Image) -> Iterator[Finding]:
    sights: dict[tuple[str, str, str], list[_Sight]] = defaultdict(list)
    for hidden, extracts in ((False, image.files.extracts(EXTRACTOR)), (True, image.files.hidden_extracts(EXTRACTOR))):
        for extract in extracts:
            for hit in unpack(extract.data):
                sights[extract.path, hit.kind, hit.anchor].append(_Sight(extract=extract, hit=hit, hidden=hidden))
    for (path, kind, anchor), seen in sorted(sights.items()):
        yield _finding(image, path, f"{path}#{kind}{':' * bool(anchor)}{anchor}", seen)


def _finding(image: Image, path: str, subject: str, seen: list[_Sight]) -> Finding:
    first = seen[0]
    hit = first.hit
    rule = HOST_KEY if _HOST_KEY.search(path) else KEY if hit.kind in KEYS else SECRET
    severity, why, confidence = severity_of(hit.kind) or rule.severity, "", _confidence(seen)
    if paths.is_example(path):
        severity, confidence = Severity.LOW, Confidence.POTENTIAL
        why = "it lies among tests or examples, and was probably made up"
    elif _SNAKEOIL.search(path):
        severity, confidence = Severity.LOW, Confidence.POTENTIAL
        why = "it belongs to a certificate that nobody trusts"
    elif hit.kind == "assigned" and confidence is Confidence.POTENTIAL:
        severity, why = Severity.MEDIUM, "only its name and its disorder say that it is a secret"
    lines = sorted({each.hit.line for each in seen if each.extract == first.extract})
    at = f"line{'s' * (len(lines) > 1)} {', '.join(map(str, lines[:_LINES]))}"
    message = f"/{path} holds {title_of(hit.kind)} of {hit.length} characters, {at}."
    if first.hidden:
        message += f" A later step deleted or replaced it: it is still readable in layer {first.extract.layer + 1}."
    facts: Facts = (("kind", hit.kind), ("lines", ", ".join(map(str, lines[:_LINES]))), ("length", str(hit.length)))
    facts += (("name", hit.anchor),) if hit.anchor else ()
    facts += (("in the final image", "no"),) if first.hidden else ()
    facts += image.layer_facts(first.extract.layer)
    fix = DELETED if first.hidden else ""
    return finding(
        rule,
        image,
        subject,
        message,
        severity=severity,
        why=why,
        confidence=confidence,
        fix=fix,
        place=f"/{path}:{lines[0]}",
        facts=facts,
    )


def _confidence(seen: list[_Sight]) -> Confidence:
    if any(each.hit.certain for each in seen):
        return Confidence.CONFIRMED
    return Confidence.POTENTIAL if all(each.hit.guess for each in seen) else Confidence.FIRM


CHECKS: Final = (Check(name="secrets in files", look=secrets),)
