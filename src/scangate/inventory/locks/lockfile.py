"""What a lock file declares: packages that a build was to install. Nobody saw them installed, so they are FIRM.

A format is a pure function from a file's bytes to what it declares. The rules that hold for all of them are here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory.documents import MAX_BYTES, content
from scangate.inventory.hints import Hints
from scangate.inventory.places import folder_of, is_material
from scangate.inventory.purl import vcs_url
from scangate.inventory.registries import Registry
from scangate.rootfs.files import File, Files

_MOST: Final = 100_000
"""Packages of one lock file."""
_ELSEWHERE: Final = frozenset({"PyPI", "RubyGems", "crates.io", "Hex", "Hackage", "CRAN", "NuGet"})
"""Ecosystems that install elsewhere than beside the lock file."""


class Declared(NamedTuple):
    """One entry. A `commit` without a `version` is a source of which no registry has a version.

    `where` is how a gap calls an entry that is broken: never a part of it that may hold a secret.
    """

    name: str
    version: str
    commit: str = ""
    url: str = ""
    licences: tuple[str, ...] = ()
    qualifiers: Mapping[str, str] = {}
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of lock file: its names (or what they end with), how to read it, and what it leads to beside it.

    `read` raises ValueError for what is no such file. `fits` asks more of a path than its ending can say.
    """

    read: Callable[[bytes], Iterable[Declared]]
    names: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()
    fits: Callable[[str], bool] = lambda _name: True
    installs: tuple[str, ...] = ()
    """Folders beside it that hold what it declares, once it is installed: then they tell, and it has nothing to add."""


class LockFiles:
    """A catalogue of one registry's lock files. What lies in the folder of an installed package is not looked at."""

    def __init__(self, name: str, registry: Registry, formats: tuple[Format, ...]) -> None:
        self.name = name
        self.hints = Hints(
            names=frozenset[str]().union(*(each.names for each in formats)),
            endings=tuple(ending for each in formats for ending in each.endings),
        )
        self._registry = registry
        self._by_name = {name: each for each in formats for name in each.names}
        self._by_ending = tuple((each.endings, each) for each in formats if each.endings)

    def wants(self, path: str) -> bool:
        return self._format(path) is not None and not is_material(path)

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            found = self._format(file.path)
            folder = folder_of(file.path)
            if found and not any(files.exists(folder + each) for each in found.installs):
                yield from self._declared(found, file)

    def _format(self, path: str) -> Format | None:
        if found := self._by_name.get(path[path.rfind("/") + 1 :]):
            return found
        for endings, each in self._by_ending:
            if path.endswith(endings) and each.fits(path):
                return each
        return None

    def _declared(self, found: Format, file: File) -> Iterator[Package | Gap]:
        try:
            entries = list(self._bounded(found.read(content(file, MAX_BYTES))))
        except ValueError as error:
            yield Gap(what=file.path, reason=f"what this lock file declares is not known: {error}"[:300])
            return
        broken: list[str] = []
        for entry in entries:
            if package := self._package(entry, file):
                yield package
            else:
                broken.append(entry.where or entry.name)
        if broken:
            first = f", the first of them `{broken[0][:100]}`" if broken[0] else ""
            reason = f"{len(broken)} of its {len(entries)} entries have no valid name and version{first}"
            yield Gap(what=file.path, reason=reason)

    def _bounded(self, entries: Iterable[Declared]) -> Iterator[Declared]:
        seen: set[tuple[str, str, str]] = set()
        for entry in entries:
            key = (entry.name, entry.version, entry.commit)
            if key not in seen:
                seen.add(key)
                yield entry
            if len(seen) > _MOST:
                raise ValueError(f"it declares more than {_MOST} packages")

    def _package(self, entry: Declared, file: File) -> Package | None:
        if entry.commit and not entry.version:
            return self._registry.source(entry.name, entry.url, entry.commit, file)
        qualifiers = dict(entry.qualifiers)
        if entry.url:
            qualifiers["vcs_url"] = vcs_url(entry.url, entry.commit)
        return self._registry.package(
            entry.name,
            entry.version,
            file,
            confidence=Confidence.FIRM,
            licences=entry.licences,
            qualifiers=qualifiers,
        )


def superseded(packages: Iterable[Package]) -> list[Package]:
    """Leave out what is only declared where it is installed: in this version or, if it goes elsewhere, in any."""
    found = list(packages)
    confirmed = [each for each in found if each.confidence is Confidence.CONFIRMED]
    versions = {(each.ecosystem, each.name, each.version) for each in confirmed}
    names = {(each.ecosystem, each.name) for each in confirmed if each.ecosystem in _ELSEWHERE}
    return [
        each
        for each in found
        if each.confidence is not Confidence.FIRM
        or ((each.ecosystem, each.name) not in names and (each.ecosystem, each.name, each.version) not in versions)
    ]
