"""A first config from what lies in a repository: infrastructure code, and images that can be read as they are."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scangate.rootfs import parse_address

MAX_ENTRIES: Final = 50_000
MAX_IMAGES: Final = 100
_SKIPPED: Final = frozenset({".git", ".venv", "venv", "node_modules", ".terraform", "__pycache__", "vendor"})
_CODE: Final = (".tf", ".tf.json", ".bicep", ".Dockerfile")
_MARKED: Final = (".yaml", ".yml", ".json")
_MARKS: Final = (b"apiVersion:", b"AWSTemplateFormatVersion", b"AWS::", b"services:", b"deploymentTemplate.json")
_HEAD: Final = 16_384


def first_config(root: Path) -> tuple[str, tuple[str, ...]]:
    """Write the text of a first scangate.yml for a repository, and say in words what was found."""
    code: list[str] = []
    images: list[str] = []
    for path in _files(root):
        relative = path.relative_to(root).as_posix()
        if path.name == "oci-layout":
            _add_image(images, "oci-layout", path.parent.relative_to(root).as_posix())
        elif path.suffix == ".tar" and (kind := _archive(path)):
            _add_image(images, kind, relative)
        elif _is_code(path):
            code.append(relative)
    return _text(_common(code), images), _words(code, images)


def _add_image(images: list[str], kind: str, path: str) -> None:
    """Add the address of an image, unless no address can say its path."""
    address = f"{kind}:{path}"
    with contextlib.suppress(ValueError):
        if parse_address(address).path == path and len(images) < MAX_IMAGES:
            images.append(address)


def _files(root: Path) -> Iterator[Path]:
    seen = 0
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in _SKIPPED and not (Path(folder) / name).is_symlink())
        if "oci-layout" in files:
            names[:] = []  # what is inside an image is not the repository's code
        for file in sorted(files):
            seen += 1
            if seen > MAX_ENTRIES:
                return
            path = Path(folder) / file
            if not path.relative_to(root).as_posix().isprintable():
                continue  # a name that no text file can hold
            if path.is_file() and not path.is_symlink():
                yield path


def _is_code(path: Path) -> bool:
    name = path.name
    if name.endswith(_CODE) or name == "Dockerfile" or name.startswith("Dockerfile."):
        return True
    return name.endswith(_MARKED) and any(mark in _head(path) for mark in _MARKS)


def _archive(path: Path) -> str:
    """Tell an image's archive from other archives by the name of its first members."""
    head = _head(path)
    if head[257:262] != b"ustar":
        return ""
    names = {head[offset : offset + 100].rstrip(b"\0") for offset in range(0, len(head), 512)}
    if {b"oci-layout", b"blobs/", b"index.json"} & names:
        return "oci-archive"
    return "docker-archive" if b"manifest.json" in names or any(name.endswith(b"/layer.tar") for name in names) else ""


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def _common(code: list[str]) -> str:
    """The folder that holds all of it."""
    folders = {Path(each).parent.as_posix() for each in code}
    return os.path.commonpath(sorted(folders)) or "." if folders else ""


def _text(code: str, images: list[str]) -> str:
    lines = [
        "# What scangate scans. Every setting: scangate schema config",
        "version: 1",
        "policy: builtin:baseline",
        "targets:",
    ]
    if code:
        lines += ["  - id: infrastructure", f"    path: {json.dumps(code, ensure_ascii=False)}"]
    for number, image in enumerate(images, 1):
        lines += [
            f"  - id: image{number if len(images) > 1 else ''}",
            f"    image: {json.dumps(image, ensure_ascii=False)}",
        ]
    if not code and not images:
        lines += ["  - id: infrastructure", '    path: "."']
    lines += [
        "  # The hosts of the deployment, when it has any. Name only what is yours to scan.",
        "  # - id: edge",
        "  #   hosts: [203.0.113.10]",
        '  #   ports: "1-1024"',
        "  #   expect: [80/tcp, 443/tcp]    # anything else open is a finding",
        "  #   exposure: internet",
        "# Public addresses are scanned only when they are named here too.",
        "# scope:",
        "#   allow: [203.0.113.10]",
    ]
    return "\n".join(lines) + "\n"


def _words(code: list[str], images: list[str]) -> tuple[str, ...]:
    found = [f"{len(code)} files of infrastructure code"] if code else ["no infrastructure code"]
    return (*found, *(f"the image {image}" for image in images))
