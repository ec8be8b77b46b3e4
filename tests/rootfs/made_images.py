"""Small images made by code: tars of layers, OCI layouts and archives, docker archives. Good ones and hostile ones."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from scangate.rootfs.reading import Extractor, Reading

Make = Callable[[tarfile.TarFile], None]
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def file(name: str, data: bytes | str = b"", *, sparse: bool = False, mode: int = 0o644) -> Make:
    body = data.encode() if isinstance(data, str) else data

    def make(tar: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(body)
        info.mode = mode
        if sparse:
            info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": name}
        tar.addfile(info, io.BytesIO(body))

    return make


def folder(name: str, *, mode: int = 0o755) -> Make:
    return _special(name, tarfile.DIRTYPE, mode=mode)


def link(name: str, target: str) -> Make:
    return _special(name, tarfile.SYMTYPE, target)


def hard_link(name: str, target: str) -> Make:
    return _special(name, tarfile.LNKTYPE, target)


def fifo(name: str) -> Make:
    return _special(name, tarfile.FIFOTYPE)


def device(name: str) -> Make:
    return _special(name, tarfile.CHRTYPE)


def _special(name: str, kind: bytes, target: str = "", *, mode: int = 0o644) -> Make:
    def make(tar: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.type = kind
        info.linkname = target
        info.mode = mode
        tar.addfile(info)

    return make


def tar(*makes: Make, form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, encoding="utf-8", errors="surrogateescape") as archive:
        for make in makes:
            make(archive)
    return out.getvalue()


def header(name: bytes, *, size: bytes = b"00000000000\0", kind: bytes = b"0", target: bytes = b"") -> bytes:
    """One header block by hand, for what no tool would write."""
    start = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size.ljust(12, b"\0") + b"00000000000\0"
    end = kind + target.ljust(100, b"\0") + b"ustar\x0000" + bytes(247)
    total = sum(start) + sum(end) + 8 * 32
    return start + f"{total:06o}\0 ".encode() + end


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def config(layers: Iterable[bytes], **more: Any) -> bytes:
    layers = tuple(layers)
    document = {
        "os": "linux",
        "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [digest(each) for each in layers]},
        "history": [{"created_by": f"step {index}"} for index, _each in enumerate(layers)],
    }
    return json.dumps(document | more).encode()


class Layout:
    """An OCI layout that grows in a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[dict[str, Any]] = []
        (path / "blobs" / "sha256").mkdir(parents=True)
        (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def blob(self, data: bytes, media_type: str = "application/octet-stream") -> dict[str, Any]:
        (self.path / "blobs" / "sha256" / digest(data).removeprefix("sha256:")).write_bytes(data)
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    def image(
        self,
        *layers: bytes,
        tag: str = "",
        pack: Callable[[bytes], bytes] = lambda data: gzip.compress(data, mtime=0),
        platform: str = "",
        **more: Any,
    ) -> dict[str, Any]:
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": self.blob(config(layers, **more), "application/vnd.oci.image.config.v1+json"),
            "layers": [self.blob(pack(each), "application/vnd.oci.image.layer.v1.tar+gzip") for each in layers],
        }
        return self.manifest(manifest, tag=tag, platform=platform)

    def manifest(self, document: Any, *, tag: str = "", platform: str = "") -> dict[str, Any]:
        entry = self.blob(json.dumps(document).encode(), document.get("mediaType", OCI_MANIFEST))
        if tag:
            entry["annotations"] = {"org.opencontainers.image.ref.name": tag}
        if platform:
            system, _slash, machine = platform.partition("/")
            entry["platform"] = {"os": system, "architecture": machine}
        self.entries.append(entry)
        self.write()
        return entry

    def write(self, **more: Any) -> None:
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": self.entries} | more
        (self.path / "index.json").write_text(json.dumps(index))

    def archive(self, path: Path) -> Path:
        with tarfile.open(path, "w") as archive:
            for each in sorted(self.path.rglob("*")):
                archive.add(each, each.relative_to(self.path).as_posix(), recursive=False)
        return path


def oci_layout(path: Path, *layers: bytes) -> str:
    """Make a layout with one image, and return its address."""
    Layout(path).image(*layers, tag="latest")
    return f"oci-layout:{path}"


def docker_parts(*layers: bytes, tags: Iterable[str] = ("app:latest",)) -> dict[str, bytes]:
    image = config(layers)
    name = f"{digest(image).removeprefix('sha256:')}.json"
    names = [f"{digest(each).removeprefix('sha256:')}.tar" for each in layers]
    manifest = [{"Config": name, "RepoTags": list(tags), "Layers": names}]
    return {"manifest.json": json.dumps(manifest).encode(), name: image} | dict(zip(names, layers, strict=True))


def docker_archive(path: Path, parts: Mapping[str, bytes], *more: Make) -> str:
    """Write the parts as an archive, and return its address."""
    path.write_bytes(tar(*(file(name, data) for name, data in parts.items()), *more))
    return f"docker-archive:{path}"


def wanting(wanted: Callable[[str], bool], *extractors: Extractor) -> Reading:
    return Reading(name="test", version=1, wanted=wanted, extractors=extractors)
