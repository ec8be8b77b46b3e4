"""Builds an OCI layout out of package metadata: build_image.py storefront/image.toml DIRECTORY.

The image holds what an image scanner reads (os-release, dpkg's status, dist-info, package.json) and nothing that runs.
Equal descriptions give equal bytes, so digests can be compared. Standard library only.
"""

import gzip
import hashlib
import io
import json
import shutil
import sys
import tarfile
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

SITE_PACKAGES = "usr/local/lib/python3.11/site-packages"
NODE_MODULES = "app/node_modules"


def build(description: Path, layout: Path) -> str:
    """Write the image that a description asks for as an OCI layout, and return its manifest's digest."""
    image = tomllib.loads(description.read_text())
    created = image["created"]
    shutil.rmtree(layout, ignore_errors=True)
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    debian: dict[str, str] = {}
    layers, diff_ids, history = [], [], []
    for layer in image["layers"]:
        debian |= layer.get("debian", {})
        tar = _tar(_files(layer, debian), int(created.timestamp()))
        diff_ids.append(f"sha256:{hashlib.sha256(tar).hexdigest()}")
        layers.append(_put(blobs, "application/vnd.oci.image.layer.v1.tar+gzip", gzip.compress(tar, mtime=0)))
        history.append({"created": _stamp(created), "created_by": layer["history"]})

    config = {
        "architecture": image["architecture"],
        "os": "linux",
        "created": _stamp(created),
        "config": image["config"],
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": history,
    }
    manifest_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": manifest_type,
        "config": _put(blobs, "application/vnd.oci.image.config.v1+json", _json(config)),
        "layers": layers,
    }
    entry = _put(blobs, manifest_type, _json(manifest))
    tagged = entry | {"annotations": {"org.opencontainers.image.ref.name": "latest"}}
    (layout / "index.json").write_bytes(_json({"schemaVersion": 2, "manifests": [tagged]}))
    (layout / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
    return str(entry["digest"])


def _files(layer: Mapping[str, Any], debian: Mapping[str, str]) -> dict[str, str]:
    """Path and text of each file a layer brings. `debian`: everything installed up to and with this layer."""
    files = dict(layer.get("files", {}))
    if "debian" in layer:
        files["var/lib/dpkg/status"] = "\n".join(_status(*each) for each in sorted(debian.items()))
    for name, version in layer.get("python", {}).items():
        folder = f"{SITE_PACKAGES}/{name.replace('-', '_')}-{version}.dist-info"
        files[f"{folder}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        files[f"{folder}/INSTALLER"] = "pip\n"
    for name, version in layer.get("node", {}).items():
        package = {"name": name, "version": version}
        files[f"{NODE_MODULES}/{name}/package.json"] = json.dumps(package, indent=2) + "\n"
    for path in layer.get("remove", ()):
        parent, _, name = path.rpartition("/")
        files[f"{parent}/.wh.{name}"] = ""
    return files


def _status(name: str, words: str) -> str:
    """One paragraph of dpkg's status file."""
    version, *source = words.split()
    lines = [f"Package: {name}", "Status: install ok installed", "Architecture: amd64"]
    if source:
        lines.append(f"Source: {source[0]}" + (f" ({source[1]})" if source[1:] else ""))
    return "\n".join([*lines, f"Version: {version}", ""])


def _tar(files: Mapping[str, str], mtime: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        folders = {parent.as_posix() for path in files for parent in Path(path).parents if parent.name}
        for path in sorted({*folders, *files}):
            member = tarfile.TarInfo(path)
            member.mtime = mtime
            data = files.get(path, "").encode()
            if path in files:
                member.size, member.mode = len(data), 0o644
            else:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def _put(blobs: Path, media_type: str, data: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2])))
