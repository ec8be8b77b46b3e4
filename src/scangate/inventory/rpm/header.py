"""The header of one package, as all of RPM's databases hold it: tags, and the values they lead to.

https://rpm-software-management.github.io/rpm/manual/format_header.html. All numbers are big-endian.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from typing import Final

from scangate.inventory.installed import Entry

_START: Final = struct.Struct(">II")
_TAG: Final = struct.Struct(">IIiI")
"""Tag, type, offset of its value, how many values."""
_MAX_TAGS: Final = 2**16
_NAME, _VERSION, _RELEASE, _EPOCH, _LICENCE, _ARCHITECTURE, _SOURCE, _MODULE = (
    1000, 1001, 1002, 1003, 1014, 1022, 1044, 5096,
)  # fmt: skip
_FOLDER_OF_EACH, _LAST_NAMES, _FOLDERS = 1116, 1117, 1118
_TEXTS: Final = frozenset({6, 8, 9})
_NUMBERS: Final = 4
_VALID_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9+_.~-]{0,199}")
_VALID_VERSION: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9+_.~^]{0,199}")
_VALID_RELEASE: Final = re.compile(r"[A-Za-z0-9+_.~^:-]{1,200}")
_VALID_WORD: Final = re.compile(r"[A-Za-z0-9+_.~:-]{0,200}")
_SOURCE_FILE: Final = re.compile(r"(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm")
_KEY: Final = "gpg-pubkey"
"""What a key for signatures is kept as: no package."""
_MOST: Final = 1_000_000
"""Files of one package."""


class Header:
    """Raises ValueError when it is no header."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _START.size:
            raise ValueError("a header is cut off")
        tags, size = _START.unpack_from(data)
        start = _START.size + tags * _TAG.size
        if tags > _MAX_TAGS or start + size > len(data):
            raise ValueError("a header is broken")
        self._store = memoryview(data)[start : start + size]
        self._tags = {
            tag: (kind, offset, count) for tag, kind, offset, count in _TAG.iter_unpack(data[_START.size : start])
        }

    def text(self, tag: int) -> str:
        return next(self.texts(tag, 1), b"").decode(errors="replace").strip()

    def texts(self, tag: int, most: int = _MOST) -> Iterator[bytes]:
        """Yield the texts of a tag, each of which ends in a zero."""
        kind, offset, count = self._tags.get(tag, (0, 0, 0))
        if kind not in _TEXTS or not 0 <= offset < len(self._store):
            return
        count = min(count, most)
        yield from _pieces(bytes(self._store[offset:]), count) if count > 1 else [_first(self._store[offset:])]

    def numbers(self, tag: int) -> tuple[int, ...]:
        kind, offset, count = self._tags.get(tag, (0, 0, 0))
        if kind != _NUMBERS or offset < 0 or count > _MOST or offset + 4 * count > len(self._store):
            return ()
        return struct.unpack_from(f">{count}I", self._store, offset)

    def entry(self) -> Entry | None:
        """Return the package; None for what is none. Raises ValueError when its name or version is not valid."""
        name, version, release = self.text(_NAME), self.text(_VERSION), self.text(_RELEASE)
        if name == _KEY:
            return None
        epoch = next(iter(self.numbers(_EPOCH)), 0)
        return entry(
            name=name,
            number=f"{version}-{release}",
            epoch=epoch,
            architecture=self.text(_ARCHITECTURE),
            source=self.text(_SOURCE),
            licence=self.text(_LICENCE),
            module=self.text(_MODULE),
        )

    def owns(self, folders: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
        """Yield those paths that this package brought, out of `folders`: `/usr/bin/` to names to paths."""
        listed = (each.decode(errors="surrogateescape") for each in self.texts(_FOLDERS))
        inside = {index: found for index, each in enumerate(listed) if (found := folders.get(each))}
        if not inside:
            return
        for index, name in zip(self.numbers(_FOLDER_OF_EACH), self.texts(_LAST_NAMES), strict=False):
            if index in inside and (path := inside[index].get(name.decode(errors="surrogateescape"))):
                yield path


def entry(
    *, name: str, number: str, epoch: int, architecture: str, source: str, licence: str = "", module: str = ""
) -> Entry:
    """Make an Entry. `number` is version-release, `source` the name of the source package's file. Raises ValueError."""
    version, _dash, release = number.partition("-")
    if (
        not _VALID_NAME.fullmatch(name)
        or not _VALID_VERSION.fullmatch(version)
        or not _VALID_RELEASE.fullmatch(release)
    ):
        raise ValueError(f"{name[:100] or 'a header'}: it has no valid name, version and release")
    built_from = _SOURCE_FILE.fullmatch(source) if _VALID_WORD.fullmatch(source) else None
    prefix = f"{epoch}:" if epoch else ""
    return Entry(
        name=name,
        version=f"{prefix}{number}",
        number=number,
        architecture=architecture if _VALID_WORD.fullmatch(architecture) else "",
        source=built_from[1] if built_from else name,
        source_version=f"{prefix}{built_from[2] if built_from else number}",
        licences=(licence,),
        qualifiers=(
            ("epoch", str(epoch) if epoch else ""),
            ("rpmmod", module if _VALID_WORD.fullmatch(module) else ""),
        ),
    )


def _first(store: memoryview) -> bytes:
    return bytes(store[:4_096]).partition(b"\0")[0]


def _pieces(data: bytes, count: int) -> Iterator[bytes]:
    start = 0
    for _piece in range(count):
        end = data.find(b"\0", start)
        if end < 0:
            return
        yield data[start:end]
        start = end + 1
