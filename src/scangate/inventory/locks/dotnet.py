"""packages.lock.json of NuGet: per framework, what was resolved. Projects of the same solution are not packages."""

from collections.abc import Iterator

from scangate.inventory.documents import read_json, required, table, text
from scangate.inventory.locks.lockfile import Declared


def packages_lock(data: bytes) -> Iterator[Declared]:
    for packages in required(read_json(data), "dependencies", dict, "packages.lock.json").values():
        for name, fields in table(packages).items():
            if text(fields, "type").lower() != "project":
                yield Declared(name, text(fields, "resolved"))
