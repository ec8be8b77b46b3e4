"""What a person sees while scans run: one line per event on standard error, with the time since the start.

Plain lines in CI; on a terminal the scanner's name is dimmed and the running scans stand in the last line.
"""

import sys
import threading
import time
from typing import Final, TextIO

from scangate.core.text import clean

_WIDTH: Final = 200


class Progress:
    """Thread-safe. `quiet` says nothing."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._terminal = self._stream.isatty()

    def __call__(self, scanner: str, target: str, text: str) -> None:
        """One line of progress."""
        if self._quiet:
            return
        elapsed = time.monotonic() - self._begun
        name = f"{scanner} on {target}" if target else scanner
        if self._terminal:
            name = f"\x1b[2m{name}\x1b[0m"
        line = clean(text, _WIDTH).replace("\n", " ")
        with self._lock:
            # A line that starts with the time cannot be taken for a workflow command, whatever the text says.
            self._stream.write(f"{elapsed:6.1f}s  {name}: {line}\n")
            self._stream.flush()
