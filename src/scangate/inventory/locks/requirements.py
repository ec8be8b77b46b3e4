"""requirements.txt: https://pip.pypa.io/en/stable/reference/requirements-file-format/. Only pins are versions.

A range says what would be accepted, not what there is, and is left out; a file without any pin declares nothing. Files
that it includes (`-r`) are found by themselves. Constraints alone declare nothing: they are limits for what others ask.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Final

from scangate.inventory.locks.lockfile import Declared

_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*+)[ \t]*+(?:\[[^\]]*+\])?[ \t]*+(.*)")
_PIN: Final = re.compile(r"(?:^|[(,])[ \t]*+={2,3}[ \t]*+([^\s,;)(]++)")
_EGG: Final = re.compile(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)")
_VCS: Final = re.compile(r"(?:git|hg|svn|bzr)\+[a-z]++:")
_ELSEWHERE: Final = re.compile(
    r"""(?:sys_platform|platform_system|os_name)\s*==\s*['"](?:win32|darwin|cygwin|Windows|Darwin|nt)['"]"""
)
_OPTION: Final = re.compile(r"[ \t]-{1,2}[A-Za-z].*")
_COMMENT: Final = re.compile(r"(?:^|[ \t])#.*")
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DEVELOPMENT: Final = re.compile(
    r"(?:^|[-_.])(?:dev|develop|development|test|tests|testing|docs?|lint|linting|ci)(?:[-_.]|$)"
)


def is_elsewhere(marker: str) -> bool:
    """Tell whether a marker asks for Windows or macOS: what it stands at is not installed in an image of Linux."""
    return _ELSEWHERE.search(marker) is not None and " or " not in marker


def is_requirements(path: str) -> bool:
    """Tell a requirements file by its name, or by its folder (`requirements/prod.txt`); not one for development."""
    folder, _slash, name = path.rpartition("/")
    stem = name.removesuffix(".txt")
    in_folder = folder.rpartition("/")[2] == "requirements"
    return (in_folder or "requirements" in stem) and not _DEVELOPMENT.search(stem) and "constraints" not in stem


def requirements(data: bytes) -> Iterator[Declared]:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    lines = data.decode(encoding, errors="replace").replace("\r\n", "\n").split("\n")
    parts: list[str] = []
    for number, line in enumerate((*lines, ""), start=1):
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        start = number - len(parts)
        yield from _requirement(_COMMENT.sub("", " ".join((*parts, line))).strip(), f"line {start}")
        parts = []


def _requirement(line: str, where: str) -> Iterator[Declared]:
    editable = re.match(r"(?:-e|--editable)[ \t=]+", line)
    line = line[editable.end() :] if editable else line
    if not line or line.startswith("-"):
        return
    line, _space, marker = line.partition(" ;") if _VCS.search(line) else line.partition(";")
    if is_elsewhere(marker):
        return
    line = _OPTION.sub("", line).strip()
    found = _REQUIREMENT.fullmatch(line)
    if found and found[2].startswith("@"):
        yield from _address(found[1], found[2][1:].strip(), where)
    elif "://" in line or not found:
        yield from _address("", line, where)
    elif (pin := _PIN.search(found[2])) and not pin[1].endswith("*"):
        yield Declared(found[1], pin[1], where=where)


def _address(name: str, address: str, where: str) -> Iterator[Declared]:
    """A version control address has a commit at most, an archive a version; folders are the project itself."""
    if _VCS.match(address):
        url, _hash, _fragment = address.partition("#")
        egg = _EGG.search(address)
        name = name or (egg[1] if egg else url.rpartition("/")[2].partition("@")[0].removesuffix(".git"))
        path = url.partition("://")[2].partition("/")[2]
        commit = path.rpartition("@")[2] if "@" in path else "HEAD"
        yield Declared(name, "", commit=commit, url=url.removesuffix(f"@{commit}"), where=where)
    elif (archive := name_and_version(address))[1]:
        yield Declared(name or archive[0], archive[1], where=where)
    elif name and "://" in address and not address.startswith("file:"):
        yield Declared(name, "", where=where)


def name_and_version(address: str) -> tuple[str, str]:
    """Read both off the name of a wheel, `x-1.0-py3-none-any.whl`, or of a source, `x-1.0.tar.gz`; empty when neither.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention
    """
    file = address.partition("#")[0].partition("?")[0].rpartition("/")[2]
    if file.endswith(".whl"):
        name, version = [*file.split("-", 2), ""][:2]
    elif file.endswith((".tar.gz", ".zip")):
        name, _dash, version = file.removesuffix(".zip").removesuffix(".tar.gz").rpartition("-")
    else:
        return "", ""
    return (name, version) if version[:1].isdecimal() else ("", "")
