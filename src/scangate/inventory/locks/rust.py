"""Cargo.lock. What has no source is the project and its workspace. Mirrors are written as the registry they mirror."""

from collections.abc import Iterator

from scangate.inventory.documents import read_toml, required, tables, text
from scangate.inventory.locks.lockfile import Declared


def cargo_lock(data: bytes) -> Iterator[Declared]:
    document = read_toml(data)
    if "package" not in document and ("version" in document or "root" in document or not data.strip()):
        return  # a project without dependencies
    for fields in tables(required(document, "package", list, "Cargo.lock")):
        source = text(fields, "source")
        if source.startswith("git+"):
            url, _hash, commit = source.removeprefix("git+").partition("#")
            yield Declared(text(fields, "name"), text(fields, "version"), commit=commit, url=url.partition("?")[0])
        elif source:
            yield Declared(text(fields, "name"), text(fields, "version"))
