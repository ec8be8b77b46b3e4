"""pubspec.lock of Dart and Flutter. What comes with the SDK, or from a folder, is no package of the registry."""

from collections.abc import Iterator

from scangate.inventory.documents import table, text
from scangate.inventory.locks.lockfile import Declared
from scangate.inventory.plain_yaml import read_yaml


def pubspec_lock(data: bytes) -> Iterator[Declared]:
    documents = list(read_yaml(data))
    if not documents or not ("packages" in table(documents[0]) or "sdks" in table(documents[0])):
        raise ValueError("it is no pubspec.lock: `packages` is not there")
    for key, fields in table(documents[0], "packages").items():
        source = text(fields, "source")
        if text(fields, "dependency") == "direct dev" or source in {"sdk", "path"}:
            continue
        description = table(fields, "description")
        if source == "git":
            commit, url = text(description, "resolved-ref"), text(description, "url")
            yield Declared(key, text(fields, "version"), commit=commit, url=url)
        else:
            yield Declared(text(description, "name") or key, text(fields, "version"))
