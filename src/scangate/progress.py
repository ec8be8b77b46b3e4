"""What a person sees while something runs: one line per event on standard error, with the time since the start.

On a terminal, the last line says what is running and for how long; in CI the lines are all there is.
"""

import contextlib
import re
import sys
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol, Self, TextIO

from scangate.core.text import clean

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

_WIDTH: Final = 200
_COMMAND: Final = re.compile(r"##(?=\w*\[)")


class Tell(Protocol):
    """One line of progress. `done`: it is the last one of this scanner on this target."""

    def __call__(self, scanner: str, target: str, text: str, *, done: bool = False) -> None: ...


class Progress:
    """A `Tell` for people. Thread-safe; `quiet` says nothing. A `with` around it leaves the terminal clean."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream: TextIO | None = stream or sys.stderr
        self._quiet = quiet
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._running: dict[str, float] = {}
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._stream and not self._quiet and self._stream.isatty():
            from rich.console import Console
            from rich.live import Live

            console = Console(file=self._stream, highlight=False, markup=False, emoji=False)
            self._live = Live(console=console, get_renderable=self._status, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def __call__(self, scanner: str, target: str, text: str, *, done: bool = False) -> None:
        """A stream that is closed is no reason to stop."""
        stream, now = self._stream, time.monotonic()
        if self._quiet or stream is None:
            return
        name, line = (_line(each) for each in (f"{scanner} on {target}" if target else scanner, text))
        with self._lock, contextlib.suppress(OSError, ValueError):
            if done:
                self._running.pop(name, None)
            else:
                self._running.setdefault(name, now)
            elapsed = f"{now - self._begun:6.1f}s"
            if self._live:
                from rich.text import Text

                self._live.console.print(Text.assemble(f"{elapsed}  ", (name, "dim"), f": {line}"))
            else:
                stream.write(f"{elapsed}  {name}: {line}\n")
                stream.flush()

    def _status(self) -> "Text":
        from rich.text import Text

        now = time.monotonic()
        running = ", ".join(f"{name} {now - since:.0f} s" for name, since in tuple(self._running.items()))
        return Text(f"running: {running}" if running else "", style="dim", overflow="ellipsis", no_wrap=True)


def _line(text: str) -> str:
    """Make one line that no CI runner obeys: `::` is a command at the start of a line, `##[` and `##vso[` anywhere."""
    return _COMMAND.sub("# #", " ".join(clean(text, _WIDTH).split()))
