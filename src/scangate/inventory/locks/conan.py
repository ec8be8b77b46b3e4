"""conan.lock: version 2 lists references, version 1 a graph. Tools that only the build needs are left out."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.inventory.documents import read_json, table, text, texts
from scangate.inventory.locks.lockfile import Declared

_REFERENCE: Final = re.compile(r"([^\s/@#%]+)/([^\s/@#%]+)(?:@([^\s/@#%]+)/([^\s/@#%]+))?(?:[#%]\S*)?")


def conan_lock(data: bytes) -> Iterator[Declared]:
    document = read_json(data)
    nodes = table(document, "graph_lock").get("nodes")
    if isinstance(nodes, dict):
        references = [text(node, "ref") for node in nodes.values() if text(node, "context") != "build"]
        needed = [each for each in references if "/" in each]  # else it is the project itself
    elif "requires" in table(document) or "build_requires" in table(document):
        needed = texts(document.get("requires"))
    else:
        raise ValueError("it is no conan.lock: neither `graph_lock.nodes` nor `requires` is there")
    for each in needed:
        found = _REFERENCE.fullmatch(each)
        if found:
            user, channel = ("" if part in {None, "_"} else part for part in (found[3], found[4]))
            yield Declared(found[1], found[2], qualifiers={"user": user, "channel": channel})
        else:
            yield Declared("", "", where=each)
