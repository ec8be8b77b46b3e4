"""Which distribution a filesystem is, in its own words and in OSV's. See os-release(5)."""

import re
from dataclasses import dataclass
from typing import Final

from scangate.rootfs.files import Files

PATHS: Final = ("etc/os-release", "usr/lib/os-release")
_LIMIT: Final = 2**16
_LINE: Final = re.compile(r"^(ID|VERSION_ID|PRETTY_NAME)=(.*)$", re.MULTILINE)
_LTS: Final = re.compile(r"\d?[02468]\.04")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`name` and `version` are ID and VERSION_ID. `ecosystem` is OSV's word for it, empty where it has none."""

    name: str = ""
    version: str = ""
    title: str = ""
    ecosystem: str = ""


def release(files: Files) -> Release:
    """Read os-release, all empty when there is none. The files must have been asked for: see PATHS."""
    for path in PATHS:
        if file := files.get(path):
            text = file.read(0, _LIMIT).decode(errors="replace").replace("\r\n", "\n")
            facts = {key: value.strip().strip("'\"").strip() for key, value in _LINE.findall(text)}
            name, version = facts.get("ID", "").lower(), facts.get("VERSION_ID", "")
            return Release(
                name=name,
                version=version,
                title=facts.get("PRETTY_NAME") or f"{name} {version}".strip(),
                ecosystem=_ecosystem(name, version),
            )
    return Release()


def _ecosystem(name: str, version: str) -> str:
    """https://ossf.github.io/osv-schema/#defined-ecosystems: OSV marks the long-term releases of Ubuntu."""
    if not version:  # Debian's testing and unstable
        return ""
    if name == "debian":
        return f"Debian:{version.partition('.')[0]}"
    if name == "ubuntu":
        return f"Ubuntu:{version}:LTS" if _LTS.fullmatch(version) else f"Ubuntu:{version}"
    return ""
