"""One extractor at work on a few programs, as in an image, layers and cache included."""

from collections.abc import Mapping
from pathlib import Path

from scangate.core.model import Gap, Package
from scangate.inventory.hints import fitting
from scangate.rootfs import open_rootfs
from scangate.rootfs.reading import Extract, Reading


def extracted(top: Path, files: Mapping[str, bytes], extractor, mode: int = 0o755) -> list[Package | Gap]:
    """Write the files, and return what the extractor says of them and the gaps of reading; packages first."""
    for name, data in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(mode)
    fits = fitting([extractor.hints])

    def wanted(path: str) -> bool:
        assert fits(path) or not extractor.wants(path)
        return extractor.wants(path)

    with open_rootfs(f"rootfs:{top}", top) as rootfs:
        found = rootfs.files(Reading(name="test", version=1, wanted=wanted, extractors=(extractor,)))
        items = [*extractor.read(found), *found.gaps]
    assert all(package.paths and package.purl.startswith("pkg:") for package in items if isinstance(package, Package))
    return sorted(items, key=lambda each: (isinstance(each, Gap), str(each)))


def named(items) -> list[tuple[str, str]]:
    """Name and version of packages, path and reason of gaps."""
    return [(each.what, each.reason) if isinstance(each, Gap) else (each.name, each.version) for each in items]


class Kept:
    """What `read` gets from a cache that says so."""

    def __init__(self, *data: bytes) -> None:
        self.data = data

    def extracts(self, _name: str) -> tuple[Extract, ...]:
        return tuple(Extract(path=f"bin/p{number}", layer=0, data=data) for number, data in enumerate(self.data))

    def matching(self, _wanted) -> tuple:
        return ()

    def layer(self, _index: int):
        return type("Layer", (), {"digest": "sha256:0"})


DAMAGED = (
    b"",
    b"{",
    b"[]",
    b"[" * 100_000,
    b'{"modules":[["a"]],"go":"go1.20","listed":"1"}',
    b'{"modules":{},"go":3}',
    b'{"crates":"x"}',
    b'{"crates":[[1,2,3]]}',
    b'{"packages":[["a","b"]]}',
    b'{"packages":7}',
    b'{"packages":[["","","","","",""]],"gaps":3,"lost":[]}',
    b'{"packages":[["","","",""]],"gap_in":[]}',
    b'{"packages":[],"gaps":[1],"lost":"1"}',
    b'{"name":"nothing","version":"1"}',
    b'{"name":[],"version":{}}',
)
