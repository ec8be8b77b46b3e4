"""Components of Bitnami's images: an SPDX document beside each, and one list of all in older images."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.documents import content, read_json, table, tables, text
from scangate.inventory.hints import Hints
from scangate.inventory.registries import Registry
from scangate.rootfs.files import File, Files

_HOME: Final = "opt/bitnami/"
_SPDX: Final = re.compile(r"opt/bitnami/(?:[^/]+/)?\.spdx-[^/]+\.spdx")
_LIST: Final = f"{_HOME}.bitnami_components.json"
_PURL: Final = re.compile(r"pkg:bitnami/([A-Za-z0-9._-]+)@([^?#\s]+)(?:\?([^#\s]*))?")
_REVISION: Final = re.compile(r"-[0-9]+$")
_NONE: Final = frozenset({"NOASSERTION", "NONE"})
BITNAMI: Final = Registry(
    ecosystem="Bitnami", kind="bitnami", name=str.lower, version=lambda text: _REVISION.sub("", text)
)


class Bitnami:
    """Advisories speak of versions without the revision of the build, `7.2.4` for `7.2.4-1`, and so do we."""

    name = "bitnami"
    hints = Hints(folders=(_HOME,))

    def wants(self, path: str) -> bool:
        return path == _LIST or _SPDX.fullmatch(path) is not None

    def read(self, files: Files) -> Iterator[Package | Gap]:
        described: set[str] = set()
        for file in sorted(files.matching(self.wants), key=lambda each: each.path == _LIST):
            try:
                found = list(_listed(file) if file.path == _LIST else _described(file))
            except ValueError as error:
                yield Gap(what=file.path, reason=f"these components of Bitnami are not known: {error}")
                continue
            for package in found:
                if file.path != _LIST or package.name not in described:
                    yield package
                described.add(package.name)
            if not found and file.path != _LIST:
                yield Gap(what=file.path, reason="it names no component of Bitnami with a purl")


def _described(file: File) -> Iterator[Package]:
    for entry in tables(table(read_json(content(file))).get("packages")):
        locators = (text(each, "referenceLocator") for each in tables(entry.get("externalRefs")))
        licence = text(entry, "licenseConcluded") or text(entry, "licenseDeclared")
        for found in filter(None, map(_PURL.fullmatch, locators)):
            qualifiers = dict(each.partition("=")[::2] for each in (found[3] or "").split("&")[:10])
            licences = () if licence in _NONE else (licence,)
            package = BITNAMI.package(found[1], found[2], file, licences=licences, qualifiers=qualifiers)
            if package:
                yield package


def _listed(file: File) -> Iterator[Package]:
    for name, fields in table(read_json(content(file))).items():
        qualifiers = {key: text(fields, key) for key in ("arch", "distro")}
        if package := BITNAMI.package(name, text(fields, "version"), file, qualifiers=qualifiers):
            yield package
