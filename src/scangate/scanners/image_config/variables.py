"""Secrets in what an image's config says: variables and labels. Their values are read by everybody who can pull it."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Finding, Severity
from scangate.scanners.image_config.kinds import severity_of, title_of
from scangate.scanners.image_config.rule import Check, Facts, Image, Rule, finding, steps
from scangate.scanners.image_config.secrets import Hit
from scangate.scanners.image_config.secrets.commands import in_step, judge

VARIABLE: Final = Rule(
    id="image-secret-variable",
    title="A secret in an environment variable of the image",
    severity=Severity.HIGH,
    why="everybody who can pull the image, and every program in it, reads it",
    fix="Remove the secrets from ENV, give them to the container when it runs, and replace them",
    cwe="CWE-526",
    cis="4.10",
)
LABEL: Final = Rule(
    id="image-secret-label",
    title="A secret in a label of the image",
    severity=Severity.HIGH,
    why="everybody who can pull the image reads it",
    fix="Remove the secrets from the labels, and replace them",
    cwe="CWE-538",
    cis="4.10",
)
STEP: Final = Rule(
    id="image-secret-history",
    title="A secret in the history of the image",
    severity=Severity.HIGH,
    why="build arguments and commands stay in the image's history, for everybody who can pull it",
    fix="Give secrets to the build with RUN --mount=type=secret, and replace those that were used",
    cwe="CWE-538",
    cis="4.10",
)


def variables(image: Image) -> Iterator[Finding]:
    for name, value in image.config.env if image.config else ():
        if hit := judge(name, value):
            facts = (*_facts(hit), *_origin(image, name))
            yield _finding(VARIABLE, image, f"env:{name}", f"The variable {name}", hit, facts)


def labels(image: Image) -> Iterator[Finding]:
    for name, value in image.config.labels if image.config else ():
        if hit := judge(name, value):
            yield _finding(LABEL, image, f"label:{name}", f"The label {name}", hit, _facts(hit))


def history(image: Image) -> Iterator[Finding]:
    """Look at every step; a variable that is still in the config is a finding there already."""
    told = {name for name, value in image.config.env if judge(name, value)} if image.config else set()
    seen: set[str] = set()
    for index, text in steps(image):
        for hit in in_step(text):
            subject = f"history:{hit.kind}:{hit.anchor}".rstrip(":")
            if hit.anchor in told or subject in seen:
                continue
            seen.add(subject)
            facts = (*_facts(hit), *image.step_facts(index))
            what = f"Build step {index + 1}" + (f" ({hit.anchor})" if hit.anchor else "")
            yield _finding(STEP, image, subject, what, hit, facts, place=f"history step {index + 1}")


def _finding(rule: Rule, image: Image, subject: str, what: str, hit: Hit, facts: Facts, *, place: str = "") -> Finding:
    if hit.kind == "default":
        message = f"{what} stands for a secret: who does not replace it runs with one that everybody knows."
        why = "the value is a placeholder, and harmless once it is replaced"
        severity, confidence = Severity.MEDIUM, Confidence.POTENTIAL
    else:
        message = f"{what} holds {title_of(hit.kind)} of {hit.length} characters."
        severity, why = severity_of(hit.kind) or rule.severity, ""
        confidence = Confidence.CONFIRMED if hit.certain else Confidence.FIRM
    return finding(
        rule, image, subject, message, severity=severity, why=why, confidence=confidence, place=place, facts=facts
    )


def _facts(hit: Hit) -> Facts:
    return (("kind", hit.kind), ("length", str(hit.length)))


def _origin(image: Image, name: str) -> Facts:
    """The last step that sets a variable, with whose it is."""
    sets = re.compile(rf"(?:/bin/sh -c #\(nop\) +)?ENV\s(?:.*\s)?{re.escape(name)}[=\s]", re.DOTALL)
    found = [index for index, text in steps(image) if len(text) < 20_000 and sets.match(text)]  # noqa: PLR2004
    return image.step_facts(found[-1]) if found else ()


CHECKS: Final = (
    Check(name="environment variables", look=variables, of_config=True),
    Check(name="labels", look=labels, of_config=True),
    Check(name="secrets in the history", look=history, of_config=True),
)
