"""composer.lock: https://getcomposer.org/doc/01-basic-usage.md. What is for development has a list of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from scangate.inventory.documents import read_json, required, table, tables, text, texts
from scangate.inventory.locks.lockfile import Declared


def composer_lock(data: bytes) -> Iterator[Declared]:
    for fields in tables(required(read_json(data), "packages", list, "composer.lock")):
        if not is_own(fields):
            yield Declared(text(fields, "name"), text(fields, "version"), licences=tuple(texts(fields.get("license"))))


def is_own(fields: Mapping[str, Any]) -> bool:
    """Tell whether this is taken from a folder beside the project, and so is the project itself."""
    return text(table(fields, "dist"), "type") == "path"
