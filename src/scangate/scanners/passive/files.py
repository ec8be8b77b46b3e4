"""A sensor's files, read line by line within bounds: the newest first, and of a file that is too large its end.

Nothing in them is trusted: not their size, not what they unpack to, not the length of a line.
"""

import gzip
import io
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, cast

from scangate.core.model import Gap
from scangate.errors import ScanError

MOST: Final = 4 * 2**30
"""Bytes read of all files of one target, unpacked."""
LONGEST: Final = 2**20
"""Bytes of one line."""
FILES: Final = 5_000
_HEAD: Final = 64 * 2**10
_EVERY: Final = 2_000
_GZIP: Final = b"\x1f\x8b"
_BROKEN: Final = (OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file. `name` is what a gap calls it."""

    path: Path
    name: str
    size: int
    modified: float


@dataclass(slots=True, kw_only=True)
class Reading:
    """All reading for one target. `check` is called now and then, and may raise to stop. `gaps`: what was left out."""

    check: Callable[[], None] = lambda: None
    left: int = MOST
    gaps: list[Gap] = field(default_factory=list)
    too_long: int = 0
    cut_short: int = 0

    def lines(self, found: Found) -> Iterator[bytes]:
        """Yield the lines of a file without their ends. Where it cannot be read, that is a gap, and the end of it."""
        try:
            with closing(_opened(found)) as stream:
                yield from self._lines(stream, found)
        except _BROKEN as error:
            reason = getattr(error, "strerror", None) or str(error) or "its compression is damaged"
            self.gaps.append(Gap(what=found.name, reason=f"cannot be read to its end: {reason}"))

    def _lines(self, stream: IO[bytes], found: Found) -> Iterator[bytes]:
        if isinstance(stream, io.BufferedReader) and (skipped := found.size - self.left) > 0:
            # Only plain files can be entered in the middle; the header of one stands in front.
            for line in stream.read(min(_HEAD, skipped)).splitlines():
                if not line.startswith(b"#"):
                    break
                yield line
            stream.seek(skipped)
            stream.readline(LONGEST)
            reason = f"its first {skipped:,} bytes were left out: {MOST:,} bytes are read in all"
            self.gaps.append(Gap(what=found.name, reason=reason))
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST), b"")):
            if number % _EVERY == 0:
                self.check()
            self.left -= len(line)
            if self.left < 0:
                reason = f"was not read to its end: {MOST:,} bytes are read in all"
                self.gaps.append(Gap(what=found.name, reason=reason))
                return
            if line.endswith(b"\n"):
                yield line.rstrip(b"\r\n")
            elif len(line) < LONGEST:
                self.cut_short += 1  # the sensor is writing it
            else:
                self.too_long += 1
                self._skip(stream)

    def _skip(self, stream: IO[bytes]) -> None:
        """Pass over the rest of a line that is too long."""
        while (more := stream.readline(LONGEST)) and self.left > 0:
            self.check()
            self.left -= len(more)
            if more.endswith(b"\n"):
                return


def place(root: Path, given: str) -> Path:
    """Where a path of the config is. A relative one stays inside the root; an absolute one is where sensors write.

    Raises ScanError.
    """
    path = Path(given)
    try:
        real = (root / path).resolve()
        inside = path.is_absolute() or real.is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError) as error:
        raise ScanError(f"{given!r} cannot be followed: {error}", advice="correct the path in scangate.yml") from None
    if not inside:
        raise ScanError(
            f"{given!r} leads out of the repository", advice="write an absolute path for logs that lie elsewhere"
        )
    return real


def regular(paths: Iterator[Path], folder: Path) -> tuple[Found, ...]:
    """Give those that are plain files in a folder, or really in it by a link; the newest first, then by name."""
    found = []
    for path in paths:
        try:
            real = path.resolve()
            status = real.stat()
        except (OSError, RuntimeError):
            continue  # rotated away just now
        if stat.S_ISREG(status.st_mode) and real.is_relative_to(folder):
            name = str(path.relative_to(folder))
            found.append(Found(path=real, name=name, size=status.st_size, modified=status.st_mtime))
    once = {each.path: each for each in sorted(found, key=lambda each: each.name, reverse=True)}
    return tuple(sorted(once.values(), key=lambda each: (-each.modified, each.name)))


def _opened(found: Found) -> IO[bytes]:
    plain = found.path.open("rb")
    if plain.peek(2)[:2] != _GZIP:
        return plain
    return cast("IO[bytes]", _Unpacked(plain))


class _Unpacked(gzip.GzipFile):
    """Closes the file as well, which GzipFile leaves open when it was handed one."""

    def __init__(self, plain: IO[bytes]) -> None:
        super().__init__(fileobj=plain, mode="rb")
        self._plain = plain

    def close(self) -> None:
        super().close()
        self._plain.close()
