"""Who the image runs as."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from scangate.core.model import Confidence, Finding, Severity
from scangate.scanners.image_config.looking import ACCOUNTS, ENTRYPOINTS
from scangate.scanners.image_config.rule import Check, Facts, Image, Rule, finding, steps

ROOT: Final = Rule(
    id="image-root-user",
    title="The image runs as root",
    severity=Severity.MEDIUM,
    why="a flaw in the program gives root inside the container at once, and one more flaw the host",
    fix="Create an account in the Dockerfile and set USER to it",
    cwe="CWE-250",
    cis="4.1",
)
UNKNOWN: Final = Rule(
    id="image-unknown-user",
    title="The image runs as a user it does not have",
    severity=Severity.LOW,
    why="the engines refuse to start it, so somebody will start it as another user",
    fix="Create the account that USER names, or set USER to a number",
    cwe="CWE-1188",
)
PASSWORD: Final = Rule(
    id="image-account-password",
    title="An account of the image has a password",
    severity=Severity.MEDIUM,
    why="it is the same in every container, and its hash can be attacked by everybody who can pull the image",
    fix="Lock the account's password in the Dockerfile: passwd -l",
    cwe="CWE-798",
    cis="4.10",
)
_DROPS: Final = re.compile(r"\b(?:gosu|su-exec|setpriv|runuser|s6-setuidgid|setuidgid|chpst|exec su|su -|suexec)\b")
_SCRIPT: Final = 2**16


def user(image: Image) -> Iterator[Finding]:
    config = image.config
    if config is None:
        return
    name = config.user.strip().partition(":")[0]
    number = _number(name, image)
    facts = (("user", name or "not set, so root"), *_step(image))
    if number is None:
        message = f"USER is {name!r}, which {ACCOUNTS} does not have: no engine starts this image."
        yield finding(UNKNOWN, image, "user", message, place="config: User", facts=facts)
    if number != 0:
        return
    said = f"USER is {name!r}, which is root." if name else "USER is not set, so the image runs as root."
    if helper := _drops(image):
        message = (
            f"{said} Its entrypoint seems to give root up by itself ({helper}); what starts before that runs as root."
        )
        why = "it begins as root, and seems to give that up"
        yield finding(
            ROOT,
            image,
            "user",
            message,
            severity=Severity.LOW,
            why=why,
            confidence=Confidence.POTENTIAL,
            place="config: User",
            facts=facts,
        )
    else:
        yield finding(ROOT, image, "user", said, place="config: User", facts=facts)


def passwords(image: Image) -> Iterator[Finding]:
    for extract in image.files.extracts("image_config.passwords"):
        for word in extract.data.decode("latin-1").split("\n"):
            name = word.removeprefix("!")
            empty = word != name
            message = f"The password of {name} in {extract.path} is {'empty' if empty else 'set'}."
            severity = Severity.HIGH if empty else None
            why = "anybody who reaches a login prompt is that user" if empty else ""
            facts = image.layer_facts(extract.layer)
            yield finding(
                PASSWORD, image, f"account:{name}", message, severity=severity, why=why, place=extract.path, facts=facts
            )


def _number(name: str, image: Image) -> int | None:
    """The user's number; 0 for none at all, as the engines have it."""
    if not name:
        return 0
    if name.isdecimal() and name.isascii():
        return int(name[:20])
    file = image.files.get(ACCOUNTS)
    for line in file.read(0, 2**20).decode("latin-1").splitlines() if file else ():
        fields = line.split(":")
        if fields[0] == name and len(fields) > 2 and fields[2].isdecimal():  # noqa: PLR2004 - name, password, number
            return int(fields[2][:20])
    return 0 if name == "root" else None


def _step(image: Image) -> Facts:
    found = [index for index, text in steps(image) if re.match(r"(?:/bin/sh -c #\(nop\) +)?USER\b", text)]
    return image.step_facts(found[-1]) if found else ()


def _drops(image: Image) -> str:
    """Name what the entrypoint gives root up with; empty when it does not seem to."""
    words = (*image.config.entrypoint, *image.config.cmd) if image.config else ()
    if match := _DROPS.search(" ".join(words)[:10_000]):
        return match[0]
    for word in words:
        name = word.rpartition("/")[2]
        if name not in ENTRYPOINTS:
            continue
        # A word without a folder is looked for on the search path: any script of that name will do.
        file = image.files.get(word.lstrip("/"))
        for script in [file] if file else image.files.matching(partial(_is_called, name)):
            if match := _DROPS.search(script.read(0, _SCRIPT).decode("latin-1")):
                return f"{match[0]} in {script.path}"
    return ""


def _is_called(name: str, path: str) -> bool:
    return path.rpartition("/")[2] == name


CHECKS: Final = (Check(name="user", look=user, of_config=True), Check(name="passwords of accounts", look=passwords))
