"""How the image asks to be run: its health check, and the rights its labels ask for."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Finding, Note, Severity
from scangate.scanners.image_config.rule import Check, Image, Rule, finding, steps

HEALTH: Final = Rule(
    id="image-no-healthcheck",
    title="The image has no health check",
    severity=Severity.LOW,
    why="an engine does not notice that the program hangs; an orchestrator has probes of its own",
    fix="Add a HEALTHCHECK to the Dockerfile",
    cwe="CWE-778",
    cis="4.6",
)
RIGHTS: Final = Rule(
    id="image-added-capability",
    title="A label asks for more rights than a container has",
    severity=Severity.HIGH,
    why="tools that start the image as its label says give it rights that lead out of the container",
    fix="Remove the capabilities from the image's labels, and from what starts it",
    cwe="CWE-250",
)
_USUAL: Final = frozenset(
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
        "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    }
)  # fmt: skip
"""What Docker gives every container."""
_SMALL: Final = frozenset(
    {"IPC_LOCK", "SYS_NICE", "WAKE_ALARM", "LEASE", "BLOCK_SUSPEND", "AUDIT_READ", "SYS_TIME", "SYSLOG"}
)
_CAPABILITIES: Final = re.compile(r"(?i)(?:^|[.\-_/])(?:cap(?:abilities|[-_]?add)|privileged)$")
_COMMANDS: Final = frozenset({"run", "install", "io.k8s.run", "io.podman.run", "atomic.run"})
_OPTION: Final = re.compile(
    r"--cap-add(?:=|\s+)([A-Za-z_,]{1,500})|(--privileged)(?!=false)|--(?:pid|ipc|net|network|uts|userns)[= ](host)"
)
_MOST: Final = 64


def health(image: Image) -> Iterator[Finding | Note]:
    config = image.config
    if config is None:
        return
    test = config.healthcheck
    off = bool(test) and test[0] == "NONE"
    if (test and not off) or (
        not off and any(re.search(r"\bHEALTHCHECK\b(?! NONE)", text) for _index, text in steps(image))
    ):
        return
    if off or config.builder or image.scheme == "docker-archive":
        message = "HEALTHCHECK is NONE." if off else "There is no HEALTHCHECK."
        yield finding(HEALTH, image, "healthcheck", message, place="config: Healthcheck")
        return
    message = "There is no HEALTHCHECK. The OCI format has no place for one, so that the builder may have left it out."
    why = "the OCI format has no place for a health check"
    yield finding(
        HEALTH,
        image,
        "healthcheck",
        message,
        severity=Severity.INFO,
        why=why,
        confidence=Confidence.POTENTIAL,
        place="config: Healthcheck",
    )


def rights(image: Image) -> Iterator[Finding]:
    for label, value in image.config.labels if image.config else ():
        asked: list[str] = []
        if label.lower() in _COMMANDS:
            for capabilities, privileged, host in _OPTION.findall(value[:20_000]):
                asked += [
                    *capabilities.split(","),
                    "privileged" if privileged else "",
                    "the host's namespaces" if host else "",
                ]
        elif label.lower().endswith("privileged") and _CAPABILITIES.search(label):
            asked += ["privileged"] if value.lower() in {"true", "1", "yes"} else []
        elif _CAPABILITIES.search(label):
            asked += re.findall(r"[A-Za-z_]{2,40}", value[:20_000])
        names = sorted({_name(each) for each in asked if each} - _USUAL)
        for name in names[:_MOST]:
            small = name in _SMALL
            message = f"The label {label} asks for {name}."
            why = "it is more than a container has, and does not lead out of it" if small else ""
            severity = Severity.LOW if small else None
            subject, place = f"label:{label}:{name}", f"label:{label}"
            yield finding(
                RIGHTS, image, subject, message, severity=severity, why=why, confidence=Confidence.FIRM, place=place
            )


def _name(capability: str) -> str:
    if capability in {"privileged", "the host's namespaces"}:
        return capability
    return capability.upper().removeprefix("CAP_")


CHECKS: Final = (
    Check(name="health check", look=health, of_config=True),
    Check(name="rights that labels ask for", look=rights, of_config=True),
)
