"""What is read of an image for this scanner: see rootfs/reading.py. Each is a function of one file, to be cached."""

import re
import stat
from typing import Final

from scangate.inventory.hints import Hints
from scangate.rootfs.reading import Extractor, Looked
from scangate.scanners.image_config import paths, traces
from scangate.scanners.image_config.secrets import pack, search

ENTRYPOINTS: Final = frozenset(
    {
        "entrypoint.sh",
        "docker-entrypoint.sh",
        "entrypoint",
        "docker-entrypoint",
        "start.sh",
        "run.sh",
        "init.sh",
        "startup.sh",
    }
)
"""Scripts that images start with."""
ACCOUNTS: Final = "etc/passwd"
NOTABLE: Final = stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH
_PASSWORDS: Final = re.compile(rb"(?m)^([A-Za-z_][\w.\-]{0,31}):(\$[^:\n]{8,300}|[./A-Za-z0-9]{13}|):")
HINTS: Final = Hints(names=ENTRYPOINTS | {"passwd"})
_LARGEST_SCRIPT: Final = 2**16


def wanted(path: str) -> bool:
    """Tell whether a file is kept whole: the accounts, and scripts that may give up the rights they start with."""
    return path == ACCOUNTS or path.rpartition("/")[2] in ENTRYPOINTS


class Secrets:
    """Keeps of a text which secrets it holds and where: never the secrets themselves."""

    name = "image_config.secrets"
    version = 1

    def looks_at(self, path: str, size: int, mode: int) -> bool:  # noqa: ARG002 - secrets are secret in any mode
        return paths.looked_into(path, size)

    def extract(self, path: str, file: Looked) -> bytes:
        if b"\0" in file.head:
            return b""  # a program or an image, or a text in UTF-16
        data = file.read()
        if path in {"etc/shadow", "etc/shadow-", "etc/gshadow", "etc/gshadow-"}:
            return b""  # see Passwords
        return pack(search(data, path, names=not paths.is_prose(path), quoted=paths.is_program(path)))


class Traces:
    """Keeps that a file is there whose being there is worth knowing, with its size; and of which layer it is."""

    name = "image_config.traces"
    version = 1

    def looks_at(self, path: str, size: int, mode: int) -> bool:  # noqa: ARG002 - the size is looked at later
        return bool(mode & NOTABLE) or traces.may_be(path)

    def extract(self, path: str, file: Looked) -> bytes:
        found = traces.kind(path, file.head) if traces.may_be(path) else ""
        return f"{file.size} {found}".encode()


class Passwords:
    """Keeps the names of accounts with a password of their own, and of those with an empty one (`!name`)."""

    name = "image_config.passwords"
    version = 1

    def looks_at(self, path: str, size: int, mode: int) -> bool:  # noqa: ARG002
        return path == "etc/shadow" and size <= paths.LARGEST

    def extract(self, path: str, file: Looked) -> bytes:  # noqa: ARG002
        found = _PASSWORDS.findall(file.read())
        return b"\n".join(b"!" * (not password) + name for name, password in found)


EXTRACTORS: Final[tuple[Extractor, ...]] = (Secrets(), Traces(), Passwords())
