"""Where the image comes from: its base, what its build downloaded, and whether anybody signed it."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Finding, Severity
from scangate.scanners.image_config.rule import Check, Facts, Image, Rule, finding, steps
from scangate.scanners.image_config.secrets.commands import shown

REMOTE: Final = Rule(
    id="image-remote-add",
    title="ADD downloads a file without a checksum",
    severity=Severity.MEDIUM,
    why="whoever controls the address, or the way to it, decides what is in the image",
    fix="Download with ADD --checksum=sha256:..., or in a RUN that verifies a digest or a signature",
    cwe="CWE-494",
    cis="4.9",
)
LATEST: Final = Rule(
    id="image-base-latest",
    title="The image is built on whatever is the latest base",
    severity=Severity.LOW,
    why="the next build may be another image, and nobody can say what this one was",
    fix="Name a version and a digest of the base in FROM",
    cwe="CWE-829",
    cis="4.2",
)
UNPINNED: Final = Rule(
    id="image-base-unpinned",
    title="The image does not say which build of its base it has",
    severity=Severity.LOW,
    why="a tag moves: without a digest nobody can say what this image was built on",
    fix="Name the digest of the base in FROM, or record it in org.opencontainers.image.base.digest",
    cwe="CWE-829",
    cis="4.2",
)
UNSIGNED: Final = Rule(
    id="image-unsigned",
    title="The image is not signed",
    severity=Severity.LOW,
    why="nobody can tell that it is the image that was built",
    fix="Sign the image where it is built, and verify the signature where it is deployed",
    cwe="CWE-345",
    cis="4.5",
)
_ADD: Final = re.compile(
    r"(?:/bin/sh -c #\(nop\) +)?ADD\s+(?P<options>(?:--\S+\s+)*)(?P<source>[\"\[]*(?:https?|ftp)://(?P<host>[^\s/\"]+)[^\s\"]*)"
)
_HASHED: Final = re.compile(r"/bin/sh -c #\(nop\) +ADD [0-9a-f]{64} in (?P<place>\S{1,300})")
"""How Buildah and Docker's old builder write it: the hash of what is local has `file:` or `dir:` before it."""
_COPIES: Final = frozenset({"oci-layout", "oci-archive"})


def downloads(image: Image) -> Iterator[Finding]:
    for index, text in steps(image):
        match = _ADD.match(text[:20_000])
        hashed = _HASHED.match(text)
        if match and "--checksum=" not in match["options"]:
            what = match["host"].rpartition("@")[2]
            source = shown(f"ADD {match['source']}", 200).removeprefix("ADD ").partition("?")[0]
            confidence = Confidence.CONFIRMED
        elif hashed:
            what, source = hashed["place"], f"a download to {hashed['place']}"
            confidence = Confidence.FIRM
        else:
            continue
        message = f"Build step {index + 1} adds {source} without a checksum."
        yield finding(
            REMOTE,
            image,
            f"add:{what}",
            message,
            confidence=confidence,
            place=f"history step {index + 1}",
            facts=image.step_facts(index),
        )


def base(image: Image) -> Iterator[Finding]:
    if not image.base or not image.base.name or image.base.name == "scratch":
        return
    name, digest = image.base.name, image.base.digest
    plain, _at, pinned = name.partition("@")
    tag = plain.rpartition("/")[2].partition(":")[2]
    facts: Facts = (("base", name), ("base digest", digest or "not recorded"), ("base image known by", image.base.how))
    message = f"It is built on {plain}, "
    if tag in {"", "latest"} and not pinned and not digest:
        yield finding(LATEST, image, "base", f"{message}and no digest is recorded.", place="FROM", facts=facts)
    elif tag == "latest":
        yield finding(
            LATEST,
            image,
            "base",
            f"{message}a tag that always moves.",
            severity=Severity.INFO,
            place="FROM",
            facts=facts,
        )
    elif not pinned and not digest:
        yield finding(
            UNPINNED,
            image,
            "base",
            f"{message}and no digest is recorded.",
            confidence=Confidence.FIRM,
            place="FROM",
            facts=facts,
        )


def signature(image: Image) -> Iterator[Finding]:
    """Only where whoever opened the image could look for one."""
    if not image.config or image.config.signed is not False:
        return
    if image.scheme in _COPIES:
        why = "signatures stay behind when an image is copied, unless they are asked for"
        message = "No signature lies beside the image. Its registry may have one."
        yield finding(
            UNSIGNED, image, "signature", message, severity=Severity.INFO, why=why, confidence=Confidence.POTENTIAL
        )
    else:
        yield finding(UNSIGNED, image, "signature", "The registry has no signature for this image.")


CHECKS: Final = (
    Check(name="downloads of the build", look=downloads, of_config=True),
    Check(name="base image", look=base, of_config=True),
    Check(name="signature", look=signature, of_config=True),
)
