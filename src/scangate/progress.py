"""What a person sees while scans run: one line per event on standard error, with the time since the start.

Plain lines in CI; on a terminal the names of scanner and target are dimmed.
"""

import contextlib
import re
import sys
import threading
import time
from typing import Final, TextIO

from scangate.core.text import clean

_WIDTH: Final = 200
_COMMAND: Final = re.compile(r"##(?=\w*\[)")


class Progress:
    """Thread-safe. `quiet` says nothing."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream: TextIO | None = stream or sys.stderr
        self._quiet = quiet
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._terminal = bool(self._stream and self._stream.isatty())

    def __call__(self, scanner: str, target: str, text: str) -> None:
        """One line of progress. A stream that is closed is no reason to stop."""
        stream = self._stream
        if self._quiet or stream is None:
            return
        name, line = (_line(each) for each in (f"{scanner} on {target}" if target else scanner, text))
        if self._terminal:
            name = f"\x1b[2m{name}\x1b[0m"
        with self._lock, contextlib.suppress(OSError, ValueError):
            stream.write(f"{time.monotonic() - self._begun:6.1f}s  {name}: {line}\n")
            stream.flush()


def _line(text: str) -> str:
    """Make one line that no CI runner obeys: `::` is a command at the start of a line, `##[` and `##vso[` anywhere."""
    return _COMMAND.sub("# #", " ".join(clean(text, _WIDTH).split()))
