"""One catalogue at work on a few files, as in an image."""

from collections.abc import Mapping
from pathlib import Path

from scangate.core.model import Gap, Package
from scangate.inventory.hints import fitting
from scangate.rootfs import open_rootfs
from scangate.rootfs.reading import Reading

RECORDED = Path(__file__).parent / "recorded"


def catalogued(top: Path, files: Mapping[str, str | bytes], *catalogues) -> list[Package | Gap]:
    """Write the files, and return what the catalogues say of them, sorted; packages first."""
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    fits = fitting(each.hints for each in catalogues)

    def wanted(path: str) -> bool:
        wants = any(each.wants(path) for each in catalogues)
        assert fits(path) or not wants, f"the hints leave {path} out"
        return wants

    with open_rootfs(f"rootfs:{top}", top) as rootfs:
        found = rootfs.files(Reading(name="test", version=1, wanted=wanted))
        items = [item for each in catalogues for item in each.read(found)]
    assert all(package.paths and package.purl.startswith("pkg:") for package in items if isinstance(package, Package))
    return sorted(items, key=lambda each: (isinstance(each, Gap), str(each)))


def named(items) -> list[tuple[str, str]]:
    """Name and version of the packages, and of gaps the path."""
    return [(each.what, "gap") if isinstance(each, Gap) else (each.name, each.version) for each in items]
