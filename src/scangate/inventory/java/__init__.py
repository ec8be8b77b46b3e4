"""Java: the archives of programs and libraries, those inside them, and JDKs.

What an archive is stands in META-INF/maven, where Maven puts it; else its manifest and file name say it, which is FIRM.
A shaded archive is all the packages that were put into it. One with classes of which nothing says what they are is a
gap, one for each file of the image.
"""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory import kept
from scangate.inventory.hints import Hints
from scangate.inventory.java import jdk
from scangate.inventory.java.archive import ENDINGS, examine
from scangate.inventory.purl import purl
from scangate.rootfs.files import Files
from scangate.rootfs.reading import MAX_EXTRACT, Looked

_COLUMNS: Final = 6


class Java:
    """Maven packages; a JDK is `java` of the ecosystem Bitnami."""

    name = "maven"
    version = 1
    hints = Hints(names=frozenset({jdk.FILE}))

    def wants(self, path: str) -> bool:
        return path.endswith(f"/{jdk.FILE}") or path == jdk.FILE

    def looks_at(self, path: str, size: int, mode: int) -> bool:  # noqa: ARG002 - nobody runs an archive
        return size > 0 and path[-4:].lower() in ENDINGS

    def extract(self, path: str, file: Looked) -> bytes:
        with file.open() as archive:
            found = examine(archive, path.rpartition("/")[2])
        packages = [list(each) for each in dict.fromkeys(found.packages)]
        facts = {"packages": packages, "gaps": list(found.gaps[:2]), "lost": str(len(found.gaps))}
        data = kept.pack(facts) if packages or found.gaps else b""
        return data if len(data) <= MAX_EXTRACT else kept.pack({kept.GAP: "it has more packages in it than are kept"})

    def read(self, files: Files) -> Iterator[Package | Gap]:
        homes: list[str] = []
        for file in files.matching(self.wants):
            if package := jdk.package(file):
                homes.append(file.path.removesuffix(jdk.FILE))
                yield package
        for each in kept.unpacked(files, self.name):
            if isinstance(each, Gap):
                yield each
                continue
            path, layer, facts = each
            try:
                yield from (_package(row, path, layer) for row in kept.rows(facts, "packages", _COLUMNS))
                # What a JDK brings is the JDK, and need not say so.
                if not path.startswith(tuple(homes)) and (reason := _lost(facts)):
                    yield Gap(what=path, reason=reason)
            except ValueError as error:
                yield Gap(what=path, reason=f"what was kept of this Java archive is damaged: {error}")


def _lost(facts: dict[str, object]) -> str:
    """Say what could not be read, in one sentence for the whole file."""
    gaps, count = facts.get("gaps", []), kept.text(facts, "lost")
    if not isinstance(gaps, list) or not all(isinstance(each, str) for each in gaps) or not count.isascii():
        raise ValueError("gaps is no array of texts")
    if not gaps:
        return ""
    more = f" (and {int(count) - 1} more in it)" if count.isdecimal() and len(count) < 8 and int(count) > 1 else ""  # noqa: PLR2004 - no more digits than archives
    return f"{gaps[0][:500]}{more}"


def _package(row: list[str], path: str, layer: str) -> Package:
    """`inside` is the path within the archive, as Java writes it: `app.jar!/BOOT-INF/lib/x.jar`.

    Without a group it is a program as a whole.
    """
    inside, group, artifact, version, sure, licences = row
    if not artifact or not version:
        raise ValueError("a package has no name or no version")
    return Package(
        name=f"{group}:{artifact}" if group else artifact,
        version=version,
        ecosystem="Maven" if group else "Bitnami",
        purl=purl("maven" if group else "generic", group, artifact, version),
        layer=layer,
        paths=(path + inside,),
        licences=tuple(each for each in licences.split("\n") if each),
        confidence=Confidence.CONFIRMED if sure else Confidence.FIRM,
    )
