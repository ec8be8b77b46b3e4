"""What an archive is called where Maven did not write it down: from its manifest and its file name.

The group is never guessed: advisories are by group and artifact, and a wrong group gives a clean bill to the wrong one.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, Self

from scangate.inventory.java.groups import group_of

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
_VERSION: Final = re.compile(r"[A-Za-z0-9][\w.+~-]{0,99}", re.ASCII)
_FILE: Final = re.compile(r"(?P<artifact>[A-Za-z_].*?)-v?(?P<version>[0-9][\w.+-]*)", re.ASCII)
_CLASSIFIER: Final = re.compile(
    r"-(?:linux|osx|windows|macos|natives?|x86|amd64|aarch|arm|tests?|shaded|all|exec|sources|javadoc|no_aop|jar-with|"
    r"jdk|java|jakarta|standalone|runtime|uber|fat|boot|plain)\b.*",
    re.ASCII,
)
_VENDOR: Final = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+){2,6}", re.ASCII)
_VERSIONS: Final = ("plugin-version", "implementation-version", "bundle-version", "specification-version")
TOMCAT: Final = "Apache Tomcat"
_TOMCAT: Final = {"catalina-tribes": "tomcat-tribes", "annotations-api": "tomcat-annotations-api"}
"""Tomcat's own files have other names than the same things in Maven Central, where most begin with `tomcat-`."""
_PLATFORM: Final = ("Java Runtime Environment", "Java Platform API Specification")


class Coordinates(NamedTuple):
    """What Maven names a package by."""

    group: str
    artifact: str
    version: str

    @classmethod
    def checked(cls, group: str, artifact: str, version: str) -> Self | None:
        """Make them of texts out of an image; None when they are none, or still hold a `${variable}`."""
        valid = _NAME.fullmatch(group) and _NAME.fullmatch(artifact) and _VERSION.fullmatch(version)
        return cls(group, artifact, version) if valid else None


def is_platform(fields: Mapping[str, str]) -> bool:
    """Tell whether an archive is a part of the JDK."""
    titles = (fields.get("implementation-title", ""), fields.get("specification-title", ""))
    return any(each in titles for each in _PLATFORM)


def identity(stem: str, fields: Mapping[str, str]) -> Coordinates | str:
    """Find out what the archive `stem`.jar is, or say why not."""
    match = _FILE.fullmatch(stem)
    artifact = match["artifact"] if match else stem
    told = [value for key in _VERSIONS if (value := fields.get(key, "").partition(" ")[0])[:1].isdecimal()]
    version = _without_classifier(match["version"], told) if match else (told[0] if told else "")
    if fields.get("implementation-title") == TOMCAT:
        group, artifact = "org.apache.tomcat", _TOMCAT.get(artifact, f"tomcat-{artifact.removeprefix('tomcat-')}")
    elif fields.get("group-id"):  # of a plugin of Jenkins, whose file has another name
        group, artifact = fields["group-id"], fields.get("short-name", artifact)
    else:
        symbolic = fields.get("bundle-symbolicname", "").partition(";")[0].strip()
        group = group_of(artifact, symbolic) or _group(artifact, symbolic, fields)
    if not group:
        return "it does not say which Maven package it is: its group is not known"
    return Coordinates.checked(group, artifact, version) or "it does not say which version of a Maven package it is"


def _without_classifier(version: str, told: list[str]) -> str:
    """Take `linux-x86_64` and the like off `4.1.100.Final-linux-x86_64`."""
    for each in told:
        if version.startswith(f"{each}-") and _CLASSIFIER.match(version, len(each)):
            return each
    return _CLASSIFIER.sub("", version, count=1)


def _group(artifact: str, symbolic: str, fields: Mapping[str, str]) -> str:
    """Take the group from what Maven's own plugins put into manifests.

    The bundle plugin makes a symbolic name of group and artifact, but leaves words out that are in both: only of an
    artifact of several words it is known where the one ends and the other begins.
    """
    if "-" in artifact and symbolic.endswith(f".{artifact}"):
        return symbolic.removesuffix(f".{artifact}")
    vendor = fields.get("implementation-vendor-id", "")
    # The archiver writes the group there. Of two words it may be the organisation's name, and no group.
    return vendor if _VENDOR.fullmatch(vendor) else ""
