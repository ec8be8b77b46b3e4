"""One Java archive, and those in it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from scangate.inventory.java import manifest
from scangate.inventory.java.naming import Coordinates, identity, is_platform
from scangate.inventory.java.pom import Pom, from_properties, from_xml, licences
from scangate.rootfs.zip import Budget, Entry, Zip
from scangate.rootfs.zip_directory import ZipError

ENDINGS: Final = (".jar", ".war", ".ear", ".hpi", ".jpi", ".par", ".kar", ".nar")
"""All of four characters."""
_ENDINGS: Final = tuple(each.encode() for each in ENDINGS)
_DEPTH: Final = 5
"""Archives inside each other: an ear holds a war, which holds jars, which may hold jars."""
_MANIFEST: Final = b"META-INF/MANIFEST.MF"
_MAVEN: Final = b"META-INF/maven/"
_DESCRIPTIONS: Final = (b"/pom.properties", b"/pom.xml")
_WITHOUT_CODE: Final = ("-sources", "-javadoc")
_MANIFEST_READ: Final = 2**17
"""Bytes: after the main section, a signed archive lists a digest of each class."""
_POM_READ: Final = 2**20
_MOST: Final = 10_000
"""Packages: of one archive, or of all in it when there are more archives to come."""
_NESTED_READ: Final = 256 * 2**20
"""Bytes of the archives inside each other that are in memory at one time."""

Row = tuple[str, str, str, str, str, str]
"""Where in the file, group, artifact, version, whether that is sure, licences."""


@dataclass(slots=True)
class Found:
    """What is in one file of the image."""

    packages: list[Row] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spent:
    """What all archives of a file share, and how many bytes the next one inside may have."""

    budget: Budget
    room: int


@dataclass(slots=True)
class _Contents:
    manifest: Entry | None = None
    poms: list[Entry] = field(default_factory=list)
    nested: list[Entry] = field(default_factory=list)
    classes: bool = False


def examine(file: IO[bytes], name: str) -> Found:
    """Look into a file of this name."""
    found = Found()
    _archive(file, name, (), _Spent(budget=Budget(), room=_NESTED_READ), found)
    return found


def _archive(file: IO[bytes], name: str, above: tuple[str, ...], spent: _Spent, found: Found) -> None:
    """Look into one archive. `above`: the names that lead to it from the file of the image, its own last."""
    where = f"{'!/'.join(above)}: " if above else ""
    try:
        archive = Zip(file, spent.budget)
        contents = _contents(archive)
    except ZipError as error:
        found.gaps.append(f"{where}{error}")
        return
    found.gaps += [f"{where}{reason}" for reason in _identify(archive, contents, name, above, found)]
    if contents.nested and len(above) >= _DEPTH - 1:
        found.gaps.append(f"{where}it has archives in archives more than {_DEPTH} deep")
        return
    for entry in contents.nested:
        if len(found.packages) + len(found.gaps) > _MOST:
            found.gaps.append(f"{where}it has more packages in it than are read")
            return
        try:
            data = archive.read(entry, spent.room)
        except ZipError as error:
            found.gaps.append(f"{where}{error}")
            continue
        deeper = _Spent(budget=spent.budget, room=spent.room - len(data))
        _archive(io.BytesIO(data), entry.name.rpartition("/")[2], (*above, entry.name), deeper, found)


def _contents(archive: Zip) -> _Contents:
    contents = _Contents()

    def wanted(name: bytes) -> bool:
        if name.endswith(b".class"):
            contents.classes = True
            return False
        if name.endswith(_DESCRIPTIONS):
            return _MAVEN in name
        return name.lower().endswith(_ENDINGS) or name.upper() == _MANIFEST

    for entry in archive.entries(wanted):
        if entry.name.endswith((".properties", ".xml")):
            contents.poms.append(entry)
        elif entry.name.lower().endswith(ENDINGS):
            contents.nested.append(entry)
        else:
            contents.manifest = entry
    return contents


def _identify(archive: Zip, contents: _Contents, name: str, above: tuple[str, ...], found: Found) -> Iterator[str]:
    """Add what the archive itself is, and what was merged into it; yield what is wrong."""
    inside = "".join(f"!/{each}" for each in above)
    stem = name.rpartition(".")[0]
    fields: dict[str, str] = {}
    try:
        if contents.manifest:
            fields = manifest.read(archive.head(contents.manifest, _MANIFEST_READ))
    except ZipError as error:
        yield str(error)
    poms: list[Pom] = []
    for pom in _poms(archive, contents.poms):
        if isinstance(pom, str):
            yield pom
        else:
            poms.append(pom)
            found.packages.append((inside, *pom.coordinates, "1", "\n".join(pom.licences)))
    artifacts = {pom.coordinates.artifact for pom in poms}
    named = any(stem == each or stem.startswith(f"{each}-") for each in artifacts)
    if named or is_platform(fields) or stem.endswith(_WITHOUT_CODE):
        return
    own = identity(stem, fields)
    if isinstance(own, Coordinates):
        if stem == "catalina" and own.artifact == "tomcat-catalina":
            # Advisories speak of its libraries, or of Tomcat as a whole.
            found.packages.append((inside, "", "tomcat", own.version, "", ""))
        if not any(pom.coordinates[:2] == own[:2] for pom in poms):
            found.packages.append((inside, *own, "", "\n".join(manifest.licences(fields))))
    elif contents.classes and not contents.poms and not contents.nested:
        yield own


def _poms(archive: Zip, entries: list[Entry]) -> Iterator[Pom | str]:
    """Read pom.properties, and pom.xml where that is missing; of both, the licences are in pom.xml."""
    folders: dict[str, list[Entry]] = {}
    for entry in entries:
        folders.setdefault(entry.name.rpartition("/")[0], []).append(entry)
    for number, each in enumerate(folders.values()):
        if number == _MOST:
            yield "it has more packages in it than are read"
            break
        try:
            texts = {entry.name.rpartition(".")[2]: archive.read(entry, _POM_READ) for entry in each}
        except ZipError as error:
            yield str(error)
            continue
        pom = from_properties(texts.get("properties", b"")) or from_xml(texts.get("xml", b""))
        if pom:
            yield Pom(coordinates=pom, licences=licences(texts.get("xml", b"")))
        else:
            yield f"{each[0].name[:200]} in it has no valid group, artifact and version"
