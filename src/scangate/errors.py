"""The error tree and the exit codes, in one table.

Every error a user can meet knows its own advice: what happened, where, what was expected, and what to do.
"""

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process answers with. All other codes are reserved."""

    PASS = 0
    """Every required scan ran, and the policy fails nothing."""
    FAIL = 1
    """The policy says no."""
    USAGE = 2
    """The command line, the config or the policy is wrong; nothing was scanned."""
    INCOMPLETE = 3
    """Something required was not scanned."""
    BUG = 70
    """A bug of ours (EX_SOFTWARE)."""
    INTERRUPTED = 130
    """Interrupted; scans were ended and a partial result was written."""


class ScangateError(Exception):
    """What went wrong, and the advice that goes with it."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments would be lost on the way back from a worker.
        return _rebuild, (type(self), self.message, self.advice)


def _rebuild(kind: type[ScangateError], message: str, advice: str) -> ScangateError:
    return kind(message, advice=advice)


class UsageError(ScangateError):
    """The command line, or a file it names, cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One mistake in a file a person wrote. `line` is 1-based; `path` is its place in it (`targets[0].id`)."""

    file: str
    line: int
    path: str
    message: str
    advice: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" + (f": {self.path}" if self.path else "")
        return f"{where}: {self.message}" + (f" ({self.advice})" if self.advice else "")


class ConfigError(ScangateError):
    """A config or policy with one or more mistakes, all of them reported at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problems,)


class ScanError(ScangateError):
    """A scan could not look, or not look at everything. It becomes the reason of a `Run`, never a pass."""

    exit_code = ExitCode.INCOMPLETE


class ToolMissingError(ScanError):
    """A program that the scan needs is not installed, too old, or a version known to be bad."""


class DeadlineError(ScanError):
    """The time allowed was used up."""


class CancelledError(ScanError):
    """The scan was ended from outside."""


class Interrupted(KeyboardInterrupt):
    """SIGINT or SIGTERM arrived. Like its parent it passes every `except Exception`."""
