"""Which distribution a filesystem is, in its own words and in OSV's. See os-release(5).

https://ossf.github.io/osv-schema/#defined-ecosystems says what OSV calls the releases.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from scangate.rootfs.files import Files

PATHS: Final = ("etc/os-release", "usr/lib/os-release", "etc/redhat-release")
"""Where it is said. The last is for Red Hat and CentOS 6, which have no os-release."""
NAMES: Final = frozenset({"os-release", "redhat-release"})
_LIMIT: Final = 2**16
_LONGEST: Final = 200
"""Characters of one value."""
_LINE: Final = re.compile(
    r"^(ID|VERSION_ID|VERSION|VERSION_CODENAME|NAME|PRETTY_NAME|CPE_NAME|SUPPORT_END)=(.*)$", re.MULTILINE
)
_OLD: Final = re.compile(r"(CentOS|Red Hat Enterprise Linux)\b[A-Za-z ]* release ([0-9]{1,2}(?:\.[0-9]{1,2})?)\b")
_LTS: Final = re.compile(r"[0-9]?[02468]\.04")
_NUMBER: Final = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,4}", re.ASCII)
_BEFORE: Final = re.compile(r"_(?:alpha|beta|rc)[0-9]{0,8}", re.ASCII)
"""What Alpine adds to the number of the release that edge will become: 3.21.0_alpha20240807."""
_LTS_SP: Final = re.compile(r"LTS(?:[- ]?(SP[0-9]))?")
_CODENAMES: Final = MappingProxyType(
    {"stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13"}
)
"""Releases of Debian; an image that was made of one before its day has no VERSION_ID."""
_LAST_CENTOS: Final = 8
"""From 9 on there is CentOS Stream only, which is not what Red Hat's advisories are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`name` and `version` are ID and VERSION_ID. `ecosystem` is OSV's word for it, empty where it has none.

    `support_end` is what the distribution itself says of its end.
    """

    name: str = ""
    version: str = ""
    title: str = ""
    ecosystem: str = ""
    support_end: date | None = None


def release(files: Files) -> Release:
    """Read os-release, all empty when there is none. The files must have been asked for: see PATHS."""
    for path in PATHS[:2]:
        if file := files.get(path):
            return parse(file.read(0, _LIMIT).decode(errors="replace"))
    if (file := files.get(PATHS[2])) and (match := _OLD.match(file.read(0, _LIMIT).decode(errors="replace"))):
        name = "centos" if match[1] == "CentOS" else "rhel"
        return Release(name=name, version=match[2], title=match[0], ecosystem=ecosystem_of(name, match[2]))
    return Release()


def parse(text: str) -> Release:
    """Read the text of an os-release. Any text will do."""
    lines = _LINE.findall(text.replace("\r\n", "\n"))
    facts = {key: value.strip().strip("'\"").strip()[:_LONGEST] for key, value in lines}
    name, version = facts.get("ID", "").lower(), facts.get("VERSION_ID", "")
    if name == "debian" and not version:
        version = _CODENAMES.get(facts.get("VERSION_CODENAME", ""), "")
    words = " ".join(facts.get(key, "") for key in ("NAME", "VERSION", "PRETTY_NAME", "CPE_NAME"))
    return Release(
        name=name,
        version=version,
        title=facts.get("PRETTY_NAME") or f"{name} {version}".strip(),
        ecosystem=ecosystem_of(name, version, words),
        support_end=_day(facts.get("SUPPORT_END", "")),
    )


def ecosystem_of(name: str, version: str, words: str = "") -> str:
    """Return OSV's word for a release, by ID and VERSION_ID; empty where OSV has no advisories of it.

    `words` is whatever else the release says of itself: some rolling and some long-term ones are told only there.
    """
    if name in _ROLLING:
        return _ROLLING[name]
    number = _BEFORE.sub("", version)
    if not _NUMBER.fullmatch(number) or name not in _RELEASED:  # Debian's testing and unstable have no version
        return ""
    return _RELEASED[name](number, words if number == version else f"{words} edge")


def _major(ecosystem: str) -> Callable[[str, str], str]:
    return lambda version, _words: f"{ecosystem}:{version.partition('.')[0]}"


def _ubuntu(version: str, _words: str) -> str:
    """OSV marks the long-term releases; 22.04.4 is 22.04."""
    version = ".".join(version.split(".")[:2])
    return f"Ubuntu:{version}:LTS" if _LTS.fullmatch(version) else f"Ubuntu:{version}"


def _alpine(version: str, words: str) -> str:
    if "edge" in words.split():
        return "Alpine:edge"
    return f"Alpine:v{'.'.join(version.split('.')[:2])}"


def _centos(version: str, words: str) -> str:
    major = version.partition(".")[0]
    return "" if "Stream" in words.split() or int(major) > _LAST_CENTOS else f"Red Hat:{major}"


def _suse(version: str, _words: str) -> str:
    """15.5 is Service Pack 5; 15 and 15.0 the one before any."""
    return f"SUSE:{version.removesuffix('.0') if version.startswith(('12', '15')) else version}"


def _open_euler(version: str, words: str) -> str:
    """VERSION says what VERSION_ID does not: `22.03 (LTS-SP3)`."""
    if not (match := _LTS_SP.search(words)):
        return f"openEuler:{version}"
    return f"openEuler:{version}-LTS-{match[1]}" if match[1] else f"openEuler:{version}-LTS"


_ROLLING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chainguard": "Chainguard",
        "opensuse-microos": "openSUSE:Tumbleweed",
        "opensuse-tumbleweed": "openSUSE:Tumbleweed",
        "wolfi": "Wolfi",
    }
)
_RELEASED: Final[Mapping[str, Callable[[str, str], str]]] = MappingProxyType(
    {
        "almalinux": _major("AlmaLinux"),
        "alpine": _alpine,
        "centos": _centos,
        "debian": _major("Debian"),
        "mageia": _major("Mageia"),
        "openeuler": _open_euler,
        "opensuse-leap": lambda version, _words: f"openSUSE:Leap {version}",
        "raspbian": _major("Debian"),  # the same sources, built once more
        "rhel": _major("Red Hat"),
        "rocky": _major("Rocky Linux"),
        "sled": _suse,
        "sles": _suse,
        "ubuntu": _ubuntu,
    }
)
"""By ID. The others - Fedora, Oracle, Amazon, Arch, Photon - publish no advisories in OSV's form."""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
