"""How ecosystems and packages are called, so that advisories and what is installed meet under one name."""

import re
from typing import Final

_SEPARATORS: Final = re.compile(r"[-_.]+")
ECOSYSTEM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .:+_-]{0,79}")


def package(ecosystem_name: str, name: str) -> str:
    """PyPI's names are equal whatever their case and separators (PEP 503); others are as they are."""
    return _SEPARATORS.sub("-", name).lower() if ecosystem_name == "PyPI" else name


def family(ecosystem_name: str) -> str:
    """`Debian` of `Debian:12`."""
    return ecosystem_name.partition(":")[0]


def covers(export: str, ecosystem_name: str) -> bool:
    """An export called `Debian` holds the records of `Debian:11`, `Debian:12` and so on."""
    return ecosystem_name == export or ecosystem_name.startswith(f"{export}:")
