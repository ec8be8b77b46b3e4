"""What all catalogues of distributions share: an entry of a list of packages, and the layer since which it is there."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.os_release import PATHS, Release
from scangate.inventory.purl import purl
from scangate.rootfs.files import File, Files

_LONGEST: Final = 200
"""Characters of a licence's name; what is longer is its text."""
_STANZA: Final = 2**18
"""Characters looked at of one stanza: what is needed stands at its top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One package of a list. `number` is its version as purls have it, where that is not `version`."""

    name: str
    version: str
    architecture: str = ""
    source: str = ""
    source_version: str = ""
    licences: tuple[str, ...] = ()
    number: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()


def stanzas(text: str) -> Iterator[str]:
    """Take a list apart at its empty lines. Of each part only the beginning: a hostile one may be the whole list."""
    start = 0
    while start < len(text):
        end = text.find("\n\n", start)
        end = len(text) if end < 0 else end
        if end > start and (stanza := text[start : min(end, start + _STANZA)]).strip():
            yield stanza
        start = end + 2


def since(versions: Iterable[tuple[str, Iterable[Entry | Gap]]]) -> Iterator[tuple[Entry, str] | Gap]:
    """Yield each entry of the newest list with its layer: that since which it has been there at this version.

    `versions`: the list as each layer has it, bottom first, with the digest of the layer. Gaps are those of the newest.
    """
    entries: dict[tuple[str, str, str], tuple[Entry, str]] = {}
    gaps: list[Gap] = []
    for digest, items in versions:
        before, entries, gaps = entries, {}, []
        for item in items:
            if isinstance(item, Gap):
                gaps.append(item)
                continue
            # With its version: some packages, such as kernels, are there more than once.
            key = (item.name, item.architecture, item.version)
            entries[key] = item, before[key][1] if key in before else digest
    yield from gaps
    yield from entries.values()


def lists(files: Files, paths: Iterable[str]) -> tuple[str, ...]:
    """Return which of the lists are there, by their paths without links, so each once."""
    found = (files.get(path) for path in paths)
    return tuple(dict.fromkeys(file.path for file in found if file))


def from_lists(
    kind: str,
    files: Files,
    paths: Iterable[str],
    entries: Callable[[File], Iterable[Entry | Gap]],
    distribution: Release,
    *,
    vendor: str,
) -> Iterator[Package | Gap]:
    """Yield the packages of all lists that are there, each a file that `entries` reads."""
    for path in lists(files, paths):
        for item in since((layer.digest, entries(file)) for layer, file in files.versions(path)):
            if isinstance(item, Gap):
                yield item
            else:
                yield package(kind, item[0], distribution, vendor=vendor, layer=item[1], path=path)


def package(kind: str, entry: Entry, distribution: Release, *, vendor: str, layer: str, path: str) -> Package:
    """Make a Package of an entry. `vendor` is the purl's namespace; `path` the file that says the package is there."""
    name = distribution.name
    distro = f"{name or vendor}-{distribution.version}" if distribution.version else name
    return Package(
        name=entry.name,
        version=entry.version,
        ecosystem=distribution.ecosystem,
        purl=purl(
            kind,
            vendor,
            entry.name.lower() if kind == "deb" else entry.name,
            entry.number or entry.version,
            {"arch": entry.architecture, "distro": distro, **dict(entry.qualifiers)},
        ),
        source=entry.source,
        source_version=entry.source_version,
        layer=layer,
        paths=(path,),
        licences=tuple(each for each in entry.licences if each and len(each) <= _LONGEST),
    )


def with_advisories(items: Iterable[Package | Gap], distribution: Release) -> Iterator[Package | Gap]:
    """Pass on what was found, and say so once when there are packages, but no advisories for this distribution."""
    found = False
    for item in items:
        found = found or isinstance(item, Package)
        yield item
    if found and not distribution.ecosystem:
        yield Gap(what=PATHS[0], reason=f"{_known(distribution)}: its packages cannot be compared with advisories")


def _known(distribution: Release) -> str:
    if not distribution.name:
        return "which distribution this is, is not said"
    return f"{distribution.title[:100]} is not a release that OSV has advisories for"
