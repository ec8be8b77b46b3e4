"""What a child writes and reads: files without a name, so that it never blocks, nor writes much more than a cap."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from scangate.errors import ScanError


@dataclass
class Capture:
    """An unnamed file with a cap in bytes. `truncated`: more was written than is kept."""

    file: IO[bytes]
    cap: int
    truncated: bool = False

    def trim(self) -> bool:
        """Give back the disk space of what was written beyond the cap. True when there was any."""
        if os.fstat(self.file.fileno()).st_size <= self.cap:
            return False
        self.truncated = True
        # The child shares our file offset: set it back, or the file would become a growing hole.
        os.ftruncate(self.file.fileno(), self.cap)
        os.lseek(self.file.fileno(), self.cap, os.SEEK_SET)
        return True

    def content(self) -> bytes:
        """Read what is kept; to be called when nobody writes any more."""
        self.trim()
        self.file.seek(0)
        return self.file.read(self.cap)


@contextlib.contextmanager
def capture(cap: int) -> Iterator[Capture]:
    """Make the file for as long as it is needed. Raises ScanError when there is no room for it."""
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    except OSError as error:
        raise ScanError(f"no temporary file can be made: {error}", advice="free some space, or set TMPDIR") from error
    with file:
        yield Capture(file, cap)


@contextlib.contextmanager
def supply(content: bytes) -> Iterator[int]:
    """Give a child something to read: a file as well, for a pipe could fill up before it looks."""
    if not content:
        with Path(os.devnull).open("rb") as nothing:
            yield nothing.fileno()
        return
    with capture(len(content)) as given:
        given.file.write(content)
        given.file.seek(0)
        yield given.file.fileno()
