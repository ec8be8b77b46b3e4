"""What the distroless images of Azure Linux have instead of a database: one line for each package.

It is what `rpm -qa` says of name, version-release, two times, vendor, epoch, size, architecture, epoch as a number and
source package, with tabs between them.
"""

from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap
from scangate.inventory.installed import Entry
from scangate.inventory.rpm.header import entry
from scangate.rootfs.files import File

PATH: Final = "var/lib/rpmmanifest/container-manifest-2"
_LIMIT: Final = 8 * 2**20
_COLUMNS: Final = 10


def entries(file: File) -> Iterator[Entry | Gap]:
    """Yield every package, and a Gap for each broken line."""
    if file.size > _LIMIT:
        yield Gap(what=file.path, reason=f"it has {file.size} bytes: at most {_LIMIT} are read of a list of packages")
        return
    for number, line in enumerate(file.read().decode(errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield _entry(line.split("\t", _COLUMNS))
        except ValueError as error:
            yield Gap(what=f"{file.path}:{number}", reason=f"a line of the list of packages is broken: {error}")


def _entry(columns: list[str]) -> Entry:
    if len(columns) != _COLUMNS:
        raise ValueError(f"{_COLUMNS} columns were expected")
    name, number, _installed, _built, _vendor, _epoch, _size, architecture, epoch, source = columns
    return entry(
        name=name,
        number=number,
        epoch=int(epoch) if epoch.isdecimal() and len(epoch) < 10 else 0,  # noqa: PLR2004 - it has 32 bits
        architecture=architecture,
        source=source.strip(),
    )
