"""A JDK or JRE describes itself in a file `release`: https://openjdk.org/jeps/220."""

import re
from typing import Final

from scangate.core.model import Confidence, Package
from scangate.inventory.purl import purl
from scangate.rootfs.files import File

FILE: Final = "release"
_LIMIT: Final = 2**16
_VERSION: Final = re.compile(
    r'^JAVA_VERSION="?(?:1\.(?P<old>[0-9]{1,2})\.0(?:_(?P<update>[0-9]{1,4}))?|(?P<new>[0-9]{1,3}(?:\.[0-9]{1,4}){0,2}))(?:[._+-][\w.+-]*)?"?\s*$',
    re.MULTILINE | re.ASCII,
)


def package(file: File) -> Package | None:
    """Make a package of it; None for another file of this name.

    Advisories speak of `8.0.412`, where the JDK itself says `1.8.0_412`; a fourth number they do not know.
    """
    match = _VERSION.search(file.read(0, _LIMIT).decode(errors="replace"))
    if not match:
        return None
    version = match["new"] or f"{match['old']}.0.{match['update'] or 0}"
    return Package(
        name="java",
        version=version,
        ecosystem="Bitnami",
        purl=purl("generic", "", "java", version),
        layer=file.layer.digest,
        paths=(file.path,),
        confidence=Confidence.FIRM,
    )
