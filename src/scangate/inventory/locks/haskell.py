"""stack.yaml.lock and cabal.project.freeze. What a snapshot of Stack brings stands in the snapshot, not here."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.inventory.documents import table, tables, text
from scangate.inventory.locks.lockfile import Declared
from scangate.inventory.plain_yaml import read_yaml

_FROZEN: Final = re.compile(
    r"(?:^|[\s,:])(?:any\.)?([A-Za-z0-9][A-Za-z0-9-]*+)[ \t]*+==[ \t]*+([0-9][0-9.]*+)(?=[\s,]|$)"
)


def stack_lock(data: bytes) -> Iterator[Declared]:
    documents = list(read_yaml(data))
    if not documents or not ("packages" in table(documents[0]) or "snapshots" in table(documents[0])):
        raise ValueError("it is no stack.yaml.lock: `packages` is not there")
    for each in tables(table(documents[0]).get("packages")):
        completed = table(each, "completed")
        if hackage := text(completed, "hackage"):
            name, _dash, version = hackage.partition("@")[0].rpartition("-")
            yield Declared(name, version)
        else:
            commit, url = text(completed, "commit"), text(completed, "git")
            yield Declared(text(completed, "name"), text(completed, "version"), commit=commit, url=url)


def cabal_freeze(data: bytes) -> Iterator[Declared]:
    source = "\n".join(
        line for line in data.decode(errors="replace").splitlines() if not line.lstrip().startswith("--")
    )
    for name, version in _FROZEN.findall(source):
        yield Declared(name, version)
