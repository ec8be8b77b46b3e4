"""Package.resolved of Swift, versions 1 to 3. A package's name is the address of its repository."""

from collections.abc import Iterator

from scangate.inventory.documents import read_json, required, table, tables, text
from scangate.inventory.locks.lockfile import Declared
from scangate.inventory.registries import repository


def package_resolved(data: bytes) -> Iterator[Declared]:
    document = read_json(data)
    required(document, "version", int, "Package.resolved")
    holder = document.get("object", document)
    for pin in tables(required(holder, "pins", list, "Package.resolved")):
        if text(pin, "kind") == "localSourceControl":
            continue
        url = text(pin, "location") or text(pin, "repositoryURL")
        state = table(pin, "state")
        name = repository(url) if url else text(pin, "identity").replace(".", "/", 1)
        version, commit = text(state, "version"), text(state, "revision")
        if version:
            yield Declared(name, version, where=text(pin, "identity"))
        else:
            yield Declared(name, "", commit=commit, url=url, where=text(pin, "identity"))
