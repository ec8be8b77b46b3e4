"""The main section of META-INF/MANIFEST.MF: https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html."""

import re
from collections.abc import Mapping
from typing import Final

_CONTINUED: Final = re.compile(r"\r?\n ")
_FIELD: Final = re.compile(r"^([A-Za-z0-9_-]{1,70}): ?(.*?)\r?$", re.MULTILINE)
_SECTION: Final = re.compile(r"\r?\n\r?\n")
_LONGEST: Final = 100


def read(data: bytes) -> dict[str, str]:
    """Return its fields, by name in lower case."""
    text = _SECTION.split(data.decode(errors="replace"), maxsplit=1)[0]
    return {key.lower(): value.strip() for key, value in _FIELD.findall(_CONTINUED.sub("", text))}


def licences(fields: Mapping[str, str]) -> tuple[str, ...]:
    """Return what Bundle-License says: names or addresses, with parameters after them."""
    values = fields.get("bundle-license", "").split(",")
    names = {value.partition(";")[0].strip().strip('"') for value in values[:20]}
    return tuple(sorted(each for each in names if 0 < len(each) <= _LONGEST and each.isprintable()))
